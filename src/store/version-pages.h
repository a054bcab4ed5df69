#pragma once

/* The versions of a component, a page after the other: there may be a million. */

#include "base/limits.h"
#include "store/store.h"

/* Where a page ended; {.limit = most rows of a page} before the first. */
typedef struct VersionCursor {
        size_t limit;
        char tag[TAG_MAX + 1];
        int64_t row;
} VersionCursor;

/* A place in the versions of a component, or of one of its channels, newest first. Set the first
 * three before the first page. */
typedef struct NewestCursor {
        const char *channel; /* NULL: any */
        size_t limit;        /* most rows of a page */
        Arena *arena;        /* of what follows; outlives the cursor */
        bool has_begun;
        SortKey key;
        unsigned specificity;
        const char *tag;
        int64_t row;
} NewestCursor;

/* Newest first, from the cursor on, which is moved behind them. */
int store_versions_newest(Store *store, const char *component_id, NewestCursor *cursor,
                          Arena *arena, VersionMaps *ret, Error *err);
/* Counts up to cursor->limit of the versions behind the cursor, and moves it behind them: 1 if
 * there are more. */
int store_versions_count(Store *store, const char *component_id, VersionCursor *cursor,
                         int64_t *ret_n, Error *err);
/* How many tags of a component are known, with those that are gone; counts up to the limit. */
int store_count_tags(Store *store, const char *component_id, size_t limit, size_t *ret, Error *err);

/* By tag, from the cursor on, which is moved behind them. */
int store_versions_after(Store *store, const char *component_id, VersionCursor *cursor,
                         Arena *arena, VersionMaps *ret, Error *err);

/* A tag with the facts that decide whether it may head a channel. */
typedef struct TagFacts {
        TagRecord tag;
        Manifest manifest; /* of its digest; digest NULL: not read */
} TagFacts;
typedef struct TagFactsList {
        TagFacts *items;
        size_t n;
} TagFactsList;
/* The same tags as store_tags_after(). */
int store_tag_facts_after(Store *store, const char *component_id, const TagFilter *filter,
                          Arena *arena, TagFactsList *ret, Error *err);
