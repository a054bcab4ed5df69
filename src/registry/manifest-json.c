#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/time.h"
#include "model/image.h"
#include "registry/internal.h"
#include "registry/json-keys.h"

static void delete_json(cJSON **json)
{
        cJSON_Delete(*json);
}

static const char *text_of(const cJSON *json, const char *name)
{
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

        return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* "os/architecture[/variant]"; NULL (and 0) if it is not said, or said to be unknown, as of
 * attestations. */
static int platform_of(const cJSON *json, Arena *arena, const char **ret)
{
        const char *os = text_of(json, "os"), *arch = text_of(json, "architecture"),
                   *variant = text_of(json, "variant");

        *ret = NULL;
        if (!os || !arch || streq(os, "unknown") || streq(arch, "unknown"))
                return 0;
        *ret = arena_printf(arena, "%s/%s%s%s", os, arch, variant && *variant ? "/" : "",
                            variant && *variant ? variant : "");
        if (!*ret)
                return -ENOMEM;
        if (!platform_is_valid(*ret))
                *ret = NULL;
        return 0;
}

static int parse(const char *data, size_t size, const JsonKeys *keys, cJSON **ret, Error *err)
{
        const char *end = NULL;
        int r;

        r = json_read(data, size, keys, ret, &end, err);
        if (r < 0) {
                if (err && err->kind == ERROR_INVALID)
                        err->kind = ERROR_HOSTILE;
                return r;
        }
        if (!cJSON_IsObject(*ret) || strspn(end, " \t\r\n") != size - (size_t)(end - data))
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not a JSON object");
        return 0;
}

static int compare_platforms(const void *a, const void *b)
{
        return strcmp(((const PlatformDigest *)a)->platform, ((const PlatformDigest *)b)->platform);
}

/* The first manifest of a platform counts, as it does for those who pull. */
static int parse_index(const cJSON *manifests, Arena *arena, PlatformDigests *ret, Error *err)
{
        _cleanup_(map_done) Map seen = { 0 };
        int n = cJSON_GetArraySize(manifests), r;
        const cJSON *item;

        if (n > MANIFEST_ENTRIES_MAX)
                return error_set(err, ERROR_HOSTILE, -E2BIG, "an index of more than %d manifests",
                                 MANIFEST_ENTRIES_MAX);
        ret->items = arena_alloc_array(arena, (size_t)n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        cJSON_ArrayForEach(item, manifests)
        {
                const char *digest = text_of(item, "digest"), *platform;

                if (!digest || !digest_is_valid(digest))
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "an index with an entry without a digest");
                if (platform_of(cJSON_GetObjectItemCaseSensitive(item, "platform"), arena,
                                &platform) < 0)
                        return error_oom(err);
                if (!platform)
                        continue;
                r = map_put(&seen, platform, ret, NULL);
                if (r == 0)
                        continue;
                digest = arena_strdup(arena, digest);
                if (r < 0 || !digest)
                        return error_oom(err);
                ret->items[ret->n++] = (PlatformDigest){ .platform = platform, .digest = digest };
        }
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_platforms);
        return 0;
}

/* Only an image's own configuration tells a platform; artifacts have others. */
static bool is_image_config(const char *media_type)
{
        return media_type && (streq(media_type, "application/vnd.oci.image.config.v1+json") ||
                              streq(media_type, "application/vnd.docker.container.image.v1+json"));
}

int manifest_parse(const char *data, size_t size, Arena *arena, ParsedManifest *ret, Error *err)
{
        static const char *const names[] = { "mediaType", "manifests",    "config",  "layers",
                                             "fsLayers",  "history",      "digest",  "platform",
                                             "os",        "architecture", "variant", NULL };
        static const char *const open[] = { "annotations", NULL };
        const JsonKeys keys = { .names = names, .open = open, .exact = true };
        _cleanup_(delete_json) cJSON *json = NULL;
        const cJSON *manifests, *config;
        const char *type, *digest;
        int r;

        *ret = (ParsedManifest){ 0 };
        r = parse(data, size, &keys, &json, err);
        if (r < 0)
                return r;
        type = text_of(json, "mediaType");
        if (type && !media_type_is_valid(type))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "its mediaType is no media type (RFC 6838)");
        ret->media_type = type ? arena_strdup(arena, type) : NULL;
        if (type && !ret->media_type)
                return error_oom(err);
        manifests = cJSON_GetObjectItemCaseSensitive(json, "manifests");
        config = cJSON_GetObjectItemCaseSensitive(json, "config");
        if (cJSON_GetObjectItemCaseSensitive(json, "fsLayers") ||
            cJSON_GetObjectItemCaseSensitive(json, "history"))
                return error_set(err, ERROR_HOSTILE, -ENOTSUP,
                                 "a manifest of schema 1, which has no digest to "
                                 "rely on; push the image anew");
        /* CVE-2021-41190: what is both is read as one by some and as the other by others */
        if (manifests && (config || cJSON_GetObjectItemCaseSensitive(json, "layers")))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "a manifest that is an image and an index at once");
        if (!cJSON_IsArray(manifests) && !cJSON_IsObject(config))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "neither an image manifest nor an index");
        ret->is_index = cJSON_IsArray(manifests);
        if (ret->is_index)
                return parse_index(manifests, arena, &ret->platforms, err);
        digest = text_of(config, "digest");
        if (!digest || !is_image_config(text_of(config, "mediaType")))
                return 0;
        if (!digest_is_valid(digest))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "a manifest whose configuration has no digest");
        ret->config_digest = arena_strdup(arena, digest);
        return ret->config_digest ? 0 : error_oom(err);
}

int config_parse(const char *data, size_t size, Arena *arena, ParsedConfig *ret, Error *err)
{
        static const char *const names[] = { "os", "architecture", "variant", "created", NULL };
        const JsonKeys keys = { .names = names, .outermost = true, .exact = true };
        _cleanup_(delete_json) cJSON *json = NULL;
        const char *created;
        usec_t wall;
        int r;

        *ret = (ParsedConfig){ 0 };
        r = parse(data, size, &keys, &json, err);
        if (r < 0)
                return r;
        created = text_of(json, "created");
        if (created && time_parse(created, &wall) == 0)
                ret->created = (int64_t)(wall / USEC_PER_SEC);
        return platform_of(json, arena, &ret->platform) < 0 ? error_oom(err) : 0;
}
