#pragma once

/* The order in which the digests of tags are requested: first those that decide the heads, then the
 * others, newest first. Pure. */

#include "base/sort.h"
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

/* Tags, newest first. {0} is an empty one. */
typedef struct TagOrder {
        Sorting sorting; /* pointers into the set, which must not change meanwhile */
        size_t next;
        bool is_filled;
} TagOrder;

/* Fills it with the tags for which chosen() is true. -ENOMEM. */
int tag_order_fill(TagOrder *order, const TagSet *set, bool (*chosen)(const TagState *state));
/* Sorts until the monotonic time until. Returns 1 if there is more to do. */
int tag_order_sort(TagOrder *order, usec_t until);
/* Takes the newest tag out. NULL if none is left. */
TagState *tag_order_take(TagOrder *order);
void tag_order_done(TagOrder *order);

/* True for tags whose digest is to be requested. */
bool tag_state_is_pending(const TagState *state);

/* resolve: {newest: N}: no digest is requested for tags beyond the newest N of each channel. */
typedef struct TagLimit {
        TagOrder order; /* all tags that count, newest first */
        Map counts;     /* channel -> size_t: how many of its tags were seen */
        Arena arena;    /* memory of the counts */
        bool has_begun;
} TagLimit;

/* Works until the monotonic time until, and returns 1 if there is more to do. A limit begins as
 * {0}; newest is above 0. -ENOMEM. */
int tag_limit_apply(TagLimit *limit, TagSet *set, size_t newest, usec_t until);
void tag_limit_done(TagLimit *limit);
