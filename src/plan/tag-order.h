#pragma once

/* The order in which relmand requests the digests of tags. Tags that decide the heads come first,
 * then the others, newest first. Pure. */

#include "base/sort.h"
#include "plan/tag-walk.h"

typedef struct TagStates {
        TagState **items;
        size_t n;
} TagStates;

/* A search for the tags that decide the heads. It begins as {0}, and is {0} again after its end. */
typedef struct TagHeads {
        TagNewest newest;
        TagPicks failed; /* tags whose last request failed */
        size_t next;
} TagHeads;

/* Finds the tags that decide the heads and whose digests must be requested next. These are, for
 * each channel:
 * - the newest tag that may be a head, if its digest must still be requested;
 * - newer tags whose last request failed. The result is empty if the heads are decided. Call this
 *   function again after the tags were evaluated, because a tag may have been ruled out. Works
 *   until the monotonic time `until`. Returns 1 if there is more to do, 0 at the end, or -ENOMEM.
 *   The
 *   array is in the arena. */
int tag_order_heads(TagHeads *heads, const TagSet *set, usec_t until, Arena *arena, TagStates *ret);
void tag_heads_done(TagHeads *heads);

/* A list of tags, newest first. It is {0} while empty. */
typedef struct TagOrder {
        Sorting sorting; /* points to tags of the set, which must not change */
        size_t next;
        bool is_filled;
        bool (*chosen)(const TagState *state);
        /* positions while the list is filled */
        size_t next_counted, n_chosen, next_added, n_filled;
} TagOrder;

/* Fills the list with the tags for which chosen() is true, and sorts it. Works until the monotonic
 * time `until`. Returns 1 if there is more to do, 0 at the end, or -ENOMEM. */
int tag_order_step(TagOrder *order, const TagSet *set, bool (*chosen)(const TagState *state),
                   usec_t until);
/* Removes the newest tag from the list and returns it. NULL: the list is empty. */
TagState *tag_order_take(TagOrder *order);
void tag_order_done(TagOrder *order);

/* True if the digest of the tag must be requested. */
bool tag_state_is_pending(const TagState *state);

/* The state of applying `resolve: {newest: N}`: relmand requests no digest for tags beyond the
 * newest N of each channel. */
typedef struct TagLimit {
        TagOrder order; /* all listed tags with a version, newest first */
        Map counts;     /* channel -> size_t: number of its tags so far */
        Arena arena;    /* memory of the counts */
        bool has_begun;
} TagLimit;

/* Works until the monotonic time `until`. Returns 1 if there is more to do, 0 at the end, or
 * -ENOMEM. limit begins as {0}. newest is above 0. */
int tag_limit_apply(TagLimit *limit, TagSet *set, size_t newest, usec_t until);
void tag_limit_done(TagLimit *limit);
