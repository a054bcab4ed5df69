#pragma once

/* "Did you mean": the candidate nearest to a misspelt word. */

#include <stddef.h>

/* NULL where none is near enough (about a third of the letters, counting a swap of neighbours as
 * one; a candidate that the word is a prefix of counts as near). Ties go to the earlier candidate.
 */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);
