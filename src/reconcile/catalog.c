#include "reconcile/catalog.h"

#include "reconcile/internal.h"

const Model *reconciler_model(const Reconciler *reconciler)
{
        return reconciler->model;
}

int catalog_release(Reconciler *reconciler, const char *tenant, const char *id_or_name,
                    Arena *arena, Release *ret, Error *err)
{
        int r;

        if (!uuid_is_valid(id_or_name))
                return store_release_by_name(reconciler->store, tenant, id_or_name, arena, ret,
                                             err);
        r = store_release(reconciler->store, id_or_name, arena, ret, err);
        return r <= 0 ? r : streq(ret->tenant, tenant);
}

const Object *catalog_object(const Reconciler *reconciler, ObjectKind kind, const char *tenant,
                             const char *id_or_name)
{
        const Object *object;

        if (!uuid_is_valid(id_or_name))
                return model_find(reconciler->model, kind, tenant, id_or_name);
        object = map_get(&reconciler->model->by_id, id_or_name);
        return object && object->kind == kind && streq(object->meta.tenant, tenant) ? object : NULL;
}
