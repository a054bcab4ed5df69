#pragma once

/* Sends one request to the daemon, and reads the answer. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/answer-shape.h"
#include "http/http.h"
#include "model/document-node.h"

typedef struct ClientAnswer {
        /* The caller sets these members. */
        const AnswerShape *shape; /* required members of a success; NULL: any object or list */
        bool is_plain;            /* an answer of success is text, not JSON; only `text` is set */
        bool raw; /* do not escape the texts in json, because the caller does not print them */
        /* The call sets these members. */
        unsigned status;
        const char *text; /* the body */
        bool may_wait;    /* the daemon applied wait_seconds */
        const Node *json; /* the parsed body, with all texts escaped unless raw; not NULL on success
                             unless is_plain */
} ClientAnswer;

/* A request to the daemon. */
typedef struct ClientRequest {
        HttpMethod method;
        const char *path;            /* begins with /api */
        const char *body;            /* NULL: none */
        const char *idempotency_key; /* NULL: none */
        const char *if_none_match;   /* an ETag; NULL: none */
        unsigned wait_seconds; /* with if_none_match: how long the daemon may wait for a change */
        const int *body_fd;    /* file for the body of the answer; NULL: keep it in the answer */
} ClientRequest;

/* The address of the daemon. */
typedef struct ClientPlace {
        const char *socket;  /* path of the socket; not used if url is set */
        const char *url;     /* "https://relman.example.com:8443"; NULL: the socket */
        const char *ca_file; /* NULL: the CA certificates of the system */
        const char *token;   /* bearer token for url; NULL: none */
} ClientPlace;

/* Sends a request. An answer with a status of 400 or more is an error with the message of the
 * daemon: ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_INVALID, ... If no daemon answers, the error is
 * ERROR_UNREACHABLE, and the message has the next step. During a long request, shows the progress
 * on a terminal. */
int client_call(const ClientPlace *place, const ClientRequest *request, Arena *arena,
                ClientAnswer *ret, Error *err);

/* Read a member of an answer; key NULL: the node itself. Never return NULL. If the member is
 * missing or has another type, return "", or an empty list or mapping. */
const char *node_text(const Node *node, const char *key);
const Node *node_list(const Node *node, const char *key);
const Node *node_map(const Node *node, const char *key);
/* Returns the list of an answer that is a page ({data, meta}) or the list itself. */
const Node *node_page(const Node *answer);
