/* A request: its head, its memory, its answer. */

#include "api/http/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"

#define TURN_MAX (20 * USEC_PER_MSEC) /* time for answers in one turn of the loop */

/* Removes blanks at the end of the value, which the library keeps (RFC 9110, 5.5). */
const char *request_header(Request *request, const char *name)
{
        const char *value = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
        size_t size = value ? strlen(value) : 0, end = size;

        while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
                end--;
        return end == size ? value : arena_strndup(&request->arena, value, end);
}

const char *request_query(const Request *request, const char *name)
{
        return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

typedef struct UnknownParameter {
        const char *const *known;
        size_t n;
        const char *found;
} UnknownParameter;

static enum MHD_Result find_unknown(void *userdata, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
        UnknownParameter *unknown = userdata;

        (void)kind;
        (void)value;
        for (size_t i = 0; i < unknown->n; i++)
                if (streq(unknown->known[i], name))
                        return MHD_YES;
        unknown->found = name;
        return MHD_NO;
}

const char *request_query_unknown(const Request *request, const char *const *known, size_t n)
{
        UnknownParameter unknown = { known, n, NULL };

        (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, find_unknown,
                                        &unknown);
        return unknown.found;
}

static void leave_queue(Request **queue, Request *request)
{
        for (Request **at = queue; *at; at = &(*at)->next_suspended)
                if (*at == request) {
                        *at = request->next_suspended;
                        break;
                }
}

void request_cancel(Request *request)
{
        PendingWork pending = request->pending;

        request->pending = (PendingWork){ 0 };
        if (pending.cancel)
                pending.cancel(pending.work);
}

void request_record(Request *request, unsigned status)
{
        if (!request->is_recorded && request->route && request->principal)
                request->server->application->record(request, status);
        request->is_recorded = true;
}

void request_free(Request *request)
{
        if (!request)
                return;
        leave_queue(&request->server->postponed, request);
        request_cancel(request);
        if (request->is_read) /* without effect if an answer was sent and recorded */
                request_record(request, 0);
        if (request->answer.fd > 0)
                close_fd(&request->answer.fd); /* the connection ended before the file was sent */
        diag_list_done(&request->diags);
        buffer_done(&request->body);
        buffer_done(&request->answer.body);
        arena_done(&request->arena);
        free(request);
}

Request *request_new(Listener *listener, struct MHD_Connection *connection, const char *method,
                     const char *path)
{
        HttpServer *server = listener->server;
        Request *request = calloc(1, sizeof(*request));

        if (!request)
                return NULL;
        request->server = server;
        request->api = server->api;
        request->listener = listener;
        request->connection = connection;
        request->memory =
                (Quota){ .parent = listener->is_local ? &server->memory : &server->memory_of_tcp,
                         .max = API_MEMORY_MAX,
                         .assured = API_MEMORY_ASSURED };
        arena_init(&request->arena, API_REQUEST_MAX);
        buffer_init(&request->answer.body, API_ANSWER_MAX);
        request->arena.quota = &request->memory;
        request->answer.body.quota = &request->memory;
        diag_list_init(&request->diags);
        request->method = arena_strdup(&request->arena, method);
        request->path = arena_strdup(&request->arena, path);
        if (!request->method || !request->path) {
                request_free(request);
                return NULL;
        }
        /* ignored: arena.failed reports a failure */
        (void)path_split(request->path, &request->arena, &request->parts);
        request->route = request_route(request);
        if (request->route && request->route->admit)
                /* ignored: is_short reports a failure */
                (void)quota_move(&request->memory, &server->memory_of_hooks);
        buffer_init(&request->body, request->route ? request->route->body_max : 0);
        request->body.quota = &request->memory;
        return request;
}

uint64_t request_said_size(Request *request)
{
        const char *text = request_header(request, "Content-Length");
        uint64_t size = 0;

        return text && parse_uint64(text, &size) < 0 ? UINT64_MAX : size;
}

void request_suspend(Request *request, void (*cancel)(void *work), void *work)
{
        request->pending = (PendingWork){ cancel, work };
        request->is_suspended = true;
        request->next_suspended = request->server->suspended;
        request->server->suspended = request;
        MHD_suspend_connection(request->connection);
}

void request_repeat(Request *request)
{
        leave_queue(&request->server->suspended, request);
        request->pending = (PendingWork){ 0 };
        request->is_suspended = false;
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}

void request_resume(Request *request)
{
        request->is_answered = true;
        request_repeat(request);
}

void request_stream(Request *request, MHD_ContentReaderCallback stream, void (*cancel)(void *work),
                    void *work)
{
        request->pending = (PendingWork){ cancel, work };
        request->answer.stream = stream;
        request->answer.stream_userdata = work;
}

/* --- the answer ------------------------------------------------------------------------------- */

void request_header_out(Request *request, const char *name, const char *value)
{
        /* ignored: arena.failed reports a failure */
        (void)answer_headers_add(&request->answer.headers, &request->arena, name, value);
}

int request_answer_stored(Request *request, const char *format, ...)
{
        Answer *answer = &request->answer;
        va_list ap;

        va_start(ap, format);
        /* the arguments are an id and a number, which need no escapes */
        (void)vsnprintf(answer->brief, sizeof(answer->brief), format, ap);
        va_end(ap);
        request->is_recorded = true; /* the audit row is stored with the change */
        buffer_clear(&answer->body);
        return 0;
}

bool request_shorten(Request *request)
{
        Answer *answer = &request->answer;

        if (!answer->brief[0])
                return false;
        if (request->arena.failed || answer->body.failed) {
                buffer_clear(&answer->body);
                answer->body.failed = 0;
        }
        return answer->body.size == 0;
}

/* --- postponed requests ----------------------------------------------------------------------- */

/* libmicrohttpd answers all ready requests in one pass. When the time of a turn is used up, the
 * remaining requests wait in a queue, and each later turn continues one of them. */

static void go_on(Request *request)
{
        leave_queue(&request->server->postponed, request);
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}

static int on_go_on(sd_event_source *source, usec_t usec, void *userdata)
{
        HttpServer *server = userdata;

        (void)usec;
        if (server->postponed)
                go_on(server->postponed);
        return sd_event_source_set_enabled(source,
                                           server->postponed ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void requests_go_on(HttpServer *server)
{
        while (server->postponed)
                go_on(server->postponed);
}

bool request_postpone(Request *request)
{
        HttpServer *server = request->server;
        Request **at = &server->postponed;

        if (server->is_stopping || time_monotonic() - server->turn_began < TURN_MAX ||
            sd_event_source_set_enabled(server->go_on, SD_EVENT_ONESHOT) < 0)
                return false;
        while (*at)
                at = &(*at)->next_suspended;
        *at = request;
        request->next_suspended = NULL;
        MHD_suspend_connection(request->connection);
        return true;
}

int requests_init(HttpServer *server, Error *err)
{
        int r;

        server->memory = (Quota){ .max = API_MEMORY_MAX };
        server->memory_of_tcp = (Quota){ .parent = &server->memory, .max = API_MEMORY_TCP_MAX };
        server->memory_of_hooks = (Quota){ .parent = &server->memory, .max = API_MEMORY_HOOKS_MAX };
        r = sd_event_add_time(server->event, &server->go_on, CLOCK_MONOTONIC, 0, 1, on_go_on,
                              server);
        if (r >= 0)
                r = sd_event_source_set_enabled(server->go_on, SD_EVENT_OFF);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}
