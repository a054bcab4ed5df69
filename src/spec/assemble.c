#include "spec/assemble.h"

#include <errno.h>

/* Returns the next object of all files, in their order; NULL at the end. */
static Object *assembly_next(Assembly *assembly)
{
        const UnitSet *set = assembly->set;

        while (assembly->unit < set->n &&
               assembly->object == set->units[assembly->unit]->n_objects) {
                assembly->unit++;
                assembly->object = 0;
        }
        return assembly->unit < set->n ? set->units[assembly->unit]->objects[assembly->object++]
                                       : NULL;
}

static int assembly_mark(Assembly *assembly, const Object *object, const char *message)
{
        if (!message)
                return -ENOMEM;
        if (map_has(&assembly->faulty, object->id.text))
                return 0;
        /* The cast drops const: the map returns its values unchanged, and callers only read the
         * message. */
        return map_put(&assembly->faulty, object->id.text, (void *)(uintptr_t)message, NULL) < 0
                       ? -ENOMEM
                       : 0;
}

/* --- stages ----------------------------------------------------------------------------------- */

/* Processes one object. */
typedef int (*AssemblyVisit)(Assembly *assembly, Object *object);

/* Processes all objects. Returns 1 if the time limit was reached before the last one. */
static int assembly_visit(Assembly *assembly, usec_t until, AssemblyVisit visit)
{
        Object *object;
        int r;

        while ((object = assembly_next(assembly))) {
                r = visit(assembly, object);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* Reports two documents of the same object. Neither is applied, because relman cannot know which
 * one was meant. */
static int visit_duplicate(Assembly *assembly, Object *object)
{
        const Object *first;
        void *before;
        /* a separate list, because the list of the caller may be full */
        _cleanup_(diag_list_done) DiagList own = { 0 };
        const char *message;

        if (map_put(&assembly->by_id, object->id.text, object, &before) < 0)
                return -ENOMEM;
        first = before;
        if (!first)
                return 0;
        /* the index keeps the first document; the entry exists, so this cannot fail */
        (void)map_put(&assembly->by_id, first->id.text, before, NULL);
        diag_list_init(&own);
        diag_error(&own, object->place,
                   "duplicate %s '%s'; first declared at %s:%u:%u; neither applies",
                   object_kind_to_string(object->kind), object->meta.name, first->place.file,
                   first->place.line, first->place.column);
        diag_list_append(assembly->diags, &own);
        message = unit_message(&assembly->set->arena, &own);
        if (assembly_mark(assembly, first, message) < 0)
                return -ENOMEM;
        return assembly_mark(assembly, object, message);
}

static size_t count_objects(const UnitSet *set)
{
        size_t n = 0;

        for (size_t i = 0; i < set->n; i++)
                n += set->units[i]->n_objects;
        return n;
}

static int find_duplicates(Assembly *assembly, usec_t until)
{
        if (assembly->by_id.n == 0 &&
            map_reserve(&assembly->by_id, count_objects(assembly->set)) < 0)
                return -ENOMEM;
        return assembly_visit(assembly, until, visit_duplicate);
}

static int visit_add(Assembly *assembly, Object *object)
{
        Model *model = assembly->model;

        if (assembly->n_faulty == 0) { /* add_objects() has copied the index */
                model_append(model, object);
                return 0;
        }
        if (map_has(&model->by_id, object->id.text) || map_has(&assembly->faulty, object->id.text))
                return 0;
        return model_add(model, object);
}

static int add_objects(Assembly *assembly, usec_t until)
{
        if (!assembly->model) {
                if (model_new(count_objects(assembly->set), &assembly->model) < 0)
                        return -ENOMEM;
                assembly->n_faulty = assembly->faulty.n;
                if (assembly->n_faulty == 0 &&
                    map_copy(&assembly->by_id, &assembly->model->by_id) < 0)
                        return -ENOMEM;
        }
        return assembly_visit(assembly, until, visit_add);
}

static int add_unread(UnitSet *set, const TreeUnread *unread, Broken *ret)
{
        *ret = (Broken){ .file = arena_strdup(&set->arena, unread->path),
                         .kind = OBJECT_KIND_MAX_,
                         .message = arena_printf(&set->arena, "%s: %s", unread->path, unread->why),
                         .is_unread = !unread->is_ours };
        return ret->file && ret->message ? 0 : -ENOMEM;
}

/* Lists all files, documents and folders with errors, and all objects with wrong references. */
static int collect_brokens(Assembly *assembly, usec_t until)
{
        UnitSet *set = assembly->set;
        const TreeFiles *files = assembly->files;
        Brokens *brokens = &assembly->model->brokens;
        size_t n = files->n_unread + assembly->faulty.n;

        (void)until; /* this stage takes little time, since it copies pointers */
        for (size_t i = 0; i < set->n; i++)
                n += set->units[i]->n_brokens;
        *brokens = (Brokens){ .items = arena_alloc_array(&set->arena, n, sizeof(*brokens->items)),
                              .root = arena_strdup(&set->arena, files->root) };
        if (!brokens->items || !brokens->root)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->units[i]->n_brokens; j++)
                        brokens->items[brokens->n++] = set->units[i]->brokens[j];
        for (size_t i = 0; i < files->n_unread; i++)
                if (add_unread(set, &files->unread[i], &brokens->items[brokens->n++]) < 0)
                        return -ENOMEM;
        map_foreach (&assembly->faulty, entry) {
                const Object *object = map_get(&assembly->by_id, entry->key);

                brokens->items[brokens->n++] = (Broken){ .file = object->place.file,
                                                         .kind = object->kind,
                                                         .tenant = object->meta.tenant,
                                                         .name = object->meta.name,
                                                         .message = entry->value };
        }
        return 0;
}

/* Sorts the model. The check of references needs this: it selects environments by labels in a
 * sorted model. */
static int sort_model(Assembly *assembly, usec_t until)
{
        (void)until;
        return model_sort(assembly->model);
}

static int sort_model_again(Assembly *assembly, usec_t until)
{
        return assembly->is_complete ? 0 : sort_model(assembly, until);
}

static int begin_references(Assembly *assembly, usec_t until)
{
        (void)until;
        if (references_init(&assembly->references, assembly->model) < 0)
                return -ENOMEM;
        assembly->references.is_strict = assembly->is_strict;
        assembly->references.check_runs = assembly->check_runs;
        return 0;
}

static int visit_references(Assembly *assembly, Object *object)
{
        _cleanup_(diag_list_done) DiagList own = { 0 }; /* the caller's list may be full */
        int r;

        if (map_has(&assembly->faulty, object->id.text))
                return 0;
        diag_list_init(&own);
        r = references_check(&assembly->references, object, &own);
        diag_list_append(assembly->diags, &own);
        return r >= 0 ? 0
                      : assembly_mark(assembly, object, unit_message(&assembly->set->arena, &own));
}

static int check_references_of_all(Assembly *assembly, usec_t until)
{
        return assembly_visit(assembly, until, visit_references);
}

/* Drops the model if the last check found new faulty objects. The stages that follow then make a
 * model without them. */
static int drop_faulty(Assembly *assembly, usec_t until)
{
        (void)until;
        assembly->is_complete = assembly->faulty.n == assembly->n_faulty;
        if (!assembly->is_complete)
                assembly->model = model_unref(assembly->model);
        return 0;
}

static int add_objects_again(Assembly *assembly, usec_t until)
{
        return assembly->is_complete ? 0 : add_objects(assembly, until);
}

static int collect_brokens_again(Assembly *assembly, usec_t until)
{
        return assembly->is_complete ? 0 : collect_brokens(assembly, until);
}

static int warn_same_hosts(Assembly *assembly, usec_t until)
{
        const RegistrySpecs *registries = &assembly->model->registries;
        _cleanup_(map_done) Map hosts = { 0 };
        _cleanup_(arena_done) Arena arena;

        (void)until;
        arena_init(&arena, 16 * 1024 * 1024);
        for (size_t i = 0; i < registries->n; i++) {
                const RegistrySpec *registry = registries->items[i];
                const char *key;
                const Object *first;
                char host[HOST_MAX];

                if (!registry_spec_host(registry, host))
                        continue;
                key = arena_printf(&arena, "%s %s", registry->object.meta.tenant, host);
                first = key ? map_get(&hosts, key) : NULL;
                if (first)
                        diag_warning(
                                assembly->diags, registry->object.place,
                                "registry '%s' has the same host as registry '%s'; components find the "
                                "first by name unless they name theirs",
                                registry->object.meta.name, first->meta.name);
                else if (key)
                        (void)map_put(&hosts, key, (void *)(uintptr_t)&registry->object, NULL);
        }
        return 0;
}

/* --- steps ------------------------------------------------------------------------------------ */

static int (*const stages[])(Assembly *assembly, usec_t until) = {
        find_duplicates,  add_objects,       collect_brokens,
        sort_model,       begin_references,  check_references_of_all,
        drop_faulty,      add_objects_again, collect_brokens_again,
        sort_model_again, warn_same_hosts,
};

void assembly_init(Assembly *assembly, UnitSet *set, const TreeFiles *files, DiagList *diags)
{
        *assembly = (Assembly){ .set = set, .files = files, .diags = diags };
}

void assembly_done(Assembly *assembly)
{
        map_done(&assembly->by_id);
        map_done(&assembly->faulty);
        model_unref(assembly->model);
        references_done(&assembly->references);
        *assembly = (Assembly){ 0 };
}

int assembly_step(Assembly *assembly, usec_t until, Model **ret)
{
        int r;

        while (assembly->stage < ARRAY_SIZE(stages)) {
                r = stages[assembly->stage](assembly, until);
                if (r != 0)
                        return r;
                assembly->stage++;
                assembly->unit = assembly->object = 0;
                if (assembly->stage < ARRAY_SIZE(stages) && time_monotonic() >= until)
                        return 1;
        }
        assembly->model->n_files = assembly->set->n;
        *ret = TAKE(assembly->model);
        return 0;
}
