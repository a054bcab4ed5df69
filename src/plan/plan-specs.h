#pragma once

/* Plans the changes of a newly loaded tree: compares its objects with the stored ones. Pure.
 *
 * - A broken document, or one in an unreadable file or folder, changes nothing. Its object stays
 *   and gets a condition.
 * - If a file or folder cannot be read that declared nothing before, nothing is removed, because
 *   documents may have moved there.
 * - The prune guard: if a load would remove more than half of all objects, and at least
 *   PRUNE_GUARD_MIN, nothing is removed. An unmounted or half-checked-out folder must not empty the
 *   state.
 * - The guard holds objects back until the removal is confirmed or their documents are back. It
 *   marks the objects, because their share falls with each new object.
 * - A document changes neither a frozen release nor an object that the API made. */

#include "base/arena.h"
#include "base/error.h"
#include "model/changes/changes.h"
#include "model/grant.h"
#include "model/model.h"
#include "store/store.h"

#define PRUNE_GUARD_MIN 5

typedef struct SpecPlan {
        Changes changes;
        const StoredObject **retained; /* stored objects that the plan keeps unchanged, although
                                        * the model does not have them */
        size_t n_retained;
        size_t n_archived;
        size_t n_restored; /* archived releases whose identical document is back */
        size_t n_created, n_updated, n_deleted;
        size_t n_held;    /* number of removals that the prune guard holds back */
        size_t *refusals; /* indexes of the changes that report a changed document of a frozen
                             release, or a taken name */
        size_t n_refused;
        Map refused; /* ids of documents whose name is taken; they are not active */
        struct SpecPlanRun *run;
} SpecPlan;

typedef struct SpecPlanInput {
        const Model *model;
        const StoredObjects *stored;
        /* the documents that are compared with stored, in the order of model_object(); NULL: all.
         * The other n_settled documents are equal to their rows, which stored omits. */
        const Object *const *objects;
        size_t n_objects, n_settled;
        const CredentialGrants *grants; /* NULL: every Registry may use every secret */
        bool confirm_prune;             /* remove objects that the prune guard would hold back */
        usec_t now;                     /* wall */
} SpecPlanInput;

/* plan->changes borrows specs from the model. */
int plan_specs(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);

/* Does the same as plan_specs() in steps. A step ends at the monotonic time `until`, or when the
 * plan has max changes. It returns 1 if there is more to do, 0 at the end. The input must not
 * change before the end. */
int plan_specs_begin(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);
int plan_specs_step(SpecPlan *plan, usec_t until, size_t max, Error *err);

/* True if no object is stored for the document with this id. Valid until spec_plan_done().
 * */
bool spec_plan_is_new(const SpecPlan *plan, const char *id);

/* Returns the bytes that the plan takes outside of the arena. */
size_t spec_plan_memory(const SpecPlan *plan);
void spec_plan_done(SpecPlan *plan);
