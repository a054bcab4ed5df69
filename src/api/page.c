#include "api/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/entity.h"
#include "api/http/sliced.h"
#include "api/page-rows.h"
#include "base/limits.h"
#include "base/parse.h"

/* maximum number of objects compared with the filters between two checks of the time */
#define LOOKED_AT_MAX 2000

/* --- the objects of a page -------------------------------------------------------------------- */

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

/* Counts an object, and returns true if it is on the page. Counts one object more than the limit,
 * which shows that there is a next page. */
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

bool list_page_takes(ListPage *page, const Object *object)
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
        add_parameter(&link, "team", request_query(request, "team"));
        add_parameter(&link, "environment", request_query(request, "environment"));
        add_parameter(&link, "repository", request_query(request, "repository"));
        add_parameter(&link, "asOf", request_query(request, "asOf"));
        add_parameter(&link, "tenant", request_query(request, "tenant"));
        (void)buffer_puts(&link, ">; rel=\"next\"");
        text = link.failed ? NULL : arena_strndup(&request->arena, link.data, link.size);
        if (!text)
                return error_oom(err);
        request_header_out(request, "Link", text);
        return 0;
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct Batch {
        const Object *items[PAGE_OBJECTS_BATCH];
        size_t n;
} Batch;

/* A list in progress. `at` is a name, not a pointer: specs may be loaded between two slices, and an
 * object that stays declared is listed once. */
typedef struct List {
        ObjectKind kind;
        ObjectWriter write;
        ListPage page;
        bool has_begun;
        char tenant[NAME_MAX_ + 1]; /* tenant and name of the last checked object; "": none */
        char at[NAME_MAX_ + 1];
        char last[2 * NAME_MAX_ + 2]; /* memory of page.last */
} List;

static int list_write_batch(Request *request, const List *list, const Batch *batch, Json *json,
                            Error *err)
{
        _cleanup_(page_rows_done) PageRows rows = { 0 };
        int r;

        r = page_rows_of_objects(request, list->kind, batch->items, batch->n, &rows, err);
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
        _cleanup_(page_rows_done) PageRows rows = { 0 };
        size_t end = MIN(list->n, list->at + PAGE_RELEASES_BATCH);
        int r;

        r = page_rows_of_releases(request, &list->items[list->at], end - list->at, &rows, err);
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

/* Returns the objects of a kind. The model has arrays of pointers to structs that begin with an
 * Object. */
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
        case KIND_CALENDAR:
                *ret_n = model->calendars.n;
                return (const Object *const *)(void *)model->calendars.items;
        case KIND_GROUP:
                *ret_n = model->groups.n;
                return (const Object *const *)(void *)model->groups.items;
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
        bool of_all = request_is_of_all(request), is_end = false;
        const Meta *checked = NULL;
        size_t n, i, end;
        const Object *const *all =
                all_of(reconciler_model(request->api->reconciler), list->kind, &n);

        i = first_after(all, n, list->tenant, list->at);
        end = MIN(n, i + LOOKED_AT_MAX);
        for (; i < end && batch->n < PAGE_OBJECTS_BATCH && list->page.n <= list->page.limit; i++) {
                is_end = !of_all && !streq(all[i]->meta.tenant, list->tenant);
                if (is_end)
                        break;
                if (list_page_takes(&list->page, all[i]))
                        batch->items[batch->n++] = all[i];
                checked = &all[i]->meta;
        }
        if (checked) {
                (void)snprintf(list->tenant, sizeof(list->tenant), "%s", checked->tenant);
                (void)snprintf(list->at, sizeof(list->at), "%s", checked->name);
        }
        if (batch->n > 0) {
                const Meta *last = &batch->items[batch->n - 1]->meta;

                (void)snprintf(list->last, sizeof(list->last), "%s%s%s", of_all ? last->tenant : "",
                               of_all ? "/" : "", last->name);
                list->page.last = list->last;
        }
        return !is_end && i < n && list->page.n <= list->page.limit;
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

/* Sets the tenant and the name after which the list begins. For a list of all tenants, the
 * parameter is TENANT/NAME. */
static int list_begin(Request *request, List *list, Error *err)
{
        const char *after = list->page.after, *slash;
        size_t size;

        if (!request_is_of_all(request)) {
                (void)snprintf(list->tenant, sizeof(list->tenant), "%s", request_tenant(request));
                if (after &&
                    (size_t)snprintf(list->at, sizeof(list->at), "%s", after) >= sizeof(list->at))
                        /* no name is that long: begin at the first object, and list_page_takes()
                         * compares the complete parameter */
                        list->at[0] = '\0';
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
        list->page.after = NULL; /* names of later tenants may sort before that name */
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
