#pragma once

/* Walks over all tags of a set in slices, for sets that take longer than a turn of the event loop.
 * Pure. */

#include "plan/tag-set.h"

/* Visits a tag. Returns 0 to go on, 1 to end the slice after this tag, or a negative errno. */
typedef int (*TagVisit)(TagState *state, void *userdata);

/* Visits the tags from *next on until the monotonic time until, which is read after some tags only.
 * Returns 1 if there are more, 0 at the end, or the error of a visit. */
int tag_walk(const TagSet *set, size_t *next, TagVisit visit, void *userdata, usec_t until);

/* Tags that a walk picks, in the order of the set. */
typedef struct TagPicks {
        TagState **items; /* malloc()ed */
        size_t n, capacity;
} TagPicks;
/* Adds the tag. Returns 0 or -ENOMEM. */
int tag_picks_add(TagPicks *picks, TagState *state);

/* The newest tag of each channel for which may_head() is true. */
typedef struct TagNewest {
        bool (*may_head)(const TagState *state);
        Map channels;   /* channel -> TagState * */
        TagState *last; /* the newest tag of the last channel, since consecutive tags often have the
                           same channel */
} TagNewest;

/* Takes one tag into account. -ENOMEM. */
int tag_newest_visit(TagNewest *newest, TagState *state);
void tag_newest_done(TagNewest *newest);
