/* Requests and receives the list of tags. Finds the tags to request even if the list is unchanged.
 */

#include <errno.h>

#include "base/limits.h"
#include "sync/sync.h"

static int add_watched(Sync *sync, Map *seen, const char *tag)
{
        int r;

        if (!tag)
                return 0;
        r = map_put(seen, tag, sync, NULL);
        if (r > 0)
                sync->watched[sync->n_watched++] = tag;
        return r;
}

/* Finds the tags to request. Heads and tags of live releases are requested in every pass. Each pass
 * also requests some other tags, those that waited longest first. Their number is such that every
 * tag is requested within the recheck interval. */
static int find_watched(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        Store *store = component->poller->control->store;
        const char *id = component->id.text;
        usec_t now = time_monotonic(),
               recheck = component->poller->control->options.recheck_interval;
        usec_t since = component->rechecked_at > 0 ? now - component->rechecked_at : 0;
        _cleanup_(map_done) Map seen = { 0 };
        DueTags due = { 0 };
        size_t n_due;
        int r;

        n_due = (size_t)((double)component->state.n_tags * (double)MIN(since, recheck) /
                         (double)MAX(recheck, 1U));
        r = store_channels(store, id, &sync->arena, &sync->channels, err);
        if (r >= 0)
                r = store_live_tags(store, id, &sync->arena, &sync->live, err);
        if (r >= 0 && n_due > 0)
                r = store_due_tags(store, id,
                                   &(DueFilter){ time_wall() - MIN(recheck, time_wall()), n_due },
                                   &sync->arena, &due, err);
        if (r < 0)
                return r;
        if (n_due > 0 || component->rechecked_at == 0)
                component->rechecked_at = now;
        sync->watched = arena_alloc_array(&sync->arena, sync->channels.n + sync->live.n + due.n + 1,
                                          sizeof(*sync->watched));
        if (!sync->watched)
                return error_oom(err);
        for (size_t i = 0; i < sync->channels.n && r >= 0; i++)
                r = add_watched(sync, &seen, sync->channels.items[i].tag);
        sync->n_watched_heads = sync->n_watched;
        for (size_t i = 0; i < sync->live.n && r >= 0; i++)
                r = add_watched(sync, &seen, sync->live.items[i].tag);
        sync->n_urgent = sync->n_watched;
        for (size_t i = 0; i < due.n && r >= 0; i++)
                r = add_watched(sync, &seen, due.items[i]);
        return r < 0 ? error_oom(err) : 0;
}

static int take_list(Sync *sync, const TagList *list, Error *err)
{
        ComponentState *component = sync->component;
        int r;

        if (!list->unchanged && !schedule_take_turn(component, list->n_tags))
                return sync_ends(sync, SYNC_ENDS_UNTIL_TURN);
        memcpy(sync->list_digest, list->digest, sizeof(sync->list_digest));
        memcpy(sync->list_etag, list->etag, sizeof(sync->list_etag));
        sync->list_stale = list->stale;
        sync->listed_anew = !list->unchanged;
        component->list_with_digests = list->with_digests;
        r = find_watched(sync, err);
        if (r < 0)
                return r;
        if (list->unchanged && list->with_digests)
                /* nothing to request: the list has the digests of all tags */
                sync->n_watched = sync->n_watched_heads = sync->n_urgent = 0;
        if (list->unchanged)
                return sync_to(sync, SYNC_RESOLVE);
        sync->n_rejected = list->n_rejected;
        if (list->first_rejected)
                sync->rejected = arena_strdup(&sync->arena, list->first_rejected);
        if (list->warning)
                sync->list_warning = arena_strdup(&sync->arena, list->warning);
        sync->listed = *list->owned;
        *list->owned = (ListedTags){ 0 };
        return sync_to(sync, SYNC_TAGS);
}

/* Takes the turn of large passes, and requests the complete list. */
static int read_large(Sync *sync, Error *err)
{
        int r;

        if (!schedule_take_turn(sync->component, SYNC_LARGE + 1))
                return sync_ends(sync, SYNC_ENDS_UNTIL_TURN);
        r = sync_list(sync, (ListQuestion){ 0 }, err);
        return r < 0 ? r : SYNC_WAIT;
}

static void on_tags(const TagList *list, const Error *error, void *userdata)
{
        Sync *sync = userdata;
        _cleanup_(error_done) Error own = { 0 };

        sync->list_call = NULL;
        if (error && error->code == TAGS_TOO_MANY)
                sync_go_on(sync, read_large(sync, &own), &own);
        else if (error)
                sync_go_on(sync, -EIO, error);
        else
                sync_go_on(sync, take_list(sync, list, &own), &own);
}

int sync_list(Sync *sync, ListQuestion question, Error *err)
{
        ComponentState *component = sync->component;

        /* two large lists would take too much memory, as two large passes would */
        question.n_max = component->turn.holds ? 0 : SYNC_LARGE;
        return registry_list_tags(component->registry->client, component->repository, &question,
                                  (TagsReceiver){ on_tags, sync }, &sync->list_call, err);
}

int sync_wait_for_list(Sync *sync, usec_t until, Error *err)
{
        (void)sync, (void)until, (void)err;
        return SYNC_WAIT;
}
