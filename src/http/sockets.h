#pragma once

/* The set of libcurl's sockets that are watched. libcurl unwatches a connection when an answer is
 * complete, and watches it again for the next request. The socket stays in the epoll set meanwhile,
 * which saves two system calls for each request. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

typedef struct Socket {
        unsigned what; /* watched for: CURL_POLL_IN, CURL_POLL_OUT; 0: not in the set */
        bool is_ours;  /* libcurl will call sockets_closing() for it: only then may it stay in the
                          set */
        bool is_at_rest;
} Socket;

typedef struct Sockets {
        int epoll_fd;
        Socket *items; /* by descriptor */
        size_t n, capacity;
} Sockets;

int sockets_init(Sockets *sockets); /* -errno */
void sockets_done(Sockets *sockets);

/* Called after a connection's socket was made, and before it is closed. */
void sockets_opened(Sockets *sockets, int fd);
void sockets_closing(Sockets *sockets, int fd);

/* Sets what libcurl requests for a socket: CURL_POLL_...; 0 or -errno. */
int sockets_watch(Sockets *sockets, int fd, int what);

/* Returns the ready sockets, at most max. Events of idle connections are skipped. */
int sockets_ready(Sockets *sockets, struct epoll_event *events, int max);
