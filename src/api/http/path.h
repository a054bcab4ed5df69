#pragma once

/* Splits paths of requests and matches patterns of routes. Pure.
 *
 * A segment of a pattern is text, {name} for one segment that is not empty, or, as the last one,
 * *name for the rest of the path: "/x/{id}/y". */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define API_SEGMENTS_MAX 8

typedef struct Path {
        const char *text;
        const char *segments[API_SEGMENTS_MAX]; /* the first segments; in an arena */
        size_t n_segments;                      /* all of them */
} Path;

/* Splits a path at its slashes. text is borrowed. -ENOMEM: then it has no segments. */
int path_split(const char *text, Arena *arena, Path *ret);
bool path_matches(const Path *path, const char *pattern);
/* Returns the part of a path at {name} or *name of the pattern. NULL if it has neither. */
const char *path_parameter(const Path *path, const char *pattern, const char *name);
