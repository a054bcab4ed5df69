#pragma once

/* The HTTP server on the event loop: libmicrohttpd through its epoll descriptor. The server knows
 * an application only by its HttpApplication.
 *
 * Bodies, headers, connections and idle time are bounded. Requests take their memory from shared
 * quotas. */

#include <systemd/sd-event.h>

#include "api/http/listener.h"
#include "api/http/route.h"
#include "api/http/session.h"
#include "api/http/token-file.h"
#include "base/quota.h"
#include "model/object.h"
#include "model/person.h"
#include "model/proxy-auth.h"
#include "model/socket-role.h"

typedef struct HttpOptions {
        const char *socket; /* path; NULL or "": none */
        /* if the socket cannot be made, the server warns and starts without it */
        bool may_fail;
        const char *hooks_socket;        /* path of a socket only for hooks; NULL: none */
        Strings hooks_listen;            /* addresses only for hooks */
        Strings listen;                  /* "127.0.0.1:8080", "[::1]:8080" */
        const SocketRoles *socket_roles; /* roles of peers of the unix socket */
        const LocalPeople *people;       /* persons behind peers of the unix socket; NULL: none */
        const ProxyAuth *proxy_auth;     /* users that a proxy names; NULL: none */
        const char *state_path; /* path of the database; the key that signs sessions is beside it */
        const char *token_file; /* file of bearer tokens, for TCP (token.h); "": none */
        const char *cert_file, *key_file; /* PEM, for TCP; NULL: plain HTTP */
} HttpOptions;

struct Api;
struct Request;
struct Linger;
struct Sliced;

/* The functions of the application. */
typedef struct HttpApplication {
        const Route *routes; /* the last route has no method */
        /* Called before a handler. A positive result means that the request has been answered. */
        int (*begin)(struct Request *request, Error *err);
        /* Called by request_record(). */
        void (*record)(struct Request *request, unsigned status);
        /* Returns ERROR_NOT_FOUND if the caller may not use this tenant. */
        int (*check_tenant)(struct Request *request, const char *name, Error *err);
        /* Called when the server stops; ends all streams. */
        void (*stop)(struct Api *api);
} HttpApplication;

typedef struct HttpServer {
        sd_event *event;
        const HttpOptions *options;
        const HttpApplication *application;
        struct Api *api;  /* the application; only its handlers use it */
        char *cert, *key; /* PEM; NULL: none */
        TokenFile tokens;
        SessionKey session_key; /* loaded on first use */
        Listener *listeners;
        struct Request *suspended; /* requests that wait for their result */
        struct Request *postponed; /* requests that wait for a later turn */
        sd_event_source *go_on;    /* event source that continues postponed requests */
        struct Sliced *slices;     /* answers that wait for their next slice */
        sd_event_source *slice_turn;
        usec_t turn_began;
        Quota memory, memory_of_tcp, memory_of_hooks;
        uint64_t n_short; /* requests refused because other requests held the memory */
        struct Linger *lingers;
        size_t n_lingers;
        bool is_stopping;
        bool has_hooks; /* one listener is only for hooks, so the other listeners refuse hooks */
        uint64_t n_answers[5]; /* number of answers with status 1xx to 5xx */
} HttpServer;

/* Borrows all of its arguments; they must outlive the server. */
int http_server_init(HttpServer *server, sd_event *event, const HttpOptions *options,
                     const HttpApplication *application, struct Api *api, Error *err);
/* Opens the sockets of the options, or takes those that systemd passed. */
int http_server_open(HttpServer *server, Error *err);
/* Answers pending requests, for at most a second, and closes the sockets. */
void http_server_close(HttpServer *server);
void http_server_done(HttpServer *server);
