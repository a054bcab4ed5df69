#pragma once

/* One question to the daemon, and its answer. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/answer.h"
#include "http/http.h"
#include "model/node.h"

typedef struct ClientAnswer {
        /* set by the caller */
        const AnswerShape *shape; /* what a success must hold; NULL: any object or list */
        bool is_plain;            /* a success is no JSON: text alone is set */
        bool raw;                 /* its texts go no terminal: json has them unescaped */
        /* set by the call */
        unsigned status;
        const char *text; /* the body */
        const Node *json; /* the same, with all texts escaped unless raw; never NULL on success */
} ClientAnswer;

/* The request's path begins with /api. An answer of 400 and more is an error with the
 * daemon's own words: ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_INVALID, ... A daemon that is not
 * there is ERROR_UNREACHABLE, with how to start it. What takes long says so on a terminal. */
typedef struct ClientRequest {
        HttpMethod method;
        const char *path;
        const char *body;            /* NULL: none */
        const char *idempotency_key; /* NULL: none */
        const char *if_none_match;   /* an ETag; NULL: none */
        const int *body_fd;          /* where the answer's body goes; NULL: into the answer */
} ClientRequest;

/* Where the daemon is asked. */
typedef struct ClientPlace {
        const char *socket;  /* path; not used if url is given */
        const char *url;     /* "https://relman.example.com:8443"; NULL: the socket */
        const char *ca_file; /* NULL: the system's */
        const char *token;   /* for url; NULL: none */
} ClientPlace;

int client_call(const ClientPlace *place, const ClientRequest *request, Arena *arena,
                ClientAnswer *ret, Error *err);

/* Read a member of an answer; key NULL: the node itself. A member that a daemon of another version
 * does not send, or sends as another type, is empty: "", or a list or mapping without members;
 * never NULL. */
const char *node_text(const Node *node, const char *key);
const Node *node_list(const Node *node, const char *key);
const Node *node_map(const Node *node, const char *key);
/* The list of an answer that is a page ({data, meta}) or the list itself. */
const Node *node_page(const Node *answer);
