/* Reads the documents and the stored objects, and compares them. */

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/json.h"
#include "model/people.h"
#include "model/schema/encode.h"
#include "preview/preview-internal.h"
#include "spec/spec.h"
#include "store/id-list.h"

#define PLANNED_MAX    200 /* number of changes that are held at once */
#define STORED_PAGE    250 /* number of objects that are read at once */
#define DOCUMENTS_PAGE 50  /* number of documents that are read at once: they are larger */

static bool preview_is_ours(const Previewer *previewer, const char *tenant)
{
        return !previewer->input.tenant || streq(previewer->input.tenant, tenant);
}

/* --- the tree --------------------------------------------------------------------------------- */

/* Returns the name of the file. Consecutive documents of one file share a copy. */
static const char *file_of(Previewer *previewer, const Node *file)
{
        const Object *last =
                previewer->n_objects > 0 ? previewer->objects[previewer->n_objects - 1] : NULL;

        if (!file || file->type != NODE_SCALAR)
                return NULL;
        return last && last->place.file && streq(last->place.file, file->text)
                       ? last->place.file
                       : arena_strdup(previewer->arena, file->text);
}

static Place place_of(Previewer *previewer, const Node *document)
{
        const Node *place = node_get(document, "place"), *line = node_get(place, "line");

        return (Place){ .file = file_of(previewer, node_get(place, "file")),
                        .line = line && line->type == NODE_SCALAR
                                        ? (unsigned)strtoul(line->text, NULL, 10)
                                        : 0 };
}

/* Returns the node without its member "place", which documents do not have. */
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

/* Adds a document. A tree may declare objects of several tenants. A preview for one tenant only
 * counts the documents of others. */
static int add_document(Previewer *previewer, const Node *document, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Object *object = NULL;
        Node plain;
        int r;

        arena_init(&arena, API_REQUEST_MAX);
        plain = without_place(document, &arena);
        if (!plain.entries || vec_reserve(&previewer->objects, &previewer->objects_capacity,
                                          previewer->n_objects + 1, sizeof(Object *)) < 0)
                return error_oom(err);
        r = spec_decode_node(&plain, previewer->arena, &object, previewer->input.diags);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return 0; /* the errors of this document are in the diagnostics */
        if (!preview_is_ours(previewer, object->meta.tenant)) {
                previewer->preview->n_skipped++;
                return 0;
        }
        object->place = place_of(previewer, document);
        previewer->objects[previewer->n_objects++] = object;
        return 0;
}

int preview_read_documents(Previewer *previewer, usec_t until, Error *err)
{
        const PreviewInput *input = &previewer->input;
        const Node *document;
        int r;

        do {
                r = input->next_document(input->userdata, &document, err);
                if (r > 0 && document->type != NODE_MAPPING)
                        r = error_set(err, ERROR_INVALID, -EINVAL,
                                      "documents: a list of documents");
                if (r <= 0)
                        return r;
                r = add_document(previewer, document, err);
        } while (r >= 0 && time_monotonic() < until);
        return r < 0 ? r : 1;
}

int preview_make_model(Previewer *previewer, usec_t until, Error *err)
{
        DiagList *diags = previewer->input.diags;

        if (!previewer->model && model_new(previewer->n_objects, &previewer->model) < 0)
                return error_oom(err);
        while (previewer->at < previewer->n_objects) {
                const Object *object = previewer->objects[previewer->at++];

                if (map_has(&previewer->model->by_id, object->id.text))
                        diag_error(diags, object->place, "duplicate %s '%s'",
                                   object_kind_to_string(object->kind), object->meta.name);
                else if (model_add(previewer->model, object) < 0)
                        return error_oom(err);
                if (time_monotonic() >= until)
                        return 1;
        }
        free(previewer->objects);
        previewer->objects = NULL;
        previewer->objects_capacity = 0;
        if (model_sort(previewer->model) < 0 ||
            references_init(&previewer->references, previewer->model) < 0)
                return error_oom(err);
        previewer->references.check_runs = previewer->control->options.check_runs;
        return 0;
}

/* Returns an error that names the first fault of the documents. relmanctl lint finds most faults,
 * but does not know the configuration of relmand. */
static int refuse_documents(const DiagList *diags, Error *err)
{
        size_t i = 0;

        while (i < diags->n && diags->items[i].severity != SEVERITY_ERROR)
                i++;
        if (i == diags->n)
                return error_set(err, ERROR_INVALID, -EINVAL, "the documents have %zu errors",
                                 diags->n_errors);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "the documents have %zu error%s; the first: %s", diags->n_errors,
                         text_plural(diags->n_errors), diags->items[i].message);
}

int preview_check_references(Previewer *previewer, usec_t until, Error *err)
{
        DiagList *diags = previewer->input.diags;

        while (previewer->at < model_n_objects(previewer->model)) {
                const Object *object = model_object(previewer->model, previewer->at++);

                (void)references_check(&previewer->references, object, diags); /* faults are added
                                                                                * to diags */
                if (time_monotonic() >= until)
                        return 1;
        }
        if (diags->failed)
                return error_oom(err);
        return diags->n_errors == 0 ? 0 : refuse_documents(diags, err);
}

/* --- stored objects --------------------------------------------------------------------------- */

static int add_page(Previewer *previewer, const StoredObjects *page, Error *err)
{
        for (size_t i = 0; i < page->n; i++) {
                if (!preview_is_ours(previewer, page->items[i].tenant))
                        continue;
                if (vec_reserve(&previewer->stored.items, &previewer->stored_capacity,
                                previewer->stored.n + 1, sizeof(StoredObject)) < 0)
                        return error_oom(err);
                previewer->stored.items[previewer->stored.n++] = page->items[i];
        }
        return 0;
}

int preview_read_stored(Previewer *previewer, usec_t until, Error *err)
{
        StoredObjects page;
        int r;

        while ((r = store_objects_next(previewer->control->store, &previewer->stored_walk,
                                       STORED_PAGE, &previewer->stored_arena, &page, err)) > 0) {
                r = add_page(previewer, &page, err);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return r;
}

int preview_index_stored(Previewer *previewer, usec_t until, Error *err)
{
        const SpecPlanInput input = { .model = previewer->model,
                                      .stored = &previewer->stored,
                                      .now = time_wall() };

        while (previewer->at < previewer->stored.n) {
                StoredObject *object = &previewer->stored.items[previewer->at++];

                if (map_put(&previewer->stored_by_id, object->id, object, NULL) < 0)
                        return error_oom(err);
                if (time_monotonic() >= until)
                        return 1;
        }
        return plan_specs_begin(&input, &previewer->stored_arena, &previewer->plan, err);
}

/* --- changes ---------------------------------------------------------------------------------- */

static int keep_changes(const DocumentChanges *found, Arena *arena, DocumentChanges *ret)
{
        ret->items = arena_alloc_array(arena, found->n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (; ret->n < found->n; ret->n++) {
                const DocumentChange *from = &found->items[ret->n];
                DocumentChange *to = &ret->items[ret->n];

                to->path = arena_strdup(arena, from->path);
                to->from = from->from ? arena_strdup(arena, from->from) : NULL;
                to->to = from->to ? arena_strdup(arena, from->to) : NULL;
                if (!to->path || (from->from && !to->from) || (from->to && !to->to))
                        return -ENOMEM;
        }
        return 0;
}

/* Adds the differences between the stored and the new document. The documents are freed. */
static int add_diff(Previewer *previewer, const Object *object, PreviewObject *to, Error *err)
{
        _cleanup_(buffer_done) Buffer text;
        _cleanup_(arena_done) Arena arena;
        DocumentChanges found = { 0 };
        const ObjectDocument *stored = map_get(&previewer->documents, object->id.text);
        Node *before, *after;
        int r;

        buffer_init(&text, SPEC_FILE_MAX * 4);
        arena_init(&arena, API_REQUEST_MAX);
        arena.quota = previewer->arena->quota;
        if (!stored)
                return error_set(err, ERROR_CONFLICT, -EAGAIN,
                                 "%s '%s' was deleted while the plan was made; plan again",
                                 object_kind_to_noun(object->kind), object->meta.name);
        if (encode_document(object, ENCODE_NO_DEFAULTS, &text) < 0)
                return error_oom(err);
        r = json_to_node(stored->json, strlen(stored->json), &arena, &before, err);
        if (r >= 0)
                r = json_to_node(text.data, text.size, &arena, &after, err);
        if (r < 0)
                return r;
        if (document_diff(before, after, &arena, &found) < 0 ||
            keep_changes(&found, previewer->arena, &to->changes) < 0)
                return error_oom(err);
        return 0;
}

/* Adds an object to the preview. Returns NULL if memory ran out. The pointer is valid until the
 * next call. */
static PreviewObject *add_object(Previewer *previewer, ObjectKind kind, const char *tenant,
                                 const char *name, PreviewAction action)
{
        Preview *preview = previewer->preview;
        PreviewObject *object;

        if (vec_reserve(&preview->objects, &previewer->results_capacity, preview->n_objects + 1,
                        sizeof(PreviewObject)) < 0)
                return NULL;
        object = &preview->objects[preview->n_objects++];
        *object = (PreviewObject){ .kind = kind, .tenant = tenant, .name = name, .action = action };
        return object;
}

/* Sets the environments that name a changed Group. */
static int add_concerned(const Previewer *previewer, const GroupSpec *group, PreviewObject *to)
{
        const EnvironmentSpecs *all = &previewer->model->environments;
        Strings *names = arena_alloc(previewer->arena, sizeof(*names));
        size_t n = 0;

        for (size_t i = 0; i < all->n; i++)
                n += people_name_group(all->items[i], group);
        if (!names)
                return -ENOMEM;
        *names = (Strings){ .items = arena_alloc_array(previewer->arena, n + 1,
                                                       sizeof(const char *)) };
        if (!names->items)
                return -ENOMEM;
        for (size_t i = 0; i < all->n; i++)
                if (people_name_group(all->items[i], group))
                        names->items[names->n++] = all->items[i]->object.meta.name;
        to->environments = names;
        return 0;
}

static int add_put(Previewer *previewer, const Object *object, Error *err)
{
        bool known = map_has(&previewer->stored_by_id, object->id.text);
        PreviewObject *to =
                add_object(previewer, object->kind, object->meta.tenant, object->meta.name,
                           known ? PREVIEW_UPDATED : PREVIEW_CREATED);

        if (!to || map_put(&previewer->changed, object->id.text,
                           (void *)(uintptr_t)previewer->preview->n_objects, NULL) < 0)
                return error_oom(err);
        if (object->kind == KIND_GROUP &&
            add_concerned(previewer, (const GroupSpec *)object, to) < 0)
                return error_oom(err);
        return known ? add_diff(previewer, object, to, err) : 0;
}

PreviewObject *preview_object(const Previewer *previewer, const Object *object)
{
        uintptr_t number = (uintptr_t)map_get(&previewer->changed, object->id.text);

        return number == 0 ? NULL : &previewer->preview->objects[number - 1];
}

bool preview_is_changed(const Previewer *previewer, const Object *object)
{
        return map_has(&previewer->changed, object->id.text);
}

/* Adds a stored object to the preview. Copies its texts, because stored objects are freed before
 * the answer is written. */
static int add_stored(Previewer *previewer, const StoredObject *stored, PreviewAction action,
                      const char *message, Error *err)
{
        Arena *arena = previewer->arena;
        PreviewObject *to = add_object(previewer, stored->kind, arena_strdup(arena, stored->tenant),
                                       arena_strdup(arena, stored->name), action);

        if (!to || !to->tenant || !to->name)
                return error_oom(err);
        to->message = message ? arena_strdup(arena, message) : NULL;
        return message && !to->message ? error_oom(err) : 0;
}

static int take_change(Previewer *previewer, const Change *change, Error *err)
{
        const Object *document = change_document(change);
        const StoredObject *stored;
        PreviewAction action = PREVIEW_DELETED;

        if (document)
                return add_put(previewer, document, err);
        if (change->type == CHANGE_SET_STATUS)
                action = change->status == RELEASE_ARCHIVED ? PREVIEW_ARCHIVED : PREVIEW_RESTORED;
        else if (change->type != CHANGE_DELETE_OBJECT)
                return 0; /* skip changes of places, events and tenants */
        stored = map_get(&previewer->stored_by_id, change->object_id);
        return stored ? add_stored(previewer, stored, action, NULL, err) : 0;
}

/* Adds an object whose document relmand would refuse. */
static int take_refusal(Previewer *previewer, const Change *change, Error *err)
{
        const StoredObject *stored = map_get(&previewer->stored_by_id, change->object_id);

        return stored ? add_stored(previewer, stored, PREVIEW_REFUSED, change->condition->message,
                                   err)
                      : 0;
}

static void documents_done(Previewer *previewer)
{
        map_done(&previewer->documents);
        arena_clear(&previewer->documents_arena);
        previewer->documents_end = 0;
}

/* Reads the stored documents of one kind that the changes up to documents_end update. */
static int read_documents_of(Previewer *previewer, ObjectKind kind, Error *err)
{
        _cleanup_(id_list_done) IdList list;
        ObjectDocuments found;
        const char *ids;
        size_t n = 0;
        int r;

        id_list_init(&list);
        for (size_t i = previewer->at; i < previewer->documents_end; i++) {
                const Object *object = change_document(&previewer->plan.changes.items[i]);

                if (!object || object->kind != kind ||
                    !map_has(&previewer->stored_by_id, object->id.text))
                        continue;
                id_list_add(&list, object->id.text);
                n++;
        }
        if (n == 0)
                return 0;
        ids = id_list_end(&list, &previewer->documents_arena);
        if (!ids)
                return error_oom(err);
        r = store_page_documents(previewer->control->store, kind, ids, &previewer->documents_arena,
                                 &found, err);
        for (size_t i = 0; r >= 0 && i < found.n; i++)
                if (map_put(&previewer->documents, found.items[i].id, &found.items[i], NULL) < 0)
                        return error_oom(err);
        return r;
}

/* Reads the stored documents of the next changes. */
static int read_documents(Previewer *previewer, Error *err)
{
        int r = 0;

        documents_done(previewer);
        previewer->documents_end = MIN(previewer->plan.changes.n, previewer->at + DOCUMENTS_PAGE);
        for (ObjectKind kind = 0; r >= 0 && kind < OBJECT_KIND_MAX_; kind++)
                r = read_documents_of(previewer, kind, err);
        return r;
}

/* Processes the changes that the last step of the plan added. Returns 1 if there are more. */
static int take_changes(Previewer *previewer, usec_t until, Error *err)
{
        const SpecPlan *plan = &previewer->plan;
        int r;

        while (previewer->at < plan->changes.n) {
                const Change *change = &plan->changes.items[previewer->at];
                bool is_refused = previewer->n_refusals < plan->n_refused &&
                                  plan->refusals[previewer->n_refusals] == previewer->at;

                r = previewer->at == previewer->documents_end ? read_documents(previewer, err) : 0;
                if (r < 0)
                        return r;
                r = is_refused ? take_refusal(previewer, change, err)
                               : take_change(previewer, change, err);
                if (r < 0)
                        return r;
                previewer->n_refusals += is_refused;
                previewer->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* Adds the objects that the prune guard holds back. relmand would delete them when the prune is
 * confirmed. */
static int add_held(Previewer *previewer, Error *err)
{
        const SpecPlan *plan = &previewer->plan;
        int r = 0;

        previewer->preview->n_held = plan->n_held;
        for (size_t i = 0; r >= 0 && i < plan->n_retained; i++)
                r = add_stored(previewer, plan->retained[i], PREVIEW_DELETED,
                               "held back by the removal guard", err);
        return r;
}

/* Plans some changes, and frees them before planning the next, because all together would take more
 * memory than the answer. */
int preview_plan(Previewer *previewer, usec_t until, Error *err)
{
        SpecPlan *plan = &previewer->plan;
        int r;

        do {
                r = take_changes(previewer, until, err);
                if (r != 0)
                        return r;
                previewer->at = previewer->n_refusals = plan->n_refused = 0;
                documents_done(previewer);
                changes_clear(&plan->changes);
                if (previewer->is_planned)
                        return add_held(previewer, err);
                r = plan_specs_step(plan, until, PLANNED_MAX, err);
                if (r < 0)
                        return r;
                previewer->is_planned = r == 0;
        } while (time_monotonic() < until);
        return 1;
}

void preview_stored_done(Previewer *previewer)
{
        spec_plan_done(&previewer->plan);
        documents_done(previewer);
        map_done(&previewer->stored_by_id);
        free(previewer->stored.items);
        previewer->stored = (StoredObjects){ 0 };
        previewer->stored_capacity = 0;
        arena_done(&previewer->stored_arena);
}

/* --- components ------------------------------------------------------------------------------- */

/* Adds the components that the API made to those of the tree. */
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
        model_unref(previewer->model); /* the objects of the model are in the arena */
        previewer->model = model;
        for (size_t i = 0; i < specs->n; i++) {
                const Object *object = &specs->items[i]->object;

                if (object->managed_by == MANAGED_BY_API &&
                    preview_is_ours(previewer, object->meta.tenant) && model_add(model, object) < 0)
                        return error_oom(err);
        }
        return model_sort(model) < 0 ? error_oom(err) : 0;
}

static int begin_components(Previewer *previewer, Error *err)
{
        int r = add_of_the_api(previewer, err);

        if (r < 0)
                return r;
        previewer->all = arena_alloc_array(previewer->arena, previewer->model->components.n + 1,
                                           sizeof(PreviewComponent));
        return previewer->all ? 0 : error_oom(err);
}

int preview_index_components(Previewer *previewer, usec_t until, Error *err)
{
        if (!previewer->all) {
                int r = begin_components(previewer, err);

                if (r < 0)
                        return r;
        }
        while (previewer->at < previewer->model->components.n) {
                PreviewComponent *component = &previewer->all[previewer->at];
                const ComponentSpec *spec = previewer->model->components.items[previewer->at++];
                const StoredObject *stored =
                        map_get(&previewer->stored_by_id, spec->object.id.text);

                const RegistrySpec *registry = model_component_registry(previewer->model, spec);

                *component = (PreviewComponent){
                        .spec = spec,
                        .is_new = !stored,
                        .is_changed =
                                stored &&
                                (!streq(stored->spec_digest, spec->object.digest) ||
                                 (registry && preview_is_changed(previewer, &registry->object))),
                };
                if (map_put(&previewer->components, spec->object.id.text, component, NULL) < 0)
                        return error_oom(err);
                if (time_monotonic() >= until)
                        return 1;
        }
        preview_stored_done(previewer);
        return 0;
}
