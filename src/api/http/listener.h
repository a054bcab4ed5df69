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
        char *path; /* unix socket that relmand made and removes at the end; NULL: none */
        bool is_local;
        bool is_hooks;  /* answers hooks and nothing else */
        bool is_kicked; /* listener_kick() was called since the last run */
} Listener;

/* Runs the daemon in the next turn of the loop. Needed after a connection was resumed or shut down.
 */
void listener_kick(Listener *listener);
/* Runs the daemon after a time; 0: in the next turn of the loop. */
int listener_run_after(Listener *listener, usec_t wait);
