#pragma once

/* Reads what the gates of an environment need to know about a release, for everything that asks
 * them: promotions, why, lists, plans. */

#include "release/promotion.h"
#include "store/store.h"

/* Where stored facts are read. Each function returns what the function of the store with the same
 * name returns. */
typedef struct GateFacts {
        int (*was_deployed)(void *from, const char *environment_id, const char *release_id,
                            Error *err);
        int (*runs)(void *from, const char *environment_id, const char *release_id, Arena *arena,
                    DeploymentRuns *ret, Error *err);
        int (*approvals)(void *from, const char *environment_id, const char *release_id,
                         Arena *arena, Approvals *ret, Error *err);
        int (*checks)(void *from, const char *environment_id, const char *release_id, Arena *arena,
                      CheckResults *ret, Error *err);
} GateFacts;

extern const GateFacts gate_facts_of_store; /* reads from the store: `from` is the Store */

/* Completes an input that has an environment, its model and source_names, and a release. The caller
 * sets the failure, since a person may have requested a release again. Texts are in the arena. */
int gate_facts_read(const GateFacts *facts, void *from, Arena *arena, PromotionInput *input,
                    Error *err);
