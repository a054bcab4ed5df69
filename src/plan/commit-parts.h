#pragma once

/* Divides the changes of a large load into transactions that take a few milliseconds each. Pure.
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

/* Returns the changes of the next transaction of a phase, which are borrowed; none: the phase has
 * ended. Phases must be applied in order. The caller adds the number of changes to parts->at when
 * they are committed. */
Changes commit_parts_next(const CommitParts *parts, CommitPhase phase);

/* Adds the numbers of applied changes to counts. */
void commit_parts_count(const CommitParts *parts, const SpecPlan *plan, CommitCounts *counts);
