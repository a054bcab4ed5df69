#pragma once

/* Reports version tags that moved after a release was made from them. release/admission.h decides
 * which digest counts. */

#include "sync/sync.h"

int sync_moves_load(Sync *sync, Error *err);
/* A stage. With allowDowngrade, drops each version that keeps an old digest of its tag if the
 * registry no longer has that digest. */
int sync_moves_downgrade(Sync *sync, usec_t until, Error *err);
/* Adds new moves to the changes. A move is reported once. */
int sync_moves_report(Sync *sync, Error *err);
/* Computes component->moves_digest from the allowed moves. */
int sync_moves_digest(ComponentState *component, Arena *arena, Error *err);
