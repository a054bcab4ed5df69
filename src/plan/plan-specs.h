#pragma once

/* Plans the changes of a newly loaded tree: desired objects against stored ones. Pure.
 *
 * - A broken document, or one in a file or folder that cannot be read, changes nothing: its object
 *   stays, with a condition.
 * - While the system refuses to read a file or folder in which nothing was declared before, nothing
 *   is removed: documents may have moved there.
 * - If a load would remove more than half of all objects, and at least PRUNE_GUARD_MIN, nothing is
 *   removed: an unmounted or half-checked-out folder must not empty the state. This lasts until the
 *   removal is confirmed or the documents are back: the objects are marked, because their share
 *   falls with each new object.
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
        size_t n_restored; /* number of archived releases whose identical document is back */
        size_t n_created, n_updated, n_deleted;
        size_t n_held;    /* number of removals that the prune guard holds back */
        size_t *refusals; /* indexes of changes that report a refusal: a changed document of a
                             frozen release, or a taken name */
        size_t n_refused;
        Map refused; /* ids of documents whose name is taken; they are not active */
        struct SpecPlanRun *run;
} SpecPlan;

typedef struct SpecPlanInput {
        const Model *model;
        const StoredObjects *stored;
        const CredentialGrants *grants; /* NULL: every Registry may use every secret */
        bool confirm_prune;             /* removes although the prune guard would hold back */
        usec_t now;                     /* wall */
} SpecPlanInput;

/* plan->changes borrows specs from the model. */
int plan_specs(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);

/* Does the same as plan_specs(), in steps that work until the monotonic time until, or until the
 * plan has max changes. A step returns 1 if there is more to do, 0 at the end. The input must not
 * change meanwhile. */
int plan_specs_begin(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err);
int plan_specs_step(SpecPlan *plan, usec_t until, size_t max, Error *err);

/* True if the document with that id has no stored object. May be called until spec_plan_done(). */
bool spec_plan_is_new(const SpecPlan *plan, const char *id);

/* Returns the bytes that the plan takes besides the arena. */
size_t spec_plan_memory(const SpecPlan *plan);
void spec_plan_done(SpecPlan *plan);
