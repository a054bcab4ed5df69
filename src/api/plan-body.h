#pragma once

/* The body of a plan, {"documents": [...]}, a document after the other: a tree of specs has
 * megabytes, and to parse them all at once would block the loop. A document is bounded as a file of
 * specs is. Everything is kept in the arena of the request. */

#include "api/http/request.h"

typedef struct PlanBody {
        Request *request;
        size_t at; /* bytes of the body that were read */
        enum {
                PLAN_BODY_BEGIN,
                PLAN_BODY_FIRST,  /* behind the "[" of the documents */
                PLAN_BODY_NEXT,   /* behind a document */
                PLAN_BODY_BEHIND, /* behind the "]" */
                PLAN_BODY_END,
        } state;
        Node root, list; /* as far as it was read, numbered: for pointers to what is wrong */
        NodeEntry member;
        size_t capacity; /* of the list */
        unsigned next;   /* number of a node */
} PlanBody;

/* Begins with the body of the request, which must stay where it is. */
void plan_body_init(PlanBody *body, Request *request);

/* Gives the next document: 1, 0 behind the last one, or ERROR_INVALID with request->pointer set
 * where the place is known. */
int plan_body_next(PlanBody *body, const Node **ret, Error *err);
