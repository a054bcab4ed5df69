#pragma once

/* Makes the active model from the documents of the specs and of the database. Both models share
 * objects. Each model keeps the objects alive that it points to. */

#include "plan/plan-specs.h"

/* The store, and the documents that the last merge read from it. */
typedef struct MergeSource {
        Store *store;
        Map *documents; /* id -> StoredDocument; merge_forget() frees them */
} MergeSource;

void merge_forget(Map *documents);

/* Begins the active model with the loaded objects, except those whose documents the plan refuses.
 * merge_step() then adds the objects that the plan retains and those that the API made. */
int merge_begin(Model *loaded, const SpecPlan *plan, const StoredObjects *stored, Model **ret,
                Error *err);

typedef struct MergeInput {
        MergeSource source;
        const SpecPlan *plan;
        const StoredObjects *stored;
        Model *model; /* the model from merge_begin() */
} MergeInput;

/* Works until the monotonic time `until`, from position *at, which is 0 at first. Returns 1 if
 * there is more to do, 0 once the model is complete. */
int merge_step(const MergeInput *input, size_t *at, usec_t until, Error *err);

/* Makes an active model in which one component of the API is replaced by stored, or removed if
 * stored is NULL. before: the active model, which a merge has made. */
int merge_one(MergeSource source, Model *before, const char *id, const StoredObject *stored,
              Model **ret, Error *err);
