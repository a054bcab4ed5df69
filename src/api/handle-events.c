/* /api/v1/events and audit. */

#include <errno.h>

#include "api/entity.h"
#include "base/limits.h"
#include "base/parse.h"
#include "base/text.h"
#include "model/receiver.h"

#define EVENTS_DEFAULT 100
#define EVENTS_MAX     1000

/* Reads the parameter since: a time, or a duration before now. */
static int read_since(Request *request, EventFilter *ret, Error *err)
{
        const char *text = request_query(request, "since");
        usec_t now = time_wall(), before;

        if (!text || time_parse(text, &ret->since) >= 0)
                return 0;
        if (duration_parse(text, &before) < 0 || before >= now)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter since: a time such as 2026-11-24T12:00:00Z, or a "
                                 "duration before now such as 2h or 7d");
        ret->since = now - before;
        return 0;
}

static int no_such_type(const char *pattern, const char *known, Error *err)
{
        _cleanup_(freep) char *family = text_printf("%s.*", pattern);
        const char *nearest = event_type_nearest(pattern);

        for (EventType type = 0; family && type < EVENT_TYPE_MAX_; type++)
                if (event_type_matches(event_type_to_string(type), family))
                        nearest = family;
        if (nearest)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter type: no event has the type '%s'; did you mean '%s'?",
                                 pattern, nearest);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "parameter type: no event has the type '%s'; give the beginning of a type "
                         "and *, such as release.*, or one of%s",
                         pattern, known);
}

/* Reads the parameter type: a type, or a prefix followed by *. Sets the list of types for the SQL
 * statement. */
static int read_types(Request *request, EventFilter *ret, Error *err)
{
        const char *pattern = request_query(request, "type");
        _cleanup_(buffer_done) Buffer types = { 0 }, known = { 0 };
        size_t n = 0;

        if (!pattern)
                return 0;
        buffer_init(&types, 1024);
        buffer_init(&known, 1024);
        for (EventType type = 0; type < EVENT_TYPE_MAX_; type++) {
                const char *name = event_type_to_string(type);

                (void)buffer_printf(&known, " %s", name);
                if (!event_type_matches(name, pattern))
                        continue;
                (void)buffer_printf(&types, ",%s", name);
                n++;
        }
        (void)buffer_putc(&types, ',');
        if (known.failed || types.failed)
                return error_oom(err);
        if (n == 0)
                return no_such_type(pattern, known.data, err);
        ret->types = arena_strdup(&request->arena, types.data);
        return ret->types ? 0 : error_oom(err);
}

/* Reads the parameter object: KIND/NAME, as relmanctl -o name prints it. KIND may also be the kind
 * of a document. */
static int read_object(Request *request, EventFilter *ret, Error *err)
{
        const char *text = request_query(request, "object");
        const char *slash = text ? strchr(text, '/') : NULL;

        if (!text)
                return 0;
        for (ObjectKind kind = 0; slash && slash[1] && kind < OBJECT_KIND_MAX_; kind++) {
                const char *names[] = { object_kind_to_noun(kind), object_kind_to_string(kind) };
                size_t size = (size_t)(slash - text);

                for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                        if (strlen(names[i]) == size && strncmp(names[i], text, size) == 0)
                                ret->kind = object_kind_to_string(kind);
        }
        if (!ret->kind)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "parameter object: KIND/NAME such as component/api; kinds are "
                        "registry, component, release, stream, environment, calendar and group");
        ret->name = slash + 1;
        return 0;
}

static bool is_narrowed(const EventFilter *filter)
{
        return filter->since > 0 || filter->types || filter->kind;
}

/* Limits a filtered request to EVENT_WINDOW_MAX sequence numbers: the newest ones, or those after
 * filter->after. Further entries are on the next page. */
static void set_window(EventFilter *filter, int64_t last)
{
        if (!is_narrowed(filter))
                return;
        if (filter->newest)
                filter->after = MAX(last - EVENT_WINDOW_MAX, 0);
        filter->until =
                last - filter->after > EVENT_WINDOW_MAX ? filter->after + EVENT_WINDOW_MAX : last;
}

/* Returns the parameter `after` of the next page. last: sequence number of the last of the n
 * entries that were found. */
static int64_t next_of(const EventFilter *filter, size_t n, int64_t last)
{
        if (is_narrowed(filter) && (n < filter->limit || filter->newest))
                return MAX(filter->after, filter->until);
        return n > 0 ? last : filter->after;
}

static int read_filter(Request *request, EventFilter *ret, Error *err)
{
        const char *after = request_query(request, "after"),
                   *limit = request_query(request, "limit");
        uint64_t from = 0, number = EVENTS_DEFAULT;

        if (after && (parse_uint64(after, &from) < 0 || from > INT64_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL, "parameter after: a sequence");
        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > EVENTS_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", EVENTS_MAX);
        *ret = (EventFilter){ .after = (int64_t)from, .limit = (size_t)number, .newest = !after };
        return read_since(request, ret, err);
}

/* True if entries before filter->after may match. */
typedef int (*HasBefore)(Store *store, const EventFilter *filter, Error *err);

static int read_bound(Request *request, const EventFilter *filter, size_t n, HasBefore has_before,
                      int64_t *ret, Error *err)
{
        int r;

        *ret = 0;
        if (!is_narrowed(filter) || !filter->newest || filter->after == 0 || n >= filter->limit)
                return 0;
        r = has_before(reconciler_store(request->api->reconciler), filter, err);
        if (r > 0)
                *ret = filter->after;
        return MIN(r, 0);
}

static void write_next(Json *json, int64_t next, int64_t searched_after)
{
        json_end(json, ']');
        json_begin(json, "meta", '{');
        json_int(json, "next", next);
        if (searched_after > 0)
                json_int(json, "searchedAfter", searched_after);
        json_end(json, '}');
        json_end(json, '}');
}

/* True if the header Accept names text/event-stream explicitly (RFC 9110, 12.5.1). */
static bool wants_stream(Request *request)
{
        const char *accept = request_header(request, "Accept");

        return accept && strstr(accept, "text/event-stream");
}

/* Streams the events after the last one that the client has. If the client names none, streams new
 * events only. */
static int events_follow(Request *request, int64_t after, Error *err)
{
        const char *last = request_header(request, "Last-Event-ID");
        Store *store = reconciler_store(request->api->reconciler);
        uint64_t id;
        int r = 0;

        if (last && parse_uint64(last, &id) >= 0 && id <= INT64_MAX)
                after = (int64_t)id;
        else if (!request_query(request, "after"))
                r = store_last_event(store, &after, err);
        if (r < 0)
                return r;
        request->answer.type = "text/event-stream";
        request_header_out(request, "Cache-Control", "no-store");
        return follow_events(request, after, err);
}

/* The parameter after is a sequence number. meta.next of the answer is the parameter for the next
 * page. */
int handle_events(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Store *store = reconciler_store(request->api->reconciler);
        EventFilter filter;
        Events events = { 0 };
        int64_t last = 0, bound = 0;
        int r;

        r = read_filter(request, &filter, err);
        if (r >= 0)
                r = read_types(request, &filter, err);
        if (r >= 0)
                r = read_object(request, &filter, err);
        if (r >= 0 && wants_stream(request) && is_narrowed(&filter))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameters since, type and object: of pages only; a stream takes "
                                 "after");
        if (r >= 0 && wants_stream(request))
                return events_follow(request, filter.after, err);
        if (r >= 0)
                r = store_last_event(store, &last, err);
        if (r >= 0) {
                set_window(&filter, last);
                r = store_tenant_events(store, request_tenant(request), &filter, &request->arena,
                                        &events, err);
        }
        if (r >= 0)
                r = read_bound(request, &filter, events.n, store_has_events_before, &bound, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < events.n; i++)
                entity_event(&json, &events.items[i]);
        write_next(
                &json,
                next_of(&filter, events.n, events.n > 0 ? events.items[events.n - 1].sequence : 0),
                bound);
        return 0;
}

static void write_entry(Json *json, const AuditEntry *entry)
{
        json_begin(json, NULL, '{');
        json_int(json, "sequence", entry->sequence);
        json_time(json, "at", entry->at);
        json_text(json, "principal", entry->actor.principal);
        json_text(json, "origin", entry->actor.origin);
        json_text(json, "action", entry->actor.action);
        json_text(json, "kind",
                  entry->kind < OBJECT_KIND_MAX_ ? object_kind_to_string(entry->kind) : NULL);
        json_text(json, "objectId", entry->object_id);
        json_text(json, "objectName", entry->object_name);
        json_text(json, "person", entry->actor.person);
        json_text(json, "release", entry->actor.release);
        json_text(json, "outcome", audit_outcome_to_string(entry->outcome));
        if (entry->status > 0)
                json_int(json, "status", entry->status);
        else
                json_text(json, "status", NULL);
        json_text(json, "detail", entry->detail);
        json_end(json, '}');
}

int handle_audit(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Store *store = reconciler_store(request->api->reconciler);
        AuditEntries entries = { 0 };
        EventFilter filter;
        int64_t last = 0, bound = 0;
        int r;

        r = read_filter(request, &filter, err);
        if (r >= 0)
                r = read_object(request, &filter, err);
        if (r >= 0)
                r = store_last_audit(store, &last, err);
        if (r >= 0) {
                set_window(&filter, last);
                r = store_audit(store, request_tenant(request), &filter, &request->arena, &entries,
                                err);
        }
        if (r >= 0)
                r = read_bound(request, &filter, entries.n, store_has_audit_before, &bound, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < entries.n; i++)
                write_entry(&json, &entries.items[i]);
        write_next(&json,
                   next_of(&filter, entries.n,
                           entries.n > 0 ? entries.items[entries.n - 1].sequence : 0),
                   bound);
        return 0;
}
