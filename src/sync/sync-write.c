/* Writes the rows of a pass, in chunks. */

#include <errno.h>

#include "base/limits.h"
#include "base/log.h"
#include "sync/sync.h"

#define FLUSH_INTERVAL USEC_PER_SEC

/* True if answers must be stored now. A registry with a rate limit sends few answers, so none of
 * them should be requested again after a restart. */
static bool sync_is_flush_due(const Sync *sync)
{
        return sync->component->in_background &&
               sync->flushed_at + FLUSH_INTERVAL <= time_monotonic();
}

int sync_flush(Sync *sync, Error *err)
{
        int r;

        if (sync->component->in_background && sync->n_pending > 0 && sync->changes.n > 0)
                sync_tell_progress(sync);
        sync_report_moved(sync);
        sync->flushed_at = time_monotonic();
        r = control_apply(sync->component->poller->control, &sync->changes, err);
        changes_clear(&sync->changes);
        if (r >= 0)
                sync_committed(sync);
        else
                sync_notes_drop(sync);
        return r;
}

bool sync_chunk_is_full(const Sync *sync)
{
        bool once = sync->component->poller->control->options.once;

        return sync->changes.n >= (once ? SYNC_CHUNK_ONCE : SYNC_CHUNK);
}

/* True for the first sync of a component. The events of that sync are marked, because receivers may
 * skip versions that existed before. */
bool sync_is_first(const Sync *sync)
{
        return sync->component->state.synced_at == 0;
}

static void tell_moved(Sync *sync, const TagState *state)
{
        ComponentState *component = sync->component;

        if (sync_note_moved(sync, state) < 0)
                sync->changes.failed = -ENOMEM;
        sync->n_moves_told++;
        sync_note(sync, LOG_LEVEL_NOTICE, "component '%s': tag '%s' moved from %s to %s",
                  component->subject.name, state->tag, state->extra->moved_from, state->digest);
}

int sync_write_tag(Sync *sync, TagState *state, Error *err)
{
        TagRecord record;

        if (state->assigned)
                return 0;
        tag_state_note_pending(state);
        record = tag_state_record(state);
        changes_put_tag(&sync->changes, sync->component->id.text, &record);
        if (state->moved && !state->told)
                tell_moved(sync, state);
        state->told = state->moved;
        state->dirty = false;
        return sync_chunk_is_full(sync) || sync_is_flush_due(sync) ? sync_flush(sync, err) : 0;
}

void sync_note_configs(Sync *sync, const ImageFactList *facts)
{
        for (size_t i = 0; i < facts->n; i++)
                sync->has_configs = sync->has_configs || facts->items[i].has_config;
}

int sync_keep_manifest(Sync *sync, const Manifest *manifest, Error *err)
{
        Manifest kept = *manifest;
        const Manifest *copy;

        changes_put_manifest(&sync->changes, sync->component->id.text, manifest,
                             manifest->checked_at > 0 ? manifest->checked_at : time_wall());
        if (sync->changes.failed)
                return error_oom(err);
        /* a pass keeps the facts of many images, so labels that are not stored are dropped here */
        if (image_facts_copy_kept(&manifest->facts, &sync->component->spec->keep_labels,
                                  &sync->arena, &kept.facts) < 0)
                return error_oom(err);
        if (kept.facts.n > 1) /* an index */
                sync_note_configs(sync, &kept.facts);
        /* a copy, because the change is freed after it was applied */
        copy = manifest_copy(&kept, &sync->arena);
        sync->n_artifacts +=
                manifest->artifact && !admission_takes(sync->component->spec, manifest->artifact);
        if (!copy || map_put(&sync->manifests, copy->digest, (void *)(uintptr_t)copy, NULL) < 0)
                return error_oom(err);
        return sync_chunk_is_full(sync) ? sync_flush(sync, err) : 0;
}

/* Writes the row of a changed tag that needs no digest: a new tag that is not eligible, or a tag
 * that disappeared or came back. Stops the slice after each chunk. */
static int visit_row(TagState *state, void *userdata)
{
        const SyncWalk *walk = userdata;
        Sync *sync = walk->sync;
        size_t n_before = sync->changes.n;
        int r = state->dirty ? sync_write_tag(sync, state, walk->err) : 0;

        return r < 0 ? r : sync->changes.n < n_before; /* a chunk was written */
}

int sync_write_rows(Sync *sync, usec_t until, Error *err)
{
        return sync_walk(sync, visit_row, until, err);
}

/* --- version map ------------------------------------------------------------------------------ */

static void put_version(Sync *sync, const TagState *state, bool is_new)
{
        ComponentState *component = sync->component;
        VersionMap row = version_map_of(state, component->id.text);
        const char *const data[] = { "component",   component->subject.name,
                                     "componentId", component->id.text,
                                     "tag",         row.tag,
                                     "digest",      row.digest,
                                     "semver",      row.semver,
                                     "channel",     row.channel,
                                     "firstSync",   sync_is_first(sync) ? "true" : NULL,
                                     NULL };

        changes_put_version(&sync->changes, component->id.text, &row);
        sync->n_new_versions += is_new;
        if (sync_is_quiet(sync, state))
                return;
        report_event(&sync->changes, is_new ? EVENT_VERSION_RESOLVED : EVENT_VERSION_UPDATED,
                     component->subject, time_wall(), data);
}

int sync_write_versions(Sync *sync, usec_t until, Error *err)
{
        VersionPlan *plan = &sync->versions;
        const TagState *state;
        bool is_new;
        int r;

        (void)until;
        while (sync->next_delete < plan->n_delete && !sync_chunk_is_full(sync))
                changes_delete_version(&sync->changes, sync->component->id.text,
                                       plan->delete[sync->next_delete++]);
        while (!sync_chunk_is_full(sync)) {
                state = version_plan_next(plan, &sync->tags, &sync->next_put, &is_new);
                if (!state)
                        return SYNC_NEXT; /* the last transaction writes the remaining changes,
                                             which are few */
                put_version(sync, state, is_new);
        }
        r = sync_flush(sync, err);
        return sync_slice(r < 0 ? r : 1, err);
}
