/* libmicrohttpd on the event loop, one of its daemons for each listening socket. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/http/request.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"

/* The library refuses by itself what it would hide from framing.c. Older ones show it. */
#if MHD_VERSION >= 0x00097701
#define STRICTNESS MHD_OPTION_CLIENT_DISCIPLINE_LVL, 2
#else
#define STRICTNESS MHD_OPTION_STRICT_FOR_CLIENT, 0
#endif

/* --- one request ------------------------------------------------------------------------------ */

/* Dispatches; a handler may put the answer off. */
static enum MHD_Result answer(Request *request)
{
        connection_phase(request->connection, PHASE_ANSWER);
        request->is_read = true;
        if (!request->is_answered && request_postpone(request))
                return MHD_YES;
        if (!request->is_answered)
                request_dispatch(request);
        return request->is_suspended ? MHD_YES : request_reply(request);
}

/* Before the library takes the request line apart. */
static void *on_target(void *userdata, const char *target, struct MHD_Connection *connection)
{
        RawTarget *raw = connection_target(connection);

        (void)userdata;
        if (raw)
                raw_target_note(raw, target);
        return NULL; /* no request yet */
}

/* Checks the framing: false, with the answer made, if it is malformed. */
static bool check_head(Request *request, const char *method, const char *path, const char *version)
{
        const RawHead head = { .connection = request->connection,
                               .target = connection_target(request->connection),
                               .method = method,
                               .path = path,
                               .version = version };
        const char *why = "out of memory";
        unsigned status = head.target ? framing_check(&head, &why) : 503;

        /* RFC 9112, 6.1 and 11.2: what the sender means by the bytes behind it is not known. Of
         * chunks the library takes more forms than the RFC allows. */
        request->must_close = status > 0 || request_header(request, "Transfer-Encoding");
        if (status == 0)
                return true;
        request_problem(request, status, "malformed request: %s", why);
        return false;
}

/* A body that is too large, or finds no room, is dropped as it comes: libmicrohttpd 0.9.75 takes no
 * answer before its end. False if it has no end. */
static bool keep_body(Request *request, const char *data, size_t size)
{
        if (request->n_dropped == 0 && buffer_append(&request->body, data, size) >= 0)
                return true;
        request->too_large = request->too_large || request->body.failed == -EFBIG;
        buffer_done(&request->body);
        request->n_dropped += size;
        return request->n_dropped <= API_DROP_MAX;
}

/* First call: the head is there. Then one for each piece of the body, then one at the end. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **memory)
{
        Listener *listener = userdata;
        Request *request = *memory;

        if (!request) {
                request = request_new(listener, connection, method, path);
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

/* Nothing else may bring it about that the daemon runs. */
void listener_kick(Listener *listener)
{
        listener->is_kicked = true;
        (void)sd_event_source_set_time_relative(listener->timer, 0); /* the timer is ours */
        (void)sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

static int run(Listener *listener)
{
        MHD_UNSIGNED_LONG_LONG wait;

        listener->is_kicked = false;
        listener->api->turn_began = time_monotonic();
        if (MHD_run(listener->daemon) == MHD_NO)
                return -EIO;
        if (listener->is_kicked) /* a handler has answered another request, that slept */
                return 0;
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
                                MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, STRICTNESS,
                                MHD_OPTION_NOTIFY_CONNECTION, connection_notify, listener,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_ARRAY,
                                options, MHD_OPTION_END);
}

/* Takes the socket over, also on failure. */
static int add_listener(Api *api, int fd, const char *path, bool is_hooks, Error *err)
{
        Listener *listener = calloc(1, sizeof(*listener));
        int size = API_SEND_BUFFER, r = -ENOMEM;

        /* its connections inherit it; without it answers are in memory that no quota knows */
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        if (listener) {
                listener->api = api;
                listener->is_hooks = is_hooks;
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
        api->has_hooks = api->has_hooks || is_hooks;
        return 0;
}

/* Sockets that systemd has opened for us replace those of our own. */
static int take_activated(Api *api, char **names, int n, size_t n_taken[2], Error *err)
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
                r = add_listener(api, fd, NULL, is_hooks, err);
                n_taken[is_hooks]++;
        }
        return r;
}

static int open_activated(Api *api, size_t n_taken[2], Error *err)
{
        char **names = NULL;
        int n = sd_listen_fds_with_names(1, &names), r;

        if (n < 0)
                return error_set(err, ERROR_INTERNAL, n, "api: sockets from systemd: %s",
                                 strerror(-n));
        r = take_activated(api, names, n, n_taken, err);
        for (int i = 0; names && i < n; i++)
                free(names[i]);
        free(names);
        return r;
}

static int open_own(Api *api, Error *err)
{
        const char *path = api->options.socket;
        int fd;

        if (!path || !path[0])
                return 0;
        fd = socket_open_unix(path, 0660, err);
        if (fd >= 0)
                return add_listener(api, fd, path, false, err);
        if (!api->options.may_fail)
                return fd;
        log_warning("%s; going on without (api.socket names another place)", error_message(err));
        error_done(err);
        return 0;
}

/* Whoever reaches it has to prove itself by the secret of a hook: so every account may. */
static int open_hooks(Api *api, Error *err)
{
        const char *path = api->options.hooks_socket;
        int fd = socket_open_unix(path, 0666, err);

        return fd < 0 ? fd : add_listener(api, fd, path, true, err);
}

static int open_addresses(Api *api, const Strings *addresses, bool is_hooks, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < addresses->n && r >= 0; i++) {
                r = socket_open_tcp(addresses->items[i], err);
                if (r >= 0)
                        r = add_listener(api, r, NULL, is_hooks, err);
        }
        return r;
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
        size_t n_taken[2] = { 0, 0 }; /* of hooks: the second */
        int r;

        r = read_tls(api, err);
        if (r >= 0)
                r = open_activated(api, n_taken, err);
        if (r >= 0 && n_taken[false] == 0)
                r = open_own(api, err);
        if (r >= 0 && n_taken[true] == 0 && api->options.hooks_socket)
                r = open_hooks(api, err);
        if (r >= 0)
                r = open_addresses(api, &api->options.hooks_listen, true, err);
        return r < 0 ? r : open_addresses(api, &api->options.listen, false, err);
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
