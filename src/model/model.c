#include "model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "model/image/image.h"
#include "model/selection.h"

#define ALIASES_MAX ((size_t)64 * 1024 * 1024)
#define HOST_KEY    "%s %s" /* tenant names contain no space, so the key is unambiguous */

Model *model_ref(Model *model)
{
        model->n_refs++;
        return model;
}

Model *model_unref(Model *model)
{
        if (!model || --model->n_refs > 0)
                return NULL;
        map_done(&model->by_id);
        map_done(&model->aliases);
        map_done(&model->by_host);
        arena_done(&model->arena);
        free(model->registries.items);
        free(model->components.items);
        free(model->releases.items);
        free(model->streams.items);
        free(model->environments.items);
        free(model->calendars.items);
        free(model->groups.items);
        map_done(&model->selections);
        model_unref(model->older);
        if (model->owner_free)
                model->owner_free(model->owner);
        free(model);
        return NULL;
}

void model_keep(Model *model, Model *older)
{
        while (model != older && model->older)
                model = model->older;
        if (model == older)
                model_unref(older); /* the model already has a reference to this older model */
        else
                model->older = older;
}

int model_new(size_t n_objects, Model **ret)
{
        _cleanup_(model_unrefp) Model *model = calloc(1, sizeof(*model));
        size_t n = n_objects + 1;

        if (!model)
                return -ENOMEM;
        model->n_refs = 1;
        arena_init(&model->arena, ALIASES_MAX);
        model->registries.items = calloc(n, sizeof(*model->registries.items));
        model->components.items = calloc(n, sizeof(*model->components.items));
        model->releases.items = calloc(n, sizeof(*model->releases.items));
        model->streams.items = calloc(n, sizeof(*model->streams.items));
        model->environments.items = calloc(n, sizeof(*model->environments.items));
        model->calendars.items = calloc(n, sizeof(*model->calendars.items));
        model->groups.items = calloc(n, sizeof(*model->groups.items));
        if (!model->registries.items || !model->components.items || !model->releases.items ||
            !model->streams.items || !model->environments.items || !model->calendars.items ||
            !model->groups.items)
                return -ENOMEM;
        *ret = TAKE(model);
        return 0;
}

static int index_object(Model *model, const Object *object)
{
        /* a map stores pointers to mutable data, but model functions return const pointers */
        void *value = (void *)(uintptr_t)object;
        const char *alias;
        Uuid id;

        if (map_put(&model->by_id, object->id.text, value, NULL) < 0)
                return -ENOMEM;
        if (object->managed_by == MANAGED_BY_SPEC)
                return 0;
        id = object_id(object->kind, object->meta.tenant, object->meta.name);
        alias = arena_strdup(&model->arena, id.text);
        return !alias || map_put(&model->aliases, alias, value, NULL) < 0 ? -ENOMEM : 0;
}

void model_append(Model *model, const Object *object)
{
        switch (object->kind) {
        case KIND_REGISTRY:
                model->registries.items[model->registries.n++] = (const RegistrySpec *)object;
                break;
        case KIND_COMPONENT:
                model->components.items[model->components.n++] = (const ComponentSpec *)object;
                break;
        case KIND_RELEASE:
                model->releases.items[model->releases.n++] = (const ReleaseSpec *)object;
                break;
        case KIND_STREAM:
                model->streams.items[model->streams.n++] = (const StreamSpec *)object;
                break;
        case KIND_ENVIRONMENT:
                model->environments.items[model->environments.n++] =
                        (const EnvironmentSpec *)object;
                break;
        case KIND_CALENDAR:
                model->calendars.items[model->calendars.n++] = (const CalendarSpec *)object;
                break;
        case KIND_GROUP: model->groups.items[model->groups.n++] = (const GroupSpec *)object; break;
        case OBJECT_KIND_MAX_: break;
        }
}

int model_add(Model *model, const Object *object)
{
        model_append(model, object);
        return index_object(model, object);
}

bool model_may_declare(const Model *model, ObjectKind kind, const char *tenant, const char *name)
{
        if (name && model_find(model, kind, tenant, name))
                return true;
        for (size_t i = 0; i < model->brokens.n; i++) {
                const Broken *broken = &model->brokens.items[i];

                if ((broken->kind == kind || broken->kind == OBJECT_KIND_MAX_) &&
                    (!broken->tenant || streq(broken->tenant, tenant)) &&
                    (!name || !broken->name || streq(broken->name, name)))
                        return true;
        }
        return false;
}

size_t model_n_objects(const Model *model)
{
        return model->registries.n + model->components.n + model->releases.n + model->streams.n +
               model->environments.n + model->calendars.n + model->groups.n;
}

const Object *model_object(const Model *model, size_t i)
{
        if (i < model->registries.n)
                return &model->registries.items[i]->object;
        i -= model->registries.n;
        if (i < model->components.n)
                return &model->components.items[i]->object;
        i -= model->components.n;
        if (i < model->releases.n)
                return &model->releases.items[i]->object;
        i -= model->releases.n;
        if (i < model->streams.n)
                return &model->streams.items[i]->object;
        i -= model->streams.n;
        if (i < model->groups.n)
                return &model->groups.items[i]->object;
        i -= model->groups.n;
        if (i < model->environments.n)
                return &model->environments.items[i]->object;
        return &model->calendars.items[i - model->environments.n]->object;
}

size_t model_memory(const Model *model)
{
        size_t n = model_n_objects(model);

        /* each array has room for all objects, but the system commits memory only for used entries
         */
        return sizeof(*model) + (n + OBJECT_KIND_MAX_) * sizeof(void *) +
               map_memory(&model->by_id) + map_memory(&model->aliases) +
               map_memory(&model->by_host) + map_memory(&model->selections) + model->arena.used;
}

static int add_all(Model *model, const Model *from, const Map *without)
{
        size_t n = model_n_objects(from);
        int r = 0;

        if (without->n == 0 && from->aliases.n == 0) {
                for (size_t i = 0; i < n; i++)
                        model_append(model, model_object(from, i));
                return map_copy(&from->by_id, &model->by_id);
        }

        for (size_t i = 0; i < n && r >= 0; i++) {
                const Object *object = model_object(from, i);

                if (!map_has(without, object->id.text))
                        r = model_add(model, object);
        }
        return r;
}

int model_copy(const Model *from, const Map *without, size_t n_more, Model **ret)
{
        _cleanup_(model_unrefp) Model *model = NULL;
        size_t n = model_n_objects(from) + n_more;
        int r;

        r = model_new(n, &model);
        if (r >= 0)
                r = add_all(model, from, without);
        if (r < 0)
                return r;
        model->brokens = from->brokens;
        model->n_files = from->n_files;
        *ret = TAKE(model);
        return 0;
}

static int compare_objects(const void *a, const void *b)
{
        return object_compare(*(const Object *const *)a, *(const Object *const *)b);
}

/* Sorts pointers to specs. Every spec begins with its Object, so that compare_objects() can compare
 * the pointers. A copy of a model is mostly sorted already. */
static void sort_objects(void *items, size_t n)
{
        const char *at = items;
        size_t i = 1;

        while (i < n &&
               compare_objects(at + (i - 1) * sizeof(void *), at + i * sizeof(void *)) <= 0)
                i++;
        if (i < n)
                qsort(items, n, sizeof(void *), compare_objects);
}

/* Adds the host of a registry to the index. The first registry of a host wins. */
static int index_host(Model *model, const RegistrySpec *registry, const char *host,
                      const char *port)
{
        const char *key = arena_printf(&model->arena, HOST_KEY "%s%s", registry->object.meta.tenant,
                                       host, *port ? ":" : "", port);

        if (!key)
                return -ENOMEM;
        if (map_has(&model->by_host, key))
                return 0;
        return map_put(&model->by_host, key, (void *)(uintptr_t)registry, NULL);
}

/* Indexes hosts so that the registry of a component is found without a scan. A host with the
 * default port of the scheme has two keys: with and without the port. */
static int index_hosts(Model *model)
{
        map_clear(&model->by_host);
        for (size_t i = 0; i < model->registries.n; i++) {
                const RegistrySpec *registry = model->registries.items[i];
                const char *port = host_default_port(registry->url);
                char host[HOST_MAX];
                const char *colon;

                if (!registry_spec_host(registry, host))
                        continue;
                if (index_host(model, registry, host, "") < 0)
                        return -ENOMEM;
                colon = strrchr(host, ':');
                if ((!colon || strchr(colon, ']')) && /* the host has the default port */
                    index_host(model, registry, host, port) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int model_sort(Model *model)
{
        sort_objects(model->registries.items, model->registries.n);
        sort_objects(model->components.items, model->components.n);
        sort_objects(model->releases.items, model->releases.n);
        sort_objects(model->streams.items, model->streams.n);
        sort_objects(model->environments.items, model->environments.n);
        sort_objects(model->groups.items, model->groups.n);
        sort_objects(model->calendars.items, model->calendars.n);
        return index_hosts(model) < 0 ? -ENOMEM : selections_make(model);
}

const char *model_nearest(const Model *model, ObjectKind kind, const char *tenant, const char *name)
{
        size_t n_objects = model_n_objects(model), n = 0;
        _cleanup_(freep) const char **names =
                calloc(MIN(n_objects, SUGGEST_NAMES_MAX) + 1, sizeof(*names));

        for (size_t i = 0; names && i < n_objects && n < SUGGEST_NAMES_MAX; i++) {
                const Object *object = model_object(model, i);

                if (object->kind == kind && streq(object->meta.tenant, tenant))
                        names[n++] = object->meta.name;
        }
        return names ? suggest_nearest(name, names, n) : NULL;
}

const Object *model_find(const Model *model, ObjectKind kind, const char *tenant, const char *name)
{
        Uuid id = object_id(kind, tenant, name);
        const Object *object = map_get(&model->by_id, id.text);

        return object ? object : map_get(&model->aliases, id.text);
}

const RegistrySpec *model_component_registry(const Model *model, const ComponentSpec *component)
{
        const char *tenant = component->object.meta.tenant;
        char key[NAME_MAX_ + 1 + HOST_MAX]; /* as HOST_KEY */
        size_t n = strlen(tenant);
        char *host;

        if (component->registry)
                return (const RegistrySpec *)model_find(model, KIND_REGISTRY, tenant,
                                                        component->registry);
        if (n > NAME_MAX_)
                return NULL;
        host = mempcpy(key, tenant, n);
        *host++ = ' ';
        return image_host(component->image_repository, host) ? map_get(&model->by_host, key) : NULL;
}

const VerifyRules *model_component_verify(const Model *model, const ComponentSpec *component)
{
        return component_verify(component, model_component_registry(model, component));
}
