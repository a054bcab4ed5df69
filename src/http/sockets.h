#pragma once

/* Which of libcurl's sockets are watched. It no longer wants a connection watched once an answer is
 * whole, and wants it again with the next request: such a socket rests in the epoll set meanwhile,
 * which saves two system calls a request. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

typedef struct Socket {
        unsigned what; /* it is watched for: CURL_POLL_IN, CURL_POLL_OUT; 0: not in the set */
        bool is_ours;  /* sockets_closing() will be told: only then may it rest */
        bool is_at_rest;
} Socket;

typedef struct Sockets {
        int epoll_fd;
        Socket *items; /* by descriptor */
        size_t n, capacity;
} Sockets;

int sockets_init(Sockets *sockets); /* -errno */
void sockets_done(Sockets *sockets);

/* A connection's socket was made, and is about to be closed. */
void sockets_opened(Sockets *sockets, int fd);
void sockets_closing(Sockets *sockets, int fd);

/* What libcurl says it wants of a socket: CURL_POLL_...; 0 or -errno. */
int sockets_watch(Sockets *sockets, int fd, int what);

/* Those that are ready now, at most max; those at rest are left out. */
int sockets_ready(Sockets *sockets, struct epoll_event *events, int max);
