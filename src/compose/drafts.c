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

/* Its components, and the environment that it takes the rest from. */
static int draft_depend(const DraftState *draft)
{
        const Control *control = draft->composer->control;
        const ReleaseSpec *spec = draft->spec;
        Uuid environment;
        int r;

        dependents_remove(control->dependents, KEY_DRAFT, draft->id.text);
        r = depend_on_components(control, KEY_DRAFT, spec, draft->id.text);
        if (r < 0 || !spec->pin_from.environment)
                return r;
        environment =
                object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->pin_from.environment);
        return control_depend(control, KEY_DRAFT, draft->id.text, environment.text);
}

void draft_state_add(DraftState *draft, const char *cause)
{
        queue_add(draft->composer->control->queue, KEY_DRAFT, draft->id.text, 0, cause);
}

static void drop_drafts(Composer *composer, const Map *wanted)
{
        for (;;) {
                DraftState *gone = NULL;

                map_foreach (&composer->drafts, entry) {
                        const DraftState *draft = entry->value;

                        if (!draft->owner && (!wanted || !map_has(wanted, entry->key))) {
                                gone = entry->value;
                                break;
                        }
                }
                if (!gone)
                        return;
                draft_state_done(gone);
        }
}

int draft_state_new(Composer *composer, const DraftOwner *owner, void *userdata, DraftState **ret)
{
        DraftState *draft = calloc(1, sizeof(*draft));

        if (!draft)
                return -ENOMEM;
        draft->composer = composer;
        draft->owner = owner;
        draft->userdata = userdata;
        arena_init(&draft->arena, DRAFT_ARENA_MAX);
        *ret = draft;
        return 0;
}

int draft_state_begin(DraftState *draft)
{
        draft->id = draft->spec->object.id;
        if (map_put(&draft->composer->drafts, draft->id.text, draft, NULL) < 0 ||
            draft_depend(draft) < 0)
                return -ENOMEM;
        draft_state_add(draft, "it is new");
        return 0;
}

void draft_state_done(DraftState *draft)
{
        if (map_get(&draft->composer->drafts, draft->id.text) == draft) {
                (void)map_remove(&draft->composer->drafts, draft->id.text);
                queue_remove(draft->composer->control->queue, KEY_DRAFT, draft->id.text);
                dependents_remove(draft->composer->control->dependents, KEY_DRAFT, draft->id.text);
        }
        draft_state_free(draft);
}

/* A draft is resolved from what its components have now, not from what they had at the last poll:
 * they are polled first. */
static void poll_components(const Control *control, const Model *model, const ReleaseSpec *spec)
{
        const ComponentSpec *component;
        size_t at = 0;

        while ((component = next_wanted_component(model, spec, &at)))
                queue_add(control->queue, KEY_COMPONENT, component->object.id.text, 0,
                          "a draft wants it");
}

void draft_state_fresh(DraftState *draft)
{
        const Control *control = draft->composer->control;

        draft->since = time_monotonic();
        poll_components(control, control->model, draft->spec);
}

void draft_state_restart(DraftState *draft)
{
        draft->task = release_task_free(draft->task);
        draft_state_add(draft, "its specs changed");
}

void composer_restart(Composer *composer, const Model *model)
{
        map_foreach (&composer->drafts, entry) {
                DraftState *draft = entry->value;

                if (draft->task && !release_task_is_current(draft->task, model))
                        draft_state_restart(draft);
        }
}

static int adopt_draft(Composer *composer, const Model *model, const ReleaseSpec *spec, Error *err)
{
        DraftState *draft = map_get(&composer->drafts, spec->object.id.text);

        if (draft && draft->spec == spec)
                return 0;
        if (!draft) {
                draft = calloc(1, sizeof(*draft));
                if (!draft)
                        return error_oom(err);
                draft->composer = composer;
                draft->id = spec->object.id;
                if (map_put(&composer->drafts, draft->id.text, draft, NULL) < 0) {
                        draft_state_free(draft);
                        return error_oom(err);
                }
        }
        draft->spec = spec;
        if (draft_depend(draft) < 0)
                return error_oom(err);
        draft->since = time_monotonic();
        draft_state_restart(draft);
        poll_components(composer->control, model, spec);
        return 0;
}

int composer_adopt_drafts(Composer *composer, const Model *model, const StoredObjects *stored,
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
        drop_drafts(composer, &wanted);
        map_foreach (&wanted, entry) {
                r = adopt_draft(composer, model, entry->value, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

void drafts_drop(Composer *composer)
{
        drop_drafts(composer, NULL);
        map_done(&composer->drafts);
}

/* --- when --------------------------------------------------------------------------------------
 */

/* A draft is resolved once all its components were polled after it came: from what is there now. */
usec_t composer_reconcile_draft(Composer *composer, const char *id)
{
        DraftState *draft = map_get(&composer->drafts, id);

        if (draft && draft->task)
                draft->again = true;
        else if (draft && components_are_fresh(composer->control, draft->spec, draft->since))
                release_task_start(draft);
        return QUEUE_DONE; /* a later poll makes it due again */
}
