#include "release/status.h"

#include <errno.h>
#include <stdio.h>

/* Row: from; column: to. Beside the forward path: a promotion that fails, or the last environment
 * that is left, falls back to ready; what is archived comes back when its document does. */
/* clang-format off */
static const bool legal[RELEASE_STATUS_MAX_][RELEASE_STATUS_MAX_] = {
        [RELEASE_DRAFT]      = { [RELEASE_READY] = true, [RELEASE_ARCHIVED] = true },
        [RELEASE_READY]      = { [RELEASE_PROMOTING] = true, [RELEASE_DEPRECATED] = true, [RELEASE_ARCHIVED] = true },
        [RELEASE_PROMOTING]  = { [RELEASE_READY] = true, [RELEASE_DEPLOYED] = true },
        [RELEASE_DEPLOYED]   = { [RELEASE_READY] = true, [RELEASE_PROMOTING] = true, [RELEASE_DEPRECATED] = true },
        [RELEASE_DEPRECATED] = { [RELEASE_ARCHIVED] = true },
        [RELEASE_ARCHIVED]   = { [RELEASE_READY] = true },
};
/* clang-format on */

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to)
{
        return legal[from][to];
}

int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err)
{
        char choices[128] = "";
        size_t size = 0;

        if (legal[from][to])
                return 0;
        for (ReleaseStatus s = 0; s < RELEASE_STATUS_MAX_; s++)
                if (legal[from][s])
                        size += (size_t)snprintf(choices + size, sizeof(choices) - size, "%s%s",
                                                 size > 0 ? ", " : "", release_status_to_string(s));
        return error_set(err, ERROR_CONFLICT, -EINVAL,
                         "release '%s' is %s and cannot become %s; it can become %s", release,
                         release_status_to_string(from), release_status_to_string(to), choices);
}

bool release_status_is_frozen(ReleaseStatus status)
{
        return status != RELEASE_DRAFT;
}

bool release_status_is_live(ReleaseStatus status)
{
        return status != RELEASE_DRAFT && status != RELEASE_ARCHIVED;
}
