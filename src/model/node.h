#pragma once

/* A parsed document without types: scalars, sequences and mappings with places, in an arena. spec
 * makes nodes from YAML, model/json.h from JSON; decode.h converts them to structs. */

#include "base/arena.h"
#include "base/diag.h"

typedef enum NodeType {
        NODE_NULL,
        NODE_SCALAR,
        NODE_SEQUENCE,
        NODE_MAPPING
} NodeType;

typedef enum ScalarStyle {
        SCALAR_PLAIN,   /* YAML plain: may be read as text or as another type */
        SCALAR_QUOTED,  /* always text */
        SCALAR_LITERAL, /* JSON true, false and numbers, as they are written; never text */
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

/* Returns the value of a key; NULL if node is not a mapping or has no such key. It scans all keys:
 * to look up many keys of outside input use NodeKeys. */
const Node *node_get(const Node *node, const char *key);

/* The text of a key's scalar, NULL if it has none. node may be NULL. */
const char *node_get_text(const Node *node, const char *key);

/* True if it is a scalar that may be read as text. */
bool node_is_text(const Node *node);

/* A sorted index of the keys of a mapping, to look up many: n log n comparisons in any case. The
 * node must not change meanwhile. */
typedef struct NodeKeys {
        const NodeEntry **items;
        size_t n;
        size_t n_compared;
} NodeKeys;

int node_keys_init(NodeKeys *keys, const Node *mapping); /* -ENOMEM */
void node_keys_done(NodeKeys *keys);
const Node *node_keys_get(NodeKeys *keys, const char *key); /* NULL: none */
/* Returns the first entry whose key is a duplicate; NULL: none. */
const NodeEntry *node_keys_repeated(NodeKeys *keys);
const char *node_type_to_string(
        NodeType type,
        ScalarStyle style); /* Returns "a mapping", "a list", "text" or the like, for messages. */
