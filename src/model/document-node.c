#include "model/document-node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

const char *node_get_text(const Node *node, const char *key)
{
        const Node *value = node ? node_get(node, key) : NULL;

        return value && value->type == NODE_SCALAR ? value->text : NULL;
}

bool node_is_text(const Node *node)
{
        return node && node->type == NODE_SCALAR && node->style != SCALAR_LITERAL;
}

/* Sorts by key. Equal keys stay in the order of the text. */
static int compare_entries(const void *a, const void *b, void *userdata)
{
        const NodeEntry *const *x = a, *const *y = b;
        NodeKeys *keys = userdata;
        int c = strcmp((*x)->key, (*y)->key);

        keys->n_compared++;
        return c != 0 ? c : *x < *y ? -1 : *x > *y;
}

int node_keys_init(NodeKeys *keys, const Node *mapping)
{
        *keys = (NodeKeys){ .n = mapping->n };
        if (keys->n == 0)
                return 0;
        keys->items = calloc(keys->n, sizeof(const NodeEntry *));
        if (!keys->items)
                return -ENOMEM;
        for (size_t i = 0; i < keys->n; i++)
                keys->items[i] = &mapping->entries[i];
        qsort_r(keys->items, keys->n, sizeof(const NodeEntry *), compare_entries, keys);
        return 0;
}

void node_keys_done(NodeKeys *keys)
{
        free(keys->items);
        *keys = (NodeKeys){ 0 };
}

const Node *node_keys_get(NodeKeys *keys, const char *key)
{
        size_t low = 0, high = keys->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = strcmp(key, keys->items[middle]->key);

                keys->n_compared++;
                if (c == 0)
                        return keys->items[middle]->value;
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

const NodeEntry *node_keys_repeated(NodeKeys *keys)
{
        const NodeEntry *first = NULL;

        for (size_t i = 1; i < keys->n; i++) {
                keys->n_compared++;
                if (streq(keys->items[i - 1]->key, keys->items[i]->key) &&
                    (!first || keys->items[i] < first))
                        first = keys->items[i];
        }
        return first;
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
