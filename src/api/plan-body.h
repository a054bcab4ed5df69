#pragma once

/* Reads the body of a plan, {"documents": [...]}, one document at a time. A tree of specs has
 * megabytes, so parsing it at once would block the event loop. The limits of a spec file apply to
 * each document. A document is dropped when the next one is read, unless it has a fault. */

#include "api/http/request.h"

typedef struct PlanBody {
        Request *request;
        size_t at; /* number of bytes of the body that were read */
        enum {
                PLAN_BODY_BEGIN,
                PLAN_BODY_FIRST,  /* the reader is after the "[" that begins the documents */
                PLAN_BODY_NEXT,   /* after a document */
                PLAN_BODY_BEHIND, /* after the "]" */
                PLAN_BODY_END,
        } state;
        Node root, list; /* the body so far; its nodes have numbers, for pointers to faults */
        NodeEntry member;
        size_t capacity;   /* capacity of the list */
        unsigned next;     /* number of the next node */
        Arena arena;       /* memory of the document that was read last */
        size_t from;       /* position of that document */
        Node *placeholder; /* replaces the document in the list after it was dropped, and keeps its
                            * number */
        size_t n_faults;   /* number of faults of the request before that document */
} PlanBody;

/* Begins with the body of the request, which must not move. */
void plan_body_init(PlanBody *body, Request *request);
void plan_body_done(PlanBody *body);

/* Sets *ret to the next document, valid until the next call. Returns 1, or 0 after the last
 * document. On ERROR_INVALID, sets request->pointer if the place of the fault is known. */
int plan_body_next(PlanBody *body, const Node **ret, Error *err);
