#include "http/sockets.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/vec.h"

int sockets_init(Sockets *sockets)
{
        *sockets = (Sockets){ .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
        return sockets->epoll_fd < 0 ? -errno : 0;
}

void sockets_done(Sockets *sockets)
{
        close_fd(&sockets->epoll_fd);
        free(sockets->items);
        *sockets = (Sockets){ .epoll_fd = -1 };
}

/* Returns the entry of a descriptor. Returns NULL if memory ran out. */
static Socket *get(Sockets *sockets, int fd)
{
        size_t n = (size_t)fd + 1;

        if (vec_reserve(&sockets->items, &sockets->capacity, n, sizeof(*sockets->items)) < 0)
                return NULL;
        while (sockets->n < n)
                sockets->items[sockets->n++] = (Socket){ 0 };
        return &sockets->items[fd];
}

/* If memory runs out, the socket does not stay in the set between requests. */
void sockets_opened(Sockets *sockets, int fd)
{
        Socket *socket = get(sockets, fd);

        if (socket)
                *socket = (Socket){ .is_ours = true };
}

/* The kernel removes a closed descriptor from the epoll set. */
void sockets_closing(Sockets *sockets, int fd)
{
        if ((size_t)fd < sockets->n)
                sockets->items[fd] = (Socket){ 0 };
}

static int put(Sockets *sockets, int fd, Socket *socket, unsigned what)
{
        struct epoll_event event = {
                .events = (what & CURL_POLL_IN ? EPOLLIN : 0U) |
                          (what & CURL_POLL_OUT ? EPOLLOUT : 0U),
                .data.fd = fd,
        };
        int r;

        r = epoll_ctl(sockets->epoll_fd, socket->what ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
        /* libcurl opens and closes its internal descriptors without a callback */
        if (r < 0 && (errno == ENOENT || errno == EEXIST))
                r = epoll_ctl(sockets->epoll_fd, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                              fd, &event);
        if (r < 0)
                return -errno;
        socket->what = what;
        return 0;
}

static void take_out(Sockets *sockets, int fd)
{
        (void)epoll_ctl(sockets->epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* it may be closed already */
        if ((size_t)fd < sockets->n)
                sockets->items[fd].what = 0;
}

int sockets_watch(Sockets *sockets, int fd, int what)
{
        Socket *socket;

        if (what == CURL_POLL_REMOVE) {
                if ((size_t)fd < sockets->n && sockets->items[fd].is_ours)
                        sockets->items[fd].is_at_rest = true;
                else
                        take_out(sockets, fd);
                return 0;
        }
        socket = get(sockets, fd);
        if (!socket)
                return -ENOMEM;
        socket->is_at_rest = false;
        return socket->what == (unsigned)what ? 0 : put(sockets, fd, socket, (unsigned)what);
}

/* An event on an idle connection is its end or unexpected data. libcurl detects both when it uses
 * the connection again, so the event is skipped. */
int sockets_ready(Sockets *sockets, struct epoll_event *events, int max)
{
        int n = epoll_wait(sockets->epoll_fd, events, max, 0), n_kept = 0;

        for (int i = 0; i < n; i++) {
                int fd = events[i].data.fd;

                if ((size_t)fd < sockets->n && sockets->items[fd].is_at_rest)
                        take_out(sockets, fd);
                else
                        events[n_kept++] = events[i];
        }
        return n_kept;
}
