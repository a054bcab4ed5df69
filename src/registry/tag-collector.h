#pragma once

/* Collects the tags of a list page by page. Each tag is validated and occurs once. The collector
 * does not keep the pages. */

#include "base/arena.h"
#include "base/error.h"
#include "base/text-index.h"
#include "registry/registry.h"
#include "registry/wire/json-span.h"

typedef struct TagCollector {
        Arena *arena;    /* owns the texts */
        ListedTag *tags; /* malloc()ed */
        size_t n, capacity;
        TextIndex index;   /* index of tags */
        size_t n_disputed; /* number of tags that had two different digests */
        size_t n_rejected;
        const char *first_rejected; /* escaped */
        usec_t now;                 /* wall: tags that expired before this are skipped */
} TagCollector;

void tag_collector_done(TagCollector *collector);

/* Returns the tags with the arena, and transfers their ownership to the caller. The collector is
 * then empty. */
ListedTags tag_collector_take(TagCollector *collector);

/* Returns the bytes in use, including texts. */
size_t tag_collector_size(const TagCollector *collector);

/* Adds a tag. tag is NULL for an element of the list that is not text. Invalid tags are counted as
 * rejected. A tag that is added again with another digest loses its digest. ERROR_HOSTILE if there
 * are more than TAGS_MAX. */
int tags_add(TagCollector *collector, const char *tag, const char *digest, usec_t pushed_at,
             Error *err);
int tags_add_spans(TagCollector *collector, JsonSpan tag, JsonSpan digest, usec_t pushed_at,
                   Error *err);
/* Adds the tags of an array that the collector lacks, without digests. Starts at the cursor and
 * stops at the monotonic time `until`. Returns 1 if there is more to do. */
int tags_add_missing(TagCollector *collector, JsonSpan tags, JsonCursor *cursor, usec_t until,
                     Error *err);
/* True for an array, and for null, which is an empty list. False for a missing value: a page
 * without the list is an error message with status 200. */
bool tags_are_list(JsonSpan tags);
/* Sets an ERROR_HOSTILE for a page that is not a list of tags, and returns its code. Quotes the
 * error message in the page if there is one. */
int tags_refuse(JsonSpan page, Error *err);

/* Reads the JSON of a page of any registry's API, or of the index of an image layout. */
int tags_read_page(const char *data, size_t size, JsonSpan *ret, Error *err);

/* Finds the list in a page of OCI's API: {"tags": [...]}. */
int tags_find(const char *data, size_t size, JsonSpan *ret, Error *err);
/* Adds the tags of a page of OCI's API. */
int tags_parse(const char *data, size_t size, TagCollector *collector, Error *err);

bool tags_all_have_digests(const TagCollector *collector);
