#include "api/http/reply.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/http/connection.h"
#include "base/file.h"

/* maximum number of bytes that are read from a file in one turn of the loop */
#define FILE_BLOCK   ((size_t)64 * 1024)
#define STREAM_BLOCK ((size_t)32 * 1024)

static uint64_t file_size(int fd)
{
        struct stat st;

        return fstat(fd, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

static ssize_t read_file(void *userdata, uint64_t at, char *to, size_t max)
{
        const int *fd = userdata;
        ssize_t n = pread(*fd, to, max, (off_t)at);

        return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR; /* the header with the size was
                                                                 already sent */
}

static void close_file(void *userdata)
{
        int *fd = userdata;

        close_fd(fd);
        free(fd);
}

/* Takes ownership of the file, since the response outlives the request. */
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

/* For HEAD, libmicrohttpd does not read the stream. But 0.9.75 sends the last chunk, which the
 * client would take for its next answer. So HEAD gets an answer without chunks, and the connection
 * closes after it. */
static struct MHD_Response *stream_response(const Request *request)
{
        const Answer *answer = &request->answer;
        struct MHD_Response *response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, STREAM_BLOCK, answer->stream, answer->stream_userdata, NULL);

        if (!response || !streq(request->method, "HEAD") ||
            MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END) ==
                    MHD_YES)
                return response;
        MHD_destroy_response(response);
        return NULL;
}

/* Returns the short answer about a stored change, for a request whose memory ran out. */
static struct MHD_Response *brief_response(Request *request)
{
        Answer *answer = &request->answer;

        answer->status = request->route->status;
        answer->type = NULL;
        answer->headers = (AnswerHeaders){ 0 };
        return MHD_create_response_from_buffer(strlen(answer->brief), answer->brief,
                                               MHD_RESPMEM_PERSISTENT);
}

/* The response borrows the buffer or the stream, which live until the request ends. */
static struct MHD_Response *response_of(Request *request)
{
        Answer *answer = &request->answer;
        const Buffer *body = answer->shared ? answer->shared : &answer->body;
        int fd = answer->fd;

        if (answer->stream)
                return stream_response(request);
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

        if (result == MHD_YES) /* texts from registries and specs must never become markup */
                result = MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
        for (size_t i = 0; i < answer->headers.n && result == MHD_YES; i++)
                result = MHD_add_response_header(response, answer->headers.items[i].name,
                                                 answer->headers.items[i].value);
        return result == MHD_YES && request->must_close
                       ? MHD_add_response_header(response, "Connection", "close")
                       : result;
}

/* Frees memory that the answer does not need, since a client may take long to read the answer. */
static void reply_release(Request *request)
{
        buffer_done(&request->body);
        if (request->answer.stream)
                return;
        request->method = request->path = request->principal = request->tenant = NULL;
        request->document = NULL;
        request->answer.headers = (AnswerHeaders){ 0 };
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
        Answer *answer = &request->answer;
        bool is_brief = !answer->stream && request_shorten(request);
        enum MHD_Result result;
        struct MHD_Response *response;

        if (!answer->stream && !is_brief)
                check_answer(request);
        request_record(request, answer->status > 0 ? answer->status : 200);
        response = is_brief ? brief_response(request) : response_of(request);
        if (!response)
                return MHD_NO;
        if (!answer->stream)
                connection_phase(request->connection, PHASE_SEND);
        if (!request->is_read && (request->must_close || request_said_size(request) > 0))
                connection_is_unread(request->connection);
        result = add_headers(request, response);
        if (answer->status < 600)
                request->server->n_answers[MAX(answer->status, 200U) / 100 - 1]++;
        if (result == MHD_YES)
                result = MHD_queue_response(request->connection,
                                            answer->status > 0 ? answer->status : 200, response);
        MHD_destroy_response(response);
        reply_release(request);
        return result;
}
