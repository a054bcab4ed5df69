#pragma once

/* "Did you mean": the candidate nearest to a misspelt word. */

#include <stddef.h>

/* Returns NULL if no candidate is near enough: about a third of the letters may differ, and a swap
 * of neighbours counts as one. A candidate that starts with word is near. The earlier candidate
 * wins a tie. */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);
