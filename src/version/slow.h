#pragma once

/* Finds slow patterns by trial: reports only patterns that reach the match limit on a valid tag. */

#include "base/error.h"
#include "base/limits.h"

/* Matches the pattern against some valid tags of the maximum length. Returns 1 and sets ret_tag to
 * a tag on which the match reaches REGEX_MATCH_LIMIT. Returns 0 if there is none, or an error.
 * Takes microseconds, or 10 milliseconds for a slow pattern. */
int version_find_slow_tag(const char *pattern, char ret_tag[TAG_MAX + 1], Error *err);
