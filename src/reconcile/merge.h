#pragma once

/* Makes the active model from the documents of the specs and of the database. The models share
 * objects; each keeps alive what it points to. */

#include "plan/plan-specs.h"
#include "reconcile/internal.h"

/* Begins the active model: the loaded one without the documents that the plan refuses. The steps
 * add the objects that the plan retains, and those that the API made. */
int reconciler_merge_begin(Model *loaded, const SpecPlan *plan, const StoredObjects *stored,
                           Model **ret, Error *err);

typedef struct MergeInput {
        const SpecPlan *plan;
        const StoredObjects *stored;
        Model *model; /* from reconciler_merge_begin() */
} MergeInput;

/* Works until the monotonic time until, from the position *at on, which starts at 0. Returns 1 if
 * there is more to do, 0 once the model is complete. */
int reconciler_merge_step(Reconciler *reconciler, const MergeInput *input, size_t *at, usec_t until,
                          Error *err);

/* Makes an active model in which one component of the API is replaced by stored, or removed if
 * stored is NULL. */
int reconciler_merge_one(Reconciler *reconciler, const char *id, const StoredObject *stored,
                         Model **ret, Error *err);
