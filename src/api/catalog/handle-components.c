/* /api/v1/components. */

#include <errno.h>
#include <stdio.h>

#include "api/entity.h"
#include "api/http/access.h"
#include "api/http/body.h"
#include "api/lookup.h"
#include "api/page-rows.h"
#include "api/page.h"
#include "base/limits.h"
#include "model/json.h"
#include "model/schema/encode.h"
#include "model/schema/schema.h"

static Store *store_of(Request *request)
{
        return reconciler_store(request->api->reconciler);
}

static int write_channels(Request *request, Json *json, const char *component_id, Error *err)
{
        Channels channels;
        int r;

        r = known_channels(request, component_id, &channels, err);
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

/* Derives a rule's id from its component and pattern, not from its position. A count distinguishes
 * rules with the same pattern. */
static Uuid rule_id(const ComponentSpec *component, size_t index)
{
        const VersionRule *rules = component->version_rules.items;
        char count[24] = "0"; /* for the first rule with this pattern */
        size_t n = 0;

        for (size_t i = 0; i < index; i++)
                n += streq(rules[i].pattern, rules[index].pattern);
        if (n > 0)
                (void)snprintf(count, sizeof(count), "%zu", n);
        return uuid_of((const char *const[]){ component->object.id.text, "VersionRule",
                                              rules[index].pattern, count, NULL });
}

static void write_rules(Json *json, const ComponentSpec *component)
{
        const VersionRules *rules = &component->version_rules;

        if (rules->n > 0)
                json_begin(json, "versionRules", '[');
        for (size_t i = 0; i < rules->n; i++) {
                Uuid id = rule_id(component, i);

                json_begin(json, NULL, '{');
                json_text(json, "id", id.text);
                json_text(json, "componentId", component->object.id.text);
                json_text(json, "pattern", rules->items[i].pattern);
                json_text(json, "channel", rules->items[i].channel);
                json_text(json, "prereleasePattern", rules->items[i].prerelease_pattern);
                json_end(json, '}');
        }
        if (rules->n > 0)
                json_end(json, ']');
}

/* True for the fields that write_component() writes. */
static bool is_written_by_component(const Field *field)
{
        switch (field->offset) {
        case offsetof(ComponentSpec, image_repository):
        case offsetof(ComponentSpec, registry):
        case offsetof(ComponentSpec, versioning_strategy):
        case offsetof(ComponentSpec, deployment_template):
        case offsetof(ComponentSpec, default_channel):
        case offsetof(ComponentSpec, suspend):
        case offsetof(ComponentSpec, version_rules): return true;
        }
        return false;
}

/* Writes the members of the component's document that write_component() does not write. */
static void write_rest(Json *json, const ComponentSpec *component)
{
        _cleanup_(buffer_done) Buffer value;

        buffer_init(&value, json->out->max);
        for (const Field *field = component_schema.spec->fields; field->name; field++) {
                int r;

                buffer_clear(&value);
                r = is_written_by_component(field) ? 0 : encode_given(field, component, &value);
                if (r > 0)
                        json_raw(json, field->name, value.data);
                else if (r < 0 &&
                         !json->out->failed) /* a missing field would look like an empty one */
                        json->out->failed = r;
        }
}

static int write_component(Request *request, Json *json, const ComponentSpec *component, Error *err)
{
        const RegistrySpec *registry =
                model_component_registry(reconciler_model(request->api->reconciler), component);
        const VersionStrategy *strategy = &component->versioning_strategy;
        int r;

        json_begin(json, NULL, '{');
        r = entity_object(request, json, &component->object, err);
        json_text(json, "imageRepository", component->image_repository);
        json_text(json, "registryIntegrationId", registry ? registry->object.id.text : NULL);
        json_begin(json, "versioningStrategy", '{');
        json_text(json, "type", strategy_type_to_string(strategy->type));
        json_some(json, "tagPattern", strategy->tag_pattern);
        json_some(json, "dateFormat", strategy->date_format);
        json_some(json, "semverExtract", strategy->semver_extract);
        json_some(json, "follow", strategy->follow);
        if (strategy->order_by == ORDER_BY_CREATED)
                json_text(json, "orderBy", "created");
        json_end(json, '}');
        json_text(json, "deploymentTemplate", component->deployment_template);
        json_text(json, "defaultChannel", component->default_channel);
        json_bool(json, "suspend", component->suspend);
        write_rules(json, component);
        write_rest(json, component);
        if (r >= 0)
                r = write_channels(request, json, component->object.id.text, err);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_COMPONENT, component->object.id.text,
                                      err);
        json_end(json, '}');
        return r;
}

static int write_listed(Request *request, Json *json, const Object *object, Error *err)
{
        return write_component(request, json, (const ComponentSpec *)object, err);
}

int handle_components(Request *request, Error *err)
{
        return list_objects(request, KIND_COMPONENT, write_listed, err);
}

/* Returns an ETag that changes with every member that a PUT can change. */
static const char *etag_of(Request *request, const Object *object)
{
        return arena_printf(&request->arena, "\"%.16s\"", object->digest + strlen("sha256:"));
}

int show_component(Request *request, const char *id, Error *err)
{
        const Object *object = find_object(request, KIND_COMPONENT, id, err);
        Json json = { .out = &request->answer.body };

        if (!object)
                return -ENOENT;
        request_header_out(request, "ETag", etag_of(request, object));
        return write_component(request, &json, (const ComponentSpec *)object, err);
}

int handle_component(Request *request, Error *err)
{
        return show_component(request, request_parameter(request, "id"), err);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* Sets the registry of the document to the name of a registry. value: its id or name; null removes
 * the registry. */
static int set_registry(Request *request, Node *spec, const Node *value, Error *err)
{
        const Object *registry = NULL;

        if (value->type == NODE_NULL)
                return body_set(spec, &request->arena, "registry", NULL);
        if (value->type == NODE_SCALAR && !node_is_text(value))
                return body_must_be_text(request, value, "registryIntegrationId", err);
        if (value->type == NODE_SCALAR)
                registry = catalog_object(request->api->reconciler, KIND_REGISTRY,
                                          request_tenant(request), value->text);
        if (!registry) {
                request->pointer = "/registryIntegrationId";
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: registryIntegrationId is of no registry");
        }
        if (body_set(spec, &request->arena, "registry",
                     body_scalar(&request->arena, value, registry->meta.name)) < 0)
                return error_oom(err);
        return 0;
}

/* True for members of the answer that a client cannot set. */
static bool is_read_only(const char *key)
{
        static const char *const keys[] = { "id",         "tenantId",   "tenant",
                                            "managedBy",  "declaredAt", "channels",
                                            "conditions", "createdAt",  "updatedAt" };

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (streq(keys[i], key))
                        return true;
        return false;
}

/* Sets the rules of the document to those of the body, without their ids. */
static int set_rules(Request *request, Node *spec, const Node *value, Error *err)
{
        Arena *arena = &request->arena;
        Node *list;

        if (value->type != NODE_SEQUENCE)
                return body_set(spec, arena, "versionRules", value);
        list = body_list(arena, value, value->n);
        for (size_t i = 0; list && i < value->n; i++) {
                const Node *item = value->items[i];
                /* the check of the document refuses other types */
                Node *rule = item->type == NODE_MAPPING ? body_mapping(arena, item, item)
                                                        : (Node *)(uintptr_t)item;

                if (!rule || (rule->type == NODE_MAPPING &&
                              (body_set(rule, arena, "id", NULL) < 0 ||
                               body_set(rule, arena, "componentId", NULL) < 0)))
                        return error_oom(err);
                list->items[list->n++] = rule;
        }
        return list && body_set(spec, arena, "versionRules", list) >= 0 ? 0 : error_oom(err);
}

/* Merges the body into the document. Members that the body lacks are unchanged; null removes a
 * member. */
static int overlay(Request *request, const Node *body, Node *metadata, Node *spec, Error *err)
{
        Arena *arena = &request->arena;
        int r = 0;

        if (body->n > API_FIELDS_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: %zu fields; a component has no more than %d", body->n,
                                 API_FIELDS_MAX);
        for (size_t i = 0; i < body->n && r >= 0; i++) {
                const char *key = body->entries[i].key;
                const Node *value = body->entries[i].value;

                if ((streq(key, "tenantId") || streq(key, "tenant")) && value->type != NODE_NULL)
                        r = tenant_check_body(request, value, err);
                if (is_read_only(key))
                        continue;
                if (streq(key, "registryIntegrationId"))
                        r = set_registry(request, spec, value, err);
                else if (streq(key, "versionRules"))
                        r = set_rules(request, spec, value, err);
                else if (streq(key, "name") || streq(key, "displayName"))
                        r = body_set(metadata, arena, key, value);
                else if (streq(key, "metadata"))
                        r = body_set(metadata, arena, "labels", value);
                else
                        r = body_set(spec, arena, key, value);
        }
        return r == -ENOMEM ? error_oom(err) : r;
}

int handle_create_component(Request *request, Error *err)
{
        const Node *body;
        Node *document;
        Uuid id;
        int r;

        r = request_body(request, NULL, &body, err);
        if (r < 0)
                return r;
        document = body_document(&request->arena, body, KIND_COMPONENT, request_tenant(request));
        if (!document)
                return error_oom(err);
        /* may be modified: body_document() made them */
        r = overlay(request, body, (Node *)(uintptr_t)node_get(document, "metadata"),
                    (Node *)(uintptr_t)node_get(document, "spec"), err);
        if (r >= 0)
                r = command_create_component(request->api->reconciler, document, &request->actor,
                                             &id, &request->diags, err);
        if (r < 0)
                return request_bad_document(request, r, err);
        request_header_out(request, "Location",
                           arena_printf(&request->arena, "/api/v1/components/%s", id.text));
        return request_show_stored(request, id.text);
}

/* Reads a copy of the stored document, which may be modified. */
static int stored_document(Request *request, const Object *object, const Node *body, Node **ret,
                           Error *err)
{
        static const char *const parts[] = { "metadata", "spec" };
        Arena *arena = &request->arena;
        const char *json;
        Node *stored;
        int r;

        r = store_document(store_of(request), KIND_COMPONENT, object->id.text, arena, &json, err);
        if (r >= 0)
                r = json_to_node(json, strlen(json), arena, &stored, err);
        if (r < 0)
                return r;
        *ret = body_mapping(arena, body, stored);
        for (size_t i = 0; *ret && i < ARRAY_SIZE(parts); i++) {
                Node *part = body_mapping(arena, body, node_get(stored, parts[i]));

                if (!part || body_set(*ret, arena, parts[i], part) < 0)
                        *ret = NULL;
        }
        return *ret ? 0 : error_oom(err);
}

static int check_name(Request *request, const Object *object, const Node *body, Error *err)
{
        const Node *name = node_get(body, "name");

        if (!name || (node_is_text(name) && streq(name->text, object->meta.name)))
                return 0;
        request->pointer = "/name";
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "body: the name of a component stays; make another one");
}

int handle_put_component(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        const char *id;
        const Node *body;
        Node *document;
        int r;

        if (!component)
                return -ENOENT;
        if (!request_matches(request, etag_of(request, &component->object)))
                return 0;
        id = arena_strdup(&request->arena, component->object.id.text);
        r = id ? request_body(request, NULL, &body, err) : error_oom(err);
        if (r >= 0)
                r = check_name(request, &component->object, body, err);
        if (r >= 0)
                r = stored_document(request, &component->object, body, &document, err);
        if (r >= 0)
                r = overlay(request, body, (Node *)(uintptr_t)node_get(document, "metadata"),
                            (Node *)(uintptr_t)node_get(document, "spec"), err);
        if (r >= 0)
                r = command_update_component(request->api->reconciler, id, document,
                                             &request->actor, &request->diags, err);
        return r < 0 ? request_bad_document(request, r, err) : request_show_stored(request, id);
}

int handle_delete_component(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        int r;

        if (!component)
                return -ENOENT;
        if (!request_matches(request, etag_of(request, &component->object)))
                return 0;
        r = command_delete_component(request->api->reconciler, component->object.id.text,
                                     &request->actor, err);
        if (r >= 0)
                (void)request_answer_stored(request, "{\"deleted\":true}\n");
        return r;
}
