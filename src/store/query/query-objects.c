/* Reads objects, conditions and events. */

#include <errno.h>
#include <stdio.h>

#include "store/driver.h"
#include "store/id-list.h"
#include "store/pages.h"
#include "store/rows.h"
#include "store/stmt.h"

static void read_object(Stmt *stmt, Arena *arena, void *row)
{
        StoredObject *object = row;
        const char *stalled;

        (void)object_kind_from_string(read_static(stmt), &object->kind); /* always valid */
        object->id = read_text(stmt, arena);
        object->tenant = read_text(stmt, arena);
        object->name = read_text(stmt, arena);
        object->spec_digest = read_text(stmt, arena);
        (void)managed_by_from_string(read_static(stmt), &object->managed_by); /* always valid */
        object->declared_file = read_text(stmt, arena);
        object->declared_line = (unsigned)read_int(stmt);
        (void)release_status_from_string(read_static(stmt), &object->status); /* always valid */
        object->in_use = read_int(stmt) != 0;
        /* the reason of condition Stalled; "" if the object is not stalled */
        stalled = read_static(stmt);
        object->stalled = stalled[0];
        object->prune_held = streq(stalled, "PruneHeld");
}

int store_drafts(Store *store, Arena *arena, StoredObjects *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DRAFTS, &stmt, err);
        return r < 0 ? r
                     : rows_read(&stmt, sizeof(StoredObject), read_object, arena, (Rows *)ret, err);
}

int store_objects_after(Store *store, const ObjectCursor *cursor, Arena *arena, StoredObjects *ret,
                        Error *err)
{
        static const StmtId statements[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = STMT_OBJECTS_AFTER_INTEGRATION,
                [KIND_COMPONENT] = STMT_OBJECTS_AFTER_COMPONENT,
                [KIND_RELEASE] = STMT_OBJECTS_AFTER_RELEASE,
                [KIND_STREAM] = STMT_OBJECTS_AFTER_STREAM,
                [KIND_ENVIRONMENT] = STMT_OBJECTS_AFTER_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_OBJECTS_AFTER_CALENDAR,
                [KIND_GROUP] = STMT_OBJECTS_AFTER_GROUP,
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, statements[cursor->kind], &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":after", cursor->after);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        return rows_read(&stmt, sizeof(StoredObject), read_object, arena, (Rows *)ret, err);
}

/* Finds out which kinds have objects. To prepare the statement for pages of one kind takes longer
 * than this. */
static int walk_begin(Store *store, ObjectWalk *walk, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = stmt_get(store, STMT_STORED_KINDS, &stmt, err);

        if (r >= 0)
                r = stmt_step(&stmt, err);
        for (size_t i = 0; r > 0 && i < OBJECT_KIND_MAX_; i++)
                walk->is_stored[i] = read_int(&stmt) != 0;
        walk->has_begun = r > 0;
        return MIN(r, 0);
}

/* Reads the next of the components that the walk names. */
static int components_next(Store *store, ObjectWalk *walk, size_t limit, Arena *arena,
                           StoredObjects *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(id_list_done) IdList list;
        const char *ids;
        int r;

        id_list_init(&list);
        for (size_t i = 0; i < limit && walk->n_components_read < walk->n_component_ids; i++)
                id_list_add(&list, walk->component_ids[walk->n_components_read++]);
        ids = id_list_end(&list, arena);
        r = ids ? stmt_get(store, STMT_PAGE_COMPONENTS, &stmt, err) : error_oom(err);
        if (r < 0)
                return r;
        if (walk->n_components_read == walk->n_component_ids)
                walk->kind++;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(StoredObject), read_object, arena, (Rows *)ret, err);
}

int store_objects_next(Store *store, ObjectWalk *walk, size_t limit, Arena *arena,
                       StoredObjects *ret, Error *err)
{
        ObjectCursor cursor = { .after = walk->after ? walk->after : "", .limit = limit };
        int r = walk->has_begun ? 0 : walk_begin(store, walk, err);

        while (walk->kind < OBJECT_KIND_MAX_ && !walk->is_stored[walk->kind])
                walk->kind++;
        if (r < 0 || walk->kind == OBJECT_KIND_MAX_)
                return r;
        if (walk->kind == KIND_COMPONENT && walk->component_ids) {
                r = components_next(store, walk, limit, arena, ret, err);
                return r < 0 ? r : 1;
        }
        cursor.kind = walk->kind;
        r = store_objects_after(store, &cursor, arena, ret, err);
        if (r < 0)
                return r;
        walk->after = ret->n == limit ? ret->items[limit - 1].id : NULL;
        if (!walk->after)
                walk->kind++;
        return 1;
}

/* Runs a statement for an object and steps to its row. Returns 1 if the row exists, 0 if not. */
static int row_of(Store *store, StmtId statement, const char *id, Stmt *stmt, Error *err)
{
        int r = stmt_get(store, statement, stmt, err);

        if (r < 0)
                return r;
        bind_text(stmt, ":id", id);
        return stmt_step(stmt, err);
}

int store_object_times(Store *store, ObjectKind kind, const char *id, usec_t *ret_created_at,
                       usec_t *ret_updated_at, Error *err)
{
        static const StmtId statements[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = STMT_TIMES_INTEGRATION,
                [KIND_COMPONENT] = STMT_TIMES_COMPONENT,
                [KIND_STREAM] = STMT_TIMES_STREAM,
                [KIND_ENVIRONMENT] = STMT_TIMES_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_TIMES_CALENDAR,
                [KIND_GROUP] = STMT_TIMES_GROUP,
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = row_of(store, statements[kind], id, &stmt, err);

        *ret_created_at = *ret_updated_at = 0;
        if (r > 0) {
                *ret_created_at = read_time(&stmt);
                *ret_updated_at = read_time(&stmt);
        }
        return r;
}

static void read_times(Stmt *stmt, Arena *arena, void *row)
{
        ObjectTimes *times = row;

        times->id = read_text(stmt, arena);
        times->created_at = read_time(stmt);
        times->updated_at = read_time(stmt);
}

int store_page_times(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                     ObjectTimesRows *ret, Error *err)
{
        static const StmtId statements[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = STMT_PAGE_TIMES_INTEGRATION,
                [KIND_COMPONENT] = STMT_PAGE_TIMES_COMPONENT,
                [KIND_STREAM] = STMT_PAGE_TIMES_STREAM,
                [KIND_ENVIRONMENT] = STMT_PAGE_TIMES_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_PAGE_TIMES_CALENDAR,
                [KIND_GROUP] = STMT_PAGE_TIMES_GROUP,
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, statements[kind], &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(ObjectTimes), read_times, arena, (Rows *)ret, err);
}

static void read_document(Stmt *stmt, Arena *arena, void *row)
{
        ObjectDocument *document = row;

        document->id = read_text(stmt, arena);
        document->json = read_text(stmt, arena);
}

int store_page_documents(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                         ObjectDocuments *ret, Error *err)
{
        static const StmtId statements[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = STMT_PAGE_DOCUMENTS_INTEGRATION,
                [KIND_COMPONENT] = STMT_PAGE_DOCUMENTS_COMPONENT,
                [KIND_RELEASE] = STMT_PAGE_DOCUMENTS_RELEASE,
                [KIND_STREAM] = STMT_PAGE_DOCUMENTS_STREAM,
                [KIND_ENVIRONMENT] = STMT_PAGE_DOCUMENTS_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_PAGE_DOCUMENTS_CALENDAR,
                [KIND_GROUP] = STMT_PAGE_DOCUMENTS_GROUP,
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, statements[kind], &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(ObjectDocument), read_document, arena, (Rows *)ret, err);
}

int store_document(Store *store, ObjectKind kind, const char *id, Arena *arena,
                   const char **ret_json, Error *err)
{
        static const StmtId statements[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = STMT_DOCUMENT_INTEGRATION,
                [KIND_COMPONENT] = STMT_DOCUMENT_COMPONENT,
                [KIND_RELEASE] = STMT_DOCUMENT_RELEASE,
                [KIND_STREAM] = STMT_DOCUMENT_STREAM,
                [KIND_ENVIRONMENT] = STMT_DOCUMENT_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_DOCUMENT_CALENDAR,
                [KIND_GROUP] = STMT_DOCUMENT_GROUP,
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = row_of(store, statements[kind], id, &stmt, err);

        if (r < 0)
                return r;
        *ret_json = r > 0 ? read_text(&stmt, arena) : NULL;
        if (stmt.failed)
                return error_oom(err);
        return *ret_json ? 0
                         : error_set(err, ERROR_NOT_FOUND, -ENOENT, "no document of %s %s",
                                     object_kind_to_noun(kind), id);
}

static void read_condition(Stmt *stmt, Arena *arena, void *row)
{
        Condition *condition = row;

        (void)condition_type_from_string(read_static(stmt), &condition->type); /* always valid */
        /* always valid */
        (void)condition_status_from_string(read_static(stmt), &condition->status);
        condition->reason = read_text(stmt, arena);
        condition->message = read_text(stmt, arena);
        condition->since = read_time(stmt);
}

static void read_trouble(Stmt *stmt, Arena *arena, void *row)
{
        Trouble *trouble = row;

        (void)object_kind_from_string(read_static(stmt), &trouble->kind); /* always valid */
        trouble->object_id = read_text(stmt, arena);
        trouble->release = read_text(stmt, arena);
        trouble->release_tenant = read_text(stmt, arena);
        read_condition(stmt, arena, &trouble->condition);
}

static int list_troubles(Store *store, StmtId id, const TroubleFilter *filter, Arena *arena,
                         Troubles *ret, Error *err)
{
        const Uuid tenant = tenant_id(filter->tenant ? filter->tenant : "");
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":tenant", filter->tenant ? tenant.text : "");
        bind_int(&stmt, ":limit", (int64_t)filter->limit);
        return rows_read(&stmt, sizeof(Trouble), read_trouble, arena, (Rows *)ret, err);
}

int store_troubles(Store *store, const TroubleFilter *filter, Arena *arena, Troubles *ret,
                   Error *err)
{
        return list_troubles(store, STMT_TROUBLES, filter, arena, ret, err);
}

int store_notices(Store *store, const TroubleFilter *filter, Arena *arena, Troubles *ret,
                  Error *err)
{
        return list_troubles(store, STMT_NOTICES, filter, arena, ret, err);
}

int store_conditions(Store *store, ObjectKind kind, const char *object_id, Arena *arena,
                     Conditions *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_CONDITIONS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":kind", object_kind_to_string(kind));
        bind_text(&stmt, ":id", object_id);
        return rows_read(&stmt, sizeof(Condition), read_condition, arena, (Rows *)ret, err);
}

static void read_object_condition(Stmt *stmt, Arena *arena, void *row)
{
        ObjectCondition *of = row;

        of->id = read_text(stmt, arena);
        read_condition(stmt, arena, &of->condition);
}

int store_page_conditions(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                          ObjectConditions *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_CONDITIONS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":kind", object_kind_to_string(kind));
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(ObjectCondition), read_object_condition, arena, (Rows *)ret,
                         err);
}

static void read_event(Stmt *stmt, Arena *arena, void *row)
{
        Event *event = row;

        event->sequence = read_int(stmt);
        event->id = uuid_of_text(read_static(stmt));
        (void)event_type_from_string(read_static(stmt), &event->type); /* always valid */
        event->tenant = read_text(stmt, arena);
        (void)object_kind_from_string(read_static(stmt), &event->kind); /* always valid */
        event->object_id = read_text(stmt, arena);
        event->object_name = read_text(stmt, arena);
        event->data = read_text(stmt, arena);
        event->at = read_time(stmt);
}

int store_events(Store *store, int64_t after, size_t limit, Arena *arena, Events *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_EVENTS, &stmt, err);
        if (r < 0)
                return r;
        bind_int(&stmt, ":after", after);
        bind_int(&stmt, ":limit", (int64_t)limit);
        return rows_read(&stmt, sizeof(Event), read_event, arena, (Rows *)ret, err);
}

int store_tenant_events(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                        Events *ret, Error *err)
{
        Uuid id = tenant_id(tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, filter->newest ? STMT_NEWEST_EVENTS : STMT_TENANT_EVENTS, &stmt, err);
        if (r < 0)
                return r;
        filter_bind(&stmt, &id, filter);
        bind_text(&stmt, ":types", filter->types ? filter->types : "");
        r = rows_read(&stmt, sizeof(Event), read_event, arena, (Rows *)ret, err);
        for (size_t i = 0; r >= 0 && filter->newest && i < ret->n / 2; i++) {
                Event last = ret->items[ret->n - 1 - i];

                ret->items[ret->n - 1 - i] = ret->items[i];
                ret->items[i] = last;
        }
        return r;
}

int store_last_event(Store *store, int64_t *ret, Error *err)
{
        return last_sequence(store, STMT_LAST_EVENT, ret, err);
}

void store_watch_events(Store *store, EventWatch *watch)
{
        watch->next = store->watches;
        store->watches = watch;
}

void store_unwatch_events(Store *store, EventWatch *watch)
{
        for (EventWatch **at = &store->watches; *at; at = &(*at)->next)
                if (*at == watch) {
                        *at = watch->next;
                        return;
                }
}
