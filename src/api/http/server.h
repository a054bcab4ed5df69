#pragma once

/* The HTTP server on the event loop: libmicrohttpd through its epoll descriptor. It knows what an
 * application offers by a table of routes, and nothing else of it.
 *
 * Bodies, headers, connections and idle time are bounded. All that requests hold is taken from
 * quotas that they share. */

#include <systemd/sd-event.h>

#include "api/http/listener.h"
#include "api/http/route.h"
#include "api/http/token-file.h"
#include "base/quota.h"
#include "model/object.h"
#include "model/socket-role.h"

typedef struct HttpOptions {
        const char *socket;       /* path; NULL or "": none */
        bool may_fail;            /* where the socket cannot be made: warn, and go on without */
        const char *hooks_socket; /* path of a socket for hooks alone; NULL: none */
        Strings hooks_listen;     /* addresses for hooks alone */
        Strings listen;           /* "127.0.0.1:8080", "[::1]:8080" */
        const SocketRoles *socket_roles;  /* of peers of the unix socket */
        const char *token_file;           /* of bearer tokens, for TCP (token.h); "": none */
        const char *cert_file, *key_file; /* PEM, for TCP; NULL: plain HTTP */
} HttpOptions;

struct Api;
struct Request;
struct Linger;
struct Sliced;

/* What the application gives the server. */
typedef struct HttpApplication {
        const Route *routes; /* ended by one without a method */
        /* Called before a handler. Positive: the request is answered already. */
        int (*begin)(struct Request *request, Error *err);
        /* ERROR_NOT_FOUND if the caller may not name this tenant. */
        int (*check_tenant)(struct Request *request, const char *name, Error *err);
        /* The server stops: streams end. */
        void (*stop)(struct Api *api);
} HttpApplication;

typedef struct HttpServer {
        sd_event *event;
        const HttpOptions *options;
        const HttpApplication *application;
        struct Api *api;  /* of the application */
        char *cert, *key; /* PEM; NULL: none */
        TokenFile tokens;
        Listener *listeners;
        struct Request *suspended; /* they wait for their answer */
        struct Request *postponed; /* they wait for their turn */
        sd_event_source *go_on;    /* with those */
        struct Sliced *slices;     /* answers that wait for their next slice */
        sd_event_source *slice_turn;
        usec_t turn_began;
        Quota memory, memory_of_tcp, memory_of_hooks;
        uint64_t n_short; /* requests refused because others held the memory */
        struct Linger *lingers;
        size_t n_lingers;
        bool is_stopping;
        bool has_hooks;        /* a listener for hooks alone: the others have none */
        uint64_t n_answers[5]; /* by class of status */
} HttpServer;

/* Everything is borrowed and outlives the server. */
int http_server_init(HttpServer *server, sd_event *event, const HttpOptions *options,
                     const HttpApplication *application, struct Api *api, Error *err);
/* Opens the sockets of the options, or takes those that systemd passes. */
int http_server_open(HttpServer *server, Error *err);
/* Answers what was asked already, for a second at most, and closes the sockets. */
void http_server_close(HttpServer *server);
void http_server_done(HttpServer *server);
