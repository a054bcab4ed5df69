#pragma once

/* The order of calver modifiers such as dev, alpha and rc1. A version without a modifier is the
 * release, which is above all versions with a modifier. Runs of digits are compared as numbers, so
 * rc9 is below rc10; other bytes are compared as bytes. Private to this folder. */

#include "version/sort-key.h"

/* Compares two modifiers; NULL is no modifier. Returns <0, 0 or >0; 0 only if their keys are equal.
 */
int modifier_compare(const char *a, size_t a_size, const char *b, size_t b_size);

/* Writes the modifier to a sort key: at most 3 bytes for each byte of the modifier, and 1 more. */
void modifier_put_key(KeyWriter *writer, const char *modifier, size_t size);
