#pragma once

/* The sockets that libcurl watches, in an epoll set. libcurl stops watching a connection when an
 * answer is complete, and watches it again for the next request. The socket stays in the epoll set
 * between requests, which saves two system calls for each request. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

typedef struct Socket {
        unsigned what; /* events: CURL_POLL_IN, CURL_POLL_OUT; 0: not in the set */
        /* sockets_opened() was called, so sockets_closing() will follow: the socket may stay in the
         * set */
        bool is_ours;
        bool is_at_rest;
} Socket;

typedef struct Sockets {
        int epoll_fd;
        Socket *items; /* indexed by descriptor */
        size_t n, capacity;
} Sockets;

int sockets_init(Sockets *sockets); /* 0 or -errno */
void sockets_done(Sockets *sockets);

/* Call sockets_opened() after libcurl made a socket, and sockets_closing() before it closes one. */
void sockets_opened(Sockets *sockets, int fd);
void sockets_closing(Sockets *sockets, int fd);

/* Watches a socket for the events that libcurl requests: CURL_POLL_IN, OUT, INOUT or REMOVE.
 * Returns 0 or -errno. */
int sockets_watch(Sockets *sockets, int fd, int what);

/* Sets events to at most max ready sockets, without idle connections. Returns the number of
 * events. */
int sockets_ready(Sockets *sockets, struct epoll_event *events, int max);
