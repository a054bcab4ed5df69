#include "reconcile/preview.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "model/encode.h"
#include "model/json.h"
#include "reconcile/judge.h"
#include "reconcile/plan-specs.h"
#include "reconcile/preview-internal.h"
#include "spec/check.h"

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
        map_foreach (&previewer->model->by_id, entry)
                (void)check_references(previewer->model, entry->value, diags); /* in diags */
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

        r = store_objects(previewer->reconciler->store, previewer->arena, &all, err);
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
        r = store_document(previewer->reconciler->store, object->kind, object->id.text,
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
        case CHANGE_SET_CONDITION:
                if (streq(change->condition->reason, "SpecChanged") ||
                    streq(change->condition->reason, "NameTaken"))
                        add_stored(previewer, change, PREVIEW_REFUSED, change->condition->message);
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
        for (size_t i = 0; i < plan.changes.n && r >= 0; i++)
                r = take_change(previewer, &plan.changes.items[i], err);
        return r;
}

/* --- heads ------------------------------------------------------------------------------------ */

/* The tags as they are known, by the new rules. */
static int classify(Previewer *previewer, const PreviewComponent *component, VersionPolicy *policy,
                    TagSet *tags, Map *manifests, Error *err)
{
        Store *store = previewer->reconciler->store;
        const char *id = component->spec->object.id.text;
        Assignments assigned;
        TagRecords records;
        Manifests known = { 0 };
        TagSetInput input;
        int r;

        r = store_tags(store, id, previewer->arena, &records, err);
        if (r >= 0)
                r = store_assignments(store, id, previewer->arena, &assigned, err);
        input = (TagSetInput){ .known = &records, .assigned = &assigned, .now = time_wall() };
        if (r >= 0)
                r = tag_set_begin(tags, &input, policy, previewer->arena, err);
        if (r >= 0)
                r = tag_set_classify(tags, &input, policy, USEC_INFINITY, previewer->arena, err);
        if (r >= 0)
                r = store_manifests(store, id, previewer->arena, &known, err);
        for (size_t i = 0; r >= 0 && i < known.n; i++)
                if (map_put(manifests, known.items[i].digest, &known.items[i], NULL) < 0)
                        return error_oom(err);
        if (r < 0)
                return r;
        return judge_tags(tags,
                          &(JudgeInput){ .spec = component->spec,
                                         .policy = policy,
                                         .manifests = manifests,
                                         .channels = &component->channels,
                                         .now = time_wall() },
                          previewer->arena) < 0
                       ? error_oom(err)
                       : 0;
}

/* Newest first, as the database gives them. */
static int compare_versions(const void *a, const void *b)
{
        return -version_map_compare(a, b);
}

static int take_versions(Previewer *previewer, PreviewComponent *component, const TagSet *tags)
{
        VersionMaps *versions = &component->versions;

        versions->n = 0;
        versions->items = arena_alloc_array(previewer->arena, tags->n + 1, sizeof(VersionMap));
        if (!versions->items)
                return -ENOMEM;
        for (size_t i = 0; i < tags->n; i++)
                if (tag_state_is_candidate(&tags->items[i]))
                        versions->items[versions->n++] =
                                version_map_of(&tags->items[i], component->spec->object.id.text);
        if (versions->n > 1)
                qsort(versions->items, versions->n, sizeof(VersionMap), compare_versions);
        return 0;
}

static void tell_head(Previewer *previewer, const PreviewComponent *component, const HeadMove *move)
{
        Preview *preview = previewer->preview;

        preview->heads[preview->n_heads++] =
                (PreviewHead){ .tenant = component->spec->object.meta.tenant,
                               .component = component->spec->object.meta.name,
                               .channel = move->channel,
                               .from = move->from ? move->from->tag : NULL,
                               .from_digest = move->from ? move->from->digest : NULL,
                               .to = move->to ? move->to->record.tag : NULL,
                               .to_digest = move->to ? move->to->record.digest : NULL };
}

/* The heads once those moves are made. */
static int move_heads(Previewer *previewer, PreviewComponent *component, const HeadPlan *plan)
{
        Preview *preview = previewer->preview;
        Channels after = { 0 };
        PreviewHead *heads;

        after.items = arena_alloc_array(previewer->arena, component->channels.n + plan->n_moves + 1,
                                        sizeof(Channel));
        heads = arena_alloc_array(previewer->arena, preview->n_heads + plan->n_moves + 1,
                                  sizeof(*heads));
        if (!after.items || !heads)
                return -ENOMEM;
        if (preview->n_heads > 0)
                memcpy(heads, preview->heads, preview->n_heads * sizeof(*heads));
        preview->heads = heads;
        for (size_t i = 0; i < component->channels.n; i++) {
                bool moved = false;

                for (size_t j = 0; j < plan->n_moves; j++)
                        moved = moved ||
                                streq(plan->moves[j].channel, component->channels.items[i].name);
                if (!moved)
                        after.items[after.n++] = component->channels.items[i];
        }
        for (size_t j = 0; j < plan->n_moves; j++) {
                const TagState *to = plan->moves[j].to;

                tell_head(previewer, component, &plan->moves[j]);
                if (to)
                        after.items[after.n++] = (Channel){ .name = plan->moves[j].channel,
                                                            .tag = to->record.tag,
                                                            .digest = to->record.digest,
                                                            .semver = to->is.version.text };
        }
        component->channels = after;
        return 0;
}

static int replan(Previewer *previewer, PreviewComponent *component, Error *err)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        _cleanup_(map_done) Map manifests = { 0 };
        _cleanup_(tag_set_done) TagSet tags = { 0 };
        HeadPlan plan;
        int r;

        r = store_channels(previewer->reconciler->store, component->spec->object.id.text,
                           previewer->arena, &component->channels, err);
        if (r >= 0)
                r = version_policy_new(component->spec, &policy, err);
        if (r >= 0)
                r = classify(previewer, component, policy, &tags, &manifests, err);
        if (r >= 0)
                r = plan_heads(&tags, &component->channels, component->spec->allow_downgrade,
                               previewer->arena, &plan, err);
        if (r < 0)
                return r;
        if (take_versions(previewer, component, &tags) < 0 ||
            move_heads(previewer, component, &plan) < 0)
                return error_oom(err);
        component->replanned = component->known = true;
        return 0;
}

int preview_know(Previewer *previewer, PreviewComponent *component, Error *err)
{
        Store *store = previewer->reconciler->store;
        const VersionFilter all = { 0 };
        const char *id = component->spec->object.id.text;
        int r;

        if (component->known)
                return 0;
        component->known = true;
        r = store_channels(store, id, previewer->arena, &component->channels, err);
        return r < 0 ? r
                     : store_versions(store, id, &all, previewer->arena, &component->versions, err);
}

/* They stand beside what the tree declares. */
static int add_of_the_api(Previewer *previewer, Error *err)
{
        const ComponentSpecs *specs = &previewer->reconciler->model->components;
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
        PreviewComponent *components =
                arena_alloc_array(previewer->arena, specs->n + 1, sizeof(*components));

        if (r >= 0 && !components)
                r = error_oom(err);
        for (size_t i = 0; i < specs->n && r >= 0; i++) {
                const Object *object = &specs->items[i]->object;
                const StoredObject *stored = map_get(&previewer->stored_by_id, object->id.text);

                components[i] = (PreviewComponent){ .spec = specs->items[i], .is_new = !stored };
                if (map_put(&previewer->components, object->id.text, &components[i], NULL) < 0)
                        return error_oom(err);
                if (stored && !streq(stored->spec_digest, object->digest))
                        r = replan(previewer, &components[i], err);
        }
        return r;
}

/* --- all -------------------------------------------------------------------------------------- */

int reconciler_preview(Reconciler *reconciler, const PreviewInput *input, Arena *arena,
                       Preview *ret, DiagList *diags, Error *err)
{
        Previewer previewer = {
                .reconciler = reconciler, .arena = arena, .tenant = input->tenant, .preview = ret
        };
        int r;

        *ret = (Preview){ 0 };
        r = build_model(&previewer, input->documents, diags, err);
        if (r >= 0)
                r = read_stored(&previewer, err);
        if (r >= 0)
                r = preview_objects(&previewer, err);
        if (r >= 0)
                r = preview_components(&previewer, err);
        if (r >= 0)
                r = preview_releases(&previewer, err);
        if (r >= 0)
                r = preview_environments(&previewer, err);
        model_unref(previewer.model);
        map_done(&previewer.stored_by_id);
        map_done(&previewer.components);
        return r;
}
