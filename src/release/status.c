#include "release/status.h"

#include <errno.h>
#include <stdio.h>

#define NOT (-1)

/* A row for each status and a column for each event: resolved, promoted, confirmed, failed, left,
 * deprecated, archived, restored. If a promotion fails while other environments have the release,
 * release_status_in_use() decides the status of the release. */
/* clang-format off */
static const int next_status[RELEASE_STATUS_MAX_][RELEASE_EVENT_MAX_] = {
        [RELEASE_DRAFT]      = { RELEASE_READY, NOT,               NOT,                NOT,              NOT,              NOT,                RELEASE_ARCHIVED, NOT },
        [RELEASE_READY]      = { NOT,           RELEASE_PROMOTING, NOT,                NOT,              NOT,              RELEASE_DEPRECATED, RELEASE_ARCHIVED, NOT },
        [RELEASE_PROMOTING]  = { NOT,           RELEASE_PROMOTING, RELEASE_DEPLOYED,   RELEASE_READY,    RELEASE_READY,    NOT,                NOT,              NOT },
        [RELEASE_DEPLOYED]   = { NOT,           RELEASE_PROMOTING, RELEASE_DEPLOYED,   NOT,              RELEASE_READY,    RELEASE_DEPRECATED, NOT,              NOT },
        [RELEASE_DEPRECATED] = { NOT,           NOT,               RELEASE_DEPRECATED, RELEASE_DEPRECATED, RELEASE_DEPRECATED, NOT,            RELEASE_ARCHIVED, NOT },
        [RELEASE_ARCHIVED]   = { NOT,           NOT,               NOT,                NOT,              NOT,              NOT,                NOT,              RELEASE_READY },
};

static const char *const event_names[RELEASE_EVENT_MAX_] = {
        [RELEASE_EVENT_RESOLVED] = "resolved",     [RELEASE_EVENT_PROMOTED] = "promoted",
        [RELEASE_EVENT_CONFIRMED] = "confirmed",   [RELEASE_EVENT_FAILED] = "failed",
        [RELEASE_EVENT_LEFT] = "left",             [RELEASE_EVENT_DEPRECATED] = "deprecated",
        [RELEASE_EVENT_ARCHIVED] = "archived",     [RELEASE_EVENT_RESTORED] = "restored",
};
/* clang-format on */

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to)
{
        for (ReleaseEvent event = 0; event < RELEASE_EVENT_MAX_ && from != to; event++)
                if (next_status[from][event] == (int)to)
                        return true;
        return false;
}

int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err)
{
        char choices[128] = "";
        size_t size = 0;

        if (release_status_may_become(from, to))
                return 0;
        for (ReleaseStatus s = 0; s < RELEASE_STATUS_MAX_; s++)
                if (release_status_may_become(from, s))
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

const char *release_event_to_string(ReleaseEvent event)
{
        return event_names[event];
}

int release_status_on(const char *release, ReleaseStatus from, ReleaseEvent event,
                      ReleaseStatus *ret, Error *err)
{
        static const ReleaseEvent verbs[] = { RELEASE_EVENT_PROMOTED, RELEASE_EVENT_DEPRECATED,
                                              RELEASE_EVENT_ARCHIVED }; /* commands of people */
        int next = next_status[from][event];
        char choices[160] = "";
        size_t size = 0;

        if (next != NOT) {
                *ret = (ReleaseStatus)next;
                return 0;
        }
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (next_status[from][verbs[i]] != NOT)
                        size += (size_t)snprintf(choices + size, sizeof(choices) - size, "%s%s",
                                                 size > 0 ? ", " : "", event_names[verbs[i]]);
        if (from == RELEASE_ARCHIVED)
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "release '%s' is archived and cannot be %s; it comes back only "
                                 "if it was declared in the specs and is declared there again",
                                 release, event_names[event]);
        return error_set(err, ERROR_CONFLICT, -EINVAL, "release '%s' is %s and cannot be %s%s%s",
                         release, release_status_to_string(from), event_names[event],
                         choices[0] ? "; it can be " : "", choices);
}

ReleaseStatus release_status_in_use(ReleaseStatus status, int64_t n_promoting, int64_t n_deployed)
{
        if (status != RELEASE_READY && status != RELEASE_PROMOTING && status != RELEASE_DEPLOYED)
                return status;
        return n_promoting > 0  ? RELEASE_PROMOTING
               : n_deployed > 0 ? RELEASE_DEPLOYED
                                : RELEASE_READY;
}
