#pragma once

/* The order in which the digests of tags are requested: first those that decide the heads, then the
 * others, newest first. Pure. */

#include "base/sort.h"
#include "plan/tag-walk.h"

typedef struct TagStates {
        TagState **items;
        size_t n;
} TagStates;

/* A search for the tags that decide the heads. It is {0} at first, and again after its end. */
typedef struct TagHeads {
        TagNewest newest;
        TagPicks failed; /* tags whose last request failed */
        size_t next;
} TagHeads;

/* Finds the tags that decide the heads next: in each channel the newest tag that may be a head, if
 * its digest was not requested yet, and newer tags whose last request failed. Empty if the heads
 * are decided. Call it again after the tags were evaluated: the newest one may have been ruled out.
 * Works until the monotonic time until, and returns 1 if there is more to do. At the end the array
 * is in the arena. -ENOMEM. */
int tag_order_heads(TagHeads *heads, const TagSet *set, usec_t until, Arena *arena, TagStates *ret);
void tag_heads_done(TagHeads *heads);

/* A list of tags, newest first. {0} is an empty list. */
typedef struct TagOrder {
        Sorting sorting; /* pointers into the set, which must not change meanwhile */
        size_t next;
        bool is_filled;
        bool (*chosen)(const TagState *state);
        /* positions while the list is filled */
        size_t next_counted, n_chosen, next_added, n_filled;
} TagOrder;

/* Fills the list with the tags for which chosen() is true, and sorts them. Works until the
 * monotonic time until. Returns 1 if there is more to do. -ENOMEM. */
int tag_order_step(TagOrder *order, const TagSet *set, bool (*chosen)(const TagState *state),
                   usec_t until);
/* Takes the newest tag out of the list. NULL: the list is empty. */
TagState *tag_order_take(TagOrder *order);
void tag_order_done(TagOrder *order);

/* True for tags whose digest is to be requested. */
bool tag_state_is_pending(const TagState *state);

/* Applies `resolve: {newest: N}`: no digest is requested for tags beyond the newest N of each
 * channel. */
typedef struct TagLimit {
        TagOrder order; /* all tags that count, newest first */
        Map counts;     /* channel -> size_t: number of its tags so far */
        Arena arena;    /* memory of the counts */
        bool has_begun;
} TagLimit;

/* Works until the monotonic time until, and returns 1 if there is more to do. A limit begins as
 * {0}; newest is above 0. -ENOMEM. */
int tag_limit_apply(TagLimit *limit, TagSet *set, size_t newest, usec_t until);
void tag_limit_done(TagLimit *limit);
