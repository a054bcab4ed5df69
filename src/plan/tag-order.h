#pragma once

/* The order in which the digests of tags are requested: first those that decide the heads, then the
 * others, newest first. Pure. */

#include "plan/tag-set.h"

typedef struct TagStates {
        TagState **items;
        size_t n;
} TagStates;

/* Finds the tags that decide the heads next: in each channel the newest tag that may be a head, if
 * its digest was not requested yet, and newer tags whose last request failed. Empty if the heads
 * are decided. Call it again after the tags were evaluated: the newest one may have been ruled
 * out. The array is in the arena. -ENOMEM. */
int tag_order_heads(const TagSet *set, Arena *arena, TagStates *ret);

/* A heap of tags that returns the newest first. */
typedef struct TagHeap {
        uint32_t *items; /* positions in the set; malloc()ed */
        size_t n;
        size_t n_loose; /* positions that are not in order yet */
} TagHeap;

/* Fills the heap with the tags for which chosen() is true. -ENOMEM. */
int tag_heap_fill(TagHeap *heap, const TagSet *set, bool (*chosen)(const TagState *state));
/* Orders the heap until the monotonic time until. Returns 1 if there is more to do. */
int tag_heap_order(TagHeap *heap, const TagSet *set, usec_t until);
/* Takes the newest tag out. NULL if the heap is empty. */
TagState *tag_heap_take(TagHeap *heap, const TagSet *set);
void tag_heap_done(TagHeap *heap);

/* True for tags whose digest is to be requested. */
bool tag_state_is_pending(const TagState *state);

/* resolve: {newest: N}: no digest is requested for tags beyond the newest N of each channel. */
typedef struct TagLimit {
        TagHeap heap; /* of all tags that count */
        Map counts;   /* channel -> size_t: how many of its tags were seen */
        Arena arena;  /* of the counts */
        bool has_begun;
} TagLimit;

/* Works until the monotonic time until, and returns 1 if there is more to do. A limit begins as
 * {0}; newest is above 0. -ENOMEM. */
int tag_limit_apply(TagLimit *limit, TagSet *set, size_t newest, usec_t until);
void tag_limit_done(TagLimit *limit);
