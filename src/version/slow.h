#pragma once

/* Patterns that would be stopped: found by trial, so that nothing is said against a good one. */

#include "base/error.h"
#include "base/limits.h"

/* Matches the pattern against some valid tags of the greatest length. Returns 1 and one that it is
 * stopped on (REGEX_MATCH_LIMIT), 0 if there is none, or an error. Takes some microseconds, or 10
 * milliseconds for a slow pattern. */
int version_find_slow_tag(const char *pattern, char ret_tag[TAG_MAX + 1], Error *err);
