#pragma once

/* Compares two documents, member by member. */

#include "model/node.h"

typedef struct DocumentChange {
        const char *path;      /* "spec.versionRules" */
        const char *from, *to; /* JSON; NULL where there is none */
} DocumentChange;

typedef struct DocumentChanges {
        DocumentChange *items;
        size_t n;
        size_t n_compared; /* keys */
} DocumentChanges;

/* Descends into mappings and compares all other values as a unit. The result is in the arena.
 * -ENOMEM. */
int document_diff(const Node *from, const Node *to, Arena *arena, DocumentChanges *ret);
