/* The set of tags of a pass: what is known and listed, then what the rules say of each, in slices
 * of the loop. */

#include <stdlib.h>

#include "base/log.h"
#include "reconcile/sync.h"

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
                if (!state->listed_digest || (!state->is.eligible && !state->record.digest))
                        continue;
                state->resolve = false;
                state->list_told = true;
                if (str_equal(state->record.digest, state->listed_digest) && !state->record.problem)
                        continue;
                r = sync_is_flip(sync, &state->record, state->listed_digest, err);
                if (r < 0)
                        return r;
                if (r > 0) {
                        state->listed_digest = NULL;
                        continue;
                }
                r = tag_set_resolved(state, state->listed_digest, time_wall(), &sync->arena);
                if (r < 0)
                        return error_oom(err);
                state->record.pushed_at = state->listed_pushed_at;
                state->listed_digest = NULL;
                sync->n_resolved++;
                sync->n_moved += r > 0;
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
static int classify(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        usec_t until = time_monotonic() + SYNC_SLICE;
        int r;

        if (!sync->classified) {
                r = tag_set_classify(&sync->tags, &sync->input, component->policy, until,
                                     &sync->arena, err);
                if (r != 0)
                        return r;
                if (sync->tags.gave_up)
                        return give_up(sync, err);
                sync->classified = true;
        }
        return take_listed(sync, until, err);
}

/* A timer that has run out, as with on_slice() in sync.c. */
static int on_classify(sd_event_source *source, usec_t usec, void *userdata)
{
        Sync *sync = userdata;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        r = classify(sync, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        sync->next_classify = sd_event_source_disable_unref(sync->next_classify);
        if (r < 0)
                sync_end(sync, &error);
        else
                sync_feed(sync);
        return 0;
}

int sync_build_tags(Sync *sync, const TagList *list, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        int r;

        sync->input = (TagSetInput){
                .known = &sync->known,
                .assigned = &sync->assigned,
                .has_list = list != NULL,
                .stale = list && list->stale,
                .resolve_all = sync->force_refresh,
                .listed = list ? list->tags : NULL,
                .n_listed = list ? list->n_tags : 0,
                .accept_shrunk = component->state.held_since > 0 &&
                                 now - MIN(now, component->state.held_since) >
                                         component->reconciler->options.recheck_interval,
                .now = now,
        };
        r = store_tags(component->reconciler->store, component->id.text, &sync->arena, &sync->known,
                       err);
        if (r >= 0)
                r = store_assignments(component->reconciler->store, component->id.text,
                                      &sync->arena, &sync->assigned, err);
        if (r >= 0)
                r = tag_set_begin(&sync->tags, &sync->input, component->policy, &sync->arena, err);
        if (r < 0)
                return r;
        sync->have_tags = true;
        free(sync->listed.items); /* the texts stay */
        sync->listed.items = NULL;
        sync->input.listed = NULL;
        sync->classified = false;
        sync->next_listed = 0;
        r = classify(sync, err);
        if (r <= 0)
                return r;
        r = sd_event_add_time(component->reconciler->event, &sync->next_classify, CLOCK_MONOTONIC,
                              0, 1, on_classify, sync);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}
