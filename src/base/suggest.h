#pragma once

/* Finds the candidate that is nearest to a misspelt word, for "did you mean". */

#include <stddef.h>

/* Returns the nearest candidate. Returns NULL if none is near enough: about a third of the letters
 * may differ. Two swapped neighbours count as one difference. If a candidate starts with word, its
 * missing rest also counts as one difference. Returns the first of several equally near candidates.
 */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);
