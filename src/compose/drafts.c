/* Adopts and resolves drafts. If the specs of a draft change while its task has requests in
 * progress, relmand resolves the draft again. */

#include "compose/drafts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "release/compose.h"
#include "release/status.h"

static void drop_drafts(Composer *composer, const Map *wanted)
{
        map_foreach (&composer->drafts, entry) {
                DraftState *draft = entry->value;

                if (!draft->owner && (!wanted || !map_has(wanted, entry->key)))
                        draft_state_done(draft);
        }
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

        if (draft && draft->is_adopted && streq(draft->spec->object.digest, spec->object.digest)) {
                draft->spec = spec; /* a running task has its own reference to the older model */
                return 0;
        }
        if (!draft) {
                draft = calloc(1, sizeof(*draft));
                if (!draft)
                        return error_oom(err);
                draft->composer = composer;
                draft->id = spec->object.id;
                if (map_put(&composer->drafts, draft->id.text, draft, NULL) < 0) {
                        draft_state_done(draft);
                        return error_oom(err);
                }
        }
        draft->spec = spec;
        draft->is_adopted = false;
        if (draft_depend(draft) < 0)
                return error_oom(err);
        draft->since = time_monotonic();
        draft_state_restart(draft);
        draft_poll_components(composer->control, model, spec);
        draft->is_adopted = true;
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

/* --- resolving -------------------------------------------------------------------------------- */

/* Resolves a draft once all its components were polled after draft->since. */
usec_t composer_reconcile_draft(Composer *composer, const char *id)
{
        DraftState *draft = map_get(&composer->drafts, id);

        if (draft && draft->task)
                draft->again = true;
        else if (draft && components_are_fresh(composer->control, draft->spec, draft->since) &&
                 (draft->managed_by == MANAGED_BY_STREAM ||
                  components_are_complete(composer->control, draft->spec)))
                release_task_start(draft);
        return QUEUE_DONE; /* a later poll makes it due again */
}
