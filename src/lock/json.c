/* The JSON format: the native file's fields, and a map from component to image for tools that take
 * one (Terraform, Nomad, Ansible, jq). */

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/time.h"
#include "lock/internal.h"

static void text(cJSON *object, const char *name, const char *value)
{
        if (value)
                (void)cJSON_AddStringToObject(object, name, value); /* see is_whole() */
}

static void metadata(cJSON *root, const Release *release)
{
        cJSON *object = cJSON_AddObjectToObject(root, "metadata");
        char at[TIME_TEXT_SIZE];

        text(object, "name", release->name);
        text(object, "displayName", release->display_name);
        text(object, "tenant", release->tenant);
        text(object, "id", release->id.text);
        text(object, "createdAt", time_format(release->created_at, at));
}

static void images(const FormatWriter *writer, cJSON *root)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        cJSON *object = cJSON_AddObjectToObject(root, "images");

        for (size_t i = 0; i < components->n; i++)
                text(object, components->items[i].component_name,
                     arena_printf(writer->arena, "%s@%s", components->items[i].repository,
                                  components->items[i].digest));
}

static void component(const FormatWriter *writer, cJSON *list, const ReleaseComponent *item)
{
        cJSON *object = cJSON_CreateObject(), *platforms;
        char at[TIME_TEXT_SIZE];

        if (!cJSON_AddItemToArray(list, object)) {
                cJSON_Delete(object);
                return;
        }
        text(object, "name", item->component_name);
        text(object, "componentId", item->component_id);
        text(object, "role", component_role_to_string(item->role));
        text(object, "image", arena_printf(writer->arena, "%s@%s", item->repository, item->digest));
        text(object, "digest", item->digest);
        text(object, "tag", item->tag);
        text(object, "semver", item->semver);
        text(object, "channel", item->channel);
        text(object, "mediaType", item->media_type);
        (void)cJSON_AddNumberToObject(object, "size", (double)item->size);
        text(object, "resolvedAt", time_format(item->resolved_at, at));
        platforms = item->platforms.n > 0 ? cJSON_AddObjectToObject(object, "platforms") : NULL;
        for (size_t i = 0; i < item->platforms.n; i++)
                text(platforms, item->platforms.items[i].platform, item->platforms.items[i].digest);
        if (item->replaces.n > 0)
                (void)cJSON_AddItemToObject(
                        object, "replaces",
                        cJSON_CreateStringArray(item->replaces.items, (int)item->replaces.n));
}

static void source_ref(cJSON *root, const SourceRef *ref)
{
        cJSON *object;

        if (!ref->scm_integration_id && !ref->commit_sha && !ref->branch &&
            !ref->ci_integration_id && !ref->build_id && !ref->pipeline_url)
                return;
        object = cJSON_AddObjectToObject(root, "sourceRef");
        text(object, "scmIntegrationId", ref->scm_integration_id);
        text(object, "commitSha", ref->commit_sha);
        text(object, "branch", ref->branch);
        text(object, "ciIntegrationId", ref->ci_integration_id);
        text(object, "buildId", ref->build_id);
        text(object, "pipelineUrl", ref->pipeline_url);
}

static void fill(const FormatWriter *writer, cJSON *root)
{
        const Lock *lock = writer->lock;
        cJSON *list;

        text(root, "apiVersion", API_VERSION);
        text(root, "kind", "ReleaseLock");
        metadata(root, &lock->release);
        text(root, "environment", lock->environment);
        images(writer, root);
        list = cJSON_AddArrayToObject(root, "components");
        for (size_t i = 0; i < lock->release.components.n; i++)
                component(writer, list, &lock->release.components.items[i]);
        source_ref(root, &lock->release.source_ref);
        text(root, "specDigest", lock->release.spec_digest);
        text(root, "lockDigest", lock->lock_digest);
}

/* The last member is there only if memory lasted to it; it is short of nothing then that mattered
 * more. */
static bool is_whole(const FormatWriter *writer, const cJSON *root)
{
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "components"),
                    *images = cJSON_GetObjectItemCaseSensitive(root, "images");
        int n = (int)writer->lock->release.components.n;

        return cJSON_HasObjectItem(root, "lockDigest") && cJSON_GetArraySize(list) == n &&
               cJSON_GetArraySize(images) == n;
}

int format_json(const FormatWriter *writer, Buffer *out)
{
        cJSON *root = cJSON_CreateObject();
        char *printed = NULL;
        int r;

        if (root)
                fill(writer, root);
        if (root && is_whole(writer, root))
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
