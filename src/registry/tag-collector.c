#include "registry/tag-collector.h"

#include <errno.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/image/image.h"

#define TAGS_AT_ONCE 256 /* number of tags that are added between two readings of the clock */

void tag_collector_done(TagCollector *collector)
{
        free(collector->tags);
        text_index_done(&collector->index);
        collector->tags = NULL;
        collector->n = collector->capacity = 0;
}

ListedTags tag_collector_take(TagCollector *collector)
{
        ListedTags tags = { .items = collector->tags,
                            .n = collector->n,
                            .index = collector->index,
                            .arena = *collector->arena };

        *collector->arena = (Arena){ .limit = tags.arena.limit };
        collector->tags = NULL;
        collector->index = (TextIndex){ 0 };
        tag_collector_done(collector);
        return tags;
}

void listed_tags_done(ListedTags *tags)
{
        free(tags->items);
        text_index_done(&tags->index);
        arena_done(&tags->arena);
        *tags = (ListedTags){ 0 };
}

size_t tag_collector_size(const TagCollector *collector)
{
        return collector->arena->used + collector->capacity * sizeof(*collector->tags) +
               collector->index.n_slots * sizeof(*collector->index.slots);
}

static int tags_reject(TagCollector *collector, const char *text, Error *err)
{
        collector->n_rejected++;
        if (collector->first_rejected)
                return 0;
        collector->first_rejected =
                text ? escape_dup(collector->arena, text, strnlen(text, TAG_MAX)) : "(not a text)";
        return collector->first_rejected ? 0 : error_oom(err);
}

/* Copies a digest. Shares the copy with the previous tag if both are equal, because consecutive
 * tags often have the same digest. */
static const char *tags_keep_digest(TagCollector *collector, const char *digest)
{
        const char *last = collector->n > 0 ? collector->tags[collector->n - 1].digest : NULL;

        return str_equal(last, digest) ? last : arena_strdup(collector->arena, digest);
}

int tags_add(TagCollector *collector, const char *tag, const char *digest, usec_t pushed_at,
             Error *err)
{
        const TextItems items = { collector->tags, sizeof(*collector->tags) };
        size_t at;

        if (!tag || !tag_is_valid(tag, strlen(tag)))
                return tags_reject(collector, tag, err);
        if (digest && !digest_is_valid(digest))
                digest = NULL;
        at = text_index_find(&collector->index, items, tag);
        if (at != SIZE_MAX) {
                if (!str_equal(collector->tags[at].digest, digest)) {
                        collector->n_disputed++;
                        collector->tags[at].digest = NULL;
                }
                return 0;
        }
        if (collector->n >= TAGS_MAX)
                return error_set(err, ERROR_HOSTILE, -E2BIG, "more than %d tags", TAGS_MAX);
        tag = arena_strdup(collector->arena, tag);
        if (!tag || (digest && !(digest = tags_keep_digest(collector, digest))) ||
            vec_reserve(&collector->tags, &collector->capacity, collector->n + 1,
                        sizeof(*collector->tags)) < 0 ||
            text_index_add(&collector->index, tag, collector->n) < 0)
                return error_oom(err);
        collector->tags[collector->n++] =
                (ListedTag){ .tag = tag, .digest = digest, .pushed_at = pushed_at };
        return 0;
}

int tags_add_spans(TagCollector *collector, JsonSpan tag, JsonSpan digest, usec_t pushed_at,
                   Error *err)
{
        char tag_text[TAG_MAX + 8]; /* a truncated text is still too long for a tag */
        char digest_text[DIGEST_SIZE_MAX];
        bool has_digest = json_span_text(digest, digest_text, sizeof(digest_text));

        (void)json_span_text(tag, tag_text, sizeof(tag_text));
        return tags_add(collector, json_span_is_text(tag) ? tag_text : NULL,
                        has_digest ? digest_text : NULL, pushed_at, err);
}

int tags_add_missing(TagCollector *collector, JsonSpan tags, JsonCursor *cursor, usec_t until,
                     Error *err)
{
        for (size_t n = 1; json_span_next(tags, cursor); n++) {
                const TextItems items = { collector->tags, sizeof(*collector->tags) };
                char text[TAG_MAX + 8];
                int r = 0;

                (void)json_span_text(cursor->value, text, sizeof(text));
                if (text_index_find(&collector->index, items, text) == SIZE_MAX)
                        r = tags_add(collector, json_span_is_text(cursor->value) ? text : NULL,
                                     NULL, 0, err);
                if (r < 0)
                        return r;
                if (n % TAGS_AT_ONCE == 0 && time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

bool tags_are_list(JsonSpan tags)
{
        return json_span_is_array(tags) || json_span_is(tags, "null");
}

/* Reads {"errors": [{"code": ..., "message": ...}]}, or a page that is such an object itself. */
int tags_refuse(JsonSpan page, Error *err)
{
        JsonSpan errors = json_span_member(page, "errors"), said = page;
        JsonCursor first = { 0 };
        char code[64] = "", message[256] = "", safe_code[256], safe_message[1024];

        if (json_span_next(errors, &first))
                said = first.value;
        (void)json_span_text(json_span_member(said, "code"), code, sizeof(code));
        (void)json_span_text(json_span_member(said, "message"), message, sizeof(message));
        if (!code[0] && !message[0])
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not a list of tags");
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "not a list of tags but an error: %s%s%s",
                         escape_text(code, strlen(code), safe_code, sizeof(safe_code)),
                         code[0] && message[0] ? ": " : "",
                         escape_text(message, strlen(message), safe_message, sizeof(safe_message)));
}

int tags_read_page(const char *data, size_t size, JsonSpan *ret, Error *err)
{
        static const char *const names[] = { "tags",
                                             "results",
                                             "name",
                                             "digest",
                                             "next",
                                             "tag_last_pushed",
                                             "start_ts",
                                             "end_ts",
                                             "registry_id",
                                             "has_additional",
                                             "push_time",
                                             "manifest",
                                             "tag",
                                             "timeUploadedMs",
                                             "lastUpdateTime",
                                             "published_at",
                                             "created_at",
                                             "manifests",
                                             "annotations",
                                             "mediaType",
                                             "manifest_digest",
                                             NULL };
        static const char *const open[] = { "annotations", "labels", "Labels", NULL };
        const JsonKeys keys = { .names = names, .open = open };

        return json_span_read(data, size, &keys, ret, err);
}

int tags_find(const char *data, size_t size, JsonSpan *ret, Error *err)
{
        JsonSpan page, tags;
        int r;

        r = tags_read_page(data, size, &page, err);
        if (r < 0)
                return r;
        tags = json_span_member(page, "tags");
        if (!json_span_is_object(page) || !tags_are_list(tags))
                return tags_refuse(page, err);
        *ret = tags;
        return 0;
}

int tags_parse(const char *data, size_t size, TagCollector *collector, Error *err)
{
        JsonCursor cursor = { 0 };
        JsonSpan tags;
        int r = tags_find(data, size, &tags, err);

        return r < 0 ? r : tags_add_missing(collector, tags, &cursor, USEC_INFINITY, err);
}

bool tags_all_have_digests(const TagCollector *collector)
{
        for (size_t i = 0; i < collector->n; i++)
                if (!collector->tags[i].digest)
                        return false;
        return true;
}
