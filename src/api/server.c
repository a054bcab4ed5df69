/* libmicrohttpd on the event loop, one of its daemons for each listening socket. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/parse.h"

/* Of a file at each turn of the loop, which comes a millisecond later at the latest. */
#define FILE_BLOCK ((size_t)64 * 1024)

/* --- one request ------------------------------------------------------------------------------ */

const char *request_header(const Request *request, const char *name)
{
        return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
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

static void request_free(Request *request)
{
        if (!request)
                return;
        sync_waiter_cancel(request->waiter);
        creation_cancel(request->creation);
        assigning_cancel(request->assigning);
        backup_free(request->backup);
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

static Request *request_new(Listener *listener, struct MHD_Connection *connection,
                            const char *method, const char *path)
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

static enum MHD_Result send_answer(Request *request)
{
        Answer *answer = &request->answer;
        const Buffer *body = answer->shared ? answer->shared : &answer->body;
        enum MHD_Result result;
        struct MHD_Response *response;

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
        if (answer->status < 600)
                request->api->n_answers[MAX(answer->status, 200U) / 100 - 1]++;
        if (result == MHD_YES)
                result = MHD_queue_response(request->connection,
                                            answer->status > 0 ? answer->status : 200, response);
        MHD_destroy_response(response);
        return result;
}

static uint64_t said_size(const Request *request)
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

/* Nothing else may bring it about that the daemon runs. */
void listener_kick(Listener *listener)
{
        (void)sd_event_source_set_time_relative(listener->timer, 0); /* the timer is ours */
        (void)sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

/* Dispatches; a handler may put the answer off. */
static enum MHD_Result answer(Request *request)
{
        connection_phase(request->connection, PHASE_ANSWER);
        if (!request->is_answered)
                request_dispatch(request);
        return request->is_suspended ? MHD_YES : send_answer(request);
}

/* First call: the head is there. Then one for each piece of the body, then one at the end. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **memory)
{
        Listener *listener = userdata;
        Request *request = *memory;

        (void)version;
        if (!request) {
                request = request_new(listener, connection, method, path);
                if (!request)
                        return MHD_NO;
                *memory = request;
                connection_phase(connection, PHASE_BODY);
                /* RFC 9112, 6.3: who says both may mean to smuggle one request within another */
                if (request_header(request, "Content-Length") &&
                    request_header(request, "Transfer-Encoding")) {
                        request_problem(request, 400,
                                        "Content-Length and Transfer-Encoding exclude each other");
                        return send_answer(request);
                }
                request->too_large = said_size(request) > request->body.max;
                /* what is a little too large is read and dropped, for many clients read an answer
                 * only once they have sent all */
                if (!request->too_large || said_size(request) <= API_DROP_MAX)
                        return MHD_YES;
                request_dispatch(request);
                return send_answer(request);
        }
        if (*size > 0) {
                if (!request->too_large && buffer_append(&request->body, data, *size) < 0)
                        return MHD_NO; /* it did not say, or lied: the connection ends */
                *size = 0;
                return MHD_YES;
        }
        return answer(request);
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **memory,
                         enum MHD_RequestTerminationCode code)
{
        (void)userdata, (void)code;
        request_free(*memory);
        connection_phase(connection, PHASE_IDLE);
        *memory = NULL;
}

_printf_(2, 0) static void on_log(void *userdata, const char *format, va_list ap)
{
        char line[512];

        (void)userdata;
        (void)vsnprintf(line, sizeof(line), format, ap);
        line[strcspn(line, "\n")] = '\0';
        log_debug("api: %s", line);
}

/* --- the loop --------------------------------------------------------------------------------- */

static int run(Listener *listener)
{
        MHD_UNSIGNED_LONG_LONG wait;

        if (MHD_run(listener->daemon) == MHD_NO)
                return -EIO;
        if (MHD_get_timeout(listener->daemon, &wait) == MHD_NO)
                return sd_event_source_set_enabled(listener->timer, SD_EVENT_OFF);
        if (sd_event_source_set_time_relative(listener->timer, (usec_t)wait * USEC_PER_MSEC) < 0)
                return -EIO;
        return sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void)source, (void)fd, (void)revents;
        return run(userdata);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        return run(userdata);
}

static int add_sources(Listener *listener)
{
        const union MHD_DaemonInfo *info =
                MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        int r;

        if (!info || info->epoll_fd < 0)
                return -EIO;
        r = sd_event_add_io(listener->api->event, &listener->io, info->epoll_fd, EPOLLIN, on_io,
                            listener);
        if (r >= 0)
                r = sd_event_add_time_relative(listener->api->event, &listener->timer,
                                               CLOCK_MONOTONIC, 0, USEC_PER_MSEC, on_timer,
                                               listener);
        return r < 0 ? r : connections_init(listener);
}

/* --- listeners -------------------------------------------------------------------------------- */

static Listener *listener_free(Listener *listener)
{
        if (!listener)
                return NULL;
        sd_event_source_disable_unref(listener->io);
        sd_event_source_disable_unref(listener->timer);
        if (listener->daemon)
                MHD_stop_daemon(listener->daemon);
        sd_event_source_disable_unref(listener->sweep); /* connections end with the daemon */
        if (listener->path)
                (void)unlink(listener->path); /* it is removed at the next start otherwise */
        free(listener->path);
        free(listener);
        return NULL;
}

static struct MHD_Daemon *start_daemon(Listener *listener, int fd)
{
        const unsigned flags =
                MHD_USE_EPOLL | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
        const Api *api = listener->api;
        struct MHD_OptionItem options[] = {
                { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
                { MHD_OPTION_CONNECTION_LIMIT, API_CONNECTIONS_MAX, NULL },
                { MHD_OPTION_CONNECTION_TIMEOUT, API_IDLE_SECONDS_MAX, NULL },
                { MHD_OPTION_CONNECTION_MEMORY_LIMIT, API_HEADERS_MAX, NULL },
                { MHD_OPTION_END, 0, NULL }, /* or the certificate */
                { MHD_OPTION_END, 0, NULL },
                { MHD_OPTION_END, 0, NULL },
        };
        bool tls = api->cert && !listener->is_local;

        if (tls) {
                options[4] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, api->cert };
                options[5] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, api->key };
        }
        return MHD_start_daemon(flags | (tls ? MHD_USE_TLS : 0U), 0, NULL, NULL, on_request,
                                listener, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
                                MHD_OPTION_NOTIFY_CONNECTION, connection_notify, listener,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_ARRAY,
                                options, MHD_OPTION_END);
}

/* Takes the socket over, also on failure. */
static int add_listener(Api *api, int fd, const char *path, Error *err)
{
        Listener *listener = calloc(1, sizeof(*listener));
        int r = -ENOMEM;

        if (listener) {
                listener->api = api;
                listener->is_local = sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
                listener->path = path ? strdup(path) : NULL;
                listener->daemon = start_daemon(listener, fd);
        }
        if (!listener || !listener->daemon)
                (void)close(fd); /* nobody knows of it yet */
        else
                r = add_sources(listener);
        if (r < 0) {
                listener_free(listener);
                return error_set(err, ERROR_INVALID, r, "api: the server cannot start%s",
                                 api->cert ? "; is api.certFile a certificate, and keyFile its key?"
                                           : "");
        }
        listener->next = api->listeners;
        api->listeners = listener;
        return 0;
}

/* Sockets that systemd has opened for us replace the one of our own. */
static int take_activated(Api *api, Error *err)
{
        int n = sd_listen_fds(1), r = 0;

        if (n < 0)
                return error_set(err, ERROR_INTERNAL, n, "api: sockets from systemd: %s",
                                 strerror(-n));
        for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n && r >= 0; fd++) {
                if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "api: descriptor %d from systemd is no listening stream "
                                         "socket; see relmand.socket",
                                         fd);
                r = add_listener(api, fd, NULL, err);
        }
        return r < 0 ? r : n;
}

static int open_own(Api *api, Error *err)
{
        const char *path = api->options.socket;
        int fd;

        if (!path || !path[0])
                return 0;
        fd = socket_open_unix(path, err);
        if (fd >= 0)
                return add_listener(api, fd, path, err);
        if (!api->options.may_fail)
                return fd;
        log_warning("%s; going on without (api.socket names another place)", error_message(err));
        error_done(err);
        return 0;
}

static int read_tls(Api *api, Error *err)
{
        const ApiOptions *options = &api->options;
        size_t size;
        int r;

        if (!options->cert_file && !options->key_file)
                return 0;
        if (!options->cert_file || !options->key_file)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "api: certFile and keyFile go together");
        r = file_read(options->cert_file, SECRET_MAX, &api->cert, &size, err);
        if (r >= 0)
                r = file_read(options->key_file, SECRET_MAX, &api->key, &size, err);
        return r < 0 ? error_prefix(err, r, "api") : 0;
}

int listeners_open(Api *api, Error *err)
{
        int r;

        r = read_tls(api, err);
        if (r < 0)
                return r;
        r = take_activated(api, err);
        if (r == 0)
                r = open_own(api, err);
        for (size_t i = 0; i < api->options.listen.n && r >= 0; i++) {
                r = socket_open_tcp(api->options.listen.items[i], err);
                if (r >= 0)
                        r = add_listener(api, r, NULL, err);
        }
        return MIN(r, 0);
}

void listeners_close(Api *api)
{
        listeners_drain(api);
        while (api->listeners) {
                Listener *listener = api->listeners;

                api->listeners = listener->next;
                listener_free(listener);
        }
}
