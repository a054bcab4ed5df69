#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/decode.h"
#include "model/json.h"
#include "spec/check.h"
#include "spec/spec.h"
#include "spec/tree.h"
#include "spec/yaml.h"

#define UNIT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define TREE_ARENA_MAX ((size_t)256 * 1024 * 1024)

/* One file as parsed; shared by the tree, which remembers it, and the models made from it. */
typedef struct Unit {
        unsigned n_refs;
        struct stat stat;
        Arena arena;
        const char *path;
        Object **objects;
        size_t n_objects;
        Broken *brokens;
        size_t n_brokens;
        DiagList diags;
} Unit;

/* What a model lives in. */
typedef struct UnitSet {
        Unit **units;
        size_t n;
        Arena arena; /* for what concerns several files */
} UnitSet;

struct SpecTree {
        char *path;
        UnitSet *units; /* of the last load */
        Map by_path;    /* of the same */
        Arena arena;    /* for folders */
        Strings folders;
};

/* --- units ------------------------------------------------------------------------------------ */

static Unit *unit_unref(Unit *unit)
{
        if (!unit || --unit->n_refs > 0)
                return NULL;
        diag_list_done(&unit->diags);
        arena_done(&unit->arena);
        free(unit);
        return NULL;
}
DEFINE_FREEP(Unit, unit_unref)

static void unit_set_free(void *owner)
{
        UnitSet *set = owner;

        if (!set)
                return;
        for (size_t i = 0; i < set->n; i++)
                unit_unref(
                        set->units[i]); /* NOLINT(*NullDereference): n is 0 before there are any */
        free(set->units);
        arena_done(&set->arena);
        free(set);
}

static int unit_set_new(size_t n, UnitSet **ret)
{
        UnitSet *set = calloc(1, sizeof(*set));

        if (!set)
                return -ENOMEM;
        arena_init(&set->arena, TREE_ARENA_MAX);
        set->units = calloc(n + 1, sizeof(*set->units));
        if (!set->units) {
                unit_set_free(set);
                return -ENOMEM;
        }
        *ret = set;
        return 0;
}

/* The text of the diagnostic at first, whole. */
static const char *message_of(Arena *arena, const DiagList *diags, size_t first)
{
        _cleanup_(buffer_done) Buffer line;

        buffer_init(&line, 16 * 1024);
        if (first >= diags->n || diag_format(&diags->items[first], &line) < 0)
                return "it could not be read";
        return arena_strdup(arena, line.data);
}

static int add_broken(Unit *unit, const Decoded *what, size_t first_diag)
{
        Broken *broken = &unit->brokens[unit->n_brokens++];

        *broken = (Broken){ .file = unit->path,
                            .kind = what ? what->kind : OBJECT_KIND_MAX_,
                            .tenant = what ? what->tenant : NULL,
                            .name = what ? what->name : NULL,
                            .message = message_of(&unit->arena, &unit->diags, first_diag) };
        return broken->message ? 0 : -ENOMEM;
}

/* Of a document that could not be decoded too: all that is wrong is told at once. */
static int check_all_formats(const Node *node, ObjectKind kind, DiagList *diags)
{
        const Node *meta = node_get(node, "metadata"), *spec = node_get(node, "spec");
        int worst = 0, r;

        if (kind == OBJECT_KIND_MAX_)
                return 0;
        if (meta)
                worst = check_formats(&meta_schema, meta, diags);
        if (spec) {
                r = check_formats(kind_schema(kind)->spec, spec, diags);
                worst = MIN(worst, r);
        }
        return worst;
}

static int decode(const Node *node, Arena *arena, Decoded *ret, DiagList *diags)
{
        int r, formats;

        *ret = (Decoded){ .kind = OBJECT_KIND_MAX_ };
        r = decode_document(node, arena, ret, diags);
        if (r == -ENOMEM)
                return r;
        formats = check_all_formats(node, ret->kind, diags);
        r = MIN(r, formats);
        return r < 0 ? r : check_object(ret->object, diags);
}

static int read_document(Unit *unit, const Node *node)
{
        size_t first = unit->diags.n;
        Decoded decoded;
        int r;

        r = decode(node, &unit->arena, &decoded, &unit->diags);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return add_broken(unit, &decoded, first);
        unit->objects[unit->n_objects++] = decoded.object;
        return 0;
}

/* What else is wrong with documents that are not taken. */
static int look_over(Unit *unit, const YamlDocuments *documents)
{
        for (size_t i = 0; i < documents->n; i++) {
                Decoded decoded;

                if (decode(documents->items[i], &unit->arena, &decoded, &unit->diags) == -ENOMEM)
                        return -ENOMEM;
        }
        return 0;
}

/* Reads the text's documents. A file that is not YAML to its end declares nothing: what stands
 * behind the fault is not known. */
static int read_documents(Unit *unit, const char *data, size_t size)
{
        _cleanup_(arena_done) Arena arena;
        YamlDocuments documents;
        int r;

        arena_init(&arena, UNIT_ARENA_MAX);
        r = yaml_read(unit->path, data, size, &arena, &documents, &unit->diags);
        if (r == -ENOMEM)
                return r;
        unit->objects = arena_alloc_array(&unit->arena, documents.n + 1, sizeof(*unit->objects));
        unit->brokens = arena_alloc_array(&unit->arena, documents.n + 1, sizeof(*unit->brokens));
        if (!unit->objects || !unit->brokens)
                return -ENOMEM;
        if (r < 0) {
                r = add_broken(unit, NULL, 0);
                return r < 0 ? r : look_over(unit, &documents);
        }
        for (size_t i = 0; i < documents.n && r >= 0; i++)
                r = read_document(unit, documents.items[i]);
        return r;
}

static int unreadable(Unit *unit, const Error *error)
{
        diag_add(&unit->diags, SEVERITY_ERROR, (Place){ .file = unit->path }, "%s",
                 error_message(error));
        unit->brokens = arena_alloc_array(&unit->arena, 1, sizeof(*unit->brokens));
        return unit->brokens ? add_broken(unit, NULL, 0) : -ENOMEM;
}

static int unit_new(const char *path, const struct stat *st, Unit **ret)
{
        _cleanup_(unit_unrefp) Unit *unit = calloc(1, sizeof(*unit));
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        if (!unit)
                return -ENOMEM;
        unit->n_refs = 1;
        unit->stat = *st;
        arena_init(&unit->arena, UNIT_ARENA_MAX);
        diag_list_init(&unit->diags);
        unit->path = arena_strdup(&unit->arena, path);
        if (!unit->path)
                return -ENOMEM;
        r = file_read(path, SPEC_FILE_MAX, &data, &size, &error);
        r = r < 0 ? unreadable(unit, &error) : read_documents(unit, data, size);
        if (r < 0)
                return r;
        if (unit->diags.failed) /* or the next load would take it for parsed */
                return unit->diags.failed;
        *ret = TAKE(unit);
        return 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
               a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
               a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* The file as parsed before, if it has not changed since; else parsed now. */
static int get_unit(SpecTree *tree, const char *path, Unit **ret)
{
        Unit *unit = map_get(&tree->by_path, path);
        struct stat st = { 0 };

        if (stat(path, &st) >= 0 && unit && is_same_file(&unit->stat, &st)) {
                unit->n_refs++;
                *ret = unit;
                return 0;
        }
        return unit_new(path, &st, ret);
}

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
                        const char *message;

                        if (!first) {
                                if (map_put(by_id, object->id.text, object, NULL) < 0)
                                        return -ENOMEM;
                                continue;
                        }
                        diag_error(
                                diags, object->place,
                                "duplicate %s '%s'; first declared at %s:%u:%u; neither takes effect",
                                object_kind_to_string(object->kind), object->meta.name,
                                first->place.file, first->place.line, first->place.column);
                        message = message_of(arena, diags, diags->n - 1);
                        if (!message || mark(faulty, first, message) < 0 ||
                            mark(faulty, object, message) < 0)
                                return -ENOMEM;
                }
        }
        return 0;
}

static int find_dangling(const Model *candidate, Faulty *faulty, Arena *arena, DiagList *diags)
{
        map_foreach (&candidate->by_id, entry) {
                const Object *object = entry->value;
                size_t first = diags->n;
                const char *message;

                if (check_references(candidate, object, diags) >= 0)
                        continue;
                message = message_of(arena, diags, first);
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
                char host[512];

                if (!registry_spec_host(registry, host, sizeof(host)))
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
        size_t n = files->unread.n + faulty->ids.n;

        for (size_t i = 0; i < set->n; i++)
                n += set->units[i]->n_brokens;
        ret->n = 0;
        ret->items = arena_alloc_array(&set->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->units[i]->n_brokens; j++)
                        ret->items[ret->n++] = set->units[i]->brokens[j];
        for (size_t i = 0; i < files->unread.n; i++) {
                const char *folder = arena_strdup(&set->arena, files->unread.items[i]);

                if (!folder)
                        return -ENOMEM;
                ret->items[ret->n++] = (Broken){ .file = folder,
                                                 .kind = OBJECT_KIND_MAX_,
                                                 .message = "the folder cannot be read" };
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
        if (r < 0)
                return r;
        model_sort(model);
        warn_same_hosts(model, diags);
        model->n_files = set->n;
        *ret = TAKE(model);
        return 0;
}

/* --- the tree --------------------------------------------------------------------------------- */

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

        for (size_t i = 0; i < files->files.n; i++) {
                r = get_unit(tree, files->files.items[i], &set->units[set->n]);
                if (r < 0)
                        return r;
                diag_list_append(diags, &set->units[set->n++]->diags);
        }
        return 0;
}

int spec_tree_load(SpecTree *tree, Model **ret, DiagList *diags, Error *err)
{
        Model *model = NULL;
        UnitSet *set = NULL;
        TreeFiles files;
        int r;

        arena_clear(&tree->arena);
        tree->folders = (Strings){ 0 };
        r = tree_find(tree->path, &tree->arena, &files, diags, err);
        if (r < 0)
                return r;
        tree->folders = files.folders;
        r = unit_set_new(files.files.n, &set);
        if (r >= 0)
                r = read_files(tree, &files, set, diags);
        if (r >= 0)
                r = assemble(set, &files, &model, diags);
        if (r >= 0)
                r = remember(tree, set);
        if (r < 0 || diags->failed) {
                model_unref(model);
                unit_set_free(set);
                return error_oom(err);
        }
        model->owner = set;
        model->owner_free = unit_set_free;
        *ret = model;
        return 0;
}

const Strings *spec_tree_folders(const SpecTree *tree)
{
        return &tree->folders;
}

const char *spec_tree_path(const SpecTree *tree)
{
        return tree->path;
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

        r = decode(node, arena, &decoded, diags);
        if (r >= 0)
                *ret = decoded.object;
        return r;
}
