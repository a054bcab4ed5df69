/* The set of tags of a pass: what is known and listed, then what the rules say of each, in slices
 * of the loop. */

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "plan/tag-load.h"
#include "sync/sync.h"

static int take_digest(Sync *sync, TagState *state, Error *err)
{
        bool is_new = state->only_listed;
        const char *digest = tag_state_take_listed(state);
        TagRecord known;
        int r;

        if (!digest)
                return 0;
        known = tag_state_record(state);
        r = sync_is_flip(sync, &known, digest, err);
        if (r != 0)
                return MIN(r, 0);
        r = tag_set_resolved_by_list(state, digest, time_wall(), &sync->arena);
        if (r < 0)
                return error_oom(err);
        if (!is_new)
                state->pushed_at = state->extra->listed_pushed_at;
        sync->n_resolved++;
        sync->n_moved += r > 0;
        return 0;
}

/* What the list itself says of digests need not be asked for. 1 if it is not done yet. */
static int take_listed(Sync *sync, usec_t until, Error *err)
{
        while (sync->next_listed < sync->tags.n) {
                TagState *state = &sync->tags.items[sync->next_listed++];
                int r;

                if (sync->next_listed % 256 == 0 && time_monotonic() >= until) {
                        sync->next_listed--;
                        return 1;
                }
                r = take_digest(sync, state, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Nothing that was known changes: the pass goes on as one that finds the list unchanged, so that
 * live releases are still checked for drift. */
static int give_up(Sync *sync, Error *err)
{
        sync->gave_up = arena_strdup(&sync->arena, sync->tags.gave_up);
        tag_set_done(&sync->tags);
        sync->have_tags = false;
        return sync->gave_up ? 0 : error_oom(err);
}

/* 1 if it is not done yet. */
static int limit_tags(Sync *sync, usec_t until, Error *err)
{
        int64_t newest = sync->component->resolve_newest;
        int r = newest > 0 ? tag_limit_apply(&sync->limit, &sync->tags, (size_t)newest, until) : 0;

        if (r == 0)
                tag_limit_done(&sync->limit);
        return r < 0 ? error_oom(err) : r;
}

static int build_step(Sync *sync, usec_t until, Error *err)
{
        const TagSource source = { sync->component->poller->control->store,
                                   sync->component->id.text };

        switch (sync->build) {
        case SYNC_BUILD_KNOWN:
                return tag_set_load(&sync->tags, &sync->input, source, until, &sync->arena, err);
        case SYNC_BUILD_LISTED: return tag_set_add_listed(&sync->tags, &sync->input, until, err);
        case SYNC_BUILD_RULES:
                return tag_set_classify(&sync->tags, &sync->input, sync->component->policy, until,
                                        &sync->arena, err);
        case SYNC_BUILD_LIMIT: return limit_tags(sync, until, err);
        case SYNC_BUILD_DIGESTS: return take_listed(sync, until, err);
        case SYNC_BUILD_DONE: break;
        }
        return 0;
}

/* 1 if it is not done yet. */
static int build(Sync *sync, usec_t until, Error *err)
{
        while (sync->build != SYNC_BUILD_DONE) {
                int r = build_step(sync, until, err);

                if (r != 0)
                        return r;
                if (sync->build == SYNC_BUILD_RULES && sync->tags.gave_up) {
                        sync->build = SYNC_BUILD_DONE;
                        return give_up(sync, err);
                }
                sync->build++;
        }
        return 0;
}

/* A timer that has run out, as with on_slice() in sync.c. */
static int on_build(sd_event_source *source, usec_t usec, void *userdata)
{
        Sync *sync = userdata;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        r = build(sync, time_monotonic() + SYNC_SLICE, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        sync->next_build = sd_event_source_disable_unref(sync->next_build);
        if (r < 0)
                sync_end(sync, &error);
        else
                sync->built(sync);
        return 0;
}

/* Without a list an answer waits for the tags: then their names are known when it returns. */
static int build_first(Sync *sync, Error *err)
{
        int r = 0;

        while (!sync->input.listed && sync->build <= SYNC_BUILD_LISTED && r >= 0) {
                r = build_step(sync, USEC_INFINITY, err);
                sync->build++;
        }
        return r < 0 ? r : build(sync, time_monotonic() + SYNC_SLICE, err);
}

int sync_build_tags(Sync *sync, const TagList *list, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        int r;

        sync->input = (TagSetInput){
                .max = SYNC_TAGS_MAX,
                .assigned = &sync->assigned,
                .stale = list && list->stale,
                .resolve_all = sync->force_refresh,
                .listed = list ? &sync->listed : NULL,
                .accept_shrunk = component->state.held_since > 0 &&
                                 now - MIN(now, component->state.held_since) >
                                         component->poller->control->options.recheck_interval,
                .now = now,
        };
        r = store_assignments(component->poller->control->store, component->id.text, &sync->arena,
                              &sync->assigned, err);
        if (r >= 0)
                r = tag_set_begin(&sync->tags, &sync->input, component->policy, err);
        if (r < 0)
                return r;
        sync->have_tags = true;
        sync->build = SYNC_BUILD_KNOWN;
        sync->next_listed = 0;
        r = build_first(sync, err);
        if (r <= 0)
                return r;
        r = sd_event_add_time(component->poller->control->event, &sync->next_build, CLOCK_MONOTONIC,
                              0, 1, on_build, sync);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}
