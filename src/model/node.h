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
        SCALAR_PLAIN,   /* YAML plain: may be read as text or as another type */
        SCALAR_QUOTED,  /* text, whatever it looks like */
        SCALAR_LITERAL, /* JSON true, false and numbers, as they are written: no text */
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

/* The value of a key, NULL if node is no mapping or has none. It compares each key: what looks up
 * as many keys as a stranger has sent takes NodeKeys. */
const Node *node_get(const Node *node, const char *key);

/* The text of a key's scalar, NULL if it has none. node may be NULL. */
const char *node_get_text(const Node *node, const char *key);

/* Whether it is a scalar that may be read as text. */
bool node_is_text(const Node *node);

/* The keys of a mapping in order, to look many up: n log n comparisons, whatever they are. The node
 * must stay as it is meanwhile. */
typedef struct NodeKeys {
        const NodeEntry **items;
        size_t n;
        size_t n_compared;
} NodeKeys;

int node_keys_init(NodeKeys *keys, const Node *mapping); /* -ENOMEM */
void node_keys_done(NodeKeys *keys);
const Node *node_keys_get(NodeKeys *keys, const char *key); /* NULL: none */
/* The first entry whose key an entry before it has; NULL: none. */
const NodeEntry *node_keys_repeated(NodeKeys *keys);
const char *node_type_to_string(NodeType type,
                                ScalarStyle style); /* "a mapping", "a list", "text", ... */
