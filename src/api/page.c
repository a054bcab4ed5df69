#include "api/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/entity.h"
#include "api/http/sliced.h"
#include "base/limits.h"
#include "base/parse.h"
#include "reconcile/catalog.h"
#include "store/pages.h"

#define BATCH          50   /* objects whose rows are read in one query */
#define RELEASES_BATCH 20   /* releases are large */
#define LOOKED_AT_MAX  2000 /* objects compared with the filters before the time is checked */

/* --- which objects ---------------------------------------------------------------------------- */

int list_page(Request *request, ListPage *ret, Error *err)
{
        const char *limit = request_query(request, "limit");
        const char *text = request_query(request, "text"), *q = request_query(request, "q");
        uint64_t number = 0;

        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > API_LIST_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", API_LIST_MAX);
        if (text && q)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameters text and q are the same; give text alone");
        *ret = (ListPage){ .limit = limit ? (size_t)number : SIZE_MAX,
                           .after = request_query(request, "after"),
                           .label = request_query(request, "label"),
                           .text = text ? text : q };
        return 0;
}

static bool has_label(const Pairs *labels, const char *wanted)
{
        size_t size = strcspn(wanted, "=");

        for (size_t i = 0; i < labels->n; i++)
                if (strncmp(labels->items[i].key, wanted, size) == 0 &&
                    labels->items[i].key[size] == '\0' &&
                    (wanted[size] == '\0' || streq(labels->items[i].value, wanted + size + 1)))
                        return true;
        return false;
}

/* Counts one more than the page holds, to know whether there is a next page. */
static bool take(ListPage *page, const char *name)
{
        if (page->n > page->limit || page->n++ == page->limit)
                return false;
        page->last = name;
        return true;
}

bool list_page_takes_name(ListPage *page, const char *name)
{
        return (!page->after || strcmp(name, page->after) > 0) && take(page, name);
}

/* True if an object of the tenant is on the page; objects are sorted by name. */
static bool list_page_takes(ListPage *page, const Object *object)
{
        const char *name = object->meta.name;

        if ((page->after && strcmp(name, page->after) <= 0) ||
            (page->label && !has_label(&object->meta.labels, page->label)) ||
            (page->text && !strcasestr(name, page->text) &&
             !strcasestr(object_display_name(object), page->text)))
                return false;
        return take(page, name);
}

/* --- the next page ---------------------------------------------------------------------------- */

static void add_parameter(Buffer *out, const char *name, const char *value)
{
        if (!value)
                return;
        (void)buffer_printf(out, "&%s=", name);
        for (; *value; value++)
                if (strchr("-._~", *value) || (*value >= '0' && *value <= '9') ||
                    ((*value | 0x20) >= 'a' && (*value | 0x20) <= 'z'))
                        (void)buffer_putc(out, *value);
                else
                        (void)buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*value);
}

int list_page_link(Request *request, const ListPage *page, Error *err)
{
        _cleanup_(buffer_done) Buffer link = { 0 };
        const char *text;

        if (page->n <= page->limit)
                return 0;
        buffer_init(&link, API_HEADERS_MAX * 4);
        (void)buffer_printf(&link, "<%s?limit=%zu", request->path, page->limit);
        add_parameter(&link, "after", page->last);
        add_parameter(&link, "label", page->label);
        add_parameter(&link, "text", page->text);
        add_parameter(&link, "tenant", request_query(request, "tenant"));
        (void)buffer_puts(&link, ">; rel=\"next\"");
        text = link.failed ? NULL : arena_strndup(&request->arena, link.data, link.size);
        if (!text)
                return error_oom(err);
        request_header_out(request, "Link", text);
        return 0;
}

/* --- what is known of them -------------------------------------------------------------------- */

/* Rows of the objects of a batch, in their order: each object takes the next ones. */
typedef struct PageRows {
        Arena arena;
        ObjectTimesRows times;
        ObjectConditions conditions;
        ComponentChannels channels;
        Deployments deployments;
        Holds holds;
        ReleasePlaces places;
        Pending *pendings; /* of environments: one for each */
        size_t at_pending;
        size_t at_times, at_conditions, at_channels, at_deployments, at_holds, at_places;
} PageRows;

/* Writes the ids of a batch as a JSON array. */
static void ids_begin(Buffer *ids)
{
        buffer_init(ids, (size_t)BATCH * 64);
        (void)buffer_putc(ids, '[');
}

static void ids_add(Buffer *ids, const char *id)
{
        (void)buffer_printf(ids, "%s\"%s\"", ids->size > 1 ? "," : "", id);
}

static const char *ids_end(Buffer *ids, Arena *arena)
{
        (void)buffer_putc(ids, ']');
        return ids->failed ? NULL : arena_strndup(arena, ids->data, ids->size);
}

static const char *ids_of(const Object *const *objects, size_t n, Arena *arena)
{
        _cleanup_(buffer_done) Buffer ids;

        ids_begin(&ids);
        for (size_t i = 0; i < n; i++)
                ids_add(&ids, objects[i]->id.text);
        return ids_end(&ids, arena);
}

/* Reads what environments wait for. */
static int read_pendings(Request *request, const Object *const *objects, size_t n, PageRows *rows,
                         Error *err)
{
        const char **ids = arena_alloc_array(&rows->arena, n, sizeof(*ids));

        rows->pendings = arena_alloc_array(&rows->arena, n, sizeof(*rows->pendings));
        if (!ids || !rows->pendings)
                return error_oom(err);
        for (size_t i = 0; i < n; i++)
                ids[i] = objects[i]->id.text;
        return catalog_pendings(request->api->reconciler, ids, n, &rows->arena, rows->pendings,
                                err);
}

static int read_rows(Request *request, ObjectKind kind, const char *ids, PageRows *rows, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        Arena *arena = &rows->arena;
        int r;

        if (!ids)
                return error_oom(err);
        r = store_page_times(store, kind, ids, arena, &rows->times, err);
        if (r >= 0)
                r = store_page_conditions(store, kind, ids, arena, &rows->conditions, err);
        if (r >= 0 && kind == KIND_COMPONENT)
                r = store_page_channels(store, ids, arena, &rows->channels, err);
        if (r >= 0 && kind == KIND_ENVIRONMENT)
                r = store_page_deployments(store, ids, arena, &rows->deployments, err);
        if (r >= 0 && kind == KIND_ENVIRONMENT)
                r = store_page_holds(store, ids, arena, &rows->holds, err);
        return r;
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
        size_t *at;               /* the next row */
} RowList;

/* Copies the values of the rows of an object. Returns NULL if memory ran out. */
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

int known_deployment(Request *request, const char *environment_id, Deployment *ret, Error *err)
{
        PageRows *rows = request->rows;

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

int known_pending(Request *request, const char *environment_id, Pending *ret, Error *err)
{
        PageRows *rows = request->rows;

        if (!rows)
                return catalog_pending(request->api->reconciler, environment_id, &request->arena,
                                       ret, err);
        *ret = rows->pendings[rows->at_pending++];
        return ret->reason != NULL;
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct Batch {
        const Object *items[BATCH];
        size_t n;
} Batch;

/* A list in progress. Specs may be loaded between two slices: at is a name, so that an object that
 * stays declared is listed once. */
typedef struct List {
        ObjectKind kind;
        ObjectWriter write;
        ListPage page;
        bool has_begun;
        char tenant[NAME_MAX_ + 1]; /* the last object that was checked; "": none */
        char at[NAME_MAX_ + 1];
        char last[2 * NAME_MAX_ + 2]; /* the last one on the page: page.last */
} List;

static void page_rows_done(PageRows *rows)
{
        arena_done(&rows->arena);
}

static int list_write_batch(Request *request, const List *list, const Batch *batch, Json *json,
                            Error *err)
{
        _cleanup_(page_rows_done) PageRows rows = { 0 };
        int r = 0;

        arena_init(&rows.arena, API_REQUEST_MAX);
        rows.arena.quota = &request->memory;
        if (batch->n > 0)
                r = read_rows(request, list->kind, ids_of(batch->items, batch->n, &rows.arena),
                              &rows, err);
        if (r >= 0 && batch->n > 0 && list->kind == KIND_ENVIRONMENT)
                r = read_pendings(request, batch->items, batch->n, &rows, err);
        request->rows = &rows;
        for (size_t i = 0; i < batch->n && r >= 0; i++)
                r = list->write(request, json, batch->items[i], err);
        request->rows = NULL;
        return r;
}

/* --- releases --------------------------------------------------------------------------------- */

/* Releases that were read and are being written. */
typedef struct ReleaseList {
        const Release *items;
        size_t n, at;
        ReleaseListEnds ends;
        void *userdata;
} ReleaseList;

static int release_list_batch(Slice *slice, ReleaseList *list, Error *err)
{
        Request *request = slice->request;
        Store *store = reconciler_store(request->api->reconciler);
        _cleanup_(page_rows_done) PageRows rows = { 0 };
        _cleanup_(buffer_done) Buffer text;
        size_t end = MIN(list->n, list->at + RELEASES_BATCH);
        const char *ids;
        int r;

        arena_init(&rows.arena, API_REQUEST_MAX);
        rows.arena.quota = &request->memory;
        ids_begin(&text);
        for (size_t i = list->at; i < end; i++)
                ids_add(&text, list->items[i].id.text);
        ids = ids_end(&text, &rows.arena);
        r = ids ? store_page_conditions(store, KIND_RELEASE, ids, &rows.arena, &rows.conditions,
                                        err)
                : error_oom(err);
        if (r >= 0)
                r = store_page_places(store, ids, &rows.arena, &rows.places, err);
        request->rows = &rows;
        for (; list->at < end && r >= 0; list->at++)
                r = entity_release(request, &slice->json, NULL, &list->items[list->at], err);
        request->rows = NULL;
        return r;
}

static int release_list_slice(Slice *slice, void *state, Error *err)
{
        ReleaseList *list = state;
        int r = 0;

        if (list->at == 0)
                list->ends(&slice->json, false, list->userdata);
        while (r >= 0 && list->at < list->n) {
                r = release_list_batch(slice, list, err);
                if (r >= 0 && list->at < list->n && slice_is_full(slice))
                        return 1;
        }
        if (r >= 0)
                list->ends(&slice->json, true, list->userdata);
        return r;
}

int list_releases(Request *request, const Releases *releases, ReleaseListEnds ends, void *userdata,
                  Error *err)
{
        static const Slicer slicer = { release_list_slice, NULL };
        ReleaseList *list = arena_alloc(&request->arena, sizeof(*list));

        if (!list)
                return error_oom(err);
        *list = (ReleaseList){
                .items = releases->items, .n = releases->n, .ends = ends, .userdata = userdata
        };
        return answer_in_slices(request, &slicer, list, err);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* Returns the objects of a kind: arrays of pointers to structs that begin with an Object. */
static const Object *const *all_of(const Model *model, ObjectKind kind, size_t *ret_n)
{
        switch (kind) {
        case KIND_REGISTRY:
                *ret_n = model->registries.n;
                return (const Object *const *)(void *)model->registries.items;
        case KIND_COMPONENT:
                *ret_n = model->components.n;
                return (const Object *const *)(void *)model->components.items;
        case KIND_STREAM:
                *ret_n = model->streams.n;
                return (const Object *const *)(void *)model->streams.items;
        case KIND_ENVIRONMENT:
                *ret_n = model->environments.n;
                return (const Object *const *)(void *)model->environments.items;
        case KIND_RELEASE:
        case OBJECT_KIND_MAX_: break;
        }
        *ret_n = 0;
        return NULL;
}

/* Returns the index of a tenant's first object whose name comes after a name. */
static size_t first_after(const Object *const *all, size_t n, const char *tenant, const char *name)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = strcmp(all[middle]->meta.tenant, tenant);

                if (c < 0 || (c == 0 && strcmp(all[middle]->meta.name, name) <= 0))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Reads the next objects of the list. Returns true if there are more. */
static bool list_next(Request *request, List *list, Batch *batch)
{
        bool of_all = request_is_of_all(request);
        size_t n, i, end;
        const Object *const *all =
                all_of(reconciler_model(request->api->reconciler), list->kind, &n);

        i = first_after(all, n, list->tenant, list->at);
        end = MIN(n, i + LOOKED_AT_MAX);
        for (; i < end && batch->n < BATCH && list->page.n <= list->page.limit; i++) {
                if (!of_all && !streq(all[i]->meta.tenant, list->tenant))
                        return false;
                if (list_page_takes(&list->page, all[i]))
                        batch->items[batch->n++] = all[i];
                (void)snprintf(list->tenant, sizeof(list->tenant), "%s", all[i]->meta.tenant);
                (void)snprintf(list->at, sizeof(list->at), "%s", all[i]->meta.name);
        }
        if (batch->n > 0) {
                const Meta *last = &batch->items[batch->n - 1]->meta;

                (void)snprintf(list->last, sizeof(list->last), "%s%s%s", of_all ? last->tenant : "",
                               of_all ? "/" : "", last->name);
                list->page.last = list->last;
        }
        return i < n && list->page.n <= list->page.limit;
}

static int list_slice(Slice *slice, void *state, Error *err)
{
        List *list = state;
        bool has_more;
        int r;

        if (!list->has_begun)
                json_begin(&slice->json, NULL, '[');
        list->has_begun = true;
        do {
                Batch batch = { .n = 0 };

                has_more = list_next(slice->request, list, &batch);
                r = list_write_batch(slice->request, list, &batch, &slice->json, err);
        } while (r >= 0 && has_more && !slice_is_full(slice));
        if (r < 0 || has_more)
                return r < 0 ? r : 1;
        json_end(&slice->json, ']');
        return 0;
}

static int list_finish(Request *request, void *state, Error *err)
{
        const List *list = state;

        return list_page_link(request, &list->page, err);
}

/* Sets where the list begins. A list of all tenants continues after TENANT/NAME. */
static int list_begin(Request *request, List *list, Error *err)
{
        const char *after = list->page.after, *slash;
        size_t size;

        if (!request_is_of_all(request)) {
                (void)snprintf(list->tenant, sizeof(list->tenant), "%s", request_tenant(request));
                if (after &&
                    (size_t)snprintf(list->at, sizeof(list->at), "%s", after) >= sizeof(list->at))
                        list->at[0] = '\0'; /* names are shorter: list_page_takes() compares it */
                return 0;
        }
        if (!after)
                return 0;
        slash = strchr(after, '/');
        size = slash ? (size_t)(slash - after) : 0;
        if (size == 0 || size >= sizeof(list->tenant) || strlen(slash + 1) >= sizeof(list->at))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter after: a list of all tenants continues after "
                                 "TENANT/NAME");
        memcpy(list->tenant, after, size);
        (void)snprintf(list->at, sizeof(list->at), "%s", slash + 1);
        list->page.after = NULL; /* names of other tenants may come before it */
        return 0;
}

int list_objects(Request *request, ObjectKind kind, ObjectWriter write, Error *err)
{
        static const Slicer whole = { list_slice, NULL }, page = { list_slice, list_finish };
        List *list = arena_alloc(&request->arena, sizeof(*list));
        int r;

        if (!list)
                return error_oom(err);
        *list = (List){ .kind = kind, .write = write };
        r = list_page(request, &list->page, err);
        if (r >= 0)
                r = list_begin(request, list, err);
        if (r < 0)
                return r;
        return answer_in_slices(request, list->page.limit < SIZE_MAX ? &page : &whole, list, err);
}
