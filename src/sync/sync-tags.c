/* Builds the set of tags of a pass from stored and listed tags, and applies the rules, in slices.
 */

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

/* Continues as if the list was unchanged, because the rules are too slow. Stored facts stay
 * unchanged, and live releases are still checked for drift. */
static int give_up(Sync *sync, Error *err)
{
        sync->gave_up = arena_strdup(&sync->arena, sync->tags.gave_up);
        tag_set_done(&sync->tags);
        sync->have_tags = false;
        return sync->gave_up ? 0 : error_oom(err);
}

/* --- stages ----------------------------------------------------------------------------------- */

int sync_begin_tags(Sync *sync, usec_t until, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        int r;

        (void)until;
        /* with an unchanged list, the pass holds no tags before this stage */
        if (!schedule_take_turn(component, sync->listed.n))
                return sync_ends(sync, SYNC_ENDS_UNTIL_TURN);
        sync->input = (TagSetInput){
                .max = SYNC_TAGS_MAX,
                .assigned = &sync->assigned,
                .stale = sync->list_stale,
                .resolve_all = sync->force_refresh,
                .listed = sync->listed_anew ? &sync->listed : NULL,
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
        return SYNC_NEXT;
}

int sync_add_known(Sync *sync, usec_t until, Error *err)
{
        const TagSource source = { sync->component->poller->control->store,
                                   sync->component->id.text };

        return sync_slice(tag_set_load(&sync->tags, &sync->input, source, until, &sync->arena, err),
                          err);
}

int sync_add_listed(Sync *sync, usec_t until, Error *err)
{
        return sync_slice(tag_set_add_listed(&sync->tags, &sync->input, until, err), err);
}

int sync_apply_rules(Sync *sync, usec_t until, Error *err)
{
        int r = tag_set_classify(&sync->tags, &sync->input, sync->component->policy, until,
                                 &sync->arena, err);

        if (r != 0 || !sync->tags.gave_up)
                return sync_slice(r, err);
        r = give_up(sync, err);
        return r < 0 ? r : sync_to(sync, SYNC_LATE);
}

int sync_limit_tags(Sync *sync, usec_t until, Error *err)
{
        int64_t newest = sync->component->resolve_newest;
        int r = newest > 0 ? tag_limit_apply(&sync->limit, &sync->tags, (size_t)newest, until) : 0;

        if (r == 0)
                tag_limit_done(&sync->limit);
        return sync_slice(r, err);
}

static int visit_listed(TagState *state, void *userdata)
{
        const SyncWalk *walk = userdata;

        return take_digest(walk->sync, state, walk->err);
}

/* Takes the digests that the list has, which need no requests. */
int sync_take_listed(Sync *sync, usec_t until, Error *err)
{
        return sync_walk(sync, visit_listed, until, err);
}
