#include "plan/commit-parts.h"

#include <errno.h>

#define PART_MAX 256 /* maximum changes in a transaction; events at its end may exceed it */

static CommitPhase phase_of(const SpecPlan *plan, const Change *change, CommitPhase previous)
{
        switch ((int)change->type) {
        case CHANGE_PUT_TENANT:
        case CHANGE_PUT_REGISTRY:
        case CHANGE_PUT_COMPONENT:
        case CHANGE_PUT_ENVIRONMENT:
        case CHANGE_SET_DECLARED:
        case CHANGE_SET_CONDITION:
        case CHANGE_CLEAR_CONDITION: return COMMIT_BEFORE;
        case CHANGE_PUT_RELEASE:
                return spec_plan_is_new(plan, change_document(change)->id.text) ? COMMIT_BEFORE
                                                                                : COMMIT_WITH_MODEL;
        case CHANGE_DELETE_OBJECT:
                return change->kind == KIND_COMPONENT || change->kind == KIND_REGISTRY
                               ? COMMIT_AFTER
                               : COMMIT_WITH_MODEL;
        case CHANGE_ADD_EVENT: return previous; /* an event belongs to the change before it */
        default: return COMMIT_WITH_MODEL;
        }
}

static void add_phase(const SpecPlan *plan, CommitPhase phase, CommitParts *parts, size_t *n)
{
        CommitPhase of = COMMIT_WITH_MODEL;

        for (size_t i = 0; i < plan->changes.n; i++) {
                of = phase_of(plan, &plan->changes.items[i], of);
                if (of == phase)
                        parts->items[(*n)++] = plan->changes.items[i];
        }
        parts->ends[phase] = *n;
}

int commit_parts_make(const SpecPlan *plan, bool is_divided, Arena *arena, CommitParts *ret)
{
        const Changes *changes = &plan->changes;
        size_t n = 0;

        *ret = (CommitParts){ .items = changes->items, .ends = { 0, changes->n, changes->n } };
        if (!is_divided || changes->n <= PART_MAX)
                return 0;
        ret->items = arena_alloc_array(arena, changes->n, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (CommitPhase phase = 0; phase < COMMIT_PHASE_MAX_; phase++)
                add_phase(plan, phase, ret, &n);
        return 0;
}

Changes commit_parts_next(const CommitParts *parts, CommitPhase phase)
{
        size_t end = parts->ends[phase], to = end;

        if (phase != COMMIT_WITH_MODEL)
                to = MIN(parts->at + PART_MAX, end);
        /* an event is in the transaction of its change */
        while (to < end && parts->items[to].type == CHANGE_ADD_EVENT)
                to++;
        if (to == parts->at)
                return (Changes){ 0 };
        return (Changes){ .items = &parts->items[parts->at], .n = to - parts->at };
}

static void count_change(const Change *change, const SpecPlan *plan, CommitCounts *counts)
{
        const Object *document = change_document(change);

        if (document && spec_plan_is_new(plan, document->id.text))
                counts->n_created++;
        else if (document)
                counts->n_updated++;
        else if (change->type == CHANGE_DELETE_OBJECT)
                counts->n_deleted++;
        else if (change->type == CHANGE_SET_STATUS && change->status == RELEASE_ARCHIVED)
                counts->n_archived++;
        else if (change->type == CHANGE_SET_STATUS)
                counts->n_restored++;
}

void commit_parts_count(const CommitParts *parts, const SpecPlan *plan, CommitCounts *counts)
{
        for (size_t i = 0; i < parts->at; i++)
                count_change(&parts->items[i], plan, counts);
}
