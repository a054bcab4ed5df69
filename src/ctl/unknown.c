/* Suggests the nearest word for a misspelt one. */

#include <errno.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "ctl/ctl.h"

#define LISTED_MAX 16

int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err)
{
        const char *nearest = suggest_nearest(word, candidates, n);
        _cleanup_(buffer_done) Buffer all;

        buffer_init(&all, 4096);
        if (!nearest && n <= LISTED_MAX) { /* the words are few enough to list them */
                for (size_t i = 0; i < n; i++)
                        (void)buffer_printf(&all, "%s%s", i > 0 ? ", " : "", candidates[i]);
                return all.failed
                               ? error_oom(err)
                               : error_set(err, ERROR_INVALID, -EINVAL,
                                           "unknown %s '%s'; there are: %s", what, word, all.data);
        }
        return error_set(err, ERROR_INVALID, -EINVAL, "unknown %s '%s'; %s%s%ssee relmanctl help",
                         what, word, nearest ? "did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'? " : "");
}
