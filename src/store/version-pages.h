#pragma once

/* Reads the versions and tags of a component in pages, because a component may have a million. */

#include "base/limits.h"
#include "model/tag-past.h"
#include "store/releases.h" /* Page */

/* The end of a page. Before the first page: {.limit = largest number of rows of a page}. */
typedef struct VersionCursor {
        size_t limit;
        char tag[TAG_MAX + 1];
        int64_t row;
} VersionCursor;

/* A position in the versions of a component or channel, newest first. The caller sets channel,
 * limit and arena before the first page. */
typedef struct NewestCursor {
        const char *channel; /* NULL: all channels */
        size_t limit;        /* largest number of rows of a page */
        Arena *arena;        /* memory of the other members; must outlive the cursor */
        bool has_begun;
        SortKey key;
        unsigned specificity;
        const char *tag;
        int64_t row;
} NewestCursor;

/* Reads the versions after the cursor, newest first. Moves the cursor to the end of the page. */
int store_versions_newest(Store *store, const char *component_id, NewestCursor *cursor,
                          Arena *arena, VersionMaps *ret, Error *err);
/* Counts up to cursor->limit versions after the cursor, and moves the cursor behind them. Returns 1
 * if there are more versions, 0 if not. */
int store_versions_count(Store *store, const char *component_id, VersionCursor *cursor,
                         int64_t *ret_n, Error *err);
/* Counts the known tags of a component up to the limit, including deleted ones. */
int store_count_tags(Store *store, const char *component_id, size_t limit, size_t *ret, Error *err);

/* Reads the versions after the cursor, sorted by tag. Moves the cursor to the end of the page. */
int store_versions_after(Store *store, const char *component_id, VersionCursor *cursor,
                         Arena *arena, VersionMaps *ret, Error *err);

/* A tag with the facts that decide whether it may be a head. */
typedef struct TagFacts {
        TagRecord tag;
        /* manifest of the digest of the tag, or of `keeps`; its digest is NULL if relman has not
         * read it */
        Manifest manifest;
        /* the digest that the version keeps although the tag moved; NULL: the tag did not move */
        const char *keeps;
} TagFacts;
typedef struct TagFactsList {
        TagFacts *items;
        size_t n;
} TagFactsList;
/* Reads the same tags as store_tags_after(), with their facts. */
int store_tag_facts_after(Store *store, const char *component_id, const TagFilter *filter,
                          Arena *arena, TagFactsList *ret, Error *err);

/* Reads the digests that a tag had, newest first. */
int store_tag_history(Store *store, const char *component_id, const char *tag, Arena *arena,
                      TagPasts *ret, Error *err);
/* Reads the digests that tags of a component had, the one that was left last first. */
int store_tag_pasts(Store *store, const char *component_id, const Page *page, Arena *arena,
                    TagPasts *ret, Error *err);

/* Reads the moves of version tags that a person has allowed or must still decide about. */
int store_tag_moves(Store *store, const char *component_id, Arena *arena, TagMoves *ret,
                    Error *err);

/* Reads the digests that releases have for each tag, including archived releases. */
int store_released_tags(Store *store, const char *component_id, Arena *arena, ReleasedTags *ret,
                        Error *err);
