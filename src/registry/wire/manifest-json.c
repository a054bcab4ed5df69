#include "registry/wire/manifest-json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"
#include "base/time.h"
#include "model/image/image.h"
#include "model/platform.h"
#include "registry/wire/artifact.h"
#include "registry/wire/facts-json.h"
#include "registry/wire/json-span.h"

/* bytes; the parts of all known platforms are shorter */
#define PLATFORM_PART_MAX 64
#define OCI_INDEX         "application/vnd.oci.image.index.v1+json"
#define OCI_MANIFEST      "application/vnd.oci.image.manifest.v1+json"
#define OCI_CONFIG        "application/vnd.oci.image.config.v1+json"
#define MEDIA_TYPE_MAX    256 /* RFC 6838, 4.2: 127 characters on each side of the slash */

static bool is_unknown(JsonSpan part)
{
        char text[PLATFORM_PART_MAX];

        return json_span_text(part, text, sizeof(text)) && strcasecmp(text, "unknown") == 0;
}

/* Sets *ret to "os/architecture[/variant]" in its normal form. *ret is NULL if the platform is
 * missing, invalid, or unknown, as in attestations. parts are the members os, architecture and
 * variant. Returns 0 or -ENOMEM. */
static int platform_of(const JsonSpan parts[3], Arena *arena, const char **ret)
{
        char os[PLATFORM_PART_MAX], arch[PLATFORM_PART_MAX], variant[PLATFORM_PART_MAX];
        char normal[PLATFORM_SIZE_MAX];
        bool has_variant = json_span_is_text(parts[2]);
        const char *text;

        *ret = NULL;
        if (!json_span_text(parts[0], os, sizeof(os)) ||
            !json_span_text(parts[1], arch, sizeof(arch)) ||
            (!json_span_text(parts[2], variant, sizeof(variant)) && has_variant))
                return 0;
        if (is_unknown(parts[0]) || is_unknown(parts[1]))
                return 0;
        text = arena_printf(arena, "%s/%s%s%s", os, arch, *variant ? "/" : "", variant);
        if (!text)
                return -ENOMEM;
        if (!platform_normalize(text, normal))
                return 0;
        *ret = arena_strdup(arena, normal);
        return *ret ? 0 : -ENOMEM;
}

static int read_object(const char *data, size_t size, const JsonKeys *keys, JsonSpan *ret,
                       Error *err)
{
        int r = json_span_read(data, size, keys, ret, err);

        if (r < 0)
                return r;
        return json_span_is_object(*ret)
                       ? 0
                       : error_set(err, ERROR_HOSTILE, -EBADMSG, "not a JSON object");
}

typedef struct Entry {
        const char *digest;
        const char *platform; /* NULL if the entry names none */
        bool is_unknown;      /* its platform is "unknown", as in attestations */
        bool is_index;
        EntryIs is;
} Entry;

static bool is_index_type(JsonSpan type)
{
        char text[MEDIA_TYPE_MAX];

        return json_span_text(type, text, sizeof(text)) &&
               (streq(text, OCI_INDEX) ||
                streq(text, "application/vnd.docker.distribution.manifest.list.v2+json"));
}

/* Reads one entry of an index. */
static int read_entry(JsonSpan entry, Arena *arena, Entry *ret, Error *err)
{
        static const char *const names[] = { "digest", "platform", "mediaType" };
        static const char *const parts[] = { "os", "architecture", "variant" };
        char digest[DIGEST_SIZE_MAX];
        JsonSpan members[3], of_platform[3];

        json_span_members(entry, names, ARRAY_SIZE(names), members);
        if (!json_span_text(members[0], digest, sizeof(digest)) || !digest_is_valid(digest))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "an index with an entry without a digest");
        json_span_members(members[1], parts, ARRAY_SIZE(parts), of_platform);
        *ret = (Entry){ .is = artifact_entry_is(entry), .is_index = is_index_type(members[2]) };
        ret->is_unknown = is_unknown(of_platform[0]) || is_unknown(of_platform[1]);
        if (platform_of(of_platform, arena, &ret->platform) < 0)
                return error_oom(err);
        ret->digest = arena_strdup(arena, digest);
        return ret->digest ? 0 : error_oom(err);
}

/* Adds an entry of an index to platforms or children. Adds only the first entry of a platform,
 * which clients without support for zstd pull. Other clients may pull a later entry, which has the
 * same configuration, or is for another version of Windows. seen has the platforms of earlier
 * entries. Returns 0 or -ENOMEM. */
static int place_entry(ParsedManifest *parsed, const Entry *entry, Map *seen)
{
        int r;

        if (entry->is == ENTRY_ATTESTATION || entry->is_unknown)
                return 0;
        r = entry->platform ? map_put(seen, entry->platform, parsed, NULL) : 1;
        if (r <= 0)
                return r;
        if (entry->platform && !entry->is_index)
                parsed->platforms.items[parsed->platforms.n++] =
                        (PlatformDigest){ .platform = entry->platform, .digest = entry->digest };
        else if (entry->is == ENTRY_IMAGE && parsed->n_children < MANIFEST_CHILDREN_MAX)
                parsed->children[parsed->n_children++] =
                        (IndexChild){ .digest = entry->digest,
                                      .platform = entry->platform,
                                      .is_index = entry->is_index };
        return 0;
}

/* Adds an entry to platforms or children. The facts have each entry that is not in platforms. */
static int add_entry(ParsedManifest *parsed, const Entry *entry, Map *seen)
{
        Pairs *others = &parsed->facts.others;
        size_t n = parsed->platforms.n;
        int r = place_entry(parsed, entry, seen);

        if (r >= 0 && parsed->platforms.n == n)
                others->items[others->n++] =
                        (Pair){ .key = entry->digest,
                                .value = entry->is != ENTRY_ATTESTATION && entry->platform
                                                 ? entry->platform
                                                 : "" };
        return r;
}

static int parse_index(JsonSpan manifests, Arena *arena, ParsedManifest *ret, Error *err)
{
        _cleanup_(map_done) Map seen = { 0 };
        size_t n = json_span_count(manifests);
        JsonCursor cursor = { 0 };
        int r;

        if (n > MANIFEST_ENTRIES_MAX)
                return error_set(err, ERROR_HOSTILE, -E2BIG, "an index of more than %d manifests",
                                 MANIFEST_ENTRIES_MAX);
        ret->platforms.items = arena_alloc_array(arena, n, sizeof(*ret->platforms.items));
        ret->children = arena_alloc_array(arena, MANIFEST_CHILDREN_MAX, sizeof(*ret->children));
        ret->facts.others.items = arena_alloc_array(arena, n, sizeof(*ret->facts.others.items));
        if (!ret->platforms.items || !ret->children || !ret->facts.others.items)
                return error_oom(err);
        while (json_span_next(manifests, &cursor)) {
                Entry entry;

                r = read_entry(cursor.value, arena, &entry, err);
                if (r < 0)
                        return r;
                if (add_entry(ret, &entry, &seen) < 0)
                        return error_oom(err);
        }
        platform_digests_sort(&ret->platforms);
        ret->facts.has_others = true;
        ret->facts.is_cut = image_others_limit(&ret->facts.others) || ret->facts.is_cut;
        return 0;
}

/* True if a configuration is that of an image, and so has a platform. Artifacts have other types of
 * configurations. */
static bool is_image_config(const char *media_type)
{
        return media_type && (streq(media_type, OCI_CONFIG) ||
                              streq(media_type, "application/vnd.docker.container.image.v1+json"));
}

/* Sets ret->config_digest if the configuration is that of an image. */
static int parse_image(JsonSpan config, Arena *arena, ParsedManifest *ret, Error *err)
{
        static const char *const names[] = { "mediaType", "digest" };
        char type[MEDIA_TYPE_MAX], digest[DIGEST_SIZE_MAX];
        JsonSpan members[2];

        json_span_members(config, names, ARRAY_SIZE(names), members);
        if (!json_span_is_text(members[1]) || !json_span_text(members[0], type, sizeof(type)) ||
            !is_image_config(type))
                return 0;
        if (!json_span_text(members[1], digest, sizeof(digest)) || !digest_is_valid(digest))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "a manifest whose configuration has no digest");
        if (streq(type, OCI_CONFIG))
                ret->implied_type = OCI_MANIFEST;
        ret->config_digest = arena_strdup(arena, digest);
        return ret->config_digest ? 0 : error_oom(err);
}

static int parse_media_type(JsonSpan span, Arena *arena, const char **ret, Error *err)
{
        char type[MEDIA_TYPE_MAX];

        *ret = NULL;
        if (!json_span_is_text(span))
                return 0;
        if (!json_span_text(span, type, sizeof(type)) || !media_type_is_valid(type))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "its mediaType is no media type (RFC 6838)");
        *ret = arena_strdup(arena, type);
        return *ret ? 0 : error_oom(err);
}

int manifest_parse(const char *data, size_t size, Arena *arena, ParsedManifest *ret, Error *err)
{
        static const char *const names[] = { "mediaType", "manifests",    "config",  "layers",
                                             "fsLayers",  "history",      "digest",  "platform",
                                             "os",        "architecture", "variant", "artifactType",
                                             NULL };
        static const char *const open[] = { "annotations", NULL };
        const JsonKeys keys = { .names = names, .open = open, .exact = true };
        enum {
                TYPE,
                MANIFESTS,
                CONFIG,
                LAYERS,
                FS_LAYERS,
                HISTORY,
                N_MEMBERS
        }; /* in the order of names */
        JsonSpan json, members[N_MEMBERS];
        bool is_index;
        int r;

        *ret = (ParsedManifest){ 0 };
        r = read_object(data, size, &keys, &json, err);
        if (r < 0)
                return r;
        json_span_members(json, names, N_MEMBERS, members);
        r = parse_media_type(members[TYPE], arena, &ret->media_type, err);
        if (r < 0)
                return r;
        if (members[FS_LAYERS].data || members[HISTORY].data)
                return error_set(err, ERROR_HOSTILE, -ENOTSUP,
                                 "a manifest of schema 1, which has no digest to "
                                 "rely on; push the image again");
        /* CVE-2021-41190: clients read such a document differently */
        if (members[MANIFESTS].data && (members[CONFIG].data || members[LAYERS].data))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "a manifest that is an image and an index at once");
        is_index = json_span_is_array(members[MANIFESTS]);
        if (!is_index && !json_span_is_object(members[CONFIG]))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "neither an image manifest nor an index");
        ret->is_index = is_index;
        ret->artifact = artifact_of(json, arena);
        if (!ret->artifact || facts_read_manifest(json, ret->media_type, arena, &ret->facts) < 0)
                return error_oom(err);
        if (is_index)
                ret->implied_type = OCI_INDEX;
        r = is_index ? parse_index(members[MANIFESTS], arena, ret, err)
                     : parse_image(members[CONFIG], arena, ret, err);
        /* buildah and podman write no mediaType into manifests of OCI */
        if (r >= 0 && !ret->facts.media_type)
                ret->facts.media_type = ret->implied_type;
        return r;
}

/* True for media types that servers send if they do not know the content, such as servers of static
 * files, object storage and gateways. */
static bool is_generic_type(const char *type)
{
        static const char *const generic[] = { "application/json", "text/json", "text/plain",
                                               "application/octet-stream", "binary/octet-stream" };

        for (size_t i = 0; i < ARRAY_SIZE(generic); i++)
                if (streq(type, generic[i]))
                        return true;
        return false;
}

/* Copies a Content-Type without parameters and blanks, in lower case, because media types ignore
 * case (RFC 6838, 4.2). */
static char *plain_type(const char *content_type, Arena *arena)
{
        char *type = arena_strndup(arena, content_type, strcspn(content_type, "; \t"));

        for (char *p = type; p && *p; p++)
                *p = text_lower(*p);
        return type;
}

const char *manifest_header_type(const char *content_type, Arena *arena)
{
        const char *type = content_type ? plain_type(content_type, arena) : NULL;

        return type && media_type_is_valid(type) && !is_generic_type(type) ? type : NULL;
}

int manifest_type(const char *content_type, const ParsedManifest *parsed, Arena *arena,
                  const char **ret, Error *err)
{
        const char *type = content_type ? plain_type(content_type, arena) : NULL;

        if (arena->failed)
                return error_oom(err);
        if (type && *type && !media_type_is_valid(type))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "its Content-Type is no media type (RFC 6838)");
        if (type && (!*type || is_generic_type(type)))
                type = NULL;
        if (parsed->media_type && type && strcasecmp(parsed->media_type, type) != 0)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "Content-Type says %s, the manifest says %s", type,
                                 parsed->media_type);
        *ret = parsed->media_type ? parsed->media_type : type ? type : parsed->implied_type;
        return *ret ? 0 : error_set(err, ERROR_HOSTILE, -EBADMSG, "no media type");
}

int config_parse(const char *data, size_t size, Arena *arena, ParsedConfig *ret, Error *err)
{
        static const char *const names[] = { "os", "architecture", "variant", "created", NULL };
        const JsonKeys keys = { .names = names, .outermost = true, .exact = true };
        char created[PLATFORM_PART_MAX];
        JsonSpan json, members[4];
        usec_t wall;
        int r;

        *ret = (ParsedConfig){ 0 };
        r = read_object(data, size, &keys, &json, err);
        if (r < 0)
                return r;
        json_span_members(json, names, ARRAY_SIZE(members), members);
        if (json_span_text(members[3], created, sizeof(created)) && time_parse(created, &wall) == 0)
                ret->created = (int64_t)(wall / USEC_PER_SEC);
        if (facts_read_labels(json, arena, &ret->labels, &ret->is_cut) < 0)
                return error_oom(err);
        return platform_of(members, arena, &ret->platform) < 0 ? error_oom(err) : 0;
}
