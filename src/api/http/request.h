#pragma once

/* A request, from its first line to the end of its answer, in an arena of its own. A handler gets
 * it complete, fills the answer and returns; an error that it returns becomes a problem document.
 *
 * All that it holds is taken from one quota, which all requests under way share. */

#include <microhttpd.h>
#include <sys/types.h>

#include "api/http/answer.h"
#include "api/http/path.h"
#include "api/http/server.h"
#include "base/diag.h"
#include "model/audit.h"
#include "model/node.h"

struct Approved;
struct PageRows;

/* Work in progress that an answer waits for, or a stream comes from. */
typedef struct PendingWork {
        void (*cancel)(void *work); /* NULL: there is none */
        void *work;
} PendingWork;

typedef struct Request {
        HttpServer *server;
        struct Api *api; /* of the application */
        Listener *listener;
        struct MHD_Connection *connection;
        Quota memory; /* of all below */
        Arena arena;
        const char *method, *path;
        Path parts; /* of the path */
        Buffer body;
        const char *principal; /* access.c: the caller */
        uid_t uid;             /* of a local one */
        const char *person;    /* whose principal it is; NULL: not looked up yet */
        const char *tenant;    /* that the caller may see; NULL: any */
        TokenRole role;
        bool too_large;
        size_t n_dropped;     /* bytes of a body that is not kept */
        bool is_read;         /* to its end */
        bool must_close;      /* nothing behind this request is read */
        const Node *document; /* of the body; NULL: none was read */
        const char *pointer;  /* JSON pointer to what is wrong with the body; NULL if nothing is */
        DiagList diags;       /* all that is wrong with it, places being numbers (body.h) */
        Actor actor;          /* of what alters something */
        const Route *route;
        Answer answer;
        struct Request *next_suspended; /* in server->suspended, or server->postponed */
        bool is_suspended, is_answered;
        PendingWork pending;
        const char *subject;             /* the object that a handler waits for */
        const struct Approved *approved; /* the result of an approval; NULL: this is none */
        struct PageRows *rows;           /* page.c: what was read for a list; NULL: this is none */
} Request;

/* NULL if memory ran out. */
Request *request_new(Listener *listener, struct MHD_Connection *connection, const char *method,
                     const char *path);
/* Cancels what is pending. */
void request_free(Request *request);

/* The route by method and path, NULL if there is none. */
const Route *request_route(const Request *request, bool *ret_other_method);
/* Hooks have a listener of their own, or share those of the rest. */
bool request_is_offered(const Request *request, const Route *route);
/* A parameter of the route's pattern. */
const char *request_parameter(const Request *request, const char *name);

/* NULL if absent; names of headers without case. Blanks around a value are no part of it. */
const char *request_header(Request *request, const char *name);
const char *request_query(const Request *request, const char *name);
/* The first parameter that is none of the known ones; NULL if there is none. */
const char *request_query_beside(const Request *request, const char *const *known, size_t n);
/* The Content-Length; 0 without one. */
uint64_t request_said_size(Request *request);

/* The connection sleeps until request_resume(), which sends the answer. If the request ends before,
 * cancel is called with the work. */
void request_suspend(Request *request, void (*cancel)(void *work), void *work);
void request_resume(Request *request);
/* The answer is a stream, which ends with the request: then cancel is called with the work. A HEAD
 * gets its headers alone. */
void request_stream(Request *request, MHD_ContentReaderCallback stream, void (*cancel)(void *work),
                    void *work);
/* Cancels what is pending, if anything is. */
void request_cancel(Request *request);

/* True if this turn of the loop has done enough: the request waits for a later one. */
bool request_postpone(Request *request);
int requests_init(HttpServer *server, Error *err);
/* All that were postponed go on. */
void requests_go_on(HttpServer *server);

void request_header_out(Request *request, const char *name, const char *value);
/* A short answer about what is stored: JSON that needs no memory. Returns 0. */
int request_answer_stored(Request *request, const char *format, ...) _printf_(2, 3);
/* True, with the short answer taken, if there is one and the other could not be made whole. */
bool request_shorten(Request *request);

/* problem.c */
void request_problem(Request *request, unsigned status, const char *format, ...) _printf_(3, 4);
void request_fail(Request *request, const Error *error);
/* What the body is as a document is wrong: 400 with all of it. */
int request_bad_document(Request *request, int r, const Error *err);
/* 503 if others hold the memory; if the request needs more than one may have, 413 where its body
 * does, else 500. Takes nothing from the request's memory. */
void request_no_room(Request *request);
/* Makes an answer a 401 that asks for a bearer token. Needs no memory. */
void request_challenge(Request *request);

/* access.c; more in access.h. The tenant of the request. */
const char *request_tenant(const Request *request);
