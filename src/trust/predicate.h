#pragma once

/* Values in the predicate of a statement. */

#include <cjson/cJSON.h>

#include "base/error.h"

/* Verifies that the value at a JSON pointer (RFC 6901) in the predicate is the value of the text: a
 * text of the same characters, the same number, or true, false or null. predicate may be NULL.
 * ERROR_HOSTILE: it is another value, or there is none. */
int predicate_require(const cJSON *predicate, const char *pointer, const char *text, Error *err);
