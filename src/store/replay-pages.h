#pragma once

/* Reads what the database holds about the past of tags and streams, for a replay, in pages. */

#include "base/limits.h"
#include "store/releases.h"

/* The end of a page of earlier digests. Before the first page: {.limit = largest number of rows}.
 */
typedef struct HistoryCursor {
        size_t limit;
        char tag[TAG_MAX + 1], digest[DIGEST_SIZE_MAX];
        usec_t at;
} HistoryCursor;

/* Reads the digests that the tags of a component no longer have, by tag. changed_at is the time
 * since when the tag had the digest. Moves the cursor to the end of the page. */
int store_tag_history_after(Store *store, const char *component_id, HistoryCursor *cursor,
                            Arena *arena, TagRecords *ret, Error *err);

/* The position in the releases with a component. Before the first page `after` is "". */
typedef struct FormerCursor {
        usec_t before; /* wall */
        size_t limit;  /* largest number of releases of a page */
        Uuid after;
} FormerCursor;

/* Reads the digests that releases have for the tags of a component, in any order: those of all
 * releases that no stream made, and of those that a stream made before a time. Moves the cursor to
 * the end of the page. Returns 1 if there may be more releases, 0 at the end. */
int store_former_tags(Store *store, const char *component_id, FormerCursor *cursor, Arena *arena,
                      ReleasedTags *ret, Error *err);

/* The position in the manifests of a component. */
typedef struct ManifestCursor {
        const char *after; /* digest of the last manifest of the page, in its arena; first: "" */
        size_t limit;      /* largest number of rows of a page */
} ManifestCursor;

/* Reads manifests, sorted by digest. Moves the cursor to the end of the page. */
int store_manifests_after(Store *store, const char *component_id, ManifestCursor *cursor,
                          Arena *arena, Manifests *ret, Error *err);

/* The position in the releases of a stream. */
typedef struct StreamCursor {
        const char *stream_id;
        usec_t since; /* wall */
        int64_t sequence;
        size_t limit; /* largest number of rows of a page */
} StreamCursor;

/* Reads the releases that a stream made since a time, and the last one before that time, in the
 * order of their sequence. Moves the cursor to the end of the page. */
int store_stream_after(Store *store, StreamCursor *cursor, Arena *arena, Releases *ret, Error *err);
