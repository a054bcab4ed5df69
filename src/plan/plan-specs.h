#pragma once

/* What a freshly loaded tree changes: desired objects against stored ones. Pure.
 *
 * A broken document, or one in a file or folder that cannot be read, changes nothing: what it
 * declared stays, flagged with a condition. A file or folder that the system refuses to read and in
 * which nothing was declared before may be the new place of anything: until it can be read nothing
 * is removed. When a load would remove more than half of all objects, and at least
 * PRUNE_GUARD_MIN, nothing is removed: an unmounted or half-checked-out folder must not empty the
 * state. A frozen release is not changed by its document, nor is what the API made by one of the
 * same name. */

#include "base/arena.h"
#include "base/error.h"
#include "model/changes/changes.h"
#include "model/grant.h"
#include "model/model.h"
#include "store/store.h"

#define PRUNE_GUARD_MIN 5

typedef struct SpecPlan {
        Changes changes;
        const StoredObject **retained; /* last good: not in the model, yet they stand */
        size_t n_retained;
        const StoredObject **archived; /* releases whose lockfile goes */
        size_t n_archived;
        size_t n_restored; /* archived ones whose very document is back */
        size_t n_created, n_updated, n_deleted;
        size_t n_held;    /* removals the guard holds back */
        size_t *refusals; /* which changes say so: frozen releases whose document changed, names
                             that are taken */
        size_t n_refused;
        Map refused; /* ids of documents whose name is taken: not in force */
        struct SpecPlanRun *run;
} SpecPlan;

typedef struct SpecPlanInput {
        const Model *model;
        const StoredObjects *stored;
        const CredentialGrants *grants; /* NULL: every Registry may use every secret */
        bool confirm_prune;             /* the guard is told to let it happen */
        usec_t now;                     /* wall */
} SpecPlanInput;

/* plan->changes borrows specs from the model. */
int plan_specs(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);

/* The same in steps, each until the monotonic time until. A step returns 1 if there is more to do,
 * 0 at the end. What the input points to must stay as it is meanwhile. */
int plan_specs_begin(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);
int plan_specs_step(SpecPlan *plan, usec_t until, Error *err);

/* Bytes that the plan takes beside the arena. */
size_t spec_plan_memory(const SpecPlan *plan);
void spec_plan_done(SpecPlan *plan);
