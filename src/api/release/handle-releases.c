/* /api/v1/releases and their subresources. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "api/page.h"
#include "base/limits.h"

const char *release_etag(Request *request, const Release *release)
{
        _cleanup_(buffer_done) Buffer text;
        char digest[DIGEST_SIZE_MAX];

        buffer_init(&text, API_BODY_MAX);
        (void)buffer_printf(&text, "%s\n%s\n", release->display_name,
                            release_status_to_string(release->status));
        for (size_t i = 0; i < release->metadata.n; i++)
                (void)buffer_printf(&text, "%s\n%s\n", release->metadata.items[i].key,
                                    release->metadata.items[i].value);
        if (text.failed)
                return NULL;
        digest_sha256(text.data, text.size, digest);
        return arena_printf(&request->arena, "\"%.16s\"", digest + strlen("sha256:"));
}

int show_release(Request *request, const char *id, Error *err)
{
        Json json = { .out = &request->answer.body };
        Release release;
        int r;

        r = find_release(request, id, &release, err);
        if (r < 0)
                return r;
        request_header_out(request, "ETag", release_etag(request, &release));
        return entity_release(request, &json, NULL, &release, err);
}

int handle_release(Request *request, Error *err)
{
        return show_release(request, request_parameter(request, "id"), err);
}

/* --- lists ------------------------------------------------------------------------------------ */

typedef struct ReleaseMeta {
        int64_t page, page_size, total;
} ReleaseMeta;

static void write_page_ends(Json *json, bool is_end, void *userdata)
{
        const ReleaseMeta *meta = userdata;

        if (!is_end) {
                json_begin(json, NULL, '{');
                json_begin(json, "data", '[');
                return;
        }
        json_end(json, ']');
        json_begin(json, "meta", '{');
        json_int(json, "page", meta->page);
        json_int(json, "pageSize", meta->page_size);
        json_int(json, "total", meta->total);
        json_int(json, "totalPages", (meta->total + meta->page_size - 1) / meta->page_size);
        json_end(json, '}');
        json_end(json, '}');
}

static void write_array_ends(Json *json, bool is_end, void *userdata)
{
        (void)userdata;
        if (is_end)
                json_end(json, ']');
        else
                json_begin(json, NULL, '[');
}

static int check_filter(const ReleaseFilter *filter, Error *err)
{
        ReleaseStatus status;

        if (filter->status && release_status_from_string(filter->status, &status) < 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter status: draft, ready, promoting, deployed, deprecated "
                                 "or archived, not '%s'",
                                 filter->status);
        return 0;
}

/* Reads the parameter digest: a digest, or 8 or more of its first hex digits, with or without the
 * algorithm. */
static int read_digest(Request *request, ReleaseFilter *filter, Error *err)
{
        const char *text = request_query(request, "digest");

        filter->digest = text;
        if (!text || digest_is_valid(text))
                return 0;
        if (!digest_is_prefix(text))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "parameter digest: a digest, or %d or more of its first hex digits",
                        DIGEST_PREFIX_MIN);
        if (!strchr(text, ':'))
                filter->digest = arena_printf(&request->arena, "sha256:%s", text);
        return filter->digest ? 0 : error_oom(err);
}

/* Reads a parameter that is a digest, or an image with its digest. */
static int read_image_digest(Request *request, const char *name, const char **ret, Error *err)
{
        const char *text = request_query(request, name), *at = text ? strrchr(text, '@') : NULL;

        *ret = at ? at + 1 : text;
        return !text || digest_is_valid(*ret)
                       ? 0
                       : error_set(err, ERROR_INVALID, -EINVAL,
                                   "parameter %s: a complete digest such as sha256:… with 64 hex "
                                   "digits, not '%s'",
                                   name, text);
}

/* Reads the parameters layer and base: digests of a layer, or of a base image. Refuses more than
 * one of the parameters digest, layer and base. */
static int read_images(Request *request, ReleaseFilter *filter, Error *err)
{
        int r = read_image_digest(request, "layer", &filter->layer, err);

        if (r >= 0)
                r = read_image_digest(request, "base", &filter->base, err);
        if (r < 0)
                return r;
        if (!!filter->digest + !!filter->layer + !!filter->base > 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameters digest, layer and base: give only one of them");
        if (filter->layer && strncmp(filter->layer, "sha256:", 7) != 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter layer: only SHA-256 digests of layers are stored");
        return 0;
}

/* Reads the parameter label: KEY or KEY=VALUE. */
static int read_label(Request *request, ReleaseFilter *filter, Error *err)
{
        const char *label = request_query(request, "label");
        const char *equals = label ? strchr(label, '=') : NULL;

        filter->label = label;
        if (!equals)
                return 0;
        filter->label = arena_strndup(&request->arena, label, (size_t)(equals - label));
        filter->label_value = equals + 1;
        return filter->label ? 0 : error_oom(err);
}

static int read_filter(Request *request, ReleaseFilter *filter, Error *err)
{
        const char *component = request_query(request, "componentId");
        int r;

        *filter = (ReleaseFilter){ .tenant = request_tenant(request),
                                   .status = request_query(request, "status"),
                                   .component_id = component,
                                   .version = request_query(request, "version"),
                                   .text = request_query(request, "text") };
        if (component && !uuid_is_valid(component)) {
                const Object *object = catalog_object(request->api->reconciler, KIND_COMPONENT,
                                                      filter->tenant, component);

                if (!object)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "parameter componentId: there is no component '%s' in "
                                         "tenant '%s'; %s",
                                         component, filter->tenant,
                                         lookup_advice(request, KIND_COMPONENT, component));
                filter->component_id = object->id.text;
        }
        r = read_label(request, filter, err);
        if (r >= 0)
                r = request_time(request, "since", &filter->since, err);
        if (r >= 0)
                r = request_time(request, "until", &filter->until, err);
        if (r >= 0)
                r = read_digest(request, filter, err);
        if (r >= 0)
                r = read_images(request, filter, err);
        return r < 0 ? r : check_filter(filter, err);
}

int handle_releases(Request *request, Error *err)
{
        ReleaseMeta *meta = arena_alloc(&request->arena, sizeof(*meta));
        ReleaseFilter filter;
        Releases releases;
        int64_t number = 0;
        Page page;
        int r;

        r = meta ? request_page(request, &page, &number, err) : error_oom(err);
        if (r >= 0)
                r = read_filter(request, &filter, err);
        if (r >= 0)
                r = store_search(reconciler_store(request->api->reconciler), &filter, &page,
                                 &request->arena, &releases, err);
        if (r < 0)
                return r;
        *meta = (ReleaseMeta){ .page = number, .page_size = page.limit, .total = releases.total };
        return list_releases(request, &releases, write_page_ends, meta, err);
}

int handle_component_releases(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        Releases releases;
        int64_t number;
        Page page;
        int r;

        if (!component)
                return -ENOENT;
        r = request_page(request, &page, &number, err);
        if (r >= 0)
                r = store_releases_of_component(reconciler_store(request->api->reconciler),
                                                component->object.id.text, &page, &request->arena,
                                                &releases, err);
        if (r < 0)
                return r;
        return list_releases(request, &releases, write_array_ends, NULL, err);
}

/* --- one release ------------------------------------------------------------------------------ */

int handle_release_state(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Deployments deployments;
        Release release;
        int r;

        r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r >= 0)
                r = store_deployments_of(reconciler_store(request->api->reconciler),
                                         release.id.text, &request->arena, &deployments, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "environments", '[');
        for (size_t i = 0; i < deployments.n; i++) {
                const Deployment *deployment = &deployments.items[i];
                bool current = streq(deployment->release_id, release.id.text);

                json_begin(&json, NULL, '{');
                json_text(&json, "environmentId", deployment->environment_id);
                json_text(&json, "environment",
                          environment_name(request, deployment->environment_id));
                json_text(&json, "status",
                          deployment_status_to_string(current ? deployment->status
                                                              : DEPLOYMENT_DEPLOYED));
                json_time(&json, "deployedAt", deployment->at);
                json_end(&json, '}');
        }
        json_end(&json, ']');
        json_end(&json, '}');
        return 0;
}

int handle_lineage(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Deployments path;
        Release release;
        int r;

        r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r >= 0)
                r = store_history_of_release(reconciler_store(request->api->reconciler),
                                             release.id.text, &request->arena, &path, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_text(&json, "releaseId", release.id.text);
        r = entity_release(request, &json, "release", &release, err);
        json_begin(&json, "path", '[');
        for (size_t i = 0; i < path.n; i++)
                entity_deployment(request, &json, &path.items[i]);
        json_end(&json, ']');
        json_end(&json, '}');
        return r;
}

int handle_compare(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        ReleaseDiff diff;
        Release a, b;
        int r;

        r = find_release(request, request_parameter(request, "id"), &a, err);
        if (r >= 0)
                r = find_release(request, request_parameter(request, "otherId"), &b, err);
        if (r >= 0 && release_diff(&a.components, &b.components, &request->arena, &diff) < 0)
                r = error_oom(err);
        if (r < 0)
                return r;
        entity_diff(&json, NULL, &a, &b, &diff);
        return 0;
}
