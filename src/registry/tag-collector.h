#pragma once

/* The tags of a list while its pages come in: each tag once, checked. A page is read in place and
 * not kept. */

#include "base/arena.h"
#include "base/error.h"
#include "base/text-index.h"
#include "registry/registry.h"
#include "registry/wire/json-span.h"

typedef struct TagCollector {
        Arena *arena;    /* of the texts */
        ListedTag *tags; /* malloc()ed */
        size_t n, capacity;
        TextIndex index;   /* of tags */
        size_t n_disputed; /* lost their digest to another one */
        size_t n_rejected;
        const char *first_rejected; /* escaped */
        usec_t now;                 /* wall: a tag that expired before it is no tag */
} TagCollector;

void tag_collector_done(TagCollector *collector);

/* Moves the tags and the arena out; the collector is empty then. */
ListedTags tag_collector_take(TagCollector *collector);

/* The bytes that it holds, its texts included. */
size_t tag_collector_size(const TagCollector *collector);

/* Adds a tag; NULL: an element of the list that is no text. What is no tag is counted as rejected.
 * A tag that is there already with another digest has none that can be relied on. ERROR_HOSTILE
 * beyond TAGS_MAX. */
int tags_add(TagCollector *collector, const char *tag, const char *digest, usec_t pushed_at,
             Error *err);
int tags_add_spans(TagCollector *collector, JsonSpan tag, JsonSpan digest, usec_t pushed_at,
                   Error *err);
/* The tags of an array of texts that are not there yet, without digests. */
int tags_add_missing(TagCollector *collector, JsonSpan tags, Error *err);
/* An array, or null, which is an empty list. What is not there is no list: an object without it is
 * an error that came with status 200. */
bool tags_are_list(JsonSpan tags);
/* ERROR_HOSTILE: the page is no list of tags; with what it says of an error instead. */
int tags_refuse(JsonSpan page, Error *err);

/* A page of any registry's API, and the index of an image layout. */
int tags_read_page(const char *data, size_t size, JsonSpan *ret, Error *err);

/* A page of OCI's API: {"tags": [...]}. */
int tags_parse(const char *data, size_t size, TagCollector *collector, Error *err);

bool tags_all_have_digests(const TagCollector *collector);
