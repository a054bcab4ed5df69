#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "model/json.h"
#include "model/schema/decode.h"
#include "spec/assemble.h"
#include "spec/check.h"
#include "spec/source.h"
#include "spec/spec.h"
#include "spec/unit.h"

#define TREE_ARENA_MAX ((size_t)256 * 1024 * 1024)

struct SpecTree {
        SpecSource *source;
        UnitSet *units; /* parsed files of the last load */
        Map by_path;    /* path -> Unit * */
        Arena arena;    /* memory of the lists of files and folders of the last load, or of the load
                         * that runs */
        Strings folders;
        bool is_strict, is_atomic;
        const CheckRunSpecs *check_runs;
};

/* --- tree ------------------------------------------------------------------------------------- */

/* Returns what was parsed of the file; NULL if it has changed since. */
static Unit *find_unit(const SpecTree *tree, const TreeFile *file)
{
        Unit *unit = map_get(&tree->by_path, file->path);

        return unit && !unit->is_unread && !file->why &&
                               tree_is_same_file(&unit->identity, &file->identity)
                       ? unit
                       : NULL;
}

bool spec_tree_knows(const SpecTree *tree, const TreeFile *file)
{
        return find_unit(tree, file) != NULL;
}

int spec_tree_new_empty(SpecTree **ret, Error *err)
{
        SpecTree *tree = calloc(1, sizeof(*tree));

        if (!tree)
                return error_oom(err);
        arena_init(&tree->arena, TREE_ARENA_MAX);
        *ret = tree;
        return 0;
}

int spec_tree_new(const char *path, SpecTree **ret, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        int r = spec_tree_new_empty(&tree, err);

        if (r >= 0)
                r = source_folder_new(path, &tree->source, err);
        if (r < 0)
                return r;
        *ret = TAKE(tree);
        return 0;
}

SpecSource *spec_tree_set_source(SpecTree *tree, SpecSource *source)
{
        SpecSource *old = tree->source;

        tree->source = source;
        tree->folders = (Strings){ 0 };
        return old;
}

const SpecSource *spec_tree_source(const SpecTree *tree)
{
        return tree->source;
}

void spec_tree_be_atomic(SpecTree *tree, bool is_atomic)
{
        tree->is_atomic = is_atomic;
}

SpecTree *spec_tree_free(SpecTree *tree)
{
        if (!tree)
                return NULL;
        map_done(&tree->by_path);
        unit_set_free(tree->units);
        arena_done(&tree->arena);
        source_free(tree->source);
        free(tree);
        return NULL;
}

void spec_tree_be_strict(SpecTree *tree)
{
        tree->is_strict = true;
}

void spec_tree_know_checks(SpecTree *tree, const CheckRunSpecs *runs)
{
        tree->check_runs = runs;
}

/* Makes a second set with a reference to each unit. The tree keeps this set, and the model keeps
 * the original. */
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

/* --- course of a load ------------------------------------------------------------------------- */

struct SpecLoad {
        SpecTree *tree;
        DiagList found;  /* diagnostics of this attempt */
        bool is_finding; /* the source searches files */
        TreeFiles files;
        TreeChange change;
        UnitSet *set;
        UnitRead *reading; /* parses the next file; NULL: not started */
        KnownPatterns known;
        Assembly assembly;
        unsigned stage, n_tries;
};

/* The result of a stage; a stage can also return a negative errno. */
enum {
        LOAD_NEXT,  /* the stage is complete */
        LOAD_GO_ON, /* the stage has more to do */
        LOAD_AGAIN, /* the tree changed while it was read: start the load again */
};

static void load_clear(SpecLoad *load)
{
        assembly_done(&load->assembly);
        if (load->is_finding)
                load->tree->source->kind->stop(load->tree->source);
        load->is_finding = false;
        load->reading = unit_read_free(load->reading);
        unit_set_free(load->set);
        load->set = NULL;
        tree_files_done(&load->files);
        load->files = (TreeFiles){ .base_fd = -1 };
        diag_list_done(&load->found);
        diag_list_init(&load->found);
        load->stage = 0;
}

static int load_find(SpecLoad *load, usec_t until, Error *err)
{
        SpecTree *tree = load->tree;
        int r;

        if (!load->is_finding) {
                arena_clear(&tree->arena);
                tree->folders = (Strings){ 0 };
        }
        r = tree->source->kind->find(tree->source, &tree->arena, &load->found, until, &load->files,
                                     err);
        load->is_finding = r > 0;
        if (r != 0)
                return r < 0 ? r : LOAD_GO_ON;
        tree->folders = load->files.folders;
        r = unit_set_new(load->files.n, &load->set);
        return r < 0 ? error_oom(err) : LOAD_NEXT;
}

/* Returns 1 if there is more to do, 0 with the unit of the next file. */
static int load_read_next(SpecLoad *load, usec_t until, Unit **ret)
{
        const TreeFile *file = &load->files.files[load->set->n];
        int r;

        if (!load->reading) {
                Unit *unit = find_unit(load->tree, file);

                if (unit) {
                        unit->n_refs++;
                        *ret = unit;
                        return 0;
                }
                r = unit_read_new(load->tree->source, &load->files, file, &load->reading);
                if (r < 0)
                        return r;
        }
        r = unit_read_step(load->reading, &load->known, until, ret);
        if (r == 0)
                load->reading = unit_read_free(load->reading);
        return r;
}

static int load_read(SpecLoad *load, usec_t until, Error *err)
{
        UnitSet *set = load->set;
        int r;

        while (set->n < load->files.n) {
                r = load_read_next(load, until, &set->units[set->n]);
                if (r > 0)
                        return LOAD_GO_ON;
                if (r == -ESTALE)
                        return LOAD_AGAIN;
                if (r < 0)
                        return error_oom(err);
                diag_list_append(&load->found, &set->units[set->n++]->diags);
                if (time_monotonic() >= until)
                        return LOAD_GO_ON;
        }
        return LOAD_NEXT;
}

/* Checks whether the tree has changed while its files were read. */
static int load_check(SpecLoad *load, usec_t until, Error *err)
{
        const SpecSource *source = load->tree->source;

        (void)until, (void)err;
        load->change = source->kind->check(source, &load->files);
        if (load->change == TREE_MOVED ||
            (load->change == TREE_EDITED && load->n_tries < SPEC_LOADS_MAX))
                return LOAD_AGAIN;
        assembly_init(&load->assembly, load->set, &load->files, &load->found);
        load->assembly.is_strict = load->tree->is_strict;
        load->assembly.check_runs = load->tree->check_runs;
        return LOAD_NEXT;
}

/* Keeps the parsed files for the next load. If the tree changed, a path may have led to another
 * file for a moment. The next load must not use such units. */
static int load_remember(SpecLoad *load)
{
        SpecSource *source = load->tree->source;
        int r = load->change == TREE_SAME ? remember(load->tree, load->set) : 0;

        if (r >= 0 && source->kind->parsed)
                source->kind->parsed(source, load->tree);
        return r;
}

/* Fails if the tree has errors. */
static int load_refuse(SpecLoad *load, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        const char *first;

        arena_init(&arena, (size_t)64 * 1024);
        diag_list_sort(&load->found);
        first = unit_message(&arena, &load->found);
        return error_set(err, ERROR_INVALID, -EINVAL, "%s has %zu error%s: %s",
                         load->tree->source->name, load->found.n_errors,
                         load->found.n_errors == 1 ? "" : "s",
                         first ? first : "it could not be read");
}

static int load_assemble(SpecLoad *load, usec_t until, Model **ret, Error *err)
{
        Model *model = NULL;
        int r;

        r = assembly_step(&load->assembly, until, &model);
        if (r > 0)
                return LOAD_GO_ON;
        if (r == 0 && load->tree->is_atomic && load->found.n_errors > 0) {
                model_unref(model);
                return load_refuse(load, err);
        }
        if (r == 0)
                r = load_remember(load);
        if (r < 0 || load->found.failed) {
                model_unref(model);
                return error_oom(err);
        }
        model->owner = TAKE(load->set);
        model->owner_free = unit_set_free;
        *ret = model;
        return LOAD_NEXT;
}

int spec_load_new(SpecTree *tree, SpecLoad **ret, Error *err)
{
        SpecLoad *load = calloc(1, sizeof(*load));

        if (!load)
                return error_oom(err);
        load->tree = tree;
        load->n_tries = 1;
        load->files.base_fd = -1;
        diag_list_init(&load->found);
        arena_init(&load->known.arena, (size_t)KNOWN_PATTERNS_MAX * (PATTERN_MAX + 1));
        *ret = load;
        return 0;
}

SpecLoad *spec_load_free(SpecLoad *load)
{
        if (!load)
                return NULL;
        load_clear(load);
        known_patterns_done(&load->known);
        free(load);
        return NULL;
}

static int load_try_again(SpecLoad *load, Error *err)
{
        if (load->n_tries++ == SPEC_LOADS_MAX)
                return error_set(err, ERROR_UNREACHABLE, -ESTALE,
                                 "the specs '%s' changed each of the %d times they were read",
                                 load->tree->source->name, SPEC_LOADS_MAX);
        load_clear(load);
        return 0;
}

int spec_load_step(SpecLoad *load, usec_t until, Model **ret, DiagList *diags, Error *err)
{
        static int (*const stages[])(SpecLoad * load, usec_t until,
                                     Error * err) = { load_find, load_read, load_check };
        _cleanup_(model_unrefp) Model *model = NULL;
        int r;

        do {
                r = load->stage < ARRAY_SIZE(stages) ? stages[load->stage](load, until, err)
                                                     : load_assemble(load, until, &model, err);
                if (r == LOAD_AGAIN)
                        r = load_try_again(load, err);
                else if (r == LOAD_NEXT)
                        load->stage++;
        } while (r >= 0 && !model && time_monotonic() < until);
        if (r >= 0 && !model)
                return 1;
        if (r != -ESTALE)
                diag_list_append(diags, &load->found);
        if (r < 0)
                return r;
        if (diags->failed)
                return error_oom(err);
        *ret = TAKE(model);
        return 0;
}

int spec_tree_load(SpecTree *tree, Model **ret, DiagList *diags, Error *err)
{
        _cleanup_(spec_load_freep) SpecLoad *load = NULL;
        int r;

        r = spec_load_new(tree, &load, err);
        return r < 0 ? r : spec_load_step(load, USEC_INFINITY, ret, diags, err);
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

        r = unit_decode(node, NULL, arena, &decoded, diags);
        if (r >= 0)
                *ret = decoded.object;
        return r;
}
