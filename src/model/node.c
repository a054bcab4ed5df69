#include "model/node.h"

#include "base/macros.h"

const Node *node_get(const Node *node, const char *key)
{
        if (!node || node->type != NODE_MAPPING)
                return NULL;
        for (size_t i = 0; i < node->n; i++)
                if (streq(node->entries[i].key, key))
                        return node->entries[i].value;
        return NULL;
}

const char *node_type_to_string(NodeType type, ScalarStyle style)
{
        switch (type) {
        case NODE_NULL: return "nothing";
        case NODE_SCALAR: return style == SCALAR_QUOTED ? "quoted text" : "a plain value";
        case NODE_SEQUENCE: return "a list";
        case NODE_MAPPING: return "a mapping";
        }
        return "something else";
}
