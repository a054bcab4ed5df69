#pragma once

/* Commits the changes of a large load in transactions of some milliseconds.
 *
 * Only changes that no controller can contradict are divided: tenants, new and changed
 * registries, components and environments, new releases, declared places and conditions; and the
 * removal of components and registries. All others are one transaction in the turn in which the
 * model is adopted: a draft must not be resolved by its old document after the new one was stored.
 *
 * A load that ends between two transactions leaves stored documents that are not active. The next
 * load plans what is missing. */

#include "control/control.h"
#include "plan/plan-specs.h"

typedef enum CommitPhase {
        COMMIT_BEFORE,     /* before the model is adopted */
        COMMIT_WITH_MODEL, /* in the turn in which the model is adopted, as one transaction */
        COMMIT_AFTER,
        COMMIT_PHASE_MAX_,
} CommitPhase;

typedef struct CommitParts {
        Change *items;                  /* sorted by phase, else in the order of the plan */
        size_t ends[COMMIT_PHASE_MAX_]; /* positions after the changes of each phase */
        size_t at;                      /* changes that were applied */
} CommitParts;

/* As in SpecPlan. */
typedef struct CommitCounts {
        size_t n_created, n_updated, n_deleted, n_archived, n_restored;
} CommitCounts;

/* Divides the changes of a plan into phases. If is_divided is false, or there are few changes, all
 * are in COMMIT_WITH_MODEL. The result is in the arena. The plan must outlive it. -ENOMEM. */
int commit_parts_make(const SpecPlan *plan, bool is_divided, Arena *arena, CommitParts *ret);

/* Applies the changes of a phase until the monotonic time until. Phases are applied in their order.
 * Returns 1 if there is more to do. */
int commit_parts_step(CommitParts *parts, const Control *control, CommitPhase phase, usec_t until,
                      Error *err);

/* Adds the numbers of applied changes to counts. */
void commit_parts_count(const CommitParts *parts, const SpecPlan *plan, CommitCounts *counts);
