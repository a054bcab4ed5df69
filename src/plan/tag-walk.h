#pragma once

/* Visits all tags of a set in slices, because a large set takes longer than one turn of the event
 * loop may take. Pure. */

#include "plan/tag-set.h"

/* Visits a tag. Returns 0 to continue, 1 to end the slice after this tag, or a negative errno. */
typedef int (*TagVisit)(TagState *state, void *userdata);

/* Visits the tags from *next on, until the monotonic time `until`. Checks the time only after some
 * tags. Returns 1 if there are more tags, 0 at the end, or the error of a visit. */
int tag_walk(const TagSet *set, size_t *next, TagVisit visit, void *userdata, usec_t until);

/* The tags that a walk collects, in the order of the set. */
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
        TagState *last; /* newest tag of the last visited channel, because consecutive tags often
                           have the same channel */
} TagNewest;

/* Keeps the tag if it is the newest of its channel so far. Returns 0 or -ENOMEM. */
int tag_newest_visit(TagNewest *newest, TagState *state);
void tag_newest_done(TagNewest *newest);
