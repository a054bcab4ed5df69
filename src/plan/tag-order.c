#include "plan/tag-order.h"

#include <errno.h>
#include <stdlib.h>

#define LIMIT_ARENA_MAX ((size_t)64 * 1024 * 1024) /* bytes of the counts: one for each channel */
#define LOOKS_AT_CLOCK  256                        /* steps between two reads of the clock */

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

int tag_order_heads(const TagSet *set, Arena *arena, TagStates *ret)
{
        _cleanup_(map_done) Map newest = { 0 };
        size_t n_failed = 0;

        *ret = (TagStates){ 0 };
        if (tag_set_newest_of(set, may_head, &newest) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++)
                n_failed += has_failed(&set->items[i]);
        ret->items = arena_alloc_array(arena, newest.n + n_failed + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        map_foreach (&newest, entry) {
                TagState *state = entry->value;

                if (state->resolve)
                        ret->items[ret->n++] = state;
        }
        for (size_t i = 0; i < set->n && n_failed > 0; i++) {
                TagState *state = &set->items[i];
                const TagState *best;

                if (!has_failed(state) || !state->eligible)
                        continue;
                best = map_get(&newest, state->channel);
                if (!best || tag_state_compare(state, best) > 0)
                        ret->items[ret->n++] = state;
        }
        return 0;
}

/* --- newest first ----------------------------------------------------------------------------- */

static int newer_first(const void *a, const void *b)
{
        return tag_state_compare(b, a);
}

int tag_order_fill(TagOrder *order, const TagSet *set, bool (*chosen)(const TagState *state))
{
        size_t n = 0;

        for (size_t i = 0; i < set->n; i++)
                n += chosen(&set->items[i]);
        *order = (TagOrder){ 0 };
        if (sorting_init(&order->sorting, n) < 0)
                return -ENOMEM;
        order->is_filled = true;
        n = 0;
        for (size_t i = 0; i < set->n && n < order->sorting.n; i++)
                if (chosen(&set->items[i]))
                        order->sorting.items[n++] = &set->items[i];
        return 0;
}

int tag_order_sort(TagOrder *order, usec_t until)
{
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

static int limit_begin(TagLimit *limit, const TagSet *set)
{
        if (limit->has_begun)
                return 0;
        arena_init(&limit->arena, LIMIT_ARENA_MAX);
        limit->has_begun = true;
        return tag_order_fill(&limit->order, set, counts);
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
        int r = limit_begin(limit, set);

        if (r != 0)
                return r;
        r = tag_order_sort(&limit->order, until);
        if (r != 0)
                return r;
        for (size_t n = 1;; n++) {
                TagState *state = tag_order_take(&limit->order);

                if (!state)
                        return 0;
                if (limit_one(limit, state, newest) < 0)
                        return -ENOMEM;
                if (n % LOOKS_AT_CLOCK == 0 && time_monotonic() >= until)
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
