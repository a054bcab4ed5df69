#include "api/http/server.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/http/access.h"
#include "api/http/dispatch.h"
#include "api/http/drain.h"
#include "api/http/linger.h"
#include "api/http/reply.h"
#include "api/http/sliced.h"
#include "api/http/socket.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"

/* Newer versions of the library refuse malformed heads themselves. With older versions framing.c
 * refuses them. */
#if MHD_VERSION >= 0x00097701
#define STRICTNESS MHD_OPTION_CLIENT_DISCIPLINE_LVL, 2
#else
#define STRICTNESS MHD_OPTION_STRICT_FOR_CLIENT, 0
#endif

/* --- one request ------------------------------------------------------------------------------ */

/* Dispatches a request that was read completely, and replies. Replies later if the request is
 * postponed or its handler suspends it. */
static enum MHD_Result server_answer(Request *request)
{
        connection_phase(request->connection, PHASE_ANSWER);
        request->is_read = true;
        if (!request->is_answered && request_postpone(request))
                return MHD_YES;
        if (!request->is_answered)
                request_dispatch(request);
        return request->is_suspended ? MHD_YES : request_reply(request);
}

/* Called before the library parses the request line. */
static void *on_target(void *userdata, const char *target, struct MHD_Connection *connection)
{
        RawTarget *raw = connection_target(connection);

        (void)userdata;
        if (raw)
                raw_target_note(raw, target);
        return NULL; /* on_request() makes the request */
}

/* Checks the framing. Returns false, with the answer made, if the head is malformed. */
static bool check_head(Request *request, const char *method, const char *path, const char *version)
{
        const RawHead head = { .connection = request->connection,
                               .target = connection_target(request->connection),
                               .method = method,
                               .path = path,
                               .version = version };
        const char *why = "out of memory";
        unsigned status = head.target ? framing_check(&head, &why) : 503;

        /* After a malformed head, the meaning of further bytes is unknown (RFC 9112, 6.1 and
         * 11.2). The same applies to chunks: the library accepts more forms than the RFC. */
        request->must_close = status > 0 || request_header(request, "Transfer-Encoding");
        if (status == 0)
                return true;
        request_problem(request, status, "malformed request: %s", why);
        return false;
}

/* Appends a piece of the body. Drops all pieces of a body that is too large or finds no room:
 * libmicrohttpd 0.9.75 accepts no answer before the end of the body. Returns false after too many
 * dropped bytes. */
static bool keep_body(Request *request, const char *data, size_t size)
{
        if (request->n_dropped == 0 && buffer_append(&request->body, data, size) >= 0)
                return true;
        request->too_large = request->too_large || request->body.failed == -EFBIG;
        buffer_done(&request->body);
        request->n_dropped += size;
        return request->n_dropped <= API_DROP_MAX;
}

/* Called by the library when the head is complete, then for each piece of the body, then at the end
 * of the body. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **memory)
{
        Listener *listener = userdata;
        Request *request = *memory;

        if (!request) {
                request = request_new(listener, connection, method, target_path(path));
                if (!request)
                        return MHD_NO;
                *memory = request;
                connection_phase(connection, PHASE_BODY);
                return check_head(request, method, path, version) && request_admit(request)
                               ? MHD_YES
                               : request_reply(request);
        }
        if (*size > 0) {
                bool is_taken = keep_body(request, data, *size);

                *size = 0;
                return is_taken ? MHD_YES : MHD_NO;
        }
        return server_answer(request);
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

static int server_run(Listener *listener)
{
        MHD_UNSIGNED_LONG_LONG wait;

        listener->is_kicked = false;
        listener->server->turn_began = time_monotonic();
        if (MHD_run(listener->daemon) == MHD_NO)
                return -EIO;
        if (listener->is_kicked) /* the timer is set: a suspended request was resumed */
                return 0;
        if (MHD_get_timeout(listener->daemon, &wait) == MHD_NO)
                return sd_event_source_set_enabled(listener->timer, SD_EVENT_OFF);
        return listener_run_after(listener, (usec_t)wait * USEC_PER_MSEC) < 0 ? -EIO : 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void)source, (void)fd, (void)revents;
        return server_run(userdata);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        return server_run(userdata);
}

static int add_sources(Listener *listener)
{
        const union MHD_DaemonInfo *info =
                MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        int r;

        if (!info || info->epoll_fd < 0)
                return -EIO;
        r = sd_event_add_io(listener->server->event, &listener->io, info->epoll_fd, EPOLLIN, on_io,
                            listener);
        if (r >= 0)
                r = sd_event_add_time_relative(listener->server->event, &listener->timer,
                                               CLOCK_MONOTONIC, 0, USEC_PER_MSEC, on_timer,
                                               listener);
        return r < 0 ? r : connections_init(listener);
}

#define HOOKS_NAME "hooks" /* FileDescriptorName= of relmand-hooks.socket */

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
                (void)unlink(listener->path); /* if the socket remains, the next start removes it */
        free(listener->path);
        free(listener);
        return NULL;
}

static struct MHD_Daemon *start_daemon(Listener *listener, int fd)
{
        const unsigned flags =
                MHD_USE_EPOLL | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
        const HttpServer *server = listener->server;
        struct MHD_OptionItem options[] = {
                { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
                { MHD_OPTION_CONNECTION_LIMIT, API_CONNECTIONS_MAX, NULL },
                { MHD_OPTION_CONNECTION_TIMEOUT, API_IDLE_SECONDS_MAX, NULL },
                { MHD_OPTION_CONNECTION_MEMORY_LIMIT, API_HEADERS_MAX, NULL },
                { MHD_OPTION_END, 0, NULL }, /* place for the certificate */
                { MHD_OPTION_END, 0, NULL },
                { MHD_OPTION_END, 0, NULL },
        };
        bool tls = server->cert && !listener->is_local;

        if (tls) {
                options[4] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert };
                options[5] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key };
        }
        return MHD_start_daemon(flags | (tls ? MHD_USE_TLS : 0U), 0, NULL, NULL, on_request,
                                listener, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
                                MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, STRICTNESS,
                                MHD_OPTION_NOTIFY_CONNECTION, connection_notify, listener,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_ARRAY,
                                options, MHD_OPTION_END);
}

/* Takes ownership of the socket, also on failure. */
static int add_listener(HttpServer *server, int fd, const char *path, bool is_hooks, Error *err)
{
        Listener *listener = calloc(1, sizeof(*listener));
        int size = API_SEND_BUFFER, r = -ENOMEM;

        /* connections inherit this size; a larger one would use memory outside of the quotas */
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        if (listener) {
                listener->server = server;
                listener->is_hooks = is_hooks;
                listener->is_local = sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
                listener->path = path ? strdup(path) : NULL;
                listener->daemon = start_daemon(listener, fd);
        }
        if (!listener || !listener->daemon)
                (void)close(fd); /* ignored: nothing uses the socket yet */
        else
                r = add_sources(listener);
        if (r < 0) {
                listener_free(listener);
                return error_set(err, ERROR_INVALID, r, "api: the server cannot start%s",
                                 server->cert
                                         ? "; is api.certFile a certificate, and keyFile its key?"
                                         : "");
        }
        listener->next = server->listeners;
        server->listeners = listener;
        server->has_hooks = server->has_hooks || is_hooks;
        return 0;
}

/* Takes the sockets that systemd passed. They replace the sockets of the options. */
static int take_activated(HttpServer *server, char **names, int n, size_t n_taken[2], Error *err)
{
        int r = 0;

        for (int i = 0; i < n && r >= 0; i++) {
                int fd = SD_LISTEN_FDS_START + i;
                bool is_hooks = names && streq(names[i], HOOKS_NAME);

                if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "api: descriptor %d from systemd is no listening stream "
                                         "socket; see relmand.socket",
                                         fd);
                r = add_listener(server, fd, NULL, is_hooks, err);
                n_taken[is_hooks]++;
        }
        return r;
}

static int open_activated(HttpServer *server, size_t n_taken[2], Error *err)
{
        char **names = NULL;
        int n = sd_listen_fds_with_names(1, &names), r;

        if (n < 0)
                return error_set(err, ERROR_INTERNAL, n, "api: sockets from systemd: %s",
                                 strerror(-n));
        r = take_activated(server, names, n, n_taken, err);
        for (int i = 0; names && i < n; i++)
                free(names[i]);
        free(names);
        return r;
}

static int open_own(HttpServer *server, Error *err)
{
        const char *path = server->options->socket;
        int fd;

        if (!path || !path[0])
                return 0;
        fd = socket_open_unix(path, 0660, err);
        if (fd >= 0)
                return add_listener(server, fd, path, false, err);
        if (!server->options->may_fail)
                return fd;
        log_warning("%s; going on without (api.socket names another place)", error_message(err));
        error_done(err);
        return 0;
}

/* Every account may connect, since each hook must prove that its sender knows the secret. */
static int open_hooks(HttpServer *server, Error *err)
{
        const char *path = server->options->hooks_socket;
        int fd = socket_open_unix(path, 0666, err);

        return fd < 0 ? fd : add_listener(server, fd, path, true, err);
}

static int open_addresses(HttpServer *server, const Strings *addresses, bool is_hooks, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < addresses->n && r >= 0; i++) {
                r = socket_open_tcp(addresses->items[i], err);
                if (r >= 0)
                        r = add_listener(server, r, NULL, is_hooks, err);
        }
        return r;
}

static int read_tls(HttpServer *server, Error *err)
{
        const HttpOptions *options = server->options;
        size_t size;
        int r;

        if (!options->cert_file && !options->key_file)
                return 0;
        if (!options->cert_file || !options->key_file)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "api: certFile and keyFile go together");
        r = file_read(options->cert_file, SECRET_MAX, &server->cert, &size, err);
        if (r >= 0)
                r = file_read(options->key_file, SECRET_MAX, &server->key, &size, err);
        return r < 0 ? error_prefix(err, r, "api") : 0;
}

int http_server_init(HttpServer *server, sd_event *event, const HttpOptions *options,
                     const HttpApplication *application, struct Api *api, Error *err)
{
        int r;

        *server = (HttpServer){
                .event = event, .options = options, .application = application, .api = api
        };
        r = requests_init(server, err);
        return r < 0 ? r : slices_init(server, err);
}

int http_server_open(HttpServer *server, Error *err)
{
        size_t n_taken[2] = { 0, 0 }; /* number of sockets for the API, and for hooks */
        int r;

        r = read_tls(server, err);
        if (r >= 0)
                r = open_activated(server, n_taken, err);
        if (r >= 0 && n_taken[false] == 0)
                r = open_own(server, err);
        if (r >= 0 && n_taken[true] == 0 && server->options->hooks_socket)
                r = open_hooks(server, err);
        if (r >= 0)
                r = open_addresses(server, &server->options->hooks_listen, true, err);
        if (r >= 0)
                r = open_addresses(server, &server->options->listen, false, err);
        if (r < 0)
                return r;
        access_check_tokens(server);
        return 0;
}

void http_server_close(HttpServer *server)
{
        http_server_drain(server);
        while (server->listeners) {
                Listener *listener = server->listeners;

                server->listeners = listener->next;
                listener_free(listener);
        }
}

void http_server_done(HttpServer *server)
{
        lingers_done(server);
        sd_event_source_disable_unref(server->go_on);
        slices_done(server);
        token_file_done(&server->tokens);
        session_key_forget(&server->session_key);
        free(server->cert);
        if (server->key)
                OPENSSL_cleanse(server->key, strlen(server->key));
        free(server->key);
}
