#pragma once

/* Splits paths of requests and matches patterns of routes. Pure.
 *
 * A pattern such as "/x/{id}/y" has segments of three kinds:
 *   text    the same text
 *   {name}  one segment that is not empty
 *   *name   the rest of the path; must be the last segment */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define API_SEGMENTS_MAX 8

typedef struct Path {
        const char *text;
        const char *segments[API_SEGMENTS_MAX]; /* the first segments; in an arena */
        size_t n_segments;                      /* all of them */
} Path;

/* Splits a path at its slashes. Borrows text. On -ENOMEM the path has no segments. */
int path_split(const char *text, Arena *arena, Path *ret);
bool path_matches(const Path *path, const char *pattern);
/* Returns the part of a path at {name} or *name of the pattern. NULL if the pattern has neither. */
const char *path_parameter(const Path *path, const char *pattern, const char *name);
