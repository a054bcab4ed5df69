/* Reads from connections that were answered before their request was read completely.
 *
 * Closing a socket with unread bytes resets the connection, and the client may lose the answer. So
 * the server reads and drops the bytes, for a moment and up to a limit (RFC 9112, 9.6). */

#include "api/http/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "api/http/server.h"
#include "base/file.h"
#include "base/limits.h"

#define LINGER_TIME (2 * USEC_PER_SEC)
#define BLOCK       ((size_t)64 * 1024)

typedef struct Linger Linger;
struct Linger {
        Linger *next; /* next one in server->lingers */
        HttpServer *server;
        int fd;
        size_t n_bytes;
        sd_event_source *io, *timer;
};

static Linger *linger_free(Linger *linger)
{
        if (!linger)
                return NULL;
        for (Linger **at = &linger->server->lingers; *at; at = &(*at)->next)
                if (*at == linger) {
                        *at = linger->next;
                        linger->server->n_lingers--;
                        break;
                }
        sd_event_source_disable_unref(linger->io);
        sd_event_source_disable_unref(linger->timer);
        close_fd(&linger->fd);
        free(linger);
        return NULL;
}
DEFINE_FREEP(Linger, linger_free)

static int on_bytes(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Linger *linger = userdata;
        char dropped[BLOCK];
        ssize_t n = recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);

        (void)source, (void)revents;
        if (n > 0)
                linger->n_bytes += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
                linger_free(linger);
        if (n > 0 && linger->n_bytes > API_DROP_MAX)
                linger_free(linger);
        return 0;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        linger_free(userdata);
        return 0;
}

void linger_begin(HttpServer *server, int fd)
{
        _cleanup_(linger_freep) Linger *linger = NULL;

        if (server->is_stopping || server->n_lingers >= API_LINGERS_MAX)
                return;
        linger = calloc(1, sizeof(*linger));
        if (!linger)
                return;
        *linger = (Linger){ .server = server };
        linger->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (linger->fd < 0 ||
            sd_event_add_io(server->event, &linger->io, linger->fd, EPOLLIN, on_bytes, linger) <
                    0 ||
            sd_event_add_time_relative(server->event, &linger->timer, CLOCK_MONOTONIC, LINGER_TIME,
                                       100 * USEC_PER_MSEC, on_timer, linger) < 0)
                return; /* only the caller's descriptor is left, so the connection closes at once */
        linger->next = server->lingers;
        server->lingers = linger;
        server->n_lingers++;
        (void)TAKE(linger);
}

void lingers_done(HttpServer *server)
{
        while (server->lingers)
                linger_free(server->lingers);
}
