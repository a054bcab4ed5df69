#pragma once

/* The status machine of a release.
 *
 *   draft --> ready --> promoting --> deployed --> deprecated --> archived
 *               ^           |             |
 *               +-----------+-------------+      (failed, or left the last environment)
 *
 * ready may also become deprecated or archived, and a draft archived. An archived release becomes
 * ready again when its identical document is restored: its digests never changed. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/release.h"

/* An event that changes the status of a release. */
typedef enum ReleaseEvent {
        RELEASE_EVENT_RESOLVED,   /* every component has a digest */
        RELEASE_EVENT_PROMOTED,   /* an environment is getting it */
        RELEASE_EVENT_CONFIRMED,  /* an environment runs it */
        RELEASE_EVENT_FAILED,     /* the environment that was getting it does not have it */
        RELEASE_EVENT_LEFT,       /* the last environment that had it has another one */
        RELEASE_EVENT_DEPRECATED, /* by a person */
        RELEASE_EVENT_ARCHIVED,   /* a person archived it, or its document was removed */
        RELEASE_EVENT_RESTORED,   /* its identical document was restored */
        RELEASE_EVENT_MAX_,
} ReleaseEvent;

const char *release_event_to_string(ReleaseEvent event); /* "promoted" */

/* Returns the status after an event. ERROR_CONFLICT names the possible events if this one is
 * not. */
int release_status_on(const char *release, ReleaseStatus from, ReleaseEvent event,
                      ReleaseStatus *ret, Error *err);

/* Returns the status of a release that is in that many environments; draft, deprecated and archived
 * stay. */
ReleaseStatus release_status_in_use(ReleaseStatus status, int64_t n_promoting, int64_t n_deployed);

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to);

/* Checks a transition. ERROR_CONFLICT names the legal ones if this one is not legal. */
int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err);

/* True if its components never change again. */
bool release_status_is_frozen(ReleaseStatus status);
