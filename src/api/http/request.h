#pragma once

/* A request from its first line to the end of its answer, in its own arena. A handler gets it
 * complete, fills the answer and returns; an error that it returns becomes a problem document.
 *
 * All its memory is taken from one quota, which all requests in progress share. */

#include <microhttpd.h>
#include <sys/types.h>

#include "api/http/answer.h"
#include "api/http/path.h"
#include "api/http/server.h"
#include "base/diag.h"
#include "model/audit.h"
#include "model/document-node.h"

struct Approved;
struct Promoted;
struct PageRows;

/* Work in progress: the answer waits for it, or streams its output. */
typedef struct PendingWork {
        void (*cancel)(void *work); /* NULL: no work is pending */
        void *work;
} PendingWork;

/* How the caller logged in. */
typedef enum LoginKind {
        LOGIN_NONE,
        LOGIN_SOCKET,  /* the peer of the unix socket */
        LOGIN_PROXY,   /* a user that a trusted proxy names */
        LOGIN_TOKEN,   /* a bearer token */
        LOGIN_SESSION, /* a session that a bearer token began */
} LoginKind;

/* The object that a command is about. */
typedef struct Concern {
        ObjectKind kind;
        const char *id, *name; /* NULL: no object was found */
} Concern;

typedef struct Request {
        HttpServer *server;
        struct Api *api; /* the application; only its handlers use it */
        Listener *listener;
        struct MHD_Connection *connection;
        Quota memory; /* the memory of all members below */
        Arena arena;
        const char *method, *path;
        Path parts; /* segments of the path */
        Buffer body;
        const char *principal; /* access.c: the caller */
        uid_t uid;             /* user id of a local caller */
        const char *person;    /* the person behind the principal; NULL: not looked up yet */
        const char *tenant;    /* the only tenant that the caller may see; NULL: all */
        TokenRole role;
        LoginKind login;
        usec_t session_ends; /* wall: end of the session; 0: no session */
        bool too_large;
        size_t n_dropped;     /* bytes of a body that was not kept */
        bool is_read;         /* the body was read to its end */
        bool must_close;      /* the connection closes after this request */
        const Node *document; /* the document in the body; NULL: none was read */
        const char *pointer;  /* JSON pointer to a fault of the body; NULL if there is none */
        DiagList diags;       /* all faults of the body, with numbers as places (body.h) */
        Actor actor;          /* caller of a request that changes something */
        Concern concern;      /* object that such a request changes */
        bool is_recorded;     /* the audit has the row of this request, or needs none */
        const Route *route;
        Answer answer;
        struct Request *next_suspended; /* next one in server->suspended or server->postponed */
        bool is_suspended, is_answered;
        PendingWork pending;
        usec_t held_until;   /* monotonic: the handler may hold the request until then; 0: not yet
                              * decided */
        const char *subject; /* what the handler waits for */
        const struct Approved *approved; /* the result; NULL: the request is no approval */
        const struct Promoted *promoted; /* the result; NULL: the request is no promotion */
        usec_t as_of;                    /* wall: environments are shown as of this time; 0: now */
        struct PageRows *rows;           /* page-rows.c: rows for a list; NULL: not a list */
} Request;

/* Returns NULL if memory ran out. */
Request *request_new(Listener *listener, struct MHD_Connection *connection, const char *method,
                     const char *path);
/* Cancels pending work. */
void request_free(Request *request);

/* Returns the route of method and path, NULL if there is none. */
const Route *request_route(const Request *request);
/* True if the listener of the request offers the route, and the path matches its pattern. */
bool request_is_to(const Request *request, const Route *route);
/* Returns a parameter of the route's pattern. */
const char *request_parameter(const Request *request, const char *name);

/* Returns NULL if absent; ignores case. Blanks around the value are removed. */
const char *request_header(Request *request, const char *name);
const char *request_query(const Request *request, const char *name);
/* Returns the first query parameter that is not in `known`; NULL if there is none. */
const char *request_query_unknown(const Request *request, const char *const *known, size_t n);
/* Returns the Content-Length; 0 without one. */
uint64_t request_said_size(Request *request);

/* Suspends the connection until request_resume(), which sends the answer. If the request ends
 * earlier, calls cancel with the work. */
void request_suspend(Request *request, void (*cancel)(void *work), void *work);
void request_resume(Request *request);
/* Continues a suspended request with its handler, as if it had just arrived. Access is checked
 * again. */
void request_repeat(Request *request);
/* Makes the answer a stream. Calls cancel with the work when the request ends. HEAD gets only the
 * headers. */
void request_stream(Request *request, MHD_ContentReaderCallback stream, void (*cancel)(void *work),
                    void *work);
/* Cancels pending work, if there is any. */
void request_cancel(Request *request);

/* Postpones the request to a later turn of the loop if answers have used up the time of this turn.
 * Returns true if the request was postponed. */
bool request_postpone(Request *request);
int requests_init(HttpServer *server, Error *err);
/* Continues all postponed requests. */
void requests_go_on(HttpServer *server);

void request_header_out(Request *request, const char *name, const char *value);
/* Sets a short answer about a stored change: JSON that needs no memory. Returns 0. */
int request_answer_stored(Request *request, const char *format, ...) _printf_(2, 3);
/* Returns true if the short answer must be sent, because the complete one does not exist or does
 * not fit into memory. Clears the incomplete answer. */
bool request_shorten(Request *request);

/* Reports a request with its final answer to the application, once. status is 0 if no answer
 * was sent. */
void request_record(Request *request, unsigned status);

/* problem.c */
void request_problem(Request *request, unsigned status, const char *format, ...) _printf_(3, 4);
void request_fail(Request *request, const Error *error);
/* Answers 400 with all faults: the body is not a valid document. */
int request_bad_document(Request *request, int r, const Error *err);
/* Answers 503 if other requests hold the memory. A request that can never fit gets 413 if its route
 * takes a body, else 500. Takes no memory of the request. */
void request_no_room(Request *request);
/* Adds the header that requests a bearer token to a 401. Needs no memory. */
void request_challenge(Request *request);

/* access.c; see access.h. Returns the tenant of the request; ALL_TENANTS if the request is about
 * all tenants. */
const char *request_tenant(const Request *request);
#define ALL_TENANTS "*" /* no tenant has this name */
bool request_is_of_all(const Request *request);
