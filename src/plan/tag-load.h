#pragma once

/* Loads known tags from the database into a set. */

#include "plan/tag-set.h"
#include "store/store.h"

typedef struct TagSource {
        Store *store;
        const char *component_id;
} TagSource;

/* Adds pages of tags until the monotonic time `until`. Returns 1 if there are more, 0 at the end.
 */
int tag_set_load(TagSet *set, const TagSetInput *input, TagSource source, usec_t until,
                 Arena *arena, Error *err);
