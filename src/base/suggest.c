#include "base/suggest.h"

#include <limits.h>

#include "base/macros.h"
#include "base/text.h"

#define WORD_MAX 64 /* longer words get no suggestion */

/* Returns the optimal string alignment distance: an insertion, a deletion, a replacement and a swap
 * of neighbours count 1 each. Ignores case. */
static unsigned distance(const char *a, const char *b)
{
        unsigned rows[3][WORD_MAX + 1];
        unsigned *before = rows[0], *last = rows[1], *row = rows[2];
        size_t n = strlen(b);

        for (size_t j = 0; j <= n; j++)
                last[j] = (unsigned)j;
        for (size_t i = 1; a[i - 1]; i++) {
                unsigned *spare = before;

                row[0] = (unsigned)i;
                for (size_t j = 1; j <= n; j++) {
                        char x = text_lower(a[i - 1]), y = text_lower(b[j - 1]);
                        unsigned best = MIN(last[j], row[j - 1]) + 1;

                        best = MIN(best, last[j - 1] + (x != y));
                        if (i > 1 && j > 1 && x == text_lower(b[j - 2]) &&
                            text_lower(a[i - 2]) == y)
                                best = MIN(best, before[j - 2] + 1);
                        row[j] = best;
                }
                before = last;
                last = row;
                row = spare;
        }
        return last[n];
}

const char *suggest_nearest(const char *word, const char *const *candidates, size_t n)
{
        size_t size = strlen(word);
        unsigned nearest = UINT_MAX;
        const char *best = NULL;

        if (size == 0 || size > WORD_MAX)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                size_t other = strlen(candidates[i]), longer = MAX(size, other);
                size_t allowed = longer / 3 + (longer < 3);
                bool is_prefix = size >= 3 && strncmp(word, candidates[i], size) == 0;
                unsigned d;

                /* the distance is at least the difference of the lengths */
                if (longer > WORD_MAX || (!is_prefix && longer - MIN(size, other) > allowed))
                        continue;
                d = is_prefix ? 1 : distance(word, candidates[i]);
                if (d > allowed && !is_prefix)
                        continue;
                if (d < nearest) {
                        nearest = d;
                        best = candidates[i];
                }
        }
        return best;
}
