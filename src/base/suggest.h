#pragma once

/* Finds the candidate that is nearest to a misspelt word, for "did you mean". */

#include <stddef.h>

/* Returns the nearest candidate. Returns NULL if none is near enough: about a third of the letters
 * may differ. Two swapped neighbours count as one difference, and so does the missing rest of a
 * candidate that starts with word. Of two equally near candidates the earlier one is returned. */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);
