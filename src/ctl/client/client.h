#pragma once

/* One request to the daemon, and its answer. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/answer.h"
#include "http/http.h"
#include "model/node.h"

typedef struct ClientAnswer {
        /* The caller sets these members. */
        const AnswerShape *shape; /* members that a success must have; NULL: any object or list */
        bool is_plain;            /* a success is text, not JSON; only `text` is set */
        bool raw; /* texts in json are not escaped, since they are not printed on a terminal */
        /* The call sets these members. */
        unsigned status;
        const char *text; /* the body */
        bool may_wait;    /* the daemon applied wait_seconds */
        const Node *json; /* the parsed body, with all texts escaped unless raw; never NULL on
                             success */
} ClientAnswer;

/* Sends a request whose path begins with /api. An answer of 400 and more is an error with the
 * daemon's message: ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_INVALID, ... If there is no daemon, the
 * error is ERROR_UNREACHABLE and says how to start it. On a terminal, a long request shows its
 * progress. */
typedef struct ClientRequest {
        HttpMethod method;
        const char *path;
        const char *body;            /* NULL: none */
        const char *idempotency_key; /* NULL: none */
        const char *if_none_match;   /* an ETag; NULL: none */
        unsigned wait_seconds; /* with if_none_match: the daemon may wait so long for a change */
        const int *body_fd;    /* file for the body of the answer; NULL: keep it in the answer */
} ClientRequest;

/* The address of the daemon. */
typedef struct ClientPlace {
        const char *socket;  /* path of the socket; not used if url is given */
        const char *url;     /* "https://relman.example.com:8443"; NULL: the socket */
        const char *ca_file; /* NULL: the system's */
        const char *token;   /* bearer token for url; NULL: none */
} ClientPlace;

int client_call(const ClientPlace *place, const ClientRequest *request, Arena *arena,
                ClientAnswer *ret, Error *err);

/* Read a member of an answer; key NULL: the node itself. A member that is missing, or has another
 * type in another version, is empty: "", or a list or mapping without members; never NULL. */
const char *node_text(const Node *node, const char *key);
const Node *node_list(const Node *node, const char *key);
const Node *node_map(const Node *node, const char *key);
/* Returns the list of an answer that is a page ({data, meta}) or the list itself. */
const Node *node_page(const Node *answer);
