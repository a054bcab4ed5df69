#pragma once

/* What the files of api share.
 *
 * A Request lives from its first line to the end of its answer, in an arena of its own. A handler
 * gets it whole, fills the answer and returns; what it returns as failure becomes a problem. */

#include <microhttpd.h>

#include "api/api.h"
#include "base/buffer.h"

#define API_SEGMENTS_MAX 8

struct Api {
        sd_event *event;
        ApiOptions options;
        Reconciler *reconciler;
        struct Listener *listeners;
};

typedef struct Listener {
        struct Listener *next;
        Api *api;
        struct MHD_Daemon *daemon;
        sd_event_source *io, *timer;
        char *path; /* of a unix socket of our own, removed at the end */
        bool is_local;
} Listener;

typedef struct Answer {
        unsigned status;  /* 0: 200 */
        const char *type; /* NULL: application/json */
        Buffer body;
        const char *header[4][2]; /* name, value; ended by NULL */
} Answer;

typedef struct Request {
        Api *api;
        Listener *listener;
        struct MHD_Connection *connection;
        Arena arena;
        const char *method, *path;
        const char *segments[API_SEGMENTS_MAX]; /* of the path */
        size_t n_segments;
        Buffer body;
        bool too_large;
        const struct Route *route;
        Answer answer;
} Request;

/* NULL if absent; names of headers without case. */
const char *request_header(const Request *request, const char *name);
const char *request_query(const Request *request, const char *name);

/* route.c: finds the handler, calls it, and turns failure into a problem. */
typedef int (*Handler)(Request *request, Error *err);

typedef enum RouteAccess {
        ACCESS_OPEN, /* the handler itself looks who it is */
} RouteAccess;

typedef struct Route {
        const char *method;
        const char *pattern; /* "/hooks/v1/{registry}" */
        RouteAccess access;
        size_t body_max;
        Handler handler;
        const char *summary;
} Route;

void request_dispatch(Request *request);
/* The route by method and path, NULL if there is none; request->segments are set. */
const Route *route_find(Request *request, bool *ret_other_method);
/* A parameter of the route's pattern. */
const char *request_parameter(const Request *request, const char *name);

/* problem.c */
void request_problem(Request *request, unsigned status, const char *format, ...) _printf_(3, 4);
void request_fail(Request *request, const Error *error);

/* server.c */
int listeners_open(Api *api, Error *err);
void listeners_close(Api *api);

/* socket.c: listening, non-blocking sockets. */
int socket_open_unix(const char *path, Error *err);
int socket_open_tcp(const char *address, Error *err);

/* handle-hook.c */
int handle_hook(Request *request, Error *err);
/* health.c */
int handle_healthz(Request *request, Error *err);
