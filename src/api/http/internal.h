#pragma once

/* What the files of api share.
 *
 * A Request lives from its first line to the end of its answer, in an arena of its own. A handler
 * gets it whole, fills the answer and returns; what it returns as failure becomes a problem. */

#include <microhttpd.h>

#include "api/api.h"
#include "api/http/listener.h"
#include "api/http/token-file.h"
#include "base/buffer.h"
#include "model/audit.h"
#include "model/node.h"
#include "reconcile/command.h"
#include "store/events.h"
#include "store/releases.h"

#define API_SEGMENTS_MAX 8

struct Api {
        sd_event *event;
        ApiOptions options;
        Reconciler *reconciler;
        char *cert, *key; /* PEM; NULL: none */
        TokenFile tokens;
        struct Listener *listeners;
        struct Request *suspended;
        Quota memory, memory_of_tcp, memory_of_hooks;
        uint64_t n_short; /* requests refused for lack of it */
        struct Request *postponed;
        sd_event_source *go_on; /* with those */
        usec_t turn_began;
        struct Linger *lingers; /* linger.c */
        size_t n_lingers;
        bool is_stopping;
        bool has_hooks;             /* a listener for them alone: the others have none */
        usec_t hook_logged_at;      /* monotonic: that a secret cannot be read */
        struct Follower *followers; /* event-stream.c */
        sd_event_source *news, *sign;
        EventWatch watch;
        uint64_t n_answers[5]; /* by class of status */
        Buffer description;    /* describe/openapi.c: made once; empty before */
        usec_t started_at;     /* wall */
};

typedef struct Answer {
        unsigned status;  /* 0: 200 */
        const char *type; /* NULL: application/json */
        Buffer body;
        int fd;                   /* of the body; 0: none. The response closes it */
        const Buffer *shared;     /* the body, if not NULL: it outlives the request */
        const char *header[4][2]; /* name, value; ended by NULL */
        char brief[80]; /* of what is stored: the body, if the other one cannot be made; "" */
} Answer;

typedef struct Request {
        Api *api;
        Listener *listener;
        struct MHD_Connection *connection;
        Quota memory; /* of all below */
        Arena arena;
        const char *method, *path;
        const char *segments[API_SEGMENTS_MAX]; /* of the path */
        size_t n_segments;
        Buffer body;
        const char *principal; /* access.c: who asks */
        uid_t uid;             /* of a local one */
        const char *person;    /* whose principal it is; NULL: not looked up yet */
        const char *tenant;    /* it may ask of; NULL: any */
        TokenRole role;
        bool too_large;
        size_t n_dropped;     /* bytes of a body that is not kept */
        bool is_read;         /* to its end */
        bool must_close;      /* nothing behind this request is read */
        const Node *document; /* of the body; NULL: none was read */
        const char *pointer;  /* JSON pointer to what is wrong with the body; NULL if nothing is */
        DiagList diags;       /* all that is wrong with it, places being numbers (body.h) */
        Actor actor;          /* of what alters something */
        const struct Route *route;
        Answer answer;
        struct Request *next_suspended; /* in api->suspended, or api->postponed */
        bool is_suspended, is_answered;
        const char *subject;      /* what a handler that waits is about */
        const Approved *approved; /* what an approval came to; NULL: this is none */
        struct PageRows *rows;    /* page.c: what was read for a list; NULL: this is none */
        SyncWaiter *waiter;
        Creation *creation;
        Assigning *assigning;
        Promoting *promoting;
        struct Backup *backup;
        struct Previewer *previewer;
        struct Follower *follower; /* NULL: the answer is what is in answer */
        Arena arena_of_batch;      /* of what a follower is told */
} Request;

/* NULL if absent; names of headers without case. Blanks around a value are no part of it. */
const char *request_header(Request *request, const char *name);
const char *request_query(const Request *request, const char *name);
/* The first parameter that is none of the known ones; NULL if there is none. */
const char *request_query_beside(const Request *request, const char *const *known, size_t n);
/* Refuses parameters that the route does not take: a misspelt filter would give everything. */
int request_check_query(const Request *request, Error *err);

/* request.c, more in request.h. The connection sleeps until request_resume(), which sends the
 * answer. */
void request_suspend(Request *request);
void request_resume(Request *request);

/* handle-backup.c */
typedef struct Backup Backup;
Backup *backup_free(Backup *backup);

/* event-stream.c: events as a stream. */
typedef struct Follower Follower;
int followers_init(Api *api, Error *err);
size_t followers_count(const Api *api);
void followers_end(Api *api); /* their streams end */
void followers_done(Api *api);
Follower *follower_free(Follower *follower);
int follow_events(Request *request, int64_t after, Error *err);
struct MHD_Response *follower_response(Follower *follower);

/* route.c: finds the handler, calls it, and turns failure into a problem. */
typedef int (*Handler)(Request *request, Error *err);

typedef enum RouteAccess {
        ACCESS_OPEN, /* the handler itself looks who it is */
        ACCESS_READ,
        ACCESS_WRITE,
        ACCESS_ADMIN,
} RouteAccess;

/* Shows what came of a request, by id: what a repeated one is answered with, too. */
typedef int (*Shower)(Request *request, const char *id, Error *err);

typedef struct Route {
        const char *method;
        const char *pattern; /* "/hooks/v1/{registry}" */
        RouteAccess access;
        bool of_all_tenants; /* not for whose token is of one */
        size_t body_max;
        bool (*admit)(Request *request); /* access, where it is open; as request_admit() */
        Handler handler;
        Shower show;      /* NULL: repeating it does no harm */
        unsigned status;  /* of an answer that is none of trouble; 0: 200 */
        const char *tag;  /* group, for the description */
        const char *name; /* of the operation */
        const char *summary;
        const char *query;  /* parameters, "page pageSize"; NULL: none */
        const char *takes;  /* schema of the body (schema.h); NULL: none */
        const char *gives;  /* of the answer; NULL: text */
        const char *errors; /* other statuses than 401, 403, 500 */
} Route;
extern const Route api_routes[]; /* ended by one without a method */

/* Of what only reads: relmanctl sends what it was given with each write, too. */
bool route_checks_query(const Route *route);
/* The route by method and path, NULL if there is none; request->segments are set. */
const Route *route_find(Request *request, bool *ret_other_method);
/* A parameter of the route's pattern. */
const char *request_parameter(const Request *request, const char *name);

/* problem.c */
void request_problem(Request *request, unsigned status, const char *format, ...) _printf_(3, 4);
void request_fail(Request *request, const Error *error);
/* What the body is as a document is wrong: 400 with all of it. */
int request_bad_document(Request *request, int r, Error *err);
/* 503: others hold the memory. Needs none itself. */
void request_no_room(Request *request);

/* access.c; more in access.h. The tenant that is asked of, and who asks. */
const char *request_tenant(const Request *request);
const char *request_principal(const Request *request);

/* write-request.c: who asks for it, and whether it was asked for before. 1: it is answered already.
 */
int request_begin_write(Request *request, Error *err);
/* False, with the answer made (412), if the client knows another state. */
bool request_matches(Request *request, const char *etag);
void request_header_out(Request *request, const char *name, const char *value);
/* Answers with the result: the route's status, its show. */
int request_show(Request *request, const char *id, Error *err);
/* The same after a commit, whose answer must not read as if nothing were stored: what cannot be
 * shown is answered by its id alone. Returns 0. */
int request_show_stored(Request *request, const char *id);
/* A short answer about what is stored: JSON that needs no memory. Returns 0. */
int request_answer_stored(Request *request, const char *format, ...) _printf_(2, 3);
/* True, with the short answer taken, if there is one and the other could not be made whole. */
bool request_shorten(Request *request);
