/* Decides the order in which a pass requests digests.
 *
 * The tags of live releases do not decide the heads. If no stored tag has moved, a pass requests
 * them after it has committed the heads.
 *
 * A pass with more than a few digests to request works in rounds. The first round requests the tags
 * that decide the heads. sync_finish() then commits the heads, drafts and streams continue, and the
 * tags of live releases are requested. The later rounds run in the background. They request the
 * tags that are due for a recheck, then all others, newest first. Each round ends like a pass:
 * rows, version map and state are complete for the tags that have a digest by then. The state
 * records that the list was not read to its end. So the next pass requests the missing digests,
 * also after a restart. */

#include "base/limits.h"
#include "sync/sync.h"

/* so few requests do not delay the heads: they are sent at the same time */
#define AT_ONCE 16
/* number of further rounds for the heads with one tag of each channel; later ones have several */
#define TRIES_ALONE 4
#define TRIES_MAX   24

/* True if the heads depend on all digests:
 * - the order is that of build times,
 * - all digests are requested (force_refresh), or
 * - no head is old enough yet, and a new tag may be the alias of an older digest. */
static bool needs_all(const Sync *sync)
{
        const ComponentSpec *spec = sync->component->spec;

        return sync->force_refresh || spec->versioning_strategy.order_by == ORDER_BY_CREATED ||
               (spec->minimum_age > 0 && sync->channels.n == 0);
}

static int visit_pending(TagState *state, void *userdata)
{
        Sync *sync = ((const SyncWalk *)userdata)->sync;

        if (!state->assigned)
                sync->listed_first_at = MIN(sync->listed_first_at, state->first_seen_at);
        sync->n_pending += state->resolve;
        return 0;
}

int sync_count_pending(Sync *sync, usec_t until, Error *err)
{
        if (sync->at == 0)
                sync->listed_first_at = USEC_INFINITY;
        return sync_walk(sync, visit_pending, until, err);
}

/* Decides whether the pass works in rounds. */
int sync_first_heads(Sync *sync, usec_t until, Error *err)
{
        int r;

        if (needs_all(sync)) {
                sync->asks_live = true;
                return SYNC_NEXT;
        }
        if (sync->n_pending + (sync->n_watched - MAX(sync->n_urgent, sync->next_watched)) <=
            AT_ONCE)
                return SYNC_NEXT;
        r = tag_order_heads(&sync->heads, &sync->tags, until, &sync->arena, &sync->first);
        sync->is_phased = r == 0;
        return sync_slice(r, err);
}

/* --- next digest ------------------------------------------------------------------------------ */

static const char *take(Sync *sync, TagState *state)
{
        if (state->resolve)
                sync->n_pending--;
        state->resolve = false;
        return state->tag;
}

/* Returns the number of watched tags that are requested before the next commit. */
static size_t count_watched(const Sync *sync)
{
        if (!sync->asks_live)
                return sync->n_watched_heads;
        return sync->is_phased && !sync->component->in_background ? sync->n_urgent
                                                                  : sync->n_watched;
}

const char *sync_next_watched(Sync *sync)
{
        size_t n = count_watched(sync);

        while (sync->next_watched < n) {
                const char *tag = sync->watched[sync->next_watched++];
                TagState *state = sync->have_tags ? tag_set_find(&sync->tags, tag) : NULL;

                if (!state)
                        return tag;
                if (!state->list_told && !tag_state_is_gone(state))
                        return take(sync, state);
        }
        return NULL;
}

static const char *next_in_set(Sync *sync)
{
        while (sync->n_pending > 0 && sync->next_tag < sync->tags.n) {
                TagState *state = &sync->tags.items[sync->next_tag++];

                if (state->resolve)
                        return take(sync, state);
        }
        return NULL;
}

static const char *next_in_round(Sync *sync)
{
        while (sync->next_first < sync->first.n) {
                TagState *state = sync->first.items[sync->next_first++];

                if (state->resolve)
                        return take(sync, state);
        }
        while (sync->round_left > 0) {
                TagState *state = tag_order_take(&sync->rest);

                if (!state)
                        return NULL;
                if (!state->resolve)
                        continue;
                sync->round_left--;
                return take(sync, state);
        }
        return NULL;
}

const char *sync_next_tag(Sync *sync)
{
        const char *tag = sync_next_watched(sync);

        if (tag || !sync->have_tags)
                return tag;
        return sync->is_phased ? next_in_round(sync) : next_in_set(sync);
}

bool sync_has_rest(const Sync *sync)
{
        return sync->is_phased &&
               (sync->n_pending > 0 || MAX(sync->next_watched, sync->n_urgent) < sync->n_watched);
}

/* --- rounds ----------------------------------------------------------------------------------- */

/* Returns to the requests if a move waits for a permission: a digest that was deleted may then be
 * the head. */
static int after_heads(Sync *sync)
{
        if (sync->asks_live)
                return SYNC_NEXT;
        sync->asks_live = sync->moves.n > 0;
        return sync_to(sync, sync->asks_live ? SYNC_RESOLVE : SYNC_DOWNGRADE);
}

/* Adds another round for the heads if tags were ruled out. Skips the comparison of live digests in
 * the background, because it runs once in a pass, and while the heads do not wait for it. */
int sync_more_heads(Sync *sync, usec_t until, Error *err)
{
        int r;

        if (sync->component->in_background)
                return sync_to(sync, SYNC_DOWNGRADE);
        if (!sync->is_phased)
                return after_heads(sync);
        r = tag_order_heads(&sync->heads, &sync->tags, until, &sync->arena, &sync->first);
        if (r != 0)
                return sync_slice(r, err);
        sync->next_first = 0;
        if (sync->first.n == 0)
                return after_heads(sync);
        /* after many rounds without a head, each round requests more tags */
        if (sync->n_tries < TRIES_MAX && ++sync->n_tries > TRIES_ALONE)
                sync->round_left = (size_t)AT_ONCE << (sync->n_tries - TRIES_ALONE);
        return sync_to(sync, SYNC_SORT);
}

int sync_sort_rest(Sync *sync, usec_t until, Error *err)
{
        if (sync->round_left == 0)
                return SYNC_NEXT;
        return sync_slice(tag_order_step(&sync->rest, &sync->tags, tag_state_is_pending, until),
                          err);
}
