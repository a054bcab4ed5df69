/* Creates, changes and deletes releases over the API. handle-promote.c promotes, deprecates and
 * archives them. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/access.h"
#include "api/http/body.h"
#include "api/lookup.h"

static int bad_field(Request *request, const char *pointer, const char *message, Error *err)
{
        request->pointer = pointer;
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s", message);
}

/* --- creation --------------------------------------------------------------------------------- */

static const char *const choices[] = { "version", "digest", "channel", "tag" };

/* Returns the place of the JSON member that causes a problem: the selector of the component, or the
 * selector of all components. Returns `place` if there is no selector. */
static Place place_of(const Request *request, Place place)
{
        const Node *list = node_get(request->document, "components"), *from = request->document;
        size_t at = list && list->type == NODE_SEQUENCE ? body_child(list, place.line) : SIZE_MAX;

        if (at != SIZE_MAX && list->items[at]->place.line == place.line)
                from = list->items[at];
        for (size_t i = 0; i < ARRAY_SIZE(choices) && from->place.line == place.line; i++) {
                const Node *choice = node_get(from, choices[i]);

                if (choice && choice->type != NODE_NULL)
                        return choice->place;
        }
        return place;
}

/* Reports each component that cannot be resolved. */
static void release_refuse(Request *request, const Created *created)
{
        if (created->code < 0) {
                const Error error = { .kind = ERROR_INTERNAL,
                                      .code = created->code,
                                      .message =
                                              (char *)(uintptr_t)created->message /* only read */ };

                request_fail(request, &error);
                return;
        }
        for (size_t i = 0; i < created->problems->n; i++)
                diag_error(&request->diags, place_of(request, created->problems->items[i].place),
                           "%s", created->problems->items[i].message);
        if (request->diags.n > 0)
                request->pointer = body_pointer(
                        request->document, request->diags.items[0].place.line, &request->arena);
        request_problem(request, 422, "%s", created->message);
}

static void on_created(const Created *created, void *userdata)
{
        static const ReleaseProblems none = { 0 };
        Request *request = userdata;
        Created what = *created;

        if (!what.problems)
                what.problems = &none;
        if (!what.release_id)
                release_refuse(request, &what);
        else {
                request_header_out(
                        request, "Location",
                        arena_printf(&request->arena, "/api/v1/releases/%s", what.release_id));
                (void)request_show_stored(request, what.release_id);
        }
        request_resume(request);
}

static void release_create_cancel(void *creation)
{
        (void)creation_cancel(creation); /* returns NULL */
}

static int release_create(Request *request, const Node *document, Error *err)
{
        const CreateCommand command = { .actor = &request->actor,
                                        .done = on_created,
                                        .userdata = request };
        Creation *creation;
        int r;

        /* the author of the release is the person behind the principal */
        r = request_person(request, err);
        if (r < 0)
                return r;
        r = command_create_release(request->api->reconciler, document, &command, &creation,
                                   &request->diags, err);
        if (r < 0)
                return request_bad_document(request, r, err);
        request_suspend(request, release_create_cancel, creation);
        return 0;
}

static const ComponentSpec *component_of(Request *request, const Node *value)
{
        if (!node_is_text(value))
                return NULL;
        return (const ComponentSpec *)catalog_object(request->api->reconciler, KIND_COMPONENT,
                                                     request_tenant(request), value->text);
}

static int no_component(Request *request, const Node *value, Error *err)
{
        const char *name = value->type == NODE_SCALAR ? value->text : "";

        if (value->type == NODE_SCALAR && !node_is_text(value))
                return body_must_be_text(request, value, "componentId", err);
        request->pointer = body_pointer(request->document, value->place.line, &request->arena);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "body: there is no component '%s' in tenant '%s'; %s", name,
                         request_tenant(request), lookup_advice(request, KIND_COMPONENT, name));
}

/* Converts an item of `components` to its form in a document. An item without a selector gets the
 * component's default channel. */
static int item_of(Request *request, const Node *item, Node **ret, Error *err)
{
        Arena *arena = &request->arena;
        const Node *id = node_get(item, "componentId");
        const ComponentSpec *component = component_of(request, id);
        bool chosen = false;

        if (!component)
                return no_component(request, id ? id : item, err);
        *ret = body_mapping(arena, item, item);
        if (!*ret || body_set(*ret, arena, "componentId", NULL) < 0 ||
            body_set(*ret, arena, "name", body_scalar(arena, id, component->object.meta.name)) < 0)
                return error_oom(err);
        for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
                const Node *choice = node_get(*ret, choices[i]);

                if (choice && choice->type == NODE_NULL)
                        (void)body_set(*ret, arena, choices[i], NULL); /* removes the member */
                chosen = chosen || (choice && choice->type != NODE_NULL);
        }
        return chosen || body_set_text(*ret, arena, "channel", component->default_channel) >= 0
                       ? 0
                       : error_oom(err);
}

static int items_of(Request *request, const Node *components, Node **ret, Error *err)
{
        Node *list = NULL;
        int r = 0;

        if (!components || components->type != NODE_SEQUENCE || components->n == 0)
                return bad_field(request, "/components", "components is a list, and not empty",
                                 err);
        list = body_list(&request->arena, components, components->n);
        if (!list)
                return error_oom(err);
        for (size_t i = 0; i < components->n && r >= 0; i++)
                r = item_of(request, components->items[i], &list->items[list->n++], err);
        *ret = list;
        return r;
}

/* Makes a document with the metadata and the source reference of the body. */
static int begin_document(Request *request, const Node *body, Node **ret, Node **ret_spec,
                          Error *err)
{
        Arena *arena = &request->arena;
        Node *document = body_document(arena, body, KIND_RELEASE, request_tenant(request));
        Node *metadata;

        if (!document)
                return error_oom(err);
        metadata = (Node *)(uintptr_t)node_get(document, "metadata"); /* new: may be modified */
        *ret_spec = (Node *)(uintptr_t)node_get(document, "spec");
        *ret = document;
        if (body_set(metadata, arena, "name", node_get(body, "name")) < 0 ||
            body_set(metadata, arena, "displayName", node_get(body, "displayName")) < 0 ||
            body_set(metadata, arena, "labels", node_get(body, "metadata")) < 0 ||
            body_set(*ret_spec, arena, "sourceRef", node_get(body, "sourceRef")) < 0)
                return error_oom(err);
        return 0;
}

/* Converts pinFrom: {"environmentId": ID} becomes {"environment": NAME}. */
static int pin_from(Request *request, const Node *given, Node **ret, Error *err)
{
        const Node *id = node_get(given, "environmentId");
        const Object *environment = NULL;

        if (id && id->type == NODE_SCALAR && !node_is_text(id))
                return body_must_be_text(request, id, "environmentId", err);
        if (node_is_text(id))
                environment = catalog_object(request->api->reconciler, KIND_ENVIRONMENT,
                                             request_tenant(request), id->text);
        if (!id || id->type != NODE_SCALAR)
                return bad_field(request, "/pinFrom/environmentId",
                                 "pinFrom is {\"environmentId\": of an environment}", err);
        if (!environment)
                return bad_field(request, "/pinFrom/environmentId",
                                 arena_printf(&request->arena,
                                              "there is no environment '%s' in tenant '%s'; %s",
                                              id->text, request_tenant(request),
                                              lookup_advice(request, KIND_ENVIRONMENT, id->text)),
                                 err);
        *ret = body_mapping(&request->arena, given, NULL);
        return *ret && body_set_text(*ret, &request->arena, "environment",
                                     environment->meta.name) >= 0
                       ? 0
                       : error_oom(err);
}

/* Creates a release of the given components. With pinFrom, takes the other components from an
 * environment's release. */
int handle_create_release(Request *request, Error *err)
{
        static const char *const names[] = { "name",      "displayName", "components", "pinFrom",
                                             "sourceRef", "metadata",    NULL };
        Node *document, *spec = NULL, *items = NULL, *pin = NULL;
        const Node *body, *from;
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = begin_document(request, body, &document, &spec, err);
        if (r >= 0)
                r = items_of(request, node_get(body, "components"), &items, err);
        if (r < 0)
                return r;
        from = node_get(body, "pinFrom");
        if (from && from->type != NODE_NULL)
                r = pin_from(request, from, &pin, err);
        if (r < 0)
                return r;
        if (body_set_text(spec, &request->arena, "mode", pin ? "partial" : "pinned") < 0 ||
            body_set(spec, &request->arena, "components", items) < 0 ||
            body_set(spec, &request->arena, "pinFrom", pin) < 0)
                return error_oom(err);
        return release_create(request, document, err);
}

/* Converts componentIds to items. Each item has a name, and for a partial release also a channel.
 */
static int named_items(Request *request, const Node *ids, const char *channel, bool partial,
                       Node **ret, Error *err)
{
        Arena *arena = &request->arena;

        if (ids->type != NODE_SEQUENCE || ids->n == 0)
                return bad_field(request, "/componentIds", "componentIds is a list, and not empty",
                                 err);
        *ret = body_list(arena, ids, ids->n);
        for (size_t i = 0; *ret && i < ids->n; i++) {
                const ComponentSpec *component = component_of(request, ids->items[i]);
                Node *item = body_mapping(arena, ids->items[i], NULL);

                if (!component)
                        return no_component(request, ids->items[i], err);
                if (!item || body_set_text(item, arena, "name", component->object.meta.name) < 0 ||
                    (partial && body_set_text(item, arena, "channel",
                                              channel ? channel : component->default_channel) < 0))
                        return error_oom(err);
                (*ret)->items[(*ret)->n++] = item;
        }
        return *ret ? 0 : error_oom(err);
}

/* Creates a release of the newest versions. Mode full has no channel, mode channel has one. Mode
 * partial takes components that are not in componentIds from pinFrom. */
int handle_from_latest(Request *request, Error *err)
{
        static const char *const names[] = { "name",    "displayName", "channel",  "componentIds",
                                             "pinFrom", "sourceRef",   "metadata", NULL };
        Node *document, *spec = NULL, *items = NULL, *pin = NULL;
        const Node *body, *ids, *from;
        const char *channel = NULL;
        bool partial;
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_text(request, body, "channel", false, &channel, err);
        if (r >= 0)
                r = begin_document(request, body, &document, &spec, err);
        if (r < 0)
                return r;
        ids = node_get(body, "componentIds");
        from = node_get(body, "pinFrom");
        partial = ids && ids->type != NODE_NULL && from && from->type != NODE_NULL;
        if (from && from->type != NODE_NULL)
                r = pin_from(request, from, &pin, err);
        if (r >= 0 && ids && ids->type != NODE_NULL)
                r = named_items(request, ids, channel, partial, &items, err);
        if (r < 0)
                return r;
        if (body_set_text(spec, &request->arena, "mode",
                          partial   ? "partial"
                          : channel ? "channel"
                                    : "full") < 0 ||
            body_set(spec, &request->arena, "components", items) < 0 ||
            body_set(spec, &request->arena, "pinFrom", partial ? pin : NULL) < 0 ||
            body_set_text(spec, &request->arena, "channel", partial ? NULL : channel) < 0)
                return error_oom(err);
        return release_create(request, document, err);
}

/* --- changes ---------------------------------------------------------------------------------- */

static int read_metadata(Request *request, const Node *value, Pairs *ret, Error *err)
{
        ret->n = 0;
        ret->items = arena_alloc_array(&request->arena, value->n + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < value->n && value->type == NODE_MAPPING; i++) {
                const Node *text = value->entries[i].value;

                if (!node_is_text(text))
                        return body_must_be_text(request, text, value->entries[i].key, err);
                ret->items[ret->n++] = (Pair){ value->entries[i].key, text->text };
        }
        return value->type == NODE_MAPPING
                       ? 0
                       : bad_field(request, "/metadata", "metadata is of texts", err);
}

static int read_update(Request *request, const Node *body, UpdateCommand *command, Pairs *pairs,
                       Error *err)
{
        const Node *metadata = node_get(body, "metadata");
        const char *status;
        int r;

        *command = (UpdateCommand){ .status = RELEASE_STATUS_MAX_, .actor = &request->actor };
        r = body_text(request, body, "status", false, &status, err);
        if (r >= 0 && status && release_status_from_string(status, &command->status) < 0)
                r = bad_field(request, "/status",
                              "status is draft, ready, promoting, deployed, deprecated or archived",
                              err);
        if (r >= 0)
                r = body_text(request, body, "displayName", false, &command->display_name, err);
        if (r >= 0 && metadata) {
                r = read_metadata(request, metadata, pairs, err);
                command->metadata = pairs;
        }
        return r;
}

int handle_put_release(Request *request, Error *err)
{
        static const char *const names[] = { "displayName", "metadata", "status", NULL };
        UpdateCommand command;
        const Node *body;
        Release release;
        Pairs pairs;
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = read_update(request, body, &command, &pairs, err);
        if (r >= 0)
                r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r < 0)
                return r;
        if (!request_matches(request, release_etag(request, &release)))
                return 0;
        r = command_update_release(request->api->reconciler, release.id.text, &command, err);
        return r < 0 ? r : request_show_stored(request, release.id.text);
}

int handle_delete_release(Request *request, Error *err)
{
        Release release;
        int r;

        r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r < 0)
                return r;
        if (!request_matches(request, release_etag(request, &release)))
                return 0;
        r = command_delete_release(request->api->reconciler, release.id.text, &request->actor, err);
        if (r >= 0)
                (void)request_answer_stored(request, "{\"deleted\":true}\n");
        return r;
}
