#pragma once

/* Commits the changes of a large load in transactions that take a few milliseconds each.
 *
 * Only changes that cannot conflict with a controller are divided:
 * - tenants
 * - new and changed registries, components and environments
 * - new releases, declared places and conditions
 * - the removal of components and registries
 *
 * All other changes are one transaction, in the same turn as the adoption of the model. Otherwise a
 * draft could be resolved by its old document after the new document was stored.
 *
 * If a load ends between two transactions, some stored documents are not active. The next load
 * plans the missing changes. */

#include "control/control.h"
#include "plan/plan-specs.h"

typedef enum CommitPhase {
        COMMIT_BEFORE,     /* before the model is adopted */
        COMMIT_WITH_MODEL, /* one transaction, in the turn in which the model is adopted */
        COMMIT_AFTER,
        COMMIT_PHASE_MAX_,
} CommitPhase;

typedef struct CommitParts {
        Change *items;                  /* sorted by phase; within a phase, in the order of the
                                         * plan */
        size_t ends[COMMIT_PHASE_MAX_]; /* the end of the changes of each phase */
        size_t at;                      /* number of changes that were applied */
} CommitParts;

/* As in SpecPlan. */
typedef struct CommitCounts {
        size_t n_created, n_updated, n_deleted, n_archived, n_restored;
} CommitCounts;

/* Divides the changes of a plan into phases. If is_divided is false, or there are few changes, all
 * changes are in COMMIT_WITH_MODEL. The result is in the arena. The plan must outlive it. Returns 0
 * or -ENOMEM. */
int commit_parts_make(const SpecPlan *plan, bool is_divided, Arena *arena, CommitParts *ret);

/* Applies the changes of a phase until the monotonic time `until`. Phases must be applied in order.
 * Returns 1 if there is more to do. */
int commit_parts_step(CommitParts *parts, const Control *control, CommitPhase phase, usec_t until,
                      Error *err);

/* Adds the numbers of applied changes to counts. */
void commit_parts_count(const CommitParts *parts, const SpecPlan *plan, CommitCounts *counts);
