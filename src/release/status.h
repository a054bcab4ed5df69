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

#include "base/error.h"
#include "model/release.h"

bool release_status_may_become(ReleaseStatus from, ReleaseStatus to);

/* ERROR_CONFLICT naming the legal ones, unless the transition is legal. */
int release_status_check(const char *release, ReleaseStatus from, ReleaseStatus to, Error *err);

/* Frozen: its components never change again. */
bool release_status_is_frozen(ReleaseStatus status);

/* Live: its digests are watched (ready, promoting, deployed, deprecated). */
bool release_status_is_live(ReleaseStatus status);
