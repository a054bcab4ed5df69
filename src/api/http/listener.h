#pragma once

/* A listening socket: a daemon of libmicrohttpd on the event loop, and its connections. */

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "api/http/connection.h"
#include "base/error.h"

struct Api;

typedef struct Listener {
        struct Listener *next;
        struct Api *api;
        struct MHD_Daemon *daemon;
        sd_event_source *io, *timer, *sweep;
        Connection *connections, *last_connection;
        unsigned n_connections;
        char *path; /* of a unix socket of our own, removed at the end */
        bool is_local;
        bool is_hooks;  /* answers hooks and nothing else */
        bool is_kicked; /* since it ran last */
} Listener;

/* server.c: the sockets of the configuration, or those that systemd passes. */
int listeners_open(struct Api *api, Error *err);
void listeners_close(struct Api *api);
/* What was resumed, or has ended, goes on at the loop's next turn. */
void listener_kick(Listener *listener);

/* drain.c: answers what was asked, for a second at most. */
void listeners_drain(struct Api *api);

/* socket.c: listening, non-blocking sockets. */
/* mode: who may connect. */
int socket_open_unix(const char *path, mode_t mode, Error *err);
int socket_open_tcp(const char *address, Error *err);
