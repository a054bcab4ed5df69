#include "store/image-json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "model/json.h"
#include "model/schema/json-writer.h"

/* Stored keys of annotations and labels are shorter: '=' stands for the prefix of OCI, and another
 * key that begins with '=' has one more. */
#define OCI_PREFIX "org.opencontainers.image."

static void write_texts(Json *json, const char *name, const Pairs *texts)
{
        json_begin(json, name, '{');
        for (size_t i = 0; i < texts->n; i++) {
                const char *key = texts->items[i].key;
                const char *rest = strncmp(key, OCI_PREFIX, strlen(OCI_PREFIX)) == 0
                                           ? key + strlen(OCI_PREFIX)
                                           : NULL;
                char stored[IMAGE_KEY_MAX + 2];
                int n = -1;

                if (rest && *rest != '=')
                        n = snprintf(stored, sizeof(stored), "=%s", rest);
                else if (*key == '=')
                        n = snprintf(stored, sizeof(stored), "=%s", key);
                json_text(json, n > 0 && (size_t)n < sizeof(stored) ? stored : key,
                          texts->items[i].value);
        }
        json_end(json, '}');
}

int image_facts_to_json(const ImageFacts *facts, Buffer *out)
{
        Json json = { .out = out };

        json_begin(&json, NULL, '{');
        json_some(&json, "mediaType", facts->media_type);
        json_some(&json, "artifactType", facts->artifact_type);
        json_some(&json, "config", facts->config);
        if (facts->layers.n > 0)
                json_texts(&json, "layers", &facts->layers);
        if (facts->annotations.n > 0)
                write_texts(&json, "annotations", &facts->annotations);
        if (facts->has_others)
                json_pairs(&json, "others", &facts->others);
        if (facts->has_config) {
                write_texts(&json, "labels", &facts->labels);
                json_some(&json, "platform", facts->platform);
                json_int(&json, "created", facts->created);
        }
        if (facts->is_cut)
                json_bool(&json, "cut", true);
        json_end(&json, '}');
        return out->failed;
}

static const char *get_text(const cJSON *json, const char *key, Arena *arena)
{
        const char *text = json_member_text(json, key);

        return text ? arena_strdup(arena, text) : NULL;
}

static Pairs get_pairs(const cJSON *json, const char *key, Arena *arena)
{
        const cJSON *object = cJSON_GetObjectItemCaseSensitive(json, key), *item;
        size_t n = (size_t)cJSON_GetArraySize(object);
        Pairs ret = { .items = arena_alloc_array(arena, n + 1, sizeof(*ret.items)) };

        cJSON_ArrayForEach(item, object)
        {
                if (ret.items && cJSON_IsString(item) && item->string)
                        ret.items[ret.n++] =
                                (Pair){ .key = arena_strdup(arena, item->string),
                                        .value = arena_strdup(arena, item->valuestring) };
        }
        return ret;
}

static Pairs get_texts(const cJSON *json, const char *key, Arena *arena)
{
        Pairs ret = get_pairs(json, key, arena);

        for (size_t i = 0; i < ret.n; i++) {
                const char *stored = ret.items[i].key;

                if (stored && stored[0] == '=')
                        ret.items[i].key =
                                stored[1] == '=' ? stored + 1
                                                 : arena_printf(arena, OCI_PREFIX "%s", stored + 1);
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
                        ret.items[ret.n++] = arena_strdup(arena, item->valuestring);
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
                .annotations = get_texts(object, "annotations", arena),
                .has_others = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(object, "others")),
                .others = get_pairs(object, "others", arena),
                .has_config = cJSON_IsNumber(created),
                .labels = get_texts(object, "labels", arena),
                .platform = get_text(object, "platform", arena),
                .created = cJSON_IsNumber(created) ? (int64_t)created->valuedouble : 0,
                .is_cut = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "cut")),
        };
        return arena->failed ? error_oom(err) : 0;
}

/* --- bytes of digests ------------------------------------------------------------------------- */

bool image_digest_bytes(const char *digest, uint8_t ret[SHA256_BYTES])
{
        if (strncmp(digest, "sha256:", 7) != 0)
                return false;
        digest += 7;
        for (size_t i = 0; i < SHA256_BYTES; i++)
                ret[i] = (uint8_t)(parse_hex_digit(digest[2 * i]) * 16 +
                                   parse_hex_digit(digest[2 * i + 1]));
        return true;
}
