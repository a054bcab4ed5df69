#pragma once

/* Reads what the gates of an environment need to know about a release, for everything that asks
 * them: promotions, why, plans. */

#include "release/promotion.h"
#include "store/store.h"

/* Completes an input that has an environment and a release. The failure is the caller's, since a
 * person may have requested a release again. Texts are in the arena. facts_gates() of src/deploy
 * does the same for environments whose facts were read together. */
int gate_facts_read(Store *store, usec_t now, Arena *arena, PromotionInput *input, Error *err);
