#pragma once

/* Reads the versions of a component in pages: there may be a million. */

#include "base/limits.h"
#include "store/store.h"

/* The end of a page; {.limit = most rows of a page} before the first. */
typedef struct VersionCursor {
        size_t limit;
        char tag[TAG_MAX + 1];
        int64_t row;
} VersionCursor;

/* A place in the versions of a component, or of one of its channels, newest first. Set the first
 * three before the first page. */
typedef struct NewestCursor {
        const char *channel; /* NULL: all channels */
        size_t limit;        /* most rows of a page */
        Arena *arena;        /* of the rest; outlives the cursor */
        bool has_begun;
        SortKey key;
        unsigned specificity;
        const char *tag;
        int64_t row;
} NewestCursor;

/* Reads versions newest first, after the cursor, and moves it. */
int store_versions_newest(Store *store, const char *component_id, NewestCursor *cursor,
                          Arena *arena, VersionMaps *ret, Error *err);
/* Counts up to cursor->limit versions after the cursor, and moves it. Returns 1 if there are
 * more. */
int store_versions_count(Store *store, const char *component_id, VersionCursor *cursor,
                         int64_t *ret_n, Error *err);
/* Counts the known tags of a component up to the limit, including deleted ones. */
int store_count_tags(Store *store, const char *component_id, size_t limit, size_t *ret, Error *err);

/* Reads versions by tag, after the cursor, and moves it. */
int store_versions_after(Store *store, const char *component_id, VersionCursor *cursor,
                         Arena *arena, VersionMaps *ret, Error *err);

/* A tag with the facts that decide whether it may be a head. */
typedef struct TagFacts {
        TagRecord tag;
        Manifest manifest; /* manifest of its digest, or of keeps; digest NULL: not read */
        const char *keeps; /* the tag moved, and its version keeps this digest; NULL */
} TagFacts;
typedef struct TagFactsList {
        TagFacts *items;
        size_t n;
} TagFactsList;
/* The same tags as store_tags_after(). */
int store_tag_facts_after(Store *store, const char *component_id, const TagFilter *filter,
                          Arena *arena, TagFactsList *ret, Error *err);

/* Moves of version tags that wait for a person, and those that were allowed. */
int store_tag_moves(Store *store, const char *component_id, Arena *arena, TagMoves *ret,
                    Error *err);

/* The digests that releases hold under each tag, archived releases included. */
int store_released_tags(Store *store, const char *component_id, Arena *arena, ReleasedTags *ret,
                        Error *err);
