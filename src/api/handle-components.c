/* /api/v1/components, version-maps, registries, streams and events. */

#include <errno.h>

#include "api/entity.h"
#include "base/parse.h"

#define EVENTS_DEFAULT 100
#define EVENTS_MAX     1000
#define VERSIONS_MAX   100000

static int not_found(Error *err, const char *what)
{
        return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no such %s", what);
}

static Store *store_of(Request *request)
{
        return reconciler_store(request->api->reconciler);
}

static const ComponentSpec *find(Request *request, Error *err)
{
        const Object *object =
                catalog_object(request->api->reconciler, KIND_COMPONENT, request_tenant(request),
                               request_parameter(request, "id"));

        if (!object)
                (void)not_found(err, "component");
        return (const ComponentSpec *)object;
}

/* --- entities --------------------------------------------------------------------------------- */

static void write_object(Request *request, Json *json, const Object *object)
{
        Uuid tenant = tenant_id(object->meta.tenant);

        json_text(json, "id", object->id.text);
        json_text(json, "tenantId", tenant.text);
        json_text(json, "name", object->meta.name);
        json_text(json, "displayName", object_display_name(object));
        json_pairs(json, "metadata", &object->meta.labels);
        json_text(json, "managedBy", managed_by_to_string(MANAGED_BY_SPEC));
        if (object->place.file)
                json_text(json, "declaredAt",
                          arena_printf(&request->arena, "%s:%u", object->place.file,
                                       object->place.line));
}

static int write_channels(Request *request, Json *json, const char *component_id, Error *err)
{
        Channels channels;
        int r;

        r = store_channels(store_of(request), component_id, &request->arena, &channels, err);
        if (r < 0)
                return r;
        json_begin(json, "channels", '{');
        for (size_t i = 0; i < channels.n; i++) {
                const Channel *channel = &channels.items[i];

                json_begin(json, channel->name, '{');
                json_text(json, "tag", channel->tag);
                json_text(json, "digest", channel->digest);
                json_text(json, "semver", channel->semver);
                json_time(json, "movedAt", channel->moved_at);
                json_end(json, '}');
        }
        json_end(json, '}');
        return 0;
}

static int write_component(Request *request, Json *json, const ComponentSpec *component, Error *err)
{
        const RegistrySpec *registry =
                model_component_registry(reconciler_model(request->api->reconciler), component);
        const VersionStrategy *strategy = &component->versioning_strategy;
        int r;

        json_begin(json, NULL, '{');
        write_object(request, json, &component->object);
        json_text(json, "imageRepository", component->image_repository);
        json_text(json, "registryIntegrationId", registry ? registry->object.id.text : NULL);
        json_begin(json, "versioningStrategy", '{');
        json_text(json, "type", strategy_type_to_string(strategy->type));
        json_some(json, "tagPattern", strategy->tag_pattern);
        json_some(json, "semverExtract", strategy->semver_extract);
        json_some(json, "follow", strategy->follow);
        json_end(json, '}');
        json_text(json, "deploymentTemplate", component->deployment_template);
        json_text(json, "defaultChannel", component->default_channel);
        json_bool(json, "suspend", component->suspend);
        r = write_channels(request, json, component->object.id.text, err);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_COMPONENT, component->object.id.text,
                                      err);
        json_end(json, '}');
        return r;
}

static void write_version(Json *json, const char *component_id, const VersionMap *version)
{
        json_begin(json, NULL, '{');
        json_text(json, "id", version->id.text);
        json_text(json, "componentId", component_id);
        json_text(json, "tag", version->tag);
        json_text(json, "digest", version->digest);
        json_text(json, "semver", version->semver);
        json_text(json, "channel", version->channel);
        json_bool(json, "prerelease", version->prerelease);
        json_text(json, "buildMetadata", version->build_metadata);
        json_time(json, "resolvedAt", version->resolved_at);
        json_text(json, "source", version_source_to_string(version->source));
        json_bool(json, "vanished", version->vanished);
        json_end(json, '}');
}

static int write_versions(Request *request, Json *json, const char *component_id, Error *err)
{
        const char *limit = request_query(request, "limit");
        VersionFilter filter = { .channel = request_query(request, "channel") };
        VersionMaps versions;
        uint64_t number = VERSIONS_MAX;
        int r;

        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > VERSIONS_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", VERSIONS_MAX);
        filter.limit = (size_t)number;
        r = store_versions(store_of(request), component_id, &filter, &request->arena, &versions,
                           err);
        if (r < 0)
                return r;
        json_begin(json, json->comma ? "versions" : NULL, '[');
        for (size_t i = 0; i < versions.n; i++)
                write_version(json, component_id, &versions.items[i]);
        json_end(json, ']');
        return 0;
}

/* --- components ------------------------------------------------------------------------------- */

int handle_components(Request *request, Error *err)
{
        const Model *model = reconciler_model(request->api->reconciler);
        const char *tenant = request_tenant(request);
        Json json = { .out = &request->answer.body };
        int r = 0;

        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < model->components.n && r >= 0; i++)
                if (streq(model->components.items[i]->object.meta.tenant, tenant))
                        r = write_component(request, &json, model->components.items[i], err);
        json_end(&json, ']');
        return r;
}

int handle_component(Request *request, Error *err)
{
        const ComponentSpec *component = find(request, err);
        Json json = { .out = &request->answer.body };

        return component ? write_component(request, &json, component, err) : -ENOENT;
}

int handle_versions(Request *request, Error *err)
{
        const ComponentSpec *component = find(request, err);
        Json json = { .out = &request->answer.body };

        return component ? write_versions(request, &json, component->object.id.text, err) : -ENOENT;
}

int handle_version_maps(Request *request, Error *err)
{
        const char *wanted = request_query(request, "componentId");
        Json json = { .out = &request->answer.body };
        const Object *component;

        if (!wanted)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter componentId: of which component?");
        component = catalog_object(request->api->reconciler, KIND_COMPONENT,
                                   request_tenant(request), wanted);
        return component ? write_versions(request, &json, component->id.text, err)
                         : not_found(err, "component");
}

/* --- sync ------------------------------------------------------------------------------------- */

static void on_synced(const Error *error, void *userdata)
{
        Request *request = userdata;
        Json json = { .out = &request->answer.body };
        _cleanup_(error_done) Error own = { 0 };
        VersionMaps versions;
        const VersionFilter all = { 0 };
        int r = 0;

        request->waiter = NULL;
        if (error) {
                request_fail(request, error);
                request_resume(request);
                return;
        }
        r = store_versions(store_of(request), request->subject, &all, &request->arena, &versions,
                           &own);
        if (r >= 0) {
                json_begin(&json, NULL, '{');
                json_int(&json, "synced", (int64_t)versions.n);
                r = write_versions(request, &json, request->subject, &own);
                json_end(&json, '}');
        }
        if (r < 0)
                request_fail(request, &own);
        request_resume(request);
}

/* Answers when it is done: the connection sleeps meanwhile. */
int handle_sync_versions(Request *request, Error *err)
{
        static const char *const names[] = { "forceRefresh", NULL };
        const ComponentSpec *component = find(request, err);
        const Node *body, *force;
        int r;

        if (!component)
                return -ENOENT;
        r = request_body(request, names, &body, err);
        if (r < 0)
                return r;
        force = node_get(body, "forceRefresh");
        if (force && (force->type != NODE_SCALAR || force->style != SCALAR_PLAIN ||
                      (!streq(force->text, "true") && !streq(force->text, "false")))) {
                request->pointer = "/forceRefresh";
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: forceRefresh is true or false");
        }
        request->subject = arena_strdup(&request->arena, component->object.id.text);
        if (!request->subject)
                return error_oom(err);
        r = reconciler_sync(request->api->reconciler, component->object.id.text,
                            &(SyncCommand){ .force_refresh = force && streq(force->text, "true"),
                                            .done = on_synced,
                                            .userdata = request },
                            &request->waiter, err);
        if (r >= 0)
                request_suspend(request);
        return r;
}

/* --- registries and streams ------------------------------------------------------------------- */

static int write_registry(Request *request, Json *json, const RegistrySpec *registry, Error *err)
{
        int r;

        json_begin(json, NULL, '{');
        write_object(request, json, &registry->object);
        json_text(json, "type", registry_type_to_string(registry->type));
        json_text(json, "url", registry->url);
        r = entity_conditions(request, json, KIND_REGISTRY, registry->object.id.text, err);
        json_end(json, '}');
        return r;
}

int handle_registries(Request *request, Error *err)
{
        const Model *model = reconciler_model(request->api->reconciler);
        const char *tenant = request_tenant(request);
        Json json = { .out = &request->answer.body };
        int r = 0;

        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < model->registries.n && r >= 0; i++)
                if (streq(model->registries.items[i]->object.meta.tenant, tenant))
                        r = write_registry(request, &json, model->registries.items[i], err);
        json_end(&json, ']');
        return r;
}

int handle_registry(Request *request, Error *err)
{
        const Object *object =
                catalog_object(request->api->reconciler, KIND_REGISTRY, request_tenant(request),
                               request_parameter(request, "id"));
        Json json = { .out = &request->answer.body };

        return object ? write_registry(request, &json, (const RegistrySpec *)object, err)
                      : not_found(err, "registry");
}

int handle_streams(Request *request, Error *err)
{
        const Model *model = reconciler_model(request->api->reconciler);
        const char *tenant = request_tenant(request);
        Json json = { .out = &request->answer.body };
        int r = 0;

        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < model->streams.n && r >= 0; i++) {
                const StreamSpec *stream = model->streams.items[i];

                if (!streq(stream->object.meta.tenant, tenant))
                        continue;
                json_begin(&json, NULL, '{');
                write_object(request, &json, &stream->object);
                json_some(&json, "channel", stream->channel);
                json_text(&json, "nameTemplate", stream->name_template);
                r = entity_conditions(request, &json, KIND_STREAM, stream->object.id.text, err);
                json_end(&json, '}');
        }
        json_end(&json, ']');
        return r;
}

/* --- events ----------------------------------------------------------------------------------- */

static void write_event(Json *json, const Event *event)
{
        json_begin(json, NULL, '{');
        json_int(json, "sequence", event->sequence);
        json_text(json, "id", event->id.text);
        json_text(json, "type", event_type_to_string(event->type));
        json_text(json, "kind", object_kind_to_string(event->kind));
        json_text(json, "objectId", event->object_id);
        json_text(json, "objectName", event->object_name);
        json_time(json, "at", event->at);
        json_raw(json, "data", event->data);
        json_end(json, '}');
}

/* after: a sequence; the answer's meta.next is the after of the next page. */
int handle_events(Request *request, Error *err)
{
        const char *after = request_query(request, "after"),
                   *limit = request_query(request, "limit");
        uint64_t from = 0, number = EVENTS_DEFAULT;
        Json json = { .out = &request->answer.body };
        Events events;
        int r;

        if (after && (parse_uint64(after, &from) < 0 || from > INT64_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL, "parameter after: a sequence");
        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > EVENTS_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", EVENTS_MAX);
        r = store_tenant_events(store_of(request), request_tenant(request),
                                &(EventFilter){ (int64_t)from, (size_t)number }, &request->arena,
                                &events, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < events.n; i++)
                write_event(&json, &events.items[i]);
        json_end(&json, ']');
        json_begin(&json, "meta", '{');
        json_int(&json, "next", events.n > 0 ? events.items[events.n - 1].sequence : (int64_t)from);
        json_end(&json, '}');
        json_end(&json, '}');
        return 0;
}
