#include "api/http/body.h"

#include <errno.h>

#include "base/buffer.h"

#define POINTER_MAX ((size_t)64 * 1024)

/* Recursion is bounded by JSON_DEPTH_MAX. */
void body_number_from(Node *node, unsigned *next)
{
        node->place = (Place){ .line = (*next)++ };
        if (node->type == NODE_SEQUENCE)
                for (size_t i = 0; i < node->n; i++)
                        body_number_from(node->items[i], next);
        if (node->type == NODE_MAPPING)
                for (size_t i = 0; i < node->n; i++) {
                        body_number_from(node->entries[i].value, next);
                        node->entries[i].key_place = node->entries[i].value->place;
                }
}

void body_number(Node *body)
{
        unsigned next = 1;

        body_number_from(body, &next);
}

static void append_key(Buffer *out, const char *key)
{
        (void)buffer_putc(out, '/');
        for (; *key; key++)
                (void)(*key == '~'   ? buffer_puts(out, "~0")
                       : *key == '/' ? buffer_puts(out, "~1")
                                     : buffer_putc(out, *key));
}

static const Node *child_at(const Node *node, size_t i)
{
        return node->type == NODE_MAPPING ? node->entries[i].value : node->items[i];
}

size_t body_child(const Node *node, unsigned number)
{
        size_t low = 0, high = node->type == NODE_SCALAR || node->type == NODE_NULL ? 0 : node->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (child_at(node, middle)->place.line > number)
                        high = middle;
                else
                        low = middle + 1;
        }
        return low > 0 ? low - 1 : SIZE_MAX;
}

static bool body_find(const Node *node, unsigned wanted, Buffer *out)
{
        size_t index;

        if (node->place.line == wanted)
                return true;
        index = body_child(node, wanted);
        if (index == SIZE_MAX)
                return false;
        if (node->type == NODE_MAPPING)
                append_key(out, node->entries[index].key);
        else
                (void)buffer_printf(out, "/%zu", index);
        return body_find(child_at(node, index), wanted, out);
}

const char *body_pointer(const Node *body, unsigned wanted, Arena *arena)
{
        _cleanup_(buffer_done) Buffer pointer;

        buffer_init(&pointer, POINTER_MAX);
        if (!body || wanted == 0 || !body_find(body, wanted, &pointer) || pointer.failed)
                return NULL;
        return arena_strndup(arena, pointer.data ? pointer.data : "", pointer.size);
}

/* --- new nodes -------------------------------------------------------------------------------- */

static Node *node_of(Arena *arena, const Node *place_of, NodeType type)
{
        Node *node = arena_alloc(arena, sizeof(*node));

        if (!node)
                return NULL;
        *node = (Node){ .type = type, .style = SCALAR_QUOTED };
        if (place_of)
                node->place = place_of->place;
        return node;
}

Node *body_mapping(Arena *arena, const Node *place_of, const Node *copy_of)
{
        Node *node = node_of(arena, place_of, NODE_MAPPING);
        size_t n = copy_of ? copy_of->n : 0;

        if (!node || n == 0)
                return node;
        node->entries = arena_memdup(arena, copy_of->entries, n * sizeof(*node->entries));
        node->n = n;
        return node->entries ? node : NULL;
}

Node *body_list(Arena *arena, const Node *place_of, size_t n_max)
{
        Node *node = node_of(arena, place_of, NODE_SEQUENCE);

        if (node)
                node->items = arena_alloc_array(arena, n_max + 1, sizeof(Node *));
        return node && node->items ? node : NULL;
}

Node *body_scalar(Arena *arena, const Node *place_of, const char *text)
{
        Node *node = node_of(arena, place_of, NODE_SCALAR);

        if (node)
                node->text = text;
        return node;
}

static void take_away(Node *mapping, size_t index)
{
        mapping->n--;
        memmove(&mapping->entries[index], &mapping->entries[index + 1],
                (mapping->n - index) * sizeof(*mapping->entries));
}

int body_set(Node *mapping, Arena *arena, const char *key, const Node *value)
{
        NodeEntry entry = { .key = key }, *entries;
        size_t i = 0;

        while (i < mapping->n && !streq(mapping->entries[i].key, key))
                i++;
        if (!value || value->type == NODE_NULL) {
                if (i < mapping->n)
                        take_away(mapping, i);
                return 0;
        }
        entry.value = (Node *)(uintptr_t)value; /* documents are never modified */
        entry.key_place = value->place;
        if (i < mapping->n) {
                mapping->entries[i] = entry;
                return 0;
        }
        entries = arena_alloc_array(arena, mapping->n + 1, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        if (mapping->n > 0)
                memcpy(entries, mapping->entries, mapping->n * sizeof(*entries));
        entries[mapping->n++] = entry;
        mapping->entries = entries;
        return 0;
}

int body_set_text(Node *mapping, Arena *arena, const char *key, const char *text)
{
        Node *value = text ? body_scalar(arena, mapping, text) : NULL;

        if (text && !value)
                return -ENOMEM;
        return body_set(mapping, arena, key, value);
}

Node *body_document(Arena *arena, const Node *body, ObjectKind kind, const char *tenant)
{
        Node *document = body_mapping(arena, body, NULL),
             *metadata = body_mapping(arena, body, NULL), *spec = body_mapping(arena, body, NULL);

        if (!document || !metadata || !spec ||
            body_set_text(metadata, arena, "tenant", tenant) < 0 ||
            body_set_text(document, arena, "apiVersion", API_VERSION) < 0 ||
            body_set_text(document, arena, "kind", object_kind_to_string(kind)) < 0 ||
            body_set(document, arena, "metadata", metadata) < 0 ||
            body_set(document, arena, "spec", spec) < 0)
                return NULL;
        return document;
}
