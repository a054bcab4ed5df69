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
        RELEASE_EVENT_PROMOTED,   /* a promotion to an environment began */
        RELEASE_EVENT_CONFIRMED,  /* an environment runs it */
        RELEASE_EVENT_FAILED,     /* an environment was getting it, but does not have it */
        RELEASE_EVENT_LEFT,       /* the last environment that had it has another release */
        RELEASE_EVENT_DEPRECATED, /* a person deprecated it */
        RELEASE_EVENT_ARCHIVED,   /* a person archived it, or its document was removed */
        RELEASE_EVENT_RESTORED,   /* its identical document was restored */
        RELEASE_EVENT_MAX_,
} ReleaseEvent;

const char *release_event_to_string(ReleaseEvent event); /* "promoted" */

/* Returns the status after an event. If the event is not possible, ERROR_CONFLICT names the
 * possible ones. */
int release_status_on(const char *release, ReleaseStatus from, ReleaseEvent event,
                      ReleaseStatus *ret, Error *err);

/* Returns the status of a release that n_promoting environments are getting and n_deployed
 * environments have. Keeps draft, deprecated and archived. */
ReleaseStatus release_status_in_use(ReleaseStatus status, int64_t n_promoting, int64_t n_deployed);

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to);

/* Checks a transition. If it is not legal, ERROR_CONFLICT names the legal ones. */
int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err);

/* True if the components of a release with this status never change again. */
bool release_status_is_frozen(ReleaseStatus status);
