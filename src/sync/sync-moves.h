#pragma once

/* Version tags that moved and that a release was made from: what a pass reports of them. The
 * decision is release/admission.h's. */

#include "sync/sync.h"

int sync_moves_load(Sync *sync, Error *err);
/* A stage: with allowDowngrade, what keeps a digest that the registry no longer has is no version.
 */
int sync_moves_downgrade(Sync *sync, usec_t until, Error *err);
/* As changes; what was reported is not reported again. */
int sync_moves_report(Sync *sync, Error *err);
/* Reads the permissions: component->moves_digest. */
int sync_moves_digest(ComponentState *component, Arena *arena, Error *err);
