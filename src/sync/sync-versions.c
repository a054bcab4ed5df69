/* Plans which rows of the version map a pass writes. */

#include "base/limits.h"
#include "store/facts.h"
#include "sync/sync.h"

#define CHOSEN_AT_ONCE 64 /* number of moved tags whose rows are read with one statement */

/* Compares stored versions, page by page. Returns 1 if there are more. */
static int compare_rows(Sync *sync, usec_t until, Error *err)
{
        ComponentState *component = sync->component;
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

/* Allocates an empty list for n digests. */
static int choice_keys_new(Sync *sync, size_t n, FactKeys *ret, Error *err)
{
        *ret = (FactKeys){ .items = arena_alloc_array(&sync->arena, n, sizeof(*ret->items)) };
        return ret->items ? 0 : error_oom(err);
}

static void choice_keys_add(const Sync *sync, FactKeys *keys, const char *digest)
{
        keys->items[keys->n++] = (FactKey){ sync->component->id.text, digest };
}

/* Chooses the versions of these digests. Reads their rows with one statement. */
static int choose_digests(Sync *sync, const FactKeys *keys, Error *err)
{
        VersionMaps *rows;
        int r = store_facts_versions(sync->component->poller->control->store, keys, &sync->arena,
                                     &rows, err);

        for (size_t i = 0; i < keys->n && r >= 0; i++)
                r = plan_versions_choose(&sync->tags, keys->items[i].name,
                                         rows[i].n > 0 ? &rows[i].items[0] : NULL, &sync->arena,
                                         &sync->versions, err);
        return MIN(r, 0);
}

static int choose_heads(Sync *sync, Error *err)
{
        const Map *channels = &sync->survey.newest.channels;
        FactKeys keys;
        int r = choice_keys_new(sync, channels->n, &keys, err);

        if (r < 0)
                return r;
        map_foreach (channels, entry) {
                const TagState *state = entry->value;

                choice_keys_add(sync, &keys, state->digest);
        }
        return choose_digests(sync, &keys, err);
}

/* Chooses versions for the current and the previous digests of the next tags that moved. */
static int choose_moved(Sync *sync, Error *err)
{
        const TagPicks *moved = &sync->survey.moved;
        size_t end = MIN(moved->n, sync->next_chosen + CHOSEN_AT_ONCE);
        FactKeys keys;
        int r = choice_keys_new(sync, 2 * (end - sync->next_chosen), &keys, err);

        if (r < 0)
                return r;
        while (sync->next_chosen < end) {
                const TagState *state = moved->items[sync->next_chosen++];

                choice_keys_add(sync, &keys, state->digest);
                choice_keys_add(sync, &keys, state->extra->moved_from);
        }
        return choose_digests(sync, &keys, err);
}

/* Chooses only versions of heads and of tags that moved. So heads wait neither for versions of an
 * earlier pass nor for the comparison of all rows. Returns 1 if there is more to do. */
static int choose_versions(Sync *sync, usec_t until, Error *err)
{
        const TagPicks *moved = &sync->survey.moved;
        int r = sync->next_chosen == 0 ? choose_heads(sync, err) : 0;

        while (sync->next_chosen < moved->n && r >= 0) {
                r = choose_moved(sync, err);
                if (r >= 0 && sync->next_chosen < moved->n && time_monotonic() >= until)
                        return 1;
        }
        if (r < 0)
                return r;
        plan_versions_settle_others(&sync->versions);
        sync->owes_versions = sync->component->owes_versions = true;
        return 0;
}

/* True in the first of several rounds. After a change of rules all rows are compared at once,
 * because drafts resolve ranges from these rows. */
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

static int plan_versions(Sync *sync, usec_t until, Error *err)
{
        const VersionKeep keep = { .max = sync->component->spec->max_versions,
                                   .used = &sync->used };
        int r;

        if (sync->versions_dropped)
                return compare_rows(sync, until, err);
        if (!sync->versions_named) {
                r = plan_versions_names(&sync->tags, until, &sync->versions, err);
                if (r != 0)
                        return r;
                sync->versions_named = true;
                if (is_first_of_rounds(sync))
                        sync->versions_chosen = true;
                else
                        r = read_used(sync, err);
                return r < 0 ? r : 1;
        }
        if (sync->versions_chosen)
                return choose_versions(sync, until, err);
        r = plan_versions_drop(&sync->tags, &keep, until, &sync->versions, err);
        sync->versions_dropped = r == 0;
        return r < 0 ? r : 1;
}

int sync_plan_versions(Sync *sync, usec_t until, Error *err)
{
        return sync_slice(plan_versions(sync, until, err), err);
}

void sync_forget_versions(Sync *sync)
{
        version_plan_done(&sync->versions);
        map_done(&sync->used);
        sync->versions_named = sync->versions_dropped = sync->versions_chosen = false;
        sync->next_chosen = 0;
        sync->versions_after = (VersionCursor){ 0 };
        sync->next_put = sync->next_delete = 0;
}
