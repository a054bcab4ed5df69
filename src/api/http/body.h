#pragma once

/* Converts bodies of the API to documents, so that the same code checks bodies and specs. Pure. */

#include "base/error.h"
#include "model/document-node.h"
#include "model/object.h"

/* Sets the place of each node of a body to a number. body_pointer() converts the number in the
 * place of a diagnostic to a JSON pointer. */
void body_number(Node *body);
/* Numbers the nodes of a part of a body, beginning with *next. Sets *next to the next free
 * number. */
void body_number_from(Node *node, unsigned *next);
/* Returns the JSON pointer (RFC 6901) of a number; "" for the body itself. NULL if no node has the
 * number, or memory ran out. */
const char *body_pointer(const Node *body, unsigned number, Arena *arena);

/* Returns the index of the child that has this number, or that has a descendant with this number.
 * SIZE_MAX: none. Numbers rise in reading order. */
size_t body_child(const Node *node, unsigned number);

/* Functions that make nodes. They return NULL or -ENOMEM if memory runs out. place_of: the node
 * whose place the new node gets; NULL: none. copy_of: the mapping whose members are copied; NULL:
 * none. body_set() replaces the value of an existing key. A NULL value removes the key. */
Node *body_mapping(Arena *arena, const Node *place_of, const Node *copy_of);
Node *body_list(Arena *arena, const Node *place_of, size_t n_max);
Node *body_scalar(Arena *arena, const Node *place_of, const char *text);
int body_set(Node *mapping, Arena *arena, const char *key, const Node *value);
int body_set_text(Node *mapping, Arena *arena, const char *key, const char *text);

/* Makes {apiVersion, kind, metadata: {tenant}, spec: {}} */
Node *body_document(Arena *arena, const Node *body, ObjectKind kind, const char *tenant);
