#pragma once

/* The HTTP server on the event loop: libmicrohttpd through its epoll descriptor. It listens on a
 * unix socket (its own, or one that systemd passes), and on TCP addresses if it is told to.
 *
 * Bodies, headers, connections and idle time are bounded, and no client can hold up the loop: what
 * takes long is answered later. Every error is an RFC 9457 problem document. */

#include <systemd/sd-event.h>

#include "model/object.h"
#include "model/socket-role.h"
#include "reconcile/loop.h"
#include "reconcile/reconcile.h"

typedef struct Api Api;

typedef struct ApiOptions {
        const char *socket;       /* path; NULL or "": none */
        bool may_fail;            /* the socket's place may not exist: told, and done without */
        const char *hooks_socket; /* path of a socket for hooks alone; NULL: none */
        Strings hooks_listen;     /* addresses for hooks alone */
        Strings listen;           /* "127.0.0.1:8080", "[::1]:8080" */
        const SocketRoles *socket_roles;  /* of peers of the unix socket */
        const char *token_file;           /* of bearer tokens, for TCP (http/token.h); "": none */
        const char *cert_file, *key_file; /* PEM, for TCP; NULL: plain HTTP */
        const char *credentials;          /* folder of systemd credentials; NULL: none */
        const LoopStalls *stalls;         /* for the metrics */
} ApiOptions;

/* Everything is borrowed and outlives the server. */
int api_new(sd_event *event, const ApiOptions *options, Reconciler *reconciler, Api **ret,
            Error *err);
Api *api_free(Api *api);
DEFINE_FREEP(Api, api_free)
