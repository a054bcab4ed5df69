/* A request: its head, its memory, its answer. */

#include "api/http/request.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"
#include "preview/preview.h"

/* Of a file at each turn of the loop, which comes a millisecond later at the latest. */
#define FILE_BLOCK ((size_t)64 * 1024)
#define TURN_MAX   (20 * USEC_PER_MSEC) /* of answers made in one turn of the loop */

/* RFC 9110, 5.5. The library keeps the blanks behind a value. */
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

typedef struct Beside {
        const char *const *known;
        size_t n;
        const char *found;
} Beside;

static enum MHD_Result look_beside(void *userdata, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
        Beside *beside = userdata;

        (void)kind;
        (void)value;
        for (size_t i = 0; i < beside->n; i++)
                if (streq(beside->known[i], name))
                        return MHD_YES;
        beside->found = name;
        return MHD_NO;
}

const char *request_query_beside(const Request *request, const char *const *known, size_t n)
{
        Beside beside = { known, n, NULL };

        (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, look_beside,
                                        &beside);
        return beside.found;
}

static void leave_queue(Request **queue, Request *request)
{
        for (Request **at = queue; *at; at = &(*at)->next_suspended)
                if (*at == request) {
                        *at = request->next_suspended;
                        break;
                }
}

void request_free(Request *request)
{
        if (!request)
                return;
        leave_queue(&request->api->postponed, request);
        sync_waiter_cancel(request->waiter);
        creation_cancel(request->creation);
        assigning_cancel(request->assigning);
        promoting_cancel(request->promoting);
        backup_free(request->backup);
        preview_cancel(request->previewer);
        follower_free(request->follower);
        if (request->answer.fd > 0)
                close_fd(&request->answer.fd); /* the connection ended before it was sent */
        arena_done(&request->arena_of_batch);
        diag_list_done(&request->diags);
        buffer_done(&request->body);
        buffer_done(&request->answer.body);
        arena_done(&request->arena);
        free(request);
}

Request *request_new(Listener *listener, struct MHD_Connection *connection, const char *method,
                     const char *path)
{
        Request *request = calloc(1, sizeof(*request));
        bool other_method;

        if (!request)
                return NULL;
        request->api = listener->api;
        request->listener = listener;
        request->connection = connection;
        request->memory = (Quota){ .parent = listener->is_local ? &listener->api->memory
                                                                : &listener->api->memory_of_tcp,
                                   .max = API_MEMORY_MAX,
                                   .assured = API_MEMORY_ASSURED };
        arena_init(&request->arena, API_REQUEST_MAX);
        arena_init(&request->arena_of_batch, API_REQUEST_MAX);
        buffer_init(&request->answer.body, API_ANSWER_MAX);
        request->arena.quota = &request->memory;
        request->arena_of_batch.quota = &request->memory;
        request->answer.body.quota = &request->memory;
        diag_list_init(&request->diags);
        request->method = arena_strdup(&request->arena, method);
        request->path = arena_strdup(&request->arena, path);
        if (!request->method || !request->path) {
                request_free(request);
                return NULL;
        }
        request->route = route_find(request, &other_method);
        if (request->route && request->route->admit)
                (void)quota_move(&request->memory,
                                 &listener->api->memory_of_hooks); /* is_short says it */
        buffer_init(&request->body, request->route ? request->route->body_max : 0);
        request->body.quota = &request->memory;
        return request;
}

static uint64_t file_size(int fd)
{
        struct stat st;

        return fstat(fd, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

static ssize_t read_file(void *userdata, uint64_t at, char *to, size_t max)
{
        const int *fd = userdata;
        ssize_t n = pread(*fd, to, max, (off_t)at);

        return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR; /* its size was told */
}

static void close_file(void *userdata)
{
        int *fd = userdata;

        close_fd(fd);
        free(fd);
}

/* Takes the file: the response outlives the request. */
static struct MHD_Response *file_response(int fd)
{
        int *own = malloc(sizeof(*own));
        struct MHD_Response *response =
                own ? MHD_create_response_from_callback(file_size(fd), FILE_BLOCK, read_file, own,
                                                        close_file)
                    : NULL;

        if (response) {
                *own = fd;
                return response;
        }
        free(own);
        close_fd(&fd);
        return NULL;
}

/* What is stored is answered shortly where memory lacks for more. */
static struct MHD_Response *brief_response(Request *request)
{
        Answer *answer = &request->answer;

        answer->status = request->route->status;
        answer->type = NULL;
        memset(answer->header, 0, sizeof(answer->header));
        return MHD_create_response_from_buffer(strlen(answer->brief), answer->brief,
                                               MHD_RESPMEM_PERSISTENT);
}

/* The buffer and the follower live until the request ends, longer than the response. */
static struct MHD_Response *response_of(Request *request)
{
        Answer *answer = &request->answer;
        const Buffer *body = answer->shared ? answer->shared : &answer->body;
        int fd = answer->fd;

        if (request->follower)
                return follower_response(request->follower);
        answer->fd = 0;
        if (fd > 0)
                return file_response(fd);
        return MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result add_headers(const Request *request, struct MHD_Response *response)
{
        const Answer *answer = &request->answer;
        enum MHD_Result result = MHD_add_response_header(
                response, "Content-Type", answer->type ? answer->type : "application/json");

        for (size_t i = 0; i < ARRAY_SIZE(answer->header) && answer->header[i][0]; i++)
                if (result == MHD_YES)
                        result = MHD_add_response_header(response, answer->header[i][0],
                                                         answer->header[i][1]);
        return result == MHD_YES && request->must_close
                       ? MHD_add_response_header(response, "Connection", "close")
                       : result;
}

/* What the answer was made of is needed no more; a client may take long to read it. */
static void release(Request *request)
{
        buffer_done(&request->body);
        if (request->follower)
                return;
        request->method = request->path = request->principal = request->tenant = NULL;
        request->document = NULL;
        memset(request->answer.header, 0, sizeof(request->answer.header));
        diag_list_done(&request->diags);
        diag_list_init(&request->diags);
        arena_clear(&request->arena);
}

static void check_answer(Request *request)
{
        Answer *answer = &request->answer;

        if (request->memory.is_short && (answer->body.failed || answer->status >= 400))
                request_no_room(request);
        else if (answer->body.failed) {
                buffer_clear(&answer->body);
                request_problem(request, 500, "the answer does not fit into memory");
        }
        if (answer->shared)
                buffer_done(&answer->body);
        buffer_trim(&answer->body);
}

enum MHD_Result request_reply(Request *request)
{
        bool is_brief = !request->follower && request_shorten(request);
        Answer *answer = &request->answer;
        enum MHD_Result result;
        struct MHD_Response *response;

        if (!request->follower && !is_brief)
                check_answer(request);
        response = is_brief ? brief_response(request) : response_of(request);
        if (!response)
                return MHD_NO;
        if (!request->follower)
                connection_phase(request->connection, PHASE_SEND);
        if (!request->is_read && (request->must_close || request_said_size(request) > 0))
                connection_is_unread(request->connection);
        result = add_headers(request, response);
        if (answer->status < 600)
                request->api->n_answers[MAX(answer->status, 200U) / 100 - 1]++;
        if (result == MHD_YES)
                result = MHD_queue_response(request->connection,
                                            answer->status > 0 ? answer->status : 200, response);
        MHD_destroy_response(response);
        release(request);
        return result;
}

uint64_t request_said_size(Request *request)
{
        const char *text = request_header(request, "Content-Length");
        uint64_t size = 0;

        return text && parse_uint64(text, &size) < 0 ? UINT64_MAX : size;
}

void request_suspend(Request *request)
{
        request->is_suspended = true;
        request->next_suspended = request->api->suspended;
        request->api->suspended = request;
        MHD_suspend_connection(request->connection);
}

void request_resume(Request *request)
{
        leave_queue(&request->api->suspended, request);
        request->is_suspended = false;
        request->is_answered = true;
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}

/* --- many at once ----------------------------------------------------------------------------- */

/* The library answers all requests that are ready in one go. Once that has taken as long as a turn
 * of the loop may, the next ones wait in a queue, and one of them goes on at each later turn. */

static void go_on(Request *request)
{
        leave_queue(&request->api->postponed, request);
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}

static int on_go_on(sd_event_source *source, usec_t usec, void *userdata)
{
        Api *api = userdata;

        (void)usec;
        if (api->postponed)
                go_on(api->postponed);
        return sd_event_source_set_enabled(source,
                                           api->postponed ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void requests_go_on(Api *api)
{
        while (api->postponed)
                go_on(api->postponed);
}

bool request_postpone(Request *request)
{
        Api *api = request->api;
        Request **at = &api->postponed;

        if (api->is_stopping || time_monotonic() - api->turn_began < TURN_MAX ||
            sd_event_source_set_enabled(api->go_on, SD_EVENT_ONESHOT) < 0)
                return false;
        while (*at)
                at = &(*at)->next_suspended;
        *at = request;
        request->next_suspended = NULL;
        MHD_suspend_connection(request->connection);
        return true;
}

int requests_init(Api *api, Error *err)
{
        int r;

        api->memory = (Quota){ .max = API_MEMORY_MAX };
        api->memory_of_tcp = (Quota){ .parent = &api->memory, .max = API_MEMORY_TCP_MAX };
        api->memory_of_hooks = (Quota){ .parent = &api->memory, .max = API_MEMORY_HOOKS_MAX };
        r = sd_event_add_time(api->event, &api->go_on, CLOCK_MONOTONIC, 0, 1, on_go_on, api);
        if (r >= 0)
                r = sd_event_source_set_enabled(api->go_on, SD_EVENT_OFF);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}
