#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "model/decode.h"
#include "model/json.h"
#include "spec/check.h"
#include "spec/spec.h"
#include "spec/tree.h"
#include "spec/unit.h"

#define TREE_ARENA_MAX ((size_t)256 * 1024 * 1024)

struct SpecTree {
        char *path;
        UnitSet *units; /* of the last load */
        Map by_path;    /* of the same */
        Arena arena;    /* for folders */
        Strings folders;
};

/* --- the model -------------------------------------------------------------------------------- */

/* Objects with a fault that only shows beside others. */
typedef struct Faulty {
        Map ids; /* object id -> what is wrong with it */
} Faulty;

static int mark(Faulty *faulty, const Object *object, const char *message)
{
        if (map_has(&faulty->ids, object->id.text))
                return 0;
        /* maps give values back untouched; the message is only read */
        return map_put(&faulty->ids, object->id.text, (void *)(uintptr_t)message, NULL) < 0
                       ? -ENOMEM
                       : 0;
}

/* Two documents for one object: neither takes effect, for which was meant is not ours to guess. */
static int find_duplicates(const UnitSet *set, Map *by_id, Faulty *faulty, Arena *arena,
                           DiagList *diags)
{
        for (size_t i = 0; i < set->n; i++) {
                const Unit *unit = set->units[i];

                /* NOLINTNEXTLINE(*NullDereference): each up to n is there */
                for (size_t j = 0; j < unit->n_objects; j++) {
                        Object *object = unit->objects[j];
                        const Object *first = map_get(by_id, object->id.text);
                        _cleanup_(diag_list_done) DiagList own = { 0 }; /* diags may be full */
                        const char *message;

                        if (!first) {
                                if (map_put(by_id, object->id.text, object, NULL) < 0)
                                        return -ENOMEM;
                                continue;
                        }
                        diag_list_init(&own);
                        diag_error(
                                &own, object->place,
                                "duplicate %s '%s'; first declared at %s:%u:%u; neither takes effect",
                                object_kind_to_string(object->kind), object->meta.name,
                                first->place.file, first->place.line, first->place.column);
                        diag_list_append(diags, &own);
                        message = unit_message(arena, &own);
                        if (!message || mark(faulty, first, message) < 0 ||
                            mark(faulty, object, message) < 0)
                                return -ENOMEM;
                }
        }
        return 0;
}

static int find_dangling(const Model *candidate, Faulty *faulty, Arena *arena, DiagList *diags)
{
        _cleanup_(references_done) References references;

        if (references_init(&references, candidate) < 0)
                return -ENOMEM;
        map_foreach (&candidate->by_id, entry) {
                const Object *object = entry->value;
                _cleanup_(diag_list_done) DiagList own; /* diags may be full */
                const char *message;
                int r;

                diag_list_init(&own);
                r = references_check(&references, object, &own);
                diag_list_append(diags, &own);
                if (r >= 0)
                        continue;
                message = unit_message(arena, &own);
                if (!message || mark(faulty, object, message) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static void warn_same_hosts(const Model *model, DiagList *diags)
{
        _cleanup_(map_done) Map hosts = { 0 };
        _cleanup_(arena_done) Arena arena;

        arena_init(&arena, 16 * 1024 * 1024);
        for (size_t i = 0; i < model->registries.n; i++) {
                const RegistrySpec *registry = model->registries.items[i];
                const char *key;
                const Object *first;
                char host[HOST_MAX];

                if (!registry_spec_host(registry, host))
                        continue;
                key = arena_printf(&arena, "%s %s", registry->object.meta.tenant, host);
                first = key ? map_get(&hosts, key) : NULL;
                if (first)
                        diag_warning(
                                diags, registry->object.place,
                                "registry '%s' has the same host as registry '%s'; components find the "
                                "first by name unless they name theirs",
                                registry->object.meta.name, first->meta.name);
                else if (key)
                        (void)map_put(&hosts, key, (void *)(uintptr_t)&registry->object, NULL);
        }
}

static size_t count_objects(const UnitSet *set)
{
        size_t n = 0;

        for (size_t i = 0; i < set->n; i++)
                n += set->units[i]->n_objects;
        return n;
}

static int add_objects(Model *model, const UnitSet *set, const Faulty *faulty)
{
        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->units[i]->n_objects; j++) {
                        const Object *object = set->units[i]->objects[j];

                        if (!map_has(&model->by_id, object->id.text) &&
                            !map_has(&faulty->ids, object->id.text) && model_add(model, object) < 0)
                                return -ENOMEM;
                }
        return 0;
}

/* Everything that is broken: files, documents, folders and objects that do not fit the others. */
static int collect_brokens(UnitSet *set, const TreeFiles *files, const Map *by_id,
                           const Faulty *faulty, Brokens *ret)
{
        size_t n = files->n_unread + faulty->ids.n;

        for (size_t i = 0; i < set->n; i++)
                n += set->units[i]->n_brokens;
        ret->n = 0;
        ret->items = arena_alloc_array(&set->arena, n, sizeof(*ret->items));
        ret->root = arena_strdup(&set->arena, files->root);
        if (!ret->items || !ret->root)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->units[i]->n_brokens; j++)
                        ret->items[ret->n++] = set->units[i]->brokens[j];
        for (size_t i = 0; i < files->n_unread; i++) {
                const TreeUnread *unread = &files->unread[i];
                Broken *broken = &ret->items[ret->n++];

                *broken = (Broken){ .file = arena_strdup(&set->arena, unread->path),
                                    .kind = OBJECT_KIND_MAX_,
                                    .message = arena_printf(&set->arena, "%s: %s", unread->path,
                                                            unread->why),
                                    .is_unread = !unread->is_ours };
                if (!broken->file || !broken->message)
                        return -ENOMEM;
        }
        map_foreach (&faulty->ids, entry) {
                const Object *object = map_get(by_id, entry->key);

                ret->items[ret->n++] = (Broken){ .file = object->place.file,
                                                 .kind = object->kind,
                                                 .tenant = object->meta.tenant,
                                                 .name = object->meta.name,
                                                 .message = entry->value };
        }
        return 0;
}

static int assemble(UnitSet *set, const TreeFiles *files, Model **ret, DiagList *diags)
{
        _cleanup_(map_done) Map by_id = { 0 };
        _cleanup_(model_unrefp) Model *candidate = NULL, *model = NULL;
        Faulty faulty = { 0 };
        int r;

        r = find_duplicates(set, &by_id, &faulty, &set->arena, diags);
        if (r >= 0)
                r = model_new(count_objects(set), &candidate);
        if (r >= 0)
                r = add_objects(candidate, set, &faulty);
        if (r >= 0)
                r = collect_brokens(set, files, &by_id, &faulty, &candidate->brokens);
        if (r >= 0)
                r = find_dangling(candidate, &faulty, &set->arena, diags);
        if (r >= 0)
                r = model_new(count_objects(set), &model);
        if (r >= 0)
                r = add_objects(model, set, &faulty);
        if (r >= 0)
                r = collect_brokens(set, files, &by_id, &faulty, &model->brokens);
        map_done(&faulty.ids);
        if (r >= 0)
                r = model_sort(model);
        if (r < 0)
                return r;
        warn_same_hosts(model, diags);
        model->n_files = set->n;
        *ret = TAKE(model);
        return 0;
}

/* --- the tree --------------------------------------------------------------------------------- */

/* The file as parsed before, if it has not changed since; else parsed now. */
static int get_unit(SpecTree *tree, const TreeFiles *files, const TreeFile *file, Unit **ret)
{
        Unit *unit = map_get(&tree->by_path, file->path);

        if (unit && !unit->is_unread && !file->why && tree_is_unchanged(&unit->stat, &file->stat)) {
                unit->n_refs++;
                *ret = unit;
                return 0;
        }
        return unit_new(files, file, ret);
}

int spec_tree_new(const char *path, SpecTree **ret, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = calloc(1, sizeof(*tree));

        if (!tree)
                return error_oom(err);
        arena_init(&tree->arena, TREE_ARENA_MAX);
        tree->path = strdup(path);
        if (!tree->path)
                return error_oom(err);
        *ret = TAKE(tree);
        return 0;
}

SpecTree *spec_tree_free(SpecTree *tree)
{
        if (!tree)
                return NULL;
        map_done(&tree->by_path);
        unit_set_free(tree->units);
        arena_done(&tree->arena);
        free(tree->path);
        free(tree);
        return NULL;
}

/* A second reference to every unit: one set for the model, one for the tree to remember. */
static int remember(SpecTree *tree, const UnitSet *set)
{
        UnitSet *copy;
        Map by_path = { 0 };

        if (unit_set_new(set->n, &copy) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++) {
                set->units[i]->n_refs++;
                copy->units[copy->n++] = set->units[i];
                if (map_put(&by_path, set->units[i]->path, set->units[i], NULL) < 0) {
                        map_done(&by_path);
                        unit_set_free(copy);
                        return -ENOMEM;
                }
        }
        map_done(&tree->by_path);
        unit_set_free(tree->units);
        tree->units = copy;
        tree->by_path = by_path;
        return 0;
}

static int read_files(SpecTree *tree, const TreeFiles *files, UnitSet *set, DiagList *diags)
{
        int r;

        for (size_t i = 0; i < files->n; i++) {
                r = get_unit(tree, files, &files->files[i], &set->units[set->n]);
                if (r < 0)
                        return r;
                diag_list_append(diags, &set->units[set->n++]->diags);
        }
        return 0;
}

/* One try. 1: names were added or removed meanwhile. -EAGAIN: what was read is of two trees. */
static int load_once(SpecTree *tree, Model **ret, DiagList *diags, Error *err)
{
        Model *model = NULL;
        UnitSet *set = NULL;
        _cleanup_(tree_files_done) TreeFiles files = { .base_fd = -1 };
        TreeChange change;
        int r;

        arena_clear(&tree->arena);
        tree->folders = (Strings){ 0 };
        r = tree_find(tree->path, &tree->arena, &files, diags, err);
        if (r < 0)
                return r;
        tree->folders = files.folders;
        r = unit_set_new(files.n, &set);
        if (r >= 0)
                r = read_files(tree, &files, set, diags);
        change = tree_check(&files);
        if (r == -ESTALE || (r >= 0 && change == TREE_MOVED)) {
                unit_set_free(set);
                return -EAGAIN;
        }
        if (r >= 0)
                r = assemble(set, &files, &model, diags);
        if (r >= 0 &&
            change == TREE_SAME) /* else a path may have led to another file for a moment */
                r = remember(tree, set);
        if (r < 0 || diags->failed) {
                model_unref(model);
                unit_set_free(set);
                return error_oom(err);
        }
        model->owner = set;
        model->owner_free = unit_set_free;
        *ret = model;
        return change == TREE_EDITED;
}

int spec_tree_load(SpecTree *tree, Model **ret, DiagList *diags, Error *err)
{
        int r;

        for (unsigned i = 0; i < SPEC_LOADS_MAX; i++) {
                _cleanup_(diag_list_done) DiagList found;
                _cleanup_(model_unrefp) Model *model = NULL;

                diag_list_init(&found);
                r = load_once(tree, &model, &found, err);
                if (r == -EAGAIN || (r > 0 && i + 1 < SPEC_LOADS_MAX))
                        continue;
                diag_list_append(diags, &found);
                if (r < 0)
                        return r;
                if (diags->failed)
                        return error_oom(err);
                *ret = TAKE(model);
                return 0;
        }
        return error_set(err, ERROR_UNREACHABLE, -ESTALE,
                         "the specs '%s' changed each of the %d times they were read", tree->path,
                         SPEC_LOADS_MAX);
}

const Strings *spec_tree_folders(const SpecTree *tree)
{
        return &tree->folders;
}

int spec_decode_json(const char *json, size_t size, Arena *arena, Object **ret, Error *err)
{
        DiagList diags;
        Decoded decoded;
        Node *node;
        int r;

        r = json_to_node(json, size, arena, &node, err);
        if (r < 0)
                return r;
        diag_list_init(&diags);
        r = decode_document(node, arena, &decoded, &diags);
        if (r >= 0)
                *ret = decoded.object;
        else
                (void)(r == -ENOMEM || diags.n == 0
                               ? error_oom(err)
                               : error_set(err, ERROR_INVALID, r, "%s", diags.items[0].message));
        diag_list_done(&diags);
        return r;
}

int spec_decode_node(const Node *node, Arena *arena, Object **ret, DiagList *diags)
{
        Decoded decoded;
        int r;

        r = unit_decode(node, arena, &decoded, diags);
        if (r >= 0)
                *ret = decoded.object;
        return r;
}
