/* Reads the stored state of a component. */

#include "base/buffer.h"
#include "base/limits.h"
#include "store/version-pages.h"
#include "sync/state.h"
#include "sync/sync-moves.h"

static int assignments_digest(const Assignments *assignments, char ret[DIGEST_SIZE_MAX])
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, CHANGES_MAX);
        ret[0] = '\0';
        for (size_t i = 0; i < assignments->n; i++) {
                const Assignment *assignment = &assignments->items[i];

                (void)buffer_printf(&text, "%s %s %s %s\n", assignment->digest, assignment->tag,
                                    assignment->semver, assignment->channel);
        }
        if (assignments->n > 0 && !text.failed)
                digest_sha256(text.data, text.size, ret);
        return text.failed;
}

int component_state_read(ComponentState *component, Error *err)
{
        Store *store = component->poller->control->store;
        _cleanup_(arena_done) Arena arena;
        Assignments assigned;
        size_t n_known = 0;
        int r;

        arena_init(&arena, SYNC_ARENA_MAX);
        if (component->state_known)
                return 0;
        r = store_sync_state(store, component->id.text, &component->state, err);
        if (r >= 0)
                r = store_assignments(store, component->id.text, &arena, &assigned, err);
        if (r >= 0 && assignments_digest(&assigned, component->assigned_digest) < 0)
                r = error_oom(err);
        if (r >= 0)
                r = sync_moves_digest(component, &arena, err);
        if (r >= 0)
                /* counts up to SYNC_LARGE + 1, which is enough to know that a pass is large */
                r = store_count_tags(store, component->id.text, SYNC_LARGE + 1, &n_known, err);
        component->n_gone = n_known - MIN(n_known, (size_t)component->state.n_tags);
        component->state_known = r >= 0;
        return r;
}
