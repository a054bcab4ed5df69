#include "plan/tag-order.h"

#include <errno.h>
#include <stdlib.h>

/* maximum memory of the counts; each channel has one */
#define LIMIT_ARENA_MAX ((size_t)64 * 1024 * 1024)

bool tag_state_is_pending(const TagState *state)
{
        return state->resolve;
}

/* --- heads ------------------------------------------------------------------------------------ */

static bool has_failed(const TagState *state)
{
        return state->resolve && state->extra && state->extra->problem;
}

static bool may_head(const TagState *state)
{
        if (!state->resolve)
                return tag_state_is_candidate(state);
        return state->eligible && !has_failed(state);
}

static int heads_visit(TagState *state, void *userdata)
{
        TagHeads *heads = userdata;

        if (has_failed(state) && state->eligible && tag_picks_add(&heads->failed, state) < 0)
                return -ENOMEM;
        return tag_newest_visit(&heads->newest, state);
}

static int heads_collect(const TagHeads *heads, Arena *arena, TagStates *ret)
{
        *ret = (TagStates){ .items = arena_alloc_array(
                                    arena, heads->newest.channels.n + heads->failed.n + 1,
                                    sizeof(*ret->items)) };
        if (!ret->items)
                return -ENOMEM;
        map_foreach (&heads->newest.channels, entry) {
                TagState *state = entry->value;

                if (state->resolve)
                        ret->items[ret->n++] = state;
        }
        for (size_t i = 0; i < heads->failed.n; i++) {
                TagState *state = heads->failed.items[i];
                const TagState *best = map_get(&heads->newest.channels, state->channel);

                if (!best || tag_state_compare(state, best) > 0)
                        ret->items[ret->n++] = state;
        }
        return 0;
}

int tag_order_heads(TagHeads *heads, const TagSet *set, usec_t until, Arena *arena, TagStates *ret)
{
        int r;

        heads->newest.may_head = may_head;
        r = tag_walk(set, &heads->next, heads_visit, heads, until);
        if (r == 0)
                r = heads_collect(heads, arena, ret);
        if (r == 0)
                tag_heads_done(heads);
        return r;
}

void tag_heads_done(TagHeads *heads)
{
        tag_newest_done(&heads->newest);
        free(heads->failed.items);
        *heads = (TagHeads){ 0 };
}

/* --- newest first ----------------------------------------------------------------------------- */

static int newer_first(const void *a, const void *b)
{
        return tag_state_compare(b, a);
}

static int count_visit(TagState *state, void *userdata)
{
        TagOrder *order = userdata;

        order->n_chosen += order->chosen(state);
        return 0;
}

static int fill_visit(TagState *state, void *userdata)
{
        TagOrder *order = userdata;

        if (order->chosen(state))
                order->sorting.items[order->n_filled++] = state;
        return 0;
}

/* Counts the chosen tags, then fills the array. Returns 1 if there is more to do. */
static int order_fill(TagOrder *order, const TagSet *set, usec_t until)
{
        int r;

        if (!order->sorting.items) {
                r = tag_walk(set, &order->next_counted, count_visit, order, until);
                if (r != 0)
                        return r;
                if (sorting_init(&order->sorting, order->n_chosen) < 0)
                        return -ENOMEM;
        }
        r = tag_walk(set, &order->next_added, fill_visit, order, until);
        order->is_filled = r == 0;
        return r;
}

int tag_order_step(TagOrder *order, const TagSet *set, bool (*chosen)(const TagState *state),
                   usec_t until)
{
        int r;

        order->chosen = chosen;
        if (!order->is_filled) {
                r = order_fill(order, set, until);
                if (r != 0)
                        return r;
        }
        return sorting_step(&order->sorting, newer_first, until);
}

TagState *tag_order_take(TagOrder *order)
{
        return order->next < order->sorting.n ? order->sorting.items[order->next++] : NULL;
}

void tag_order_done(TagOrder *order)
{
        sorting_done(&order->sorting);
        *order = (TagOrder){ 0 };
}

/* --- the newest of each channel --------------------------------------------------------------- */

static bool counts(const TagState *state)
{
        return state->eligible && state->missing == 0 && !state->assigned;
}

static int limit_one(TagLimit *limit, TagState *state, size_t newest)
{
        size_t *count = map_get(&limit->counts, state->channel);

        if (!count) {
                count = arena_alloc(&limit->arena, sizeof(*count));
                if (!count || map_put(&limit->counts, state->channel, count, NULL) < 0)
                        return -ENOMEM;
        }
        if (++*count > newest)
                state->resolve = false;
        return 0;
}

int tag_limit_apply(TagLimit *limit, TagSet *set, size_t newest, usec_t until)
{
        int r;

        if (!limit->has_begun)
                arena_init(&limit->arena, LIMIT_ARENA_MAX);
        limit->has_begun = true;
        r = tag_order_step(&limit->order, set, counts, until);
        if (r != 0)
                return r;
        for (size_t n = 1;; n++) {
                TagState *state = tag_order_take(&limit->order);

                if (!state)
                        return 0;
                if (limit_one(limit, state, newest) < 0)
                        return -ENOMEM;
                if (time_is_up(n, until))
                        return 1;
        }
}

void tag_limit_done(TagLimit *limit)
{
        tag_order_done(&limit->order);
        map_done(&limit->counts);
        if (limit->has_begun)
                arena_done(&limit->arena);
        *limit = (TagLimit){ 0 };
}
