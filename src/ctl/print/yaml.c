#include "ctl/print/yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "lock/yaml-text.h"

static void print_text(const char *text, FILE *out)
{
        _cleanup_(buffer_done) Buffer scalar;

        buffer_init(&scalar, API_ANSWER_MAX);
        yaml_text(&scalar, text);
        (void)fputs(scalar.data, out); /* main() checks for write errors */
}

static void print_node(const Node *node, int depth, FILE *out);

static bool is_empty(const Node *node)
{
        return (node->type == NODE_SEQUENCE || node->type == NODE_MAPPING) && node->n == 0;
}

static void print_scalar(const Node *node, FILE *out)
{
        if (node->type == NODE_NULL)
                fprintf(out, "null\n");
        else if (is_empty(node))
                fprintf(out, "%s\n", node->type == NODE_SEQUENCE ? "[]" : "{}");
        else {
                if (node->style == SCALAR_QUOTED)
                        print_text(node->text, out);
                else
                        (void)fputs(node->text, out); /* main() checks for write errors */
                fprintf(out, "\n");
        }
}

static bool is_scalar(const Node *node)
{
        return node->type == NODE_NULL || node->type == NODE_SCALAR || is_empty(node);
}

static void print_entry(const NodeEntry *entry, int depth, FILE *out)
{
        print_text(entry->key, out);
        fprintf(out, ":%s", is_scalar(entry->value) ? " " : "\n");
        if (is_scalar(entry->value))
                print_scalar(entry->value, out);
        else
                print_node(entry->value, depth + 1, out);
}

/* Prints a node. The recursion is bounded by JSON_DEPTH_MAX. */
static void print_node(const Node *node, int depth, FILE *out)
{
        if (is_scalar(node))
                print_scalar(node, out);
        for (size_t i = 0; node->type == NODE_MAPPING && i < node->n; i++) {
                fprintf(out, "%*s", 2 * depth, "");
                print_entry(&node->entries[i], depth, out);
        }
        for (size_t i = 0; node->type == NODE_SEQUENCE && i < node->n; i++) {
                const Node *item = node->items[i];

                fprintf(out, "%*s-%s", 2 * depth, "", is_scalar(item) ? " " : "");
                if (is_scalar(item))
                        print_scalar(item, out);
                else if (item->type == NODE_SEQUENCE) {
                        fprintf(out, "\n");
                        print_node(item, depth + 1, out);
                } else
                        for (size_t j = 0; j < item->n; j++) {
                                fprintf(out, "%*s", j == 0 ? 1 : 2 * depth + 2, "");
                                print_entry(&item->entries[j], depth + 1, out);
                        }
        }
}

void yaml_write(const Node *node, FILE *out)
{
        print_node(node, 0, out);
}

void yaml_print(const Node *node)
{
        yaml_write(node, stdout);
}
