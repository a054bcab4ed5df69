#pragma once

/* Bodies as documents: what the API takes in the entities' own terms becomes what a spec would say,
 * so that one reader decides what is right. Pure. */

#include "base/error.h"
#include "model/node.h"
#include "model/object.h"

/* Numbers the nodes of a body, as their places: a diagnostic's place then leads to its pointer. */
void body_number(Node *body);
/* The same for a part of a body, from a number on; *next is the next one afterwards. */
void body_number_from(Node *node, unsigned *next);
/* The JSON pointer (RFC 6901) of what has this number; "" for the body itself. NULL: nothing has,
 * or memory ran out. */
const char *body_pointer(const Node *body, unsigned number, Arena *arena);

/* The child of a numbered node that has this number, or that what has it is below; SIZE_MAX: none.
 * Numbers rise in reading order. */
size_t body_child(const Node *node, unsigned number);

/* Nodes in the making. Setting a key anew replaces its value; NULL takes it away. -ENOMEM. */
Node *body_mapping(Arena *arena, const Node *place_of, const Node *copy_of);
Node *body_list(Arena *arena, const Node *place_of, size_t n_max);
Node *body_scalar(Arena *arena, const Node *place_of, const char *text);
int body_set(Node *mapping, Arena *arena, const char *key, const Node *value);
int body_set_text(Node *mapping, Arena *arena, const char *key, const char *text);

/* {apiVersion, kind, metadata: {tenant}, spec: {}} */
Node *body_document(Arena *arena, const Node *body, ObjectKind kind, const char *tenant);
