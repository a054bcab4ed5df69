/* Writes the JSON format: the fields of the native format, and a map from component to image for
 * tools such as Terraform, Nomad, Ansible and jq. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "base/time.h"
#include "lock/internal.h"

/* The failures while the tree is built. After one the writer writes nothing, because a member would
 * be missing. */
typedef struct Maker {
        const FormatWriter *writer;
        bool failed;
} Maker;

static void text(Maker *maker, cJSON *object, const char *name, const char *value)
{
        if (!value || !cJSON_AddStringToObject(object, name, value))
                maker->failed = true;
}

static void some_text(Maker *maker, cJSON *object, const char *name, const char *value)
{
        if (value)
                text(maker, object, name, value);
}

static cJSON *added(Maker *maker, cJSON *item)
{
        maker->failed = maker->failed || !item;
        return item;
}

static void metadata(Maker *maker, cJSON *root, const Release *release)
{
        cJSON *object = added(maker, cJSON_AddObjectToObject(root, "metadata"));
        char at[TIME_TEXT_SIZE];

        text(maker, object, "name", release->name);
        some_text(maker, object, "displayName", release->display_name);
        text(maker, object, "tenant", release->tenant);
        text(maker, object, "id", release->id.text);
        text(maker, object, "createdAt", time_format(release->created_at, at));
}

static const char *image_of(Maker *maker, const ReleaseComponent *component)
{
        return arena_printf(maker->writer->arena, "%s@%s", component->repository,
                            component->digest);
}

static void images(Maker *maker, cJSON *root)
{
        const ReleaseComponents *components = &maker->writer->lock->release.components;
        cJSON *object = added(maker, cJSON_AddObjectToObject(root, "images"));

        for (size_t i = 0; i < components->n; i++)
                if (components->items[i].artifact == ARTIFACT_IMAGE)
                        text(maker, object, components->items[i].component_name,
                             image_of(maker, &components->items[i]));
}

static void some_platforms(Maker *maker, cJSON *object, const char *name,
                           const PlatformDigests *platforms)
{
        cJSON *map;

        if (platforms->n == 0)
                return;
        map = added(maker, cJSON_AddObjectToObject(object, name));
        for (size_t i = 0; i < platforms->n; i++)
                text(maker, map, platforms->items[i].platform, platforms->items[i].digest);
}

static void source(Maker *maker, cJSON *object, const ComponentSource *item)
{
        cJSON *map;

        if (!item->repository && !item->revision)
                return;
        map = added(maker, cJSON_AddObjectToObject(object, "source"));
        some_text(maker, map, "repository", item->repository);
        some_text(maker, map, "revision", item->revision);
}

static void lists(Maker *maker, cJSON *object, const ReleaseComponent *item)
{
        cJSON *replaces;

        some_platforms(maker, object, "platforms", &item->platforms);
        some_platforms(maker, object, "configs", &item->configs);
        source(maker, object, &item->source);
        if (item->replaces.n > 0) {
                replaces = added(maker, cJSON_CreateStringArray(item->replaces.items,
                                                                (int)item->replaces.n));
                if (!cJSON_AddItemToObject(object, "replaces", replaces)) {
                        cJSON_Delete(replaces);
                        maker->failed = true;
                }
        }
}

static void component(Maker *maker, cJSON *list, const ReleaseComponent *item)
{
        cJSON *object = cJSON_CreateObject();
        char at[TIME_TEXT_SIZE], size[24];

        if (!cJSON_AddItemToArray(list, object)) {
                cJSON_Delete(object);
                maker->failed = true;
                return;
        }
        text(maker, object, "name", item->component_name);
        text(maker, object, "componentId", item->component_id);
        text(maker, object, "role", component_role_to_string(item->role));
        text(maker, object, "image", image_of(maker, item));
        text(maker, object, "digest", item->digest);
        some_text(maker, object, "tag", item->tag);
        some_text(maker, object, "semver", item->semver);
        some_text(maker, object, "channel", item->channel);
        some_text(maker, object, "mediaType", item->media_type);
        if (item->artifact != ARTIFACT_IMAGE)
                text(maker, object, "artifact", artifact_kind_to_string(item->artifact));
        (void)snprintf(size, sizeof(size), "%lld", (long long)item->size);
        /* cJSON would round a large size, because its numbers are doubles */
        (void)added(maker, cJSON_AddRawToObject(object, "size", size));
        text(maker, object, "resolvedAt", time_format(item->resolved_at, at));
        lists(maker, object, item);
}

static void source_ref(Maker *maker, cJSON *root, const SourceRef *ref)
{
        cJSON *object;

        if (!ref->scm_integration_id && !ref->commit_sha && !ref->branch &&
            !ref->ci_integration_id && !ref->build_id && !ref->pipeline_url)
                return;
        object = added(maker, cJSON_AddObjectToObject(root, "sourceRef"));
        some_text(maker, object, "scmIntegrationId", ref->scm_integration_id);
        some_text(maker, object, "commitSha", ref->commit_sha);
        some_text(maker, object, "branch", ref->branch);
        some_text(maker, object, "ciIntegrationId", ref->ci_integration_id);
        some_text(maker, object, "buildId", ref->build_id);
        some_text(maker, object, "pipelineUrl", ref->pipeline_url);
}

static void fill(Maker *maker, cJSON *root)
{
        const Lock *lock = maker->writer->lock;
        cJSON *list;

        text(maker, root, "apiVersion", API_VERSION);
        text(maker, root, "kind", "ReleaseLock");
        metadata(maker, root, &lock->release);
        some_text(maker, root, "environment", lock->environment);
        images(maker, root);
        list = added(maker, cJSON_AddArrayToObject(root, "components"));
        for (size_t i = 0; i < lock->release.components.n; i++)
                component(maker, list, &lock->release.components.items[i]);
        source_ref(maker, root, &lock->release.source_ref);
        some_text(maker, root, "specDigest", lock->release.spec_digest);
        text(maker, root, "lockDigest", lock->lock_digest);
}

int format_json(const FormatWriter *writer, Buffer *out)
{
        cJSON *root = cJSON_CreateObject();
        Maker maker = { .writer = writer };
        char *printed = NULL;
        int r;

        if (root)
                fill(&maker, root);
        if (root && !maker.failed)
                printed = cJSON_Print(root);
        cJSON_Delete(root);
        if (!printed)
                return error_oom(writer->err);
        (void)buffer_puts(out, printed);
        (void)buffer_putc(out, '\n');
        cJSON_free(printed);
        r = format_add(writer, "", out);
        return r;
}
