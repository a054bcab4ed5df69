#include "preview/preview.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "model/encode.h"
#include "model/json.h"
#include "plan/plan-specs.h"
#include "preview/preview-internal.h"
#include "spec/check.h"
#include "spec/spec.h"

#define SLICE (10 * USEC_PER_MSEC)

const char *preview_action_to_string(PreviewAction action)
{
        static const char *const names[PREVIEW_ACTION_MAX_] = {
                [PREVIEW_CREATED] = "created",   [PREVIEW_UPDATED] = "updated",
                [PREVIEW_DELETED] = "deleted",   [PREVIEW_ARCHIVED] = "archived",
                [PREVIEW_RESTORED] = "restored", [PREVIEW_REFUSED] = "refused",
        };

        return names[action];
}

static bool is_ours(const Previewer *previewer, const char *tenant)
{
        return !previewer->tenant || streq(previewer->tenant, tenant);
}

/* --- the tree --------------------------------------------------------------------------------- */

static Place place_of(const Node *document, Arena *arena)
{
        const Node *place = node_get(document, "place");
        const Node *file = node_get(place, "file"), *line = node_get(place, "line");

        return (Place){ .file = file && file->type == NODE_SCALAR ? arena_strdup(arena, file->text)
                                                                  : NULL,
                        .line = line && line->type == NODE_SCALAR
                                        ? (unsigned)strtoul(line->text, NULL, 10)
                                        : 0 };
}

/* Without its member "place", which no document has. */
static Node without_place(const Node *document, Arena *arena)
{
        Node copy = *document;

        copy.n = 0;
        copy.entries = arena_alloc_array(arena, document->n + 1, sizeof(*copy.entries));
        for (size_t i = 0; copy.entries && i < document->n; i++)
                if (!streq(document->entries[i].key, "place"))
                        copy.entries[copy.n++] = document->entries[i];
        return copy;
}

static int add_document(Previewer *previewer, const Node *document, DiagList *diags, Error *err)
{
        Object *object = NULL;
        Node plain;
        int r;

        if (document->type != NODE_MAPPING)
                return error_set(err, ERROR_INVALID, -EINVAL, "documents: a list of documents");
        plain = without_place(document, previewer->arena);
        if (!plain.entries)
                return error_oom(err);
        r = spec_decode_node(&plain, previewer->arena, &object, diags);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0 || !is_ours(previewer, object->meta.tenant))
                return 0;
        object->place = place_of(document, previewer->arena);
        if (map_has(&previewer->model->by_id, object->id.text)) {
                diag_error(diags, object->place, "duplicate %s '%s'",
                           object_kind_to_string(object->kind), object->meta.name);
                return 0;
        }
        return model_add(previewer->model, object) < 0 ? error_oom(err) : 0;
}

static int build_model(Previewer *previewer, const Node *documents, DiagList *diags, Error *err)
{
        References references;
        int r;

        if (documents->type != NODE_SEQUENCE)
                return error_set(err, ERROR_INVALID, -EINVAL, "documents: a list of documents");
        if (model_new(documents->n, &previewer->model) < 0)
                return error_oom(err);
        for (size_t i = 0; i < documents->n; i++) {
                r = add_document(previewer, documents->items[i], diags, err);
                if (r < 0)
                        return r;
        }
        model_sort(previewer->model);
        if (references_init(&references, previewer->model) < 0)
                return error_oom(err);
        map_foreach (&previewer->model->by_id, entry)
                (void)references_check(&references, entry->value, diags); /* in diags */
        references_done(&references);
        if (diags->failed)
                return error_oom(err);
        return diags->n_errors == 0
                       ? 0
                       : error_set(err, ERROR_INVALID, -EINVAL,
                                   "%zu of the documents' errors stand against it; relmanctl lint "
                                   "shows them",
                                   diags->n_errors);
}

static int read_stored(Previewer *previewer, Error *err)
{
        StoredObjects all;
        int r;

        r = store_objects(previewer->control->store, previewer->arena, &all, err);
        if (r < 0)
                return r;
        previewer->stored.n = 0;
        previewer->stored.items =
                arena_alloc_array(previewer->arena, all.n + 1, sizeof(*all.items));
        if (!previewer->stored.items)
                return error_oom(err);
        for (size_t i = 0; i < all.n; i++) {
                StoredObject *object = &previewer->stored.items[previewer->stored.n];

                if (!is_ours(previewer, all.items[i].tenant))
                        continue;
                *object = all.items[i];
                previewer->stored.n++;
                if (map_put(&previewer->stored_by_id, object->id, object, NULL) < 0)
                        return error_oom(err);
        }
        return 0;
}

/* --- objects ---------------------------------------------------------------------------------- */

static int add_diff(Previewer *previewer, const Object *object, PreviewObject *to, Error *err)
{
        _cleanup_(buffer_done) Buffer text;
        Node *before, *after;
        const char *json;
        int r;

        buffer_init(&text, SPEC_FILE_MAX * 4);
        if (encode_document(object, ENCODE_NO_DEFAULTS, &text) < 0)
                return error_oom(err);
        r = store_document(previewer->control->store, object->kind, object->id.text,
                           previewer->arena, &json, err);
        if (r >= 0)
                r = json_to_node(json, strlen(json), previewer->arena, &before, err);
        if (r >= 0)
                r = json_to_node(text.data, text.size, previewer->arena, &after, err);
        if (r < 0)
                return r;
        return document_diff(before, after, previewer->arena, &to->changes) < 0 ? error_oom(err)
                                                                                : 0;
}

static PreviewObject *add_object(Previewer *previewer, ObjectKind kind, const char *tenant,
                                 const char *name, PreviewAction action)
{
        PreviewObject *object = &previewer->preview->objects[previewer->preview->n_objects++];

        *object = (PreviewObject){ .kind = kind, .tenant = tenant, .name = name, .action = action };
        return object;
}

static int add_put(Previewer *previewer, const Object *object, Error *err)
{
        bool known = map_has(&previewer->stored_by_id, object->id.text);
        PreviewObject *to =
                add_object(previewer, object->kind, object->meta.tenant, object->meta.name,
                           known ? PREVIEW_UPDATED : PREVIEW_CREATED);

        return known ? add_diff(previewer, object, to, err) : 0;
}

static void add_stored(Previewer *previewer, const Change *change, PreviewAction action,
                       const char *message)
{
        const StoredObject *stored = map_get(&previewer->stored_by_id, change->object_id);
        PreviewObject *to;

        if (!stored)
                return;
        to = add_object(previewer, stored->kind, stored->tenant, stored->name, action);
        to->message = message ? arena_strdup(previewer->arena, message) : NULL;
}

static int take_change(Previewer *previewer, const Change *change, Error *err)
{
        switch ((int)change->type) {
        case CHANGE_PUT_REGISTRY: return add_put(previewer, &change->registry->object, err);
        case CHANGE_PUT_COMPONENT: return add_put(previewer, &change->component.spec->object, err);
        case CHANGE_PUT_RELEASE: return add_put(previewer, &change->release.spec->object, err);
        case CHANGE_PUT_STREAM: return add_put(previewer, &change->stream->object, err);
        case CHANGE_PUT_ENVIRONMENT: return add_put(previewer, &change->environment->object, err);
        case CHANGE_DELETE_OBJECT: add_stored(previewer, change, PREVIEW_DELETED, NULL); break;
        case CHANGE_SET_STATUS:
                add_stored(previewer, change,
                           change->status == RELEASE_ARCHIVED ? PREVIEW_ARCHIVED : PREVIEW_RESTORED,
                           NULL);
                break;
        default: break; /* places, events, tenants: nothing that people decide on */
        }
        return 0;
}

static int preview_objects(Previewer *previewer, Error *err)
{
        _cleanup_(spec_plan_done) SpecPlan plan = { 0 };
        const SpecPlanInput input = { .model = previewer->model,
                                      .stored = &previewer->stored,
                                      .now = time_wall() };
        int r;

        r = plan_specs(&input, previewer->arena, &plan, err);
        if (r < 0)
                return r;
        previewer->preview->n_held = plan.n_held;
        previewer->preview->objects =
                arena_alloc_array(previewer->arena, plan.changes.n + 1, sizeof(PreviewObject));
        if (!previewer->preview->objects)
                return error_oom(err);
        for (size_t i = 0, refused = 0; i < plan.changes.n && r >= 0; i++) {
                const Change *change = &plan.changes.items[i];

                if (refused < plan.n_refused && plan.refusals[refused] == i) {
                        add_stored(previewer, change, PREVIEW_REFUSED, change->condition->message);
                        refused++;
                } else
                        r = take_change(previewer, change, err);
        }
        return r;
}

/* --- components ------------------------------------------------------------------------------- */

/* They stand beside what the tree declares. */
static int add_of_the_api(Previewer *previewer, Error *err)
{
        const ComponentSpecs *specs = &previewer->current->components;
        size_t n = 0;
        Model *model;

        for (size_t i = 0; i < specs->n; i++)
                n += specs->items[i]->object.managed_by == MANAGED_BY_API;
        if (n == 0)
                return 0;
        if (model_copy(previewer->model, &(Map){ 0 }, n, &model) < 0)
                return error_oom(err);
        model_unref(previewer->model); /* its objects are in the arena */
        previewer->model = model;
        for (size_t i = 0; i < specs->n; i++) {
                const Object *object = &specs->items[i]->object;

                if (object->managed_by == MANAGED_BY_API &&
                    is_ours(previewer, object->meta.tenant) && model_add(model, object) < 0)
                        return error_oom(err);
        }
        model_sort(model);
        return 0;
}

static int preview_components(Previewer *previewer, Error *err)
{
        int r = add_of_the_api(previewer, err);
        const ComponentSpecs *specs = &previewer->model->components;

        if (r < 0)
                return r;
        previewer->all =
                arena_alloc_array(previewer->arena, specs->n + 1, sizeof(PreviewComponent));
        if (!previewer->all)
                return error_oom(err);
        for (size_t i = 0; i < specs->n; i++) {
                const Object *object = &specs->items[i]->object;
                const StoredObject *stored = map_get(&previewer->stored_by_id, object->id.text);

                previewer->all[i] = (PreviewComponent){
                        .spec = specs->items[i],
                        .is_new = !stored,
                        .is_changed = stored && !streq(stored->spec_digest, object->digest),
                };
                if (map_put(&previewer->components, object->id.text, &previewer->all[i], NULL) < 0)
                        return error_oom(err);
        }
        return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

Previewer *preview_cancel(Previewer *previewer)
{
        if (!previewer)
                return NULL;
        preview_heads_done(previewer);
        sd_event_source_disable_unref(previewer->next);
        model_unref(previewer->model);
        model_unref(previewer->current);
        map_done(&previewer->stored_by_id);
        map_done(&previewer->components);
        free(previewer);
        return NULL;
}

/* Some milliseconds of it. 1 if there is more. */
static int step(Previewer *previewer, Error *err)
{
        usec_t until = time_monotonic() + SLICE;
        int r;

        while (previewer->n_done < previewer->model->components.n) {
                PreviewComponent *component = &previewer->all[previewer->n_done];

                r = component->is_changed ? preview_heads(previewer, component, until, err) : 0;
                if (r != 0)
                        return r;
                previewer->n_done++;
                if (time_monotonic() >= until)
                        return 1;
        }
        r = preview_releases(previewer, err);
        return r < 0 ? r : preview_environments(previewer, err);
}

/* A timer that has run out, as with on_slice() in sync.c. */
static int on_next(sd_event_source *source, usec_t usec, void *userdata)
{
        Previewer *previewer = userdata;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        r = step(previewer, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        previewer->input.done(r < 0 ? NULL : previewer->preview, r < 0 ? &error : NULL,
                              previewer->input.userdata);
        preview_cancel(previewer);
        return 0;
}

int preview_start(const Control *control, const PreviewInput *input, Previewer **ret, Error *err)
{
        _cleanup_(preview_cancelp) Previewer *previewer = calloc(1, sizeof(*previewer));
        int r;

        if (!previewer)
                return error_oom(err);
        previewer->input = *input;
        previewer->control = control;
        previewer->arena = input->arena;
        previewer->tenant = input->tenant;
        previewer->current = model_ref(control->model); /* objects of the API are in it */
        previewer->preview = arena_alloc(input->arena, sizeof(*previewer->preview));
        if (!previewer->preview)
                return error_oom(err);
        r = build_model(previewer, input->documents, input->diags, err);
        if (r >= 0)
                r = read_stored(previewer, err);
        if (r >= 0)
                r = preview_objects(previewer, err);
        if (r >= 0)
                r = preview_components(previewer, err);
        if (r < 0)
                return r;
        r = sd_event_add_time(control->event, &previewer->next, CLOCK_MONOTONIC, 0, 1, on_next,
                              previewer);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        *ret = TAKE(previewer);
        return 0;
}
