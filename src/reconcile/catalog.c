#include "reconcile/catalog.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "compose/drafts.h"
#include "deploy/environment-why.h"
#include "lock/lock.h"
#include "reconcile/internal.h"

const Model *reconciler_model(const Reconciler *reconciler)
{
        return reconciler->control.model;
}

int catalog_release(Reconciler *reconciler, const char *tenant, const char *id_or_name,
                    Arena *arena, Release *ret, Error *err)
{
        int r;

        if (!uuid_is_valid(id_or_name))
                return store_release_by_name(reconciler->control.store, tenant, id_or_name, arena,
                                             ret, err);
        r = store_release(reconciler->control.store, id_or_name, arena, ret, err);
        return r <= 0 ? r : streq(ret->tenant, tenant);
}

const Object *catalog_object(const Reconciler *reconciler, ObjectKind kind, const char *tenant,
                             const char *id_or_name)
{
        const Object *object;

        if (!uuid_is_valid(id_or_name))
                return model_find(reconciler->control.model, kind, tenant, id_or_name);
        object = map_get(&reconciler->control.model->by_id, id_or_name);
        return object && object->kind == kind && streq(object->meta.tenant, tenant) ? object : NULL;
}

const OutputSpecs *catalog_outputs(const Reconciler *reconciler)
{
        static const OutputSpecs none;
        const OutputSpecs *outputs = reconciler->control.options.outputs;

        return outputs ? outputs : &none;
}

int catalog_output_state(const Reconciler *reconciler, const char *environment_id, size_t number,
                         Arena *arena, OutputState *ret, Error *err)
{
        return publisher_output_state(&reconciler->publisher, environment_id, number, arena, ret,
                                      err);
}

int catalog_rollback_figures(const Reconciler *reconciler, Arena *arena, RollbackFiguresList *ret)
{
        ret->n = 0;
        ret->items = arena_alloc_array(arena, reconciler->deployer.environments.n + 1,
                                       sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        map_foreach (&reconciler->deployer.environments, entry) {
                const EnvironmentState *environment = entry->value;
                const Meta *meta = &environment->spec->object.meta;

                if (environment->n_rollbacks > 0)
                        ret->items[ret->n++] = (RollbackFigures){
                                .tenant = meta->tenant,
                                .name = meta->name,
                                .n_ready = environment->n_rollbacks_ready,
                        };
        }
        return 0;
}

int catalog_environment_lock(const Reconciler *reconciler, const EnvironmentSpec *environment,
                             Arena *arena, const char **ret, Error *err)
{
        const Meta *meta = &environment->object.meta;
        _cleanup_(freep) char *stem = lock_stem(reconciler->control.options.locks_path,
                                                meta->tenant, LOCK_ROOM_ENVIRONMENTS, meta->name);

        *ret = stem ? arena_printf(arena, "%s" LOCK_SUFFIX, stem) : NULL;
        if (!*ret)
                return error_oom(err);
        if (access(*ret, F_OK) < 0)
                *ret = NULL;
        return 0;
}

int catalog_next_release(Reconciler *reconciler, const char *environment_id, Arena *arena,
                         NextRelease *ret, Error *err)
{
        EnvironmentWhy *why = arena_alloc(arena, sizeof(*why));
        int r;

        if (!why)
                return error_oom(err);
        r = deployer_why(&reconciler->deployer, environment_id, arena, why, err);
        if (r < 0 || !why->has_release)
                return r;
        *ret = (NextRelease){ .id = why->release.id.text,
                              .name = why->release.name,
                              .is_there = why->is_there };
        return 1;
}

/* Returns the counts to which objects of the tenant are added; NULL: the object is not counted. */
typedef TenantCounts *(*CountsOf)(void *userdata, const char *tenant);

static void count_objects(const Reconciler *reconciler, CountsOf counts_of, void *userdata)
{
        const ComponentSpecs *components = &reconciler->control.model->components;
        TenantCounts *counts;

        for (size_t i = 0; i < components->n; i++) {
                counts = counts_of(userdata, components->items[i]->object.meta.tenant);
                if (counts)
                        counts->n_components++;
        }
        map_foreach (&reconciler->poller.components, entry) {
                const ComponentState *component = entry->value;

                counts = counts_of(userdata, component->subject.tenant);
                if (!counts)
                        continue;
                counts->n_suspended += component->spec->suspend;
                counts->n_failing += !component->spec->suspend && component->n_failures > 0;
        }
        map_foreach (&reconciler->composer.drafts, entry) {
                const DraftState *draft = entry->value;

                counts = counts_of(userdata, draft->spec->object.meta.tenant);
                if (counts)
                        counts->n_drafts += !draft->owner;
        }
        map_foreach (&reconciler->deployer.environments, entry) {
                const EnvironmentState *environment = entry->value;

                counts = counts_of(userdata, environment->spec->object.meta.tenant);
                if (!counts)
                        continue;
                counts->n_environments++;
                counts->n_environments_failing += environment->failed;
        }
}

typedef struct OneTenant {
        const char *tenant; /* NULL: all tenants */
        TenantCounts *counts;
} OneTenant;

static TenantCounts *counts_of_one(void *userdata, const char *tenant)
{
        const OneTenant *one = userdata;

        return !one->tenant || streq(one->tenant, tenant) ? one->counts : NULL;
}

void catalog_counts(const Reconciler *reconciler, const char *tenant, TenantCounts *ret)
{
        *ret = (TenantCounts){ 0 };
        count_objects(reconciler, counts_of_one, &(OneTenant){ tenant, ret });
}

typedef struct EachTenant {
        Map counts; /* tenant -> TenantCounts */
        Arena *arena;
        bool is_short_of_memory;
} EachTenant;

static TenantCounts *counts_of_each(void *userdata, const char *tenant)
{
        EachTenant *each = userdata;
        TenantCounts *counts = map_get(&each->counts, tenant);

        if (counts)
                return counts;
        counts = arena_alloc(each->arena, sizeof(*counts));
        if (!counts || map_put(&each->counts, tenant, counts, NULL) < 0) {
                each->is_short_of_memory = true;
                return NULL;
        }
        counts->tenant = tenant;
        return counts;
}

static int by_tenant(const void *a, const void *b)
{
        return strcmp(((const TenantCounts *)a)->tenant, ((const TenantCounts *)b)->tenant);
}

static void each_tenant_done(EachTenant *each)
{
        map_done(&each->counts);
}

int catalog_tenant_counts(const Reconciler *reconciler, Arena *arena, TenantCountsList *ret,
                          Error *err)
{
        _cleanup_(each_tenant_done) EachTenant each = { .arena = arena };

        (void)counts_of_each(&each, DEFAULT_TENANT);
        count_objects(reconciler, counts_of_each, &each);
        ret->n = 0;
        ret->items = each.is_short_of_memory
                             ? NULL
                             : arena_alloc_array(arena, each.counts.n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        map_foreach (&each.counts, entry)
                ret->items[ret->n++] = *(const TenantCounts *)entry->value;
        qsort(ret->items, ret->n, sizeof(*ret->items), by_tenant);
        return 0;
}

const RegistrySpec *reconciler_find_registry(const Reconciler *reconciler, const char *tenant,
                                             const char *name)
{
        _cleanup_(error_done) Error refused = { 0 };
        const RegistrySpec *registry = (const RegistrySpec *)model_find(
                reconciler->control.model, KIND_REGISTRY, tenant, name);

        return registry && grants_check(reconciler->control.options.grants, registry, &refused) >= 0
                       ? registry
                       : NULL;
}

const RegistrySpec *reconciler_first_hook(const Reconciler *reconciler)
{
        const RegistrySpecs *registries = &reconciler->control.model->registries;

        for (size_t i = 0; i < registries->n; i++)
                if (registry_has_hook(registries->items[i]))
                        return registries->items[i];
        return NULL;
}

int reconciler_preview(Reconciler *reconciler, const PreviewInput *input, Previewer **ret,
                       Error *err)
{
        return preview_start(&reconciler->control, input, ret, err);
}

int reconciler_why(Reconciler *reconciler, const WhyInput *input, Why **ret, Error *err)
{
        const WhySources sources = { .control = &reconciler->control,
                                     .composer = &reconciler->composer,
                                     .deployer = &reconciler->deployer };

        return why_start(&sources, input, ret, err);
}
