#pragma once

/* A listening socket: a daemon of libmicrohttpd on the event loop, and its connections. */

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "api/http/connection.h"
#include "base/time.h"

struct HttpServer;

typedef struct Listener {
        struct Listener *next;
        struct HttpServer *server;
        struct MHD_Daemon *daemon;
        sd_event_source *io, *timer, *sweep;
        Connection *connections, *last_connection;
        unsigned n_connections;
        char *path; /* of a unix socket of our own, removed at the end */
        bool is_local;
        bool is_hooks;  /* answers hooks and nothing else */
        bool is_kicked; /* since it ran last */
} Listener;

/* Lets the daemon run at the loop's next turn: a connection was resumed, or has ended. */
void listener_kick(Listener *listener);
/* Lets the daemon run after a time; 0: at the loop's next turn. */
int listener_run_after(Listener *listener, usec_t wait);
