#pragma once

/* A parsed document before its fields are known: scalars, sequences and mappings with their places,
 * in an arena. spec makes nodes from YAML, model/json.h makes them from JSON, and decode.h converts
 * them to structs. */

#include "base/arena.h"
#include "base/diag.h"

typedef enum NodeType {
        NODE_NULL,
        NODE_SCALAR,
        NODE_SEQUENCE,
        NODE_MAPPING
} NodeType;

typedef enum ScalarStyle {
        SCALAR_PLAIN,   /* a plain scalar of YAML: may be read as text or as another type */
        SCALAR_QUOTED,  /* always text */
        SCALAR_LITERAL, /* true, false or a number in JSON, as written; never read as text */
} ScalarStyle;

typedef struct Node Node;

typedef struct NodeEntry { /* an entry of a mapping; keys are scalars, without duplicates */
        const char *key;
        Place key_place;
        Node *value;
} NodeEntry;

struct Node {
        NodeType type;
        ScalarStyle style;
        Place place;
        const char *text; /* text of a scalar; contains no NUL */
        size_t n;         /* number of items or entries */
        union {
                Node **items;
                NodeEntry *entries;
        };
};

/* Returns the value of a key; NULL if node is not a mapping or has no such key. Scans all keys: to
 * look up many keys of outside input, use NodeKeys. */
const Node *node_get(const Node *node, const char *key);

/* Returns the text of a key's scalar; NULL if the key is missing or has no scalar. node may be
 * NULL. */
const char *node_get_text(const Node *node, const char *key);

/* True if the node is a scalar that may be read as text. */
bool node_is_text(const Node *node);

/* A sorted index of the keys of a mapping, to look up many keys with n log n comparisons even in
 * the worst case. The node must not change while the index exists. */
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
/* Returns "a mapping", "a list", "text" or the like, for messages. */
const char *node_type_to_string(NodeType type, ScalarStyle style);
