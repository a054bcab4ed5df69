#include "model/document-diff.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/encode.h"

/* Recursion is bounded by JSON_DEPTH_MAX, the maximum depth of nodes. */
static void write_node(const Node *node, Buffer *out)
{
        if (node->type == NODE_NULL)
                (void)buffer_puts(out, "null");
        else if (node->type == NODE_SCALAR)
                (void)(node->style == SCALAR_QUOTED ? encode_string(node->text, out)
                                                    : buffer_puts(out, node->text));
        else {
                bool mapping = node->type == NODE_MAPPING;

                (void)buffer_putc(out, mapping ? '{' : '[');
                for (size_t i = 0; i < node->n; i++) {
                        (void)buffer_puts(out, i > 0 ? "," : "");
                        if (mapping) {
                                (void)encode_string(node->entries[i].key, out);
                                (void)buffer_putc(out, ':');
                        }
                        write_node(mapping ? node->entries[i].value : node->items[i], out);
                }
                (void)buffer_putc(out, mapping ? '}' : ']');
        }
}

static int text_of(const Node *node, Arena *arena, const char **ret)
{
        _cleanup_(buffer_done) Buffer text = { 0 };

        *ret = NULL;
        if (!node)
                return 0;
        buffer_init(&text, SPEC_FILE_MAX * 4);
        write_node(node, &text);
        *ret = text.failed ? NULL : arena_strndup(arena, text.data, text.size);
        return *ret ? 0 : -ENOMEM;
}

typedef struct Differ {
        Arena *arena;
        DocumentChange *items;
        size_t n, capacity, n_compared;
} Differ;

static int add(Differ *differ, const char *path, const char *from, const char *to)
{
        if (vec_reserve(&differ->items, &differ->capacity, differ->n + 1, sizeof(*differ->items)) <
            0)
                return -ENOMEM;
        differ->items[differ->n++] = (DocumentChange){ path, from, to };
        return 0;
}

static int compare(Differ *differ, const char *path, const Node *from, const Node *to);

static int compare_member(Differ *differ, const char *path, const char *key, const Node *from,
                          const Node *to)
{
        const char *inner = path[0] ? arena_printf(differ->arena, "%s.%s", path, key) : key;

        return inner ? compare(differ, inner, from, to) : -ENOMEM;
}

static int compare_members(Differ *differ, const char *path, const Node *from, const Node *to)
{
        _cleanup_(node_keys_done) NodeKeys before = { 0 }, after = { 0 };
        int r;

        if (node_keys_init(&before, from) < 0 || node_keys_init(&after, to) < 0)
                return -ENOMEM;
        r = 0;
        for (size_t i = 0; i < from->n && r >= 0; i++)
                r = compare_member(differ, path, from->entries[i].key, from->entries[i].value,
                                   node_keys_get(&after, from->entries[i].key));
        for (size_t i = 0; i < to->n && r >= 0; i++)
                if (!node_keys_get(&before, to->entries[i].key))
                        r = compare_member(differ, path, to->entries[i].key, NULL,
                                           to->entries[i].value);
        differ->n_compared += before.n_compared + after.n_compared;
        return r;
}

static int compare(Differ *differ, const char *path, const Node *from, const Node *to)
{
        const char *a, *b;

        if (from && to && from->type == NODE_MAPPING && to->type == NODE_MAPPING)
                return compare_members(differ, path, from, to);
        if (text_of(from, differ->arena, &a) < 0 || text_of(to, differ->arena, &b) < 0)
                return -ENOMEM;
        return str_equal(a, b) ? 0 : add(differ, path, a, b);
}

int document_diff(const Node *from, const Node *to, Arena *arena, DocumentChanges *ret)
{
        Differ differ = { .arena = arena };
        int r = compare(&differ, "", from, to);

        *ret = (DocumentChanges){ .n = differ.n, .n_compared = differ.n_compared };
        if (r >= 0 && differ.n > 0) {
                ret->items = arena_memdup(arena, differ.items, differ.n * sizeof(*differ.items));
                r = ret->items ? 0 : -ENOMEM;
        }
        free(differ.items);
        return r;
}
