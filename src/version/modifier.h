#pragma once

/* The order of calver modifiers: dev, alpha, rc1. A version without one is the release, above all
 * that have one. Runs of digits are numbers, so rc9 is below rc10; other bytes are compared as they
 * are. Private to version. */

#include "version/sort-key.h"

/* NULL: no modifier. Returns <0, 0, >0; 0 for equal keys only. */
int modifier_compare(const char *a, size_t a_size, const char *b, size_t b_size);

/* Writes at most 3 bytes for each of the modifier, and 1. */
void modifier_put_key(KeyWriter *writer, const char *modifier, size_t size);
