/* Which rows of the version map a pass writes. */

#include "base/limits.h"
#include "sync/sync.h"

/* Stored versions, a page after the other. 1 if there are more. */
static int compare_rows(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        usec_t until = time_monotonic() + SYNC_SLICE;
        _cleanup_(arena_done) Arena arena;
        VersionMaps page;
        int r;

        arena_init(&arena, SYNC_PAGE_MAX);
        sync->versions_after.limit = SYNC_PAGE;
        do {
                arena_clear(&arena);
                r = store_versions_after(component->poller->control->store, component->id.text,
                                         &sync->versions_after, &arena, &page, err);
                if (r >= 0)
                        r = plan_versions_compare(&sync->tags, &page, &sync->arena, &sync->versions,
                                                  err);
                if (r < 0)
                        return r;
        } while (page.n == SYNC_PAGE && time_monotonic() < until);
        return page.n == SYNC_PAGE;
}

static int choose_version(Sync *sync, const char *digest, Error *err)
{
        const ComponentState *component = sync->component;
        const Uuid id = version_map_id(component->id.text, digest);
        const char *owner;
        VersionMap row;
        int r = store_version(component->poller->control->store, id.text, &sync->arena, &row,
                              &owner, err);

        if (r >= 0)
                r = plan_versions_choose(&sync->tags, digest, r > 0 ? &row : NULL, &sync->arena,
                                         &sync->versions, err);
        return MIN(r, 0);
}

/* The heads do not wait for the versions that an earlier pass left, nor for a comparison of all
 * rows: now only versions of heads and of tags that moved are written. */
static int choose_versions(Sync *sync, Error *err)
{
        _cleanup_(map_done) Map newest = { 0 };
        int r = tag_set_newest(&sync->tags, &newest) < 0 ? error_oom(err) : 0;

        map_foreach (&newest, entry) {
                const TagState *state = entry->value;

                if (r >= 0)
                        r = choose_version(sync, state->digest, err);
        }
        for (size_t i = 0; i < sync->tags.n && r >= 0; i++) {
                const TagState *state = &sync->tags.items[i];

                if (!state->moved)
                        continue;
                r = choose_version(sync, state->digest, err);
                if (r >= 0)
                        r = choose_version(sync, state->extra->moved_from, err);
        }
        plan_versions_settle_others(&sync->versions);
        sync->owes_versions = true;
        return r;
}

/* After a change of rules all rows are compared: drafts resolve ranges from them. */
static bool is_first_of_rounds(const Sync *sync)
{
        return sync->is_phased && !sync->component->rules_changed &&
               !sync->component->in_background && sync_has_rest(sync);
}

static int read_used(Sync *sync, Error *err)
{
        const ComponentState *component = sync->component;
        TagDigests digests;
        int r;

        if (component->spec->max_versions == 0)
                return 0;
        r = store_used_digests(component->poller->control->store, component->id.text, &sync->arena,
                               &digests, err);
        for (size_t i = 0; r >= 0 && i < digests.n; i++)
                if (map_put(&sync->used, digests.items[i].digest, sync, NULL) < 0)
                        return error_oom(err);
        return MIN(r, 0);
}

int sync_plan_versions(Sync *sync, Error *err)
{
        const VersionKeep keep = { .max = sync->component->spec->max_versions,
                                   .used = &sync->used };
        usec_t until = time_monotonic() + SYNC_SLICE;
        int r;

        if (sync->versions_dropped)
                return compare_rows(sync, err);
        if (!sync->versions_named) {
                r = plan_versions_names(&sync->tags, until, &sync->versions, err);
                if (r != 0)
                        return r;
                sync->versions_named = true;
                if (is_first_of_rounds(sync))
                        return choose_versions(sync, err);
                r = read_used(sync, err);
                return r < 0 ? r : 1;
        }
        r = plan_versions_drop(&sync->tags, &keep, until, &sync->versions, err);
        sync->versions_dropped = r == 0;
        return r < 0 ? r : 1;
}

void sync_forget_versions(Sync *sync)
{
        version_plan_done(&sync->versions);
        map_done(&sync->used);
        sync->versions_named = sync->versions_dropped = false;
        sync->versions_after = (VersionCursor){ 0 };
        sync->next_put = sync->next_delete = 0;
}
