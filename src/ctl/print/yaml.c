#include "ctl/print/yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "lock/yaml-text.h"

static void print_text(const char *text)
{
        _cleanup_(buffer_done) Buffer out;

        buffer_init(&out, API_ANSWER_MAX);
        yaml_text(&out, text);
        (void)fputs(out.data, stdout); /* main() looks for write errors */
}

static void print_node(const Node *node, int depth);

static bool is_empty(const Node *node)
{
        return (node->type == NODE_SEQUENCE || node->type == NODE_MAPPING) && node->n == 0;
}

static void print_scalar(const Node *node)
{
        if (node->type == NODE_NULL)
                printf("null\n");
        else if (is_empty(node))
                printf("%s\n", node->type == NODE_SEQUENCE ? "[]" : "{}");
        else {
                if (node->style == SCALAR_QUOTED)
                        print_text(node->text);
                else
                        (void)fputs(node->text, stdout); /* main() looks for write errors */
                printf("\n");
        }
}

static bool is_scalar(const Node *node)
{
        return node->type == NODE_NULL || node->type == NODE_SCALAR || is_empty(node);
}

static void print_entry(const NodeEntry *entry, int depth)
{
        print_text(entry->key);
        printf(":%s", is_scalar(entry->value) ? " " : "\n");
        if (is_scalar(entry->value))
                print_scalar(entry->value);
        else
                print_node(entry->value, depth + 1);
}

/* Recursion is bounded by JSON_DEPTH_MAX. */
static void print_node(const Node *node, int depth)
{
        if (is_scalar(node))
                print_scalar(node);
        for (size_t i = 0; node->type == NODE_MAPPING && i < node->n; i++) {
                printf("%*s", 2 * depth, "");
                print_entry(&node->entries[i], depth);
        }
        for (size_t i = 0; node->type == NODE_SEQUENCE && i < node->n; i++) {
                const Node *item = node->items[i];

                printf("%*s-%s", 2 * depth, "", is_scalar(item) ? " " : "");
                if (is_scalar(item))
                        print_scalar(item);
                else if (item->type == NODE_SEQUENCE) {
                        printf("\n");
                        print_node(item, depth + 1);
                } else
                        for (size_t j = 0; j < item->n; j++) {
                                printf("%*s", j == 0 ? 1 : 2 * depth + 2, "");
                                print_entry(&item->entries[j], depth + 1);
                        }
        }
}

void yaml_print(const Node *node)
{
        print_node(node, 0);
}
