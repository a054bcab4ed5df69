#include "api/page-rows.h"

#include <string.h>

#include "base/limits.h"
#include "store/id-list.h"

static const char *ids_of_objects(const Object *const *objects, size_t n, Arena *arena)
{
        _cleanup_(id_list_done) IdList ids;

        id_list_init(&ids);
        for (size_t i = 0; i < n; i++)
                id_list_add(&ids, objects[i]->id.text);
        return id_list_end(&ids, arena);
}

static const char *ids_of_releases(const Release *releases, size_t n, Arena *arena)
{
        _cleanup_(id_list_done) IdList ids;

        id_list_init(&ids);
        for (size_t i = 0; i < n; i++)
                id_list_add(&ids, releases[i].id.text);
        return id_list_end(&ids, arena);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads the reasons why environments wait. */
static int read_pendings(Request *request, const Object *const *objects, size_t n, PageRows *rows,
                         Error *err)
{
        const char **ids = arena_alloc_array(&rows->arena, n, sizeof(*ids));

        rows->pendings = arena_alloc_array(&rows->arena, n, sizeof(*rows->pendings));
        if (!ids || !rows->pendings)
                return error_oom(err);
        for (size_t i = 0; i < n; i++)
                ids[i] = objects[i]->id.text;
        return deployer_pendings(reconciler_deployer(request->api->reconciler), ids, n,
                                 &rows->arena, rows->pendings, err);
}

/* Reads the current deployments, or those at the time request->as_of if that is set. */
static int read_deployments(Request *request, const char *ids, Arena *arena, Deployments *ret,
                            Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);

        return request->as_of > 0 ? store_page_as_of(store, ids, request->as_of, arena, ret, err)
                                  : store_page_deployments(store, ids, arena, ret, err);
}

static int read_rows(Request *request, ObjectKind kind, const char *ids, PageRows *rows, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        Arena *arena = &rows->arena;
        int r;

        if (!ids)
                return error_oom(err);
        r = store_page_times(store, kind, ids, arena, &rows->times, err);
        if (r >= 0 && request->as_of == 0)
                r = store_page_conditions(store, kind, ids, arena, &rows->conditions, err);
        if (r >= 0 && kind == KIND_COMPONENT)
                r = store_page_channels(store, ids, arena, &rows->channels, err);
        if (r >= 0 && kind == KIND_STREAM)
                r = store_page_candidates(store, ids, arena, &rows->newest, err);
        if (r >= 0 && kind == KIND_ENVIRONMENT)
                r = read_deployments(request, ids, arena, &rows->deployments, err);
        if (r >= 0 && kind == KIND_ENVIRONMENT && request->as_of == 0)
                r = store_page_holds(store, ids, arena, &rows->holds, err);
        return r;
}

static void page_rows_init(PageRows *rows, Request *request)
{
        arena_init(&rows->arena, API_REQUEST_MAX);
        rows->arena.quota = &request->memory;
}

void page_rows_done(PageRows *rows)
{
        arena_done(&rows->arena);
}

int page_rows_of_objects(Request *request, ObjectKind kind, const Object *const *objects, size_t n,
                         PageRows *rows, Error *err)
{
        int r;

        page_rows_init(rows, request);
        if (n == 0)
                return 0;
        r = read_rows(request, kind, ids_of_objects(objects, n, &rows->arena), rows, err);
        if (r < 0 || kind != KIND_ENVIRONMENT || request->as_of > 0)
                return r;
        return read_pendings(request, objects, n, rows, err);
}

int page_rows_of_releases(Request *request, const Release *releases, size_t n, PageRows *rows,
                          Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const char *ids;
        int r;

        page_rows_init(rows, request);
        ids = ids_of_releases(releases, n, &rows->arena);
        r = ids ? store_page_conditions(store, KIND_RELEASE, ids, &rows->arena, &rows->conditions,
                                        err)
                : error_oom(err);
        return r < 0 ? r : store_page_places(store, ids, &rows->arena, &rows->places, err);
}

/* --- one object ------------------------------------------------------------------------------- */

/* Keeps the result for the next object, since a page is sorted by tenant. */
Uuid known_tenant_id(Request *request, const char *tenant)
{
        PageRows *rows = request->rows;

        if (!rows)
                return tenant_id(tenant);
        if (!rows->tenant || !streq(rows->tenant, tenant)) {
                rows->tenant = tenant;
                rows->tenant_id = tenant_id(tenant);
        }
        return rows->tenant_id;
}

int known_times(Request *request, const Object *object, usec_t *ret_created_at,
                usec_t *ret_updated_at, Error *err)
{
        PageRows *rows = request->rows;
        const ObjectTimes *times;

        if (!rows)
                return store_object_times(reconciler_store(request->api->reconciler), object->kind,
                                          object->id.text, ret_created_at, ret_updated_at, err);
        *ret_created_at = *ret_updated_at = 0;
        if (rows->at_times == rows->times.n)
                return 0;
        times = &rows->times.items[rows->at_times];
        if (!streq(times->id, object->id.text))
                return 0;
        *ret_created_at = times->created_at;
        *ret_updated_at = times->updated_at;
        rows->at_times++;
        return 1;
}

/* A list of rows. Each row begins with the id of its object. */
typedef struct RowList {
        const void *rows;
        size_t n, size;
        size_t value, value_size; /* position of the value in a row */
        size_t *at;               /* index of the next row */
} RowList;

/* Takes the rows of an object from the list, and copies their values. Returns NULL if memory ran
 * out. */
static void *take_rows(const RowList *list, const char *id, Arena *arena, size_t *ret_n)
{
        const char *row = (const char *)list->rows + *list->at * list->size;
        size_t n = 0;
        char *values;

        while (*list->at + n < list->n &&
               streq(*(const char *const *)(const void *)(row + n * list->size), id))
                n++;
        values = arena_alloc_array(arena, n, list->value_size);
        if (!values)
                return NULL;
        for (size_t i = 0; i < n; i++)
                memcpy(values + i * list->value_size, row + i * list->size + list->value,
                       list->value_size);
        *list->at += n;
        *ret_n = n;
        return values;
}

int known_conditions(Request *request, ObjectKind kind, const char *id, Conditions *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows)
                return store_conditions(reconciler_store(request->api->reconciler), kind, id,
                                        &request->arena, ret, err);
        ret->items =
                take_rows(&(RowList){ rows->conditions.items, rows->conditions.n,
                                      sizeof(ObjectCondition), offsetof(ObjectCondition, condition),
                                      sizeof(Condition), &rows->at_conditions },
                          id, &rows->arena, &ret->n);
        return ret->items ? 0 : error_oom(err);
}

int known_channels(Request *request, const char *component_id, Channels *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows)
                return store_channels(reconciler_store(request->api->reconciler), component_id,
                                      &request->arena, ret, err);
        ret->items =
                take_rows(&(RowList){ rows->channels.items, rows->channels.n,
                                      sizeof(ComponentChannel), offsetof(ComponentChannel, channel),
                                      sizeof(Channel), &rows->at_channels },
                          component_id, &rows->arena, &ret->n);
        return ret->items ? 0 : error_oom(err);
}

int known_places(Request *request, const char *release_id, Strings *ret, Error *err)
{
        PageRows *rows = request->rows;
        size_t begin = rows->at_places;

        while (rows->at_places < rows->places.n &&
               streq(rows->places.items[rows->at_places].id, release_id))
                rows->at_places++;
        ret->n = rows->at_places - begin;
        ret->items = arena_alloc_array(&rows->arena, ret->n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < ret->n; i++)
                ret->items[i] = rows->places.items[begin + i].environment_id;
        return 0;
}

/* Reads the deployment of one environment at the time request->as_of, for an answer that is no
 * list. Returns 1 if there was one. */
static int deployment_as_of(Request *request, const char *environment_id, Deployment *ret,
                            Error *err)
{
        const char *ids = arena_printf(&request->arena, "[\"%s\"]", environment_id);
        Deployments deployments;
        int r = ids ? read_deployments(request, ids, &request->arena, &deployments, err)
                    : error_oom(err);

        if (r < 0 || deployments.n == 0)
                return r;
        *ret = deployments.items[0];
        return 1;
}

int known_deployment(Request *request, const char *environment_id, Deployment *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows && request->as_of > 0)
                return deployment_as_of(request, environment_id, ret, err);
        if (!rows)
                return store_deployment(reconciler_store(request->api->reconciler), environment_id,
                                        &request->arena, ret, err);
        if (rows->at_deployments == rows->deployments.n ||
            !streq(rows->deployments.items[rows->at_deployments].environment_id, environment_id))
                return 0;
        *ret = rows->deployments.items[rows->at_deployments++];
        return 1;
}

int known_hold(Request *request, const char *environment_id, Hold *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows)
                return store_hold(reconciler_store(request->api->reconciler), environment_id,
                                  &request->arena, ret, err);
        if (rows->at_holds == rows->holds.n ||
            !streq(rows->holds.items[rows->at_holds].environment_id, environment_id))
                return 0;
        *ret = rows->holds.items[rows->at_holds++];
        return 1;
}

int known_newest(Request *request, const char *stream_id, const char **ret, Error *err)
{
        PageRows *rows = request->rows, own = { 0 };
        const Release *release;
        int r;

        *ret = NULL;
        if (!rows) {
                const char *ids = arena_printf(&request->arena, "[\"%s\"]", stream_id);

                r = ids ? store_page_candidates(reconciler_store(request->api->reconciler), ids,
                                                &request->arena, &own.newest, err)
                        : error_oom(err);
                if (r < 0)
                        return r;
                rows = &own;
        }
        if (rows->at_newest == rows->newest.n)
                return 0;
        release = &rows->newest.items[rows->at_newest];
        if (!streq(release->stream_id, stream_id))
                return 0;
        *ret = release->name;
        rows->at_newest++;
        return 0;
}

int known_pending(Request *request, const char *environment_id, Pending *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows)
                return deployer_pending(reconciler_deployer(request->api->reconciler),
                                        environment_id, &request->arena, ret, err);
        *ret = rows->pendings[rows->at_pending++];
        return ret->reason != NULL;
}
