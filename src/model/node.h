#pragma once

/* A document before it has meaning: scalars, sequences and mappings with places, in an arena. spec
 * makes nodes from YAML, model/json.h from JSON; decode.h gives them meaning. */

#include "base/arena.h"
#include "base/diag.h"

typedef enum NodeType {
        NODE_NULL,
        NODE_SCALAR,
        NODE_SEQUENCE,
        NODE_MAPPING
} NodeType;

typedef enum ScalarStyle {
        SCALAR_PLAIN,  /* YAML plain, JSON true, false and numbers: may be read as another type */
        SCALAR_QUOTED, /* text, whatever it looks like */
} ScalarStyle;

typedef struct Node Node;

typedef struct NodeEntry { /* of a mapping; keys are scalars, no duplicates */
        const char *key;
        Place key_place;
        Node *value;
} NodeEntry;

struct Node {
        NodeType type;
        ScalarStyle style;
        Place place;
        const char *text; /* of a scalar; no NUL inside */
        size_t n;         /* of items or entries */
        union {
                Node **items;
                NodeEntry *entries;
        };
};

/* The value of a key, NULL if node is no mapping or has none. */
const Node *node_get(const Node *node, const char *key);
const char *node_type_to_string(NodeType type,
                                ScalarStyle style); /* "a mapping", "a list", "text", ... */
