#include "compose/composer.h"

#include <errno.h>

#include "compose/drafts.h"
#include "compose/streams.h"
#include "lock/lock.h"
#include "release/compose.h"

void composer_init(Composer *composer, const Control *control)
{
        *composer = (Composer){ .control = control };
}

void composer_done(Composer *composer)
{
        streams_drop(composer);
        drafts_drop(composer);
}

bool composer_is_idle(const Composer *composer)
{
        map_foreach (&composer->drafts, entry) {
                const DraftState *draft = entry->value;

                if (draft->task)
                        return false;
        }
        return true;
}

/* A stream that has all it needs is evaluated when heads move, not after each poll. */
static void on_polled(unsigned kind, const char *id, void *userdata)
{
        const Composer *composer = userdata;
        const StreamState *stream = kind == KEY_STREAM ? map_get(&composer->streams, id) : NULL;

        if (kind == KEY_DRAFT || (stream && stream_waits_for_poll(stream)))
                queue_add(composer->control->queue, kind, id, 0, "a component of it was polled");
}

usec_t composer_reconcile_polled(Composer *composer, const char *component_id)
{
        const Control *control = composer->control;
        Component component;

        if (control->calls->component(control->userdata, component_id, &component))
                control_find_dependents(control, component.spec, on_polled, composer);
        dependents_find(control->dependents, component_id, on_polled, composer);
        return QUEUE_DONE;
}

const ComponentSpec *next_wanted_component(const Model *model, const ReleaseSpec *spec, size_t *at)
{
        const char *tenant = spec->object.meta.tenant;
        const ComponentSpec *component = NULL;

        if (spec->components.n == 0) {
                while (!component && *at < model->components.n) {
                        component = model->components.items[(*at)++];
                        if (!release_spec_wants(spec, component))
                                component = NULL;
                }
                return component;
        }
        while (!component && *at < spec->components.n)
                component = (const ComponentSpec *)model_find(model, KIND_COMPONENT, tenant,
                                                              spec->components.items[(*at)++].name);
        return component;
}

bool components_are_fresh(const Control *control, const ReleaseSpec *spec, usec_t since)
{
        const ComponentSpec *wanted;
        Component component;
        size_t at = 0;

        while ((wanted = next_wanted_component(control->model, spec, &at)))
                if (control->calls->component(control->userdata, wanted->object.id.text,
                                              &component) &&
                    component.attempted_at < since)
                        return false;
        return true;
}

int depend_on_components(const Control *control, ControlKey kind, const ReleaseSpec *spec,
                         const char *id)
{
        const char *tenant = spec->object.meta.tenant;
        int r = 0;

        if (spec->components.n == 0 || spec->mode == RELEASE_PARTIAL)
                return control_depend_on_component(control, kind, id, tenant, NULL);
        for (size_t i = 0; i < spec->components.n && r >= 0; i++)
                r = control_depend_on_component(control, kind, id, tenant,
                                                spec->components.items[i].name);
        return r;
}

int composer_want_locks(const Composer *composer, Arena *arena, Map *stems)
{
        map_foreach (&composer->drafts, entry) {
                const Meta *meta = &((const DraftState *)entry->value)->spec->object.meta;
                _cleanup_(freep) char *stem =
                        lock_stem(composer->control->options.locks_path, meta->tenant,
                                  LOCK_ROOM_RELEASES, meta->name);
                const char *key = stem ? arena_strdup(arena, stem) : NULL;

                if (!key || map_put(stems, key, stems, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}
