#include "plan/tag-order.h"

#include <errno.h>
#include <stdlib.h>

#define LIMIT_ARENA_MAX ((size_t)64 * 1024 * 1024) /* a count for each channel */
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

static bool is_newer(const TagHeap *heap, const TagSet *set, size_t a, size_t b)
{
        return tag_state_compare(&set->items[heap->items[a]], &set->items[heap->items[b]]) > 0;
}

static void sink(TagHeap *heap, const TagSet *set, size_t at)
{
        for (;;) {
                size_t child = 2 * at + 1;
                uint32_t item;

                if (child >= heap->n)
                        return;
                if (child + 1 < heap->n && is_newer(heap, set, child + 1, child))
                        child++;
                if (!is_newer(heap, set, child, at))
                        return;
                item = heap->items[at];
                heap->items[at] = heap->items[child];
                heap->items[child] = item;
                at = child;
        }
}

int tag_heap_fill(TagHeap *heap, const TagSet *set, bool (*chosen)(const TagState *state))
{
        size_t n = 0;

        for (size_t i = 0; i < set->n; i++)
                n += chosen(&set->items[i]);
        *heap = (TagHeap){ .items = calloc(n + 1, sizeof(*heap->items)) };
        if (!heap->items)
                return -ENOMEM;
        for (size_t i = 0; i < set->n && heap->n < n; i++)
                if (chosen(&set->items[i]))
                        heap->items[heap->n++] = (uint32_t)i;
        heap->n_loose = heap->n / 2;
        return 0;
}

int tag_heap_order(TagHeap *heap, const TagSet *set, usec_t until)
{
        while (heap->n_loose > 0) {
                sink(heap, set, --heap->n_loose);
                if (heap->n_loose % LOOKS_AT_CLOCK == 0 && time_monotonic() >= until)
                        break;
        }
        return heap->n_loose > 0;
}

TagState *tag_heap_take(TagHeap *heap, const TagSet *set)
{
        TagState *state;

        if (heap->n == 0)
                return NULL;
        state = &set->items[heap->items[0]];
        heap->items[0] = heap->items[--heap->n];
        sink(heap, set, 0);
        return state;
}

void tag_heap_done(TagHeap *heap)
{
        free(heap->items);
        *heap = (TagHeap){ 0 };
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
        return tag_heap_fill(&limit->heap, set, counts);
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
        r = tag_heap_order(&limit->heap, set, until);
        if (r != 0)
                return r;
        for (size_t n = 1;; n++) {
                TagState *state = tag_heap_take(&limit->heap, set);

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
        tag_heap_done(&limit->heap);
        map_done(&limit->counts);
        if (limit->has_begun)
                arena_done(&limit->arena);
        *limit = (TagLimit){ 0 };
}
