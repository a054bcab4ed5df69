#pragma once

/* Reads the facts about a release that the gates of an environment need. Used by promotions, why,
 * lists and plans. */

#include "release/promotion.h"
#include "store/store.h"

/* The source of stored facts. Each function returns the same as the store function of its name,
 * such as store_runs(). */
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

/* Adds the stored facts to an input whose environment, model, source_names and release are set. The
 * caller sets the failure, because a person may have requested the release again. Texts are
 * allocated in the arena. */
int gate_facts_read(const GateFacts *facts, void *from, Arena *arena, PromotionInput *input,
                    Error *err);
