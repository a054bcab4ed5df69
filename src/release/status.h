#pragma once

/* The status machine of a release.
 *
 *   draft --> ready --> promoting --> deployed --> deprecated --> archived
 *               ^           |             |
 *               +-----------+-------------+      (failed, or left the last environment)
 *
 * ready may become deprecated or archived too, a draft archived; what is archived becomes ready
 * again when its document comes back unchanged: its digests never changed. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/release.h"

/* What happens to a release. */
typedef enum ReleaseEvent {
        RELEASE_EVENT_RESOLVED,   /* every component has its digest */
        RELEASE_EVENT_PROMOTED,   /* an environment gets it */
        RELEASE_EVENT_CONFIRMED,  /* an environment runs it */
        RELEASE_EVENT_FAILED,     /* the environment that was getting it does not run it */
        RELEASE_EVENT_LEFT,       /* the last environment that ran it runs another */
        RELEASE_EVENT_DEPRECATED, /* by people */
        RELEASE_EVENT_ARCHIVED,   /* by people, or its document is gone */
        RELEASE_EVENT_RESTORED,   /* its very document is back */
        RELEASE_EVENT_MAX_,
} ReleaseEvent;

const char *release_event_to_string(ReleaseEvent event); /* "promoted" */

/* What becomes of it; ERROR_CONFLICT naming what may happen to it, if this may not. */
int release_status_on(const char *release, ReleaseStatus from, ReleaseEvent event,
                      ReleaseStatus *ret, Error *err);

/* Of a release that is in so many environments; draft, deprecated and archived stay what they are.
 */
ReleaseStatus release_status_in_use(ReleaseStatus status, int64_t n_promoting, int64_t n_deployed);

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to);

/* ERROR_CONFLICT naming the legal ones, unless the transition is legal. */
int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err);

/* Frozen: its components never change again. */
bool release_status_is_frozen(ReleaseStatus status);
