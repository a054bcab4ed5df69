#include "store/image-json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "model/json.h"
#include "model/schema/encode.h"
#include "store/release-json.h"

static void add_key(const char *key, Buffer *out)
{
        (void)buffer_printf(out, "%s\"%s\":", out->data[out->size - 1] == '{' ? "" : ",", key);
}

static void add_text(const char *key, const char *text, Buffer *out)
{
        if (!text)
                return;
        add_key(key, out);
        (void)encode_string(text, out);
}

static void add_strings(const char *key, const Strings *strings, Buffer *out)
{
        add_key(key, out);
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < strings->n; i++) {
                (void)(i > 0 ? buffer_putc(out, ',') : 0);
                (void)encode_string(strings->items[i], out);
        }
        (void)buffer_putc(out, ']');
}

int image_facts_to_json(const ImageFacts *facts, Buffer *out)
{
        (void)buffer_putc(out, '{');
        add_text("mediaType", facts->media_type, out);
        add_text("artifactType", facts->artifact_type, out);
        add_text("config", facts->config, out);
        if (facts->layers.n > 0)
                add_strings("layers", &facts->layers, out);
        if (facts->annotations.n > 0) {
                add_key("annotations", out);
                (void)pairs_to_json(&facts->annotations, out);
        }
        if (facts->has_config) {
                add_key("labels", out);
                (void)pairs_to_json(&facts->labels, out);
                add_text("platform", facts->platform, out);
                add_key("created", out);
                (void)buffer_printf(out, "%lld", (long long)facts->created);
        }
        if (facts->is_cut)
                (void)buffer_printf(out, "%s\"cut\":true",
                                    out->data[out->size - 1] == '{' ? "" : ",");
        return buffer_putc(out, '}');
}

static const char *copy_text(const char *text, Arena *arena)
{
        return text ? arena_strdup(arena, text) : NULL;
}

static const char *get_text(const cJSON *json, const char *key, Arena *arena)
{
        return copy_text(json_member_text(json, key), arena);
}

static Pairs get_pairs(const cJSON *json, const char *key, Arena *arena)
{
        const cJSON *object = cJSON_GetObjectItemCaseSensitive(json, key), *item;
        size_t n = (size_t)cJSON_GetArraySize(object);
        Pairs ret = { .items = arena_alloc_array(arena, n + 1, sizeof(*ret.items)) };

        cJSON_ArrayForEach(item, object)
        {
                if (ret.items && cJSON_IsString(item) && item->string)
                        ret.items[ret.n++] = (Pair){ .key = copy_text(item->string, arena),
                                                     .value = copy_text(item->valuestring, arena) };
        }
        return ret;
}

static Strings get_strings(const cJSON *json, const char *key, Arena *arena)
{
        const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, key), *item;
        size_t n = (size_t)cJSON_GetArraySize(array);
        Strings ret = { .items = arena_alloc_array(arena, n + 1, sizeof(*ret.items)) };

        cJSON_ArrayForEach(item, array)
        {
                if (ret.items && cJSON_IsString(item))
                        ret.items[ret.n++] = copy_text(item->valuestring, arena);
        }
        return ret;
}

int image_facts_from_json(const char *json, const char *digest, Arena *arena, ImageFacts *ret,
                          Error *err)
{
        _cleanup_(json_free) cJSON *object = NULL;
        const cJSON *created;
        int r = json_parse(json, strlen(json), &object, NULL, err);

        if (r < 0)
                return r;
        if (!cJSON_IsObject(object))
                return error_set(err, ERROR_INTERNAL, -EBADMSG,
                                 "damaged facts of %s in the database", digest);
        created = cJSON_GetObjectItemCaseSensitive(object, "created");
        *ret = (ImageFacts){
                .digest = digest,
                .media_type = get_text(object, "mediaType", arena),
                .artifact_type = get_text(object, "artifactType", arena),
                .config = get_text(object, "config", arena),
                .layers = get_strings(object, "layers", arena),
                .annotations = get_pairs(object, "annotations", arena),
                .has_config = cJSON_IsNumber(created),
                .labels = get_pairs(object, "labels", arena),
                .platform = get_text(object, "platform", arena),
                .created = cJSON_IsNumber(created) ? (int64_t)created->valuedouble : 0,
                .is_cut = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "cut")),
        };
        return arena->failed ? error_oom(err) : 0;
}

/* --- bytes of digests ------------------------------------------------------------------------- */

static unsigned hex_value(char c)
{
        return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

bool image_digest_bytes(const char *digest, uint8_t ret[SHA256_BYTES])
{
        if (strncmp(digest, "sha256:", 7) != 0)
                return false;
        digest += 7;
        for (size_t i = 0; i < SHA256_BYTES; i++)
                ret[i] = (uint8_t)(hex_value(digest[2 * i]) << 4 | hex_value(digest[2 * i + 1]));
        return true;
}
