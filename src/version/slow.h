#pragma once

/* Finds patterns that would be stopped, by trial, so that no sound pattern is reported. */

#include "base/error.h"
#include "base/limits.h"

/* Matches the pattern against some valid tags of the maximum length. Returns 1 and a tag on which
 * it is stopped (REGEX_MATCH_LIMIT), 0 if there is none, or an error. Takes microseconds, or 10
 * milliseconds for a slow pattern. */
int version_find_slow_tag(const char *pattern, char ret_tag[TAG_MAX + 1], Error *err);
