/* A request: its head, its memory, its answer. */

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/parse.h"
#include "reconcile/preview.h"

/* Of a file at each turn of the loop, which comes a millisecond later at the latest. */
#define FILE_BLOCK ((size_t)64 * 1024)

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

void request_free(Request *request)
{
        if (!request)
                return;
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
        arena_init(&request->arena, API_REQUEST_MAX);
        arena_init(&request->arena_of_batch, API_REQUEST_MAX);
        buffer_init(&request->answer.body, API_ANSWER_MAX);
        diag_list_init(&request->diags);
        request->method = arena_strdup(&request->arena, method);
        request->path = arena_strdup(&request->arena, path);
        if (!request->method || !request->path) {
                request_free(request);
                return NULL;
        }
        request->route = route_find(request, &other_method);
        buffer_init(&request->body, request->route ? request->route->body_max : 0);
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

static enum MHD_Result reply_with(Request *request, struct MHD_Response *response,
                                  enum MHD_Result result)
{
        const Answer *answer = &request->answer;

        if (request->must_close && result == MHD_YES)
                result = MHD_add_response_header(response, "Connection", "close");
        if (answer->status < 600)
                request->api->n_answers[MAX(answer->status, 200U) / 100 - 1]++;
        if (result == MHD_YES)
                result = MHD_queue_response(request->connection,
                                            answer->status > 0 ? answer->status : 200, response);
        MHD_destroy_response(response);
        return result;
}

static enum MHD_Result reply_shortly(Request *request)
{
        Answer *answer = &request->answer;
        struct MHD_Response *response = MHD_create_response_from_buffer(
                strlen(answer->brief), answer->brief, MHD_RESPMEM_PERSISTENT);

        if (!response)
                return MHD_NO;
        answer->status = request->route->status;
        connection_phase(request->connection, PHASE_SEND);
        return reply_with(request, response,
                          MHD_add_response_header(response, "Content-Type", "application/json"));
}

enum MHD_Result request_reply(Request *request)
{
        Answer *answer = &request->answer;
        const Buffer *body = answer->shared ? answer->shared : &answer->body;
        enum MHD_Result result;
        struct MHD_Response *response;

        if (request_shorten(request))
                return reply_shortly(request);
        if (answer->body.failed) {
                buffer_clear(&answer->body);
                answer->body.failed = 0;
                request_problem(request, 500, "the answer does not fit into memory");
        }
        /* the buffer and the follower live until request_completed(), longer than the
         * response */
        if (request->follower)
                response = follower_response(request->follower);
        else if (answer->fd > 0) {
                response = file_response(answer->fd);
                answer->fd = 0;
        } else
                response = MHD_create_response_from_buffer(body->size, body->data,
                                                           MHD_RESPMEM_PERSISTENT);
        if (!response)
                return MHD_NO;
        if (!request->follower)
                connection_phase(request->connection, PHASE_SEND);
        result = MHD_add_response_header(response, "Content-Type",
                                         answer->type ? answer->type : "application/json");
        for (size_t i = 0; i < ARRAY_SIZE(answer->header) && answer->header[i][0]; i++)
                if (result == MHD_YES)
                        result = MHD_add_response_header(response, answer->header[i][0],
                                                         answer->header[i][1]);
        return reply_with(request, response, result);
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
        for (Request **at = &request->api->suspended; *at; at = &(*at)->next_suspended)
                if (*at == request) {
                        *at = request->next_suspended;
                        break;
                }
        request->is_suspended = false;
        request->is_answered = true;
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}
