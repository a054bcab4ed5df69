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

/* Makes a draft or stream due that waited for the poll. Skips a stream that waits for no poll:
 * relmand evaluates it when heads move. */
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

bool composer_has_draft(const Composer *composer, const char *tenant, const char *name)
{
        /* only a release with this id uses the lockfile of that name */
        Uuid id = object_id(KIND_RELEASE, tenant, name);

        return map_has(&composer->drafts, id.text);
}
