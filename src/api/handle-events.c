/* /api/v1/events and audit: what happened, and who asked for it. */

#include <errno.h>

#include "api/entity.h"
#include "base/parse.h"

#define EVENTS_DEFAULT 100
#define EVENTS_MAX     1000

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
        return 0;
}

static void write_next(Json *json, int64_t next)
{
        json_end(json, ']');
        json_begin(json, "meta", '{');
        json_int(json, "next", next);
        json_end(json, '}');
        json_end(json, '}');
}

void entity_event(Json *json, const Event *event)
{
        json_begin(json, NULL, '{');
        json_int(json, "sequence", event->sequence);
        json_text(json, "id", event->id.text);
        json_text(json, "type", event_type_to_string(event->type));
        json_text(json, "kind", object_kind_to_string(event->kind));
        json_text(json, "objectId", event->object_id);
        json_text(json, "objectName", event->object_name);
        json_time(json, "at", event->at);
        json_raw(json, "data", event->data);
        json_end(json, '}');
}

/* RFC 9110, 12.5.1, as far as it matters: a client that wants a stream says so. */
static bool wants_stream(Request *request)
{
        const char *accept = request_header(request, "Accept");

        return accept && strstr(accept, "text/event-stream");
}

/* From where the client left off, or from now. */
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

/* after: a sequence; the answer's meta.next is the after of the next page. */
int handle_events(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        EventFilter filter;
        Events events;
        int r;

        r = read_filter(request, &filter, err);
        if (r >= 0 && wants_stream(request))
                return events_follow(request, filter.after, err);
        if (r >= 0)
                r = store_tenant_events(reconciler_store(request->api->reconciler),
                                        request_tenant(request), &filter, &request->arena, &events,
                                        err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < events.n; i++)
                entity_event(&json, &events.items[i]);
        write_next(&json, events.n > 0 ? events.items[events.n - 1].sequence : filter.after);
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
        json_end(json, '}');
}

int handle_audit(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        AuditEntries entries;
        EventFilter filter;
        int r;

        r = read_filter(request, &filter, err);
        if (r >= 0)
                r = store_audit(reconciler_store(request->api->reconciler), request_tenant(request),
                                &filter, &request->arena, &entries, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < entries.n; i++)
                write_entry(&json, &entries.items[i]);
        write_next(&json, entries.n > 0 ? entries.items[entries.n - 1].sequence : filter.after);
        return 0;
}
