/* The drafts: releases that are to be resolved, declared by a document or made by a stream or over
 * the API. A draft whose specs changed while its task had requests in flight is resolved again. */

#include "compose/drafts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "release/compose.h"
#include "release/status.h"

#define DRAFT_ARENA_MAX ((size_t)64 * 1024 * 1024)

static DraftState *draft_state_free(DraftState *draft)
{
        if (!draft)
                return NULL;
        release_task_free(draft->task);
        free(draft->reason);
        if (draft->owner)
                arena_done(&draft->arena);
        free(draft);
        return NULL;
}

static void drop_drafts(Reconciler *reconciler, const Map *wanted)
{
        for (;;) {
                DraftState *gone = NULL;

                map_foreach (&reconciler->drafts, entry) {
                        const DraftState *draft = entry->value;

                        if (!draft->owner && (!wanted || !map_has(wanted, entry->key))) {
                                gone = entry->value;
                                break;
                        }
                }
                if (!gone)
                        return;
                (void)map_remove(&reconciler->drafts, gone->id.text);
                draft_state_free(gone);
        }
}

int draft_state_new(Reconciler *reconciler, const DraftOwner *owner, void *userdata,
                    DraftState **ret)
{
        DraftState *draft = calloc(1, sizeof(*draft));

        if (!draft)
                return -ENOMEM;
        draft->reconciler = reconciler;
        draft->owner = owner;
        draft->userdata = userdata;
        arena_init(&draft->arena, DRAFT_ARENA_MAX);
        *ret = draft;
        return 0;
}

int draft_state_begin(DraftState *draft)
{
        draft->id = draft->spec->object.id;
        draft->dirty = true;
        if (map_put(&draft->reconciler->drafts, draft->id.text, draft, NULL) < 0)
                return -ENOMEM;
        reconciler_kick(draft->reconciler);
        return 0;
}

void draft_state_done(DraftState *draft)
{
        if (map_get(&draft->reconciler->drafts, draft->id.text) == draft)
                (void)map_remove(&draft->reconciler->drafts, draft->id.text);
        draft_state_free(draft);
}

/* A draft is resolved from what its components have now, not from what they had at the last poll:
 * they are polled first. */
static void poll_components(Reconciler *reconciler, const ReleaseSpec *spec)
{
        map_foreach (&reconciler->components, entry) {
                ComponentState *component = entry->value;

                if (release_spec_wants(spec, component->spec))
                        component_state_due(component, 0);
        }
}

void draft_state_fresh(DraftState *draft)
{
        draft->since = time_monotonic();
        poll_components(draft->reconciler, draft->spec);
}

void draft_state_restart(DraftState *draft)
{
        draft->task = release_task_free(draft->task);
        draft->dirty = true;
        reconciler_kick(draft->reconciler);
}

void drafts_restart(Reconciler *reconciler, const Model *model)
{
        map_foreach (&reconciler->drafts, entry) {
                DraftState *draft = entry->value;

                if (draft->task && !release_task_is_current(draft->task, model))
                        draft_state_restart(draft);
        }
}

static int adopt_draft(Reconciler *reconciler, const ReleaseSpec *spec, Error *err)
{
        DraftState *draft = map_get(&reconciler->drafts, spec->object.id.text);

        if (draft && draft->spec == spec)
                return 0;
        if (!draft) {
                draft = calloc(1, sizeof(*draft));
                if (!draft)
                        return error_oom(err);
                draft->reconciler = reconciler;
                draft->id = spec->object.id;
                if (map_put(&reconciler->drafts, draft->id.text, draft, NULL) < 0) {
                        draft_state_free(draft);
                        return error_oom(err);
                }
        }
        draft->spec = spec;
        draft->since = time_monotonic();
        draft_state_restart(draft);
        poll_components(reconciler, spec);
        return 0;
}

int drafts_adopt(Reconciler *reconciler, const Model *model, const StoredObjects *stored,
                 Error *err)
{
        _cleanup_(map_done) Map wanted = { 0 };
        int r;

        for (size_t i = 0; i < stored->n; i++) {
                const StoredObject *object = &stored->items[i];

                if (object->kind == KIND_RELEASE && object->status == RELEASE_DRAFT &&
                    map_has(&model->by_id, object->id) &&
                    map_put(&wanted, object->id, map_get(&model->by_id, object->id), NULL) < 0)
                        return error_oom(err);
        }
        drop_drafts(reconciler, &wanted);
        map_foreach (&wanted, entry) {
                r = adopt_draft(reconciler, entry->value, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

void drafts_drop(Reconciler *reconciler)
{
        drop_drafts(reconciler, NULL);
        map_done(&reconciler->drafts);
}
