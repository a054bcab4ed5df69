#pragma once

/* Compares two documents, member by member and item by item. */

#include "model/node.h"

typedef struct DocumentChange {
        const char *path;      /* "spec.versionRules[2].pattern"; of a removed item the old index */
        const char *from, *to; /* values as JSON; NULL: there is no value */
} DocumentChange;

typedef struct DocumentChanges {
        DocumentChange *items;
        size_t n;
        size_t n_compared; /* keys */
} DocumentChanges;

/* Compares two documents. Goes into mappings and lists; all other values are compared as a unit. In
 * lists, equal items are matched first. Between them, mappings are compared in their order unless
 * their names differ, and all other items count as added or removed. The result is in the arena.
 * -ENOMEM. */
int document_diff(const Node *from, const Node *to, Arena *arena, DocumentChanges *ret);
