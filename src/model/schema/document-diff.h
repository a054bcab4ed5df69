#pragma once

/* Compares two documents, member by member and item by item. */

#include "model/document-node.h"

typedef struct DocumentChange {
        const char *path;      /* "spec.versionRules[2].pattern"; removed items: the old index */
        const char *from, *to; /* values as JSON; NULL: there is no value */
} DocumentChange;

typedef struct DocumentChanges {
        DocumentChange *items;
        size_t n;
        size_t n_compared; /* number of comparisons of keys */
} DocumentChanges;

/* Compares two documents. Compares mappings member by member and lists item by item. In lists,
 * first matches equal items. Between these, compares pairs of mappings in their order if they have
 * the same name. All other items count as added or removed. Allocates the result from the arena.
 * Returns 0 or -ENOMEM. */
int document_diff(const Node *from, const Node *to, Arena *arena, DocumentChanges *ret);
