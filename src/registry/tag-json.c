#include <cjson/cJSON.h>
#include <errno.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/image.h"
#include "registry/internal.h"
#include "registry/json-keys.h"

static void delete_json(cJSON **json)
{
        cJSON_Delete(*json);
}

/* cJSON would cut a text at an escaped NUL and so turn one name into another; written as another
 * control character it is no tag, and the rest of the list stays good. */
static void defuse_nul(char *data, size_t size)
{
        char *p = data;

        while ((p = memmem(p, size - (size_t)(p - data), "\\u0000", 6))) {
                p[5] = '1';
                p += 6;
        }
}

static int reject(TagCollector *collector, const char *text)
{
        collector->n_rejected++;
        if (collector->first_rejected)
                return 0;
        collector->first_rejected =
                text ? escape_dup(collector->arena, text, strnlen(text, TAG_MAX)) : "(not a text)";
        return collector->first_rejected ? 0 : -ENOMEM;
}

int tags_add(TagCollector *collector, const char *text, const char *digest, usec_t pushed_at)
{
        ListedTag *known;
        uintptr_t index;

        if (!text || !tag_is_valid(text, strlen(text)))
                return reject(collector, text);
        if (digest && !digest_is_valid(digest))
                digest = NULL;
        index = (uintptr_t)map_get(&collector->seen, text);
        known = index > 0 ? &collector->tags[index - 1] : NULL;
        if (known) {
                if (!str_equal(known->digest, digest))
                        known->digest = NULL;
                return 0;
        }
        if (collector->n >= TAGS_MAX)
                return -E2BIG;
        text = arena_strdup(collector->arena, text);
        if (!text || (digest && !(digest = arena_strdup(collector->arena, digest))) ||
            vec_reserve(&collector->tags, &collector->capacity, collector->n + 1,
                        sizeof(*collector->tags)) < 0)
                return -ENOMEM;
        collector->tags[collector->n++] =
                (ListedTag){ .tag = text, .digest = digest, .pushed_at = pushed_at };
        return map_put(&collector->seen, text, (void *)(uintptr_t)collector->n, NULL) < 0 ? -ENOMEM
                                                                                          : 0;
}

/* The keys of all lists: OCI's, those of the connectors, an image layout's index. */
int tags_read_json(char *data, size_t size, cJSON **ret, Error *err)
{
        static const char *const names[] = { "tags",
                                             "results",
                                             "name",
                                             "digest",
                                             "next",
                                             "tag_last_pushed",
                                             "start_ts",
                                             "end_ts",
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
        const char *end = NULL;
        cJSON *json = NULL;
        int r;

        defuse_nul(data, size);
        r = json_read(data, size, &keys, &json, &end, err);
        if (r < 0)
                return r;
        if (!json)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not valid JSON at byte %zu",
                                 end ? (size_t)(end - data) : 0);
        if (strspn(end, " \t\r\n") != size - (size_t)(end - data)) {
                cJSON_Delete(json);
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "more after the JSON value at byte %zu", (size_t)(end - data));
        }
        *ret = json;
        return 0;
}

int tags_parse(char *data, size_t size, TagCollector *collector, Error *err)
{
        _cleanup_(delete_json) cJSON *json = NULL;
        const cJSON *tags, *item;
        int r;

        r = tags_read_json(data, size, &json, err);
        if (r < 0)
                return r;
        tags = cJSON_GetObjectItemCaseSensitive(json, "tags");
        if (!cJSON_IsObject(json) || (tags && !cJSON_IsArray(tags) && !cJSON_IsNull(tags)))
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not a list of tags");
        cJSON_ArrayForEach(item, tags)
        {
                r = tags_add(collector, cJSON_IsString(item) ? item->valuestring : NULL, NULL, 0);
                if (r == -E2BIG)
                        return error_set(err, ERROR_HOSTILE, r, "more than %d tags", TAGS_MAX);
                if (r < 0)
                        return error_oom(err);
        }
        return 0;
}
