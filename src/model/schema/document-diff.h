#pragma once

/* Compares two documents, member by member and item by item. */

#include "model/node.h"

typedef struct DocumentChange {
        const char *path;      /* "spec.versionRules[2].pattern"; of a removed item the old index */
        const char *from, *to; /* JSON; NULL where there is none */
} DocumentChange;

typedef struct DocumentChanges {
        DocumentChange *items;
        size_t n;
        size_t n_compared; /* keys */
} DocumentChanges;

/* Descends into mappings and lists, and compares all other values as a unit. Equal items of lists
 * are matched first. Mappings between them are compared in their order, unless their names differ;
 * other items were added or removed. The result is in the arena. -ENOMEM. */
int document_diff(const Node *from, const Node *to, Arena *arena, DocumentChanges *ret);
