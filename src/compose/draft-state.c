/* Makes and frees drafts, and adds them to the queue. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "compose/drafts.h"

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

/* Makes the draft due whenever its components or the environment that pinFrom names change. */
int draft_depend(const DraftState *draft)
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

/* Polls the components, so that the draft is resolved from the current state of the registries. */
void draft_poll_components(const Control *control, const Model *model, const ReleaseSpec *spec)
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
        draft_poll_components(control, control->model, draft->spec);
}

void draft_state_restart(DraftState *draft)
{
        draft->task = release_task_free(draft->task);
        draft_state_add(draft, "its specs changed");
}
