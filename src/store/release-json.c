#include "store/release-json.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/parse.h"
#include "model/json.h"
#include "model/schema/encode.h"

static void member(Buffer *out, const char *name, const char *value)
{
        if (!value)
                return;
        (void)buffer_printf(out, "%s\"%s\":", out->data[out->size - 1] == '{' ? "" : ",", name);
        (void)encode_string(value, out);
}

int platforms_to_json(const PlatformDigests *platforms, Buffer *out)
{
        (void)buffer_putc(out, '{');
        for (size_t i = 0; i < platforms->n; i++) {
                (void)(i > 0 ? buffer_putc(out, ',') : 0);
                (void)encode_string(platforms->items[i].platform, out);
                (void)buffer_putc(out, ':');
                (void)encode_string(platforms->items[i].digest, out);
        }
        return buffer_putc(out, '}');
}

int pairs_to_json(const Pairs *pairs, Buffer *out)
{
        (void)buffer_putc(out, '{');
        for (size_t i = 0; i < pairs->n; i++) {
                (void)(i > 0 ? buffer_putc(out, ',') : 0);
                (void)encode_string(pairs->items[i].key, out);
                (void)buffer_putc(out, ':');
                (void)encode_string(pairs->items[i].value, out);
        }
        return buffer_putc(out, '}');
}

/* Appends a member with a list of texts. Appends nothing if the list is empty. */
static int strings_to_json(const char *name, const Strings *strings, Buffer *out)
{
        for (size_t i = 0; i < strings->n; i++) {
                (void)(i == 0 ? buffer_printf(out, ",\"%s\":[", name) : buffer_putc(out, ','));
                (void)encode_string(strings->items[i], out);
        }
        return strings->n > 0 ? buffer_putc(out, ']') : 0;
}

/* Appends the member source. Appends nothing if the source is not known. */
static void source_to_json(const ComponentSource *source, Buffer *out)
{
        if (!source->repository && !source->revision)
                return;
        (void)buffer_puts(out, ",\"source\":{");
        member(out, "repository", source->repository);
        member(out, "revision", source->revision);
        (void)buffer_putc(out, '}');
}

int components_to_json(const ReleaseComponents *components, Buffer *out)
{
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                char at[TIME_TEXT_SIZE];

                (void)buffer_puts(out, i > 0 ? ",{" : "{");
                member(out, "componentId", component->component_id);
                member(out, "componentName", component->component_name);
                member(out, "digest", component->digest);
                member(out, "semver", component->semver);
                member(out, "tag", component->tag);
                member(out, "role", component_role_to_string(component->role));
                member(out, "imageRepository", component->repository);
                member(out, "channel", component->channel);
                member(out, "mediaType", component->media_type);
                if (component->artifact != ARTIFACT_IMAGE)
                        member(out, "artifact", artifact_kind_to_string(component->artifact));
                member(out, "resolvedAt", time_format(component->resolved_at, at));
                (void)buffer_printf(out,
                                    ",\"size\":%lld,\"platforms\":", (long long)component->size);
                (void)platforms_to_json(&component->platforms, out);
                if (component->configs.n > 0) {
                        (void)buffer_puts(out, ",\"configs\":");
                        (void)platforms_to_json(&component->configs, out);
                }
                source_to_json(&component->source, out);
                (void)strings_to_json("replaces", &component->replaces, out);
                (void)buffer_putc(out, '}');
        }
        return buffer_putc(out, ']');
}

int source_ref_to_json(const SourceRef *ref, Buffer *out)
{
        (void)buffer_putc(out, '{');
        member(out, "scmIntegrationId", ref->scm_integration_id);
        member(out, "commitSha", ref->commit_sha);
        member(out, "branch", ref->branch);
        member(out, "ciIntegrationId", ref->ci_integration_id);
        member(out, "buildId", ref->build_id);
        member(out, "pipelineUrl", ref->pipeline_url);
        return buffer_putc(out, '}');
}

/* --- reading (an invalid text means damage) --------------------------------------------------- */

static int parse(const char *json, Arena *arena, NodeType type, Node **ret, Error *err)
{
        int r;

        r = json_to_node(json, strlen(json), arena, ret, err);
        if (r < 0)
                return r == -ENOMEM ? r : error_prefix(err, r, "damaged JSON in the database");
        if ((*ret)->type != type)
                return error_set(err, ERROR_INTERNAL, -EBADMSG, "damaged JSON in the database");
        return 0;
}

static int pairs_of(const Node *node, Arena *arena, Pairs *ret, Error *err)
{
        size_t n = node && node->type == NODE_MAPPING ? node->n : 0;

        ret->n = 0;
        ret->items = arena_alloc_array(arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < n; i++)
                if (node->entries[i].value->type == NODE_SCALAR)
                        ret->items[ret->n++] = (Pair){ .key = node->entries[i].key,
                                                       .value = node->entries[i].value->text };
        return 0;
}

/* Reads an object of platforms and digests. */
static int platforms_of(const Node *node, Arena *arena, PlatformDigests *ret, Error *err)
{
        Pairs pairs;
        int r;

        r = pairs_of(node, arena, &pairs, err);
        if (r < 0)
                return r;
        ret->n = pairs.n;
        ret->items = arena_alloc_array(arena, pairs.n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < pairs.n; i++)
                ret->items[i] = (PlatformDigest){ .platform = pairs.items[i].key,
                                                  .digest = pairs.items[i].value };
        return 0;
}

/* Components are the largest part of the data of a search. For speed they are read directly from
 * cJSON, without nodes. */

static const char *member_of(const cJSON *json, const char *name, Arena *arena)
{
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

        return cJSON_IsString(item) ? arena_strdup(arena, item->valuestring) : NULL;
}

static int damaged(const Arena *arena, Error *err)
{
        if (arena->failed)
                return error_oom(err);
        return error_set(err, ERROR_INTERNAL, -EBADMSG, "damaged release in the database");
}

static int read_platforms(const cJSON *json, Arena *arena, PlatformDigests *ret, Error *err)
{
        const cJSON *item;

        ret->n = 0;
        ret->items =
                arena_alloc_array(arena, (size_t)cJSON_GetArraySize(json) + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        cJSON_ArrayForEach(item, json)
        {
                /* an item without a key, as in a list, is invalid */
                if (!cJSON_IsString(item) || !item->string)
                        return damaged(arena, err);
                ret->items[ret->n] = (PlatformDigest){
                        .platform = arena_strdup(arena, item->string),
                        .digest = arena_strdup(arena, item->valuestring),
                };
                if (!ret->items[ret->n].platform || !ret->items[ret->n].digest)
                        return error_oom(err);
                ret->n++;
        }
        return 0;
}

/* Reads a list of texts. json may be NULL for an empty list. */
static int read_strings(const cJSON *json, Arena *arena, Strings *ret, Error *err)
{
        const cJSON *item;

        ret->n = 0;
        ret->items =
                arena_alloc_array(arena, (size_t)cJSON_GetArraySize(json) + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        cJSON_ArrayForEach(item, json)
        {
                ret->items[ret->n] =
                        cJSON_IsString(item) ? arena_strdup(arena, item->valuestring) : NULL;
                if (!ret->items[ret->n])
                        return damaged(arena, err);
                ret->n++;
        }
        return 0;
}

static int component_of(const cJSON *json, Arena *arena, ReleaseComponent *ret, Error *err)
{
        const char *role = member_of(json, "role", arena),
                   *at = member_of(json, "resolvedAt", arena),
                   *artifact = member_of(json, "artifact", arena);
        const cJSON *size = cJSON_GetObjectItemCaseSensitive(json, "size"),
                    *source = cJSON_GetObjectItemCaseSensitive(json, "source");
        int r;

        *ret = (ReleaseComponent){
                .component_id = member_of(json, "componentId", arena),
                .component_name = member_of(json, "componentName", arena),
                .repository = member_of(json, "imageRepository", arena),
                .digest = member_of(json, "digest", arena),
                .tag = member_of(json, "tag", arena),
                .semver = member_of(json, "semver", arena),
                .channel = member_of(json, "channel", arena),
                .media_type = member_of(json, "mediaType", arena),
                .source = { member_of(source, "repository", arena),
                            member_of(source, "revision", arena) },
                .size = cJSON_IsNumber(size) ? (int64_t)size->valuedouble : -1,
        };
        if (!ret->component_id || !ret->component_name || !ret->repository || !ret->digest ||
            !role || !at || !cJSON_IsNumber(size) ||
            component_role_from_string(role, &ret->role) < 0 ||
            time_parse(at, &ret->resolved_at) < 0 ||
            (artifact && artifact_kind_from_string(artifact, &ret->artifact) < 0))
                return damaged(arena, err);
        r = read_strings(cJSON_GetObjectItemCaseSensitive(json, "replaces"), arena, &ret->replaces,
                         err);
        if (r >= 0)
                r = read_platforms(cJSON_GetObjectItemCaseSensitive(json, "configs"), arena,
                                   &ret->configs, err);
        return r < 0 ? r
                     : read_platforms(cJSON_GetObjectItemCaseSensitive(json, "platforms"), arena,
                                      &ret->platforms, err);
}

int components_from_json(const char *json, Arena *arena, ReleaseComponents *ret, Error *err)
{
        _cleanup_(json_free) cJSON *list = NULL;
        const cJSON *item;
        int r;

        ret->n = 0;
        ret->items = NULL;
        r = json_parse(json, strlen(json), &list, NULL, err);
        if (r >= 0 && !cJSON_IsArray(list))
                r = damaged(arena, err);
        if (r >= 0) {
                ret->items = arena_alloc_array(arena, (size_t)cJSON_GetArraySize(list) + 1,
                                               sizeof(*ret->items));
                if (!ret->items)
                        r = error_oom(err);
        }
        cJSON_ArrayForEach(item, list)
        {
                if (r >= 0)
                        r = component_of(item, arena, &ret->items[ret->n++], err);
        }
        /* an optional member may be missing because memory ran out */
        return r >= 0 && arena->failed ? error_oom(err) : r;
}

int source_ref_from_json(const char *json, Arena *arena, SourceRef *ret, Error *err)
{
        Node *node;
        int r;

        r = parse(json, arena, NODE_MAPPING, &node, err);
        if (r < 0)
                return r;
        *ret = (SourceRef){
                .scm_integration_id = node_get_text(node, "scmIntegrationId"),
                .commit_sha = node_get_text(node, "commitSha"),
                .branch = node_get_text(node, "branch"),
                .ci_integration_id = node_get_text(node, "ciIntegrationId"),
                .build_id = node_get_text(node, "buildId"),
                .pipeline_url = node_get_text(node, "pipelineUrl"),
        };
        return 0;
}

int platforms_from_json(const char *json, Arena *arena, PlatformDigests *ret, Error *err)
{
        Node *node;
        int r;

        r = parse(json, arena, NODE_MAPPING, &node, err);
        return r < 0 ? r : platforms_of(node, arena, ret, err);
}

int pairs_from_json(const char *json, Arena *arena, Pairs *ret, Error *err)
{
        Node *node;
        int r;

        r = parse(json, arena, NODE_MAPPING, &node, err);
        return r < 0 ? r : pairs_of(node, arena, ret, err);
}
