#include "model/schema/document-diff.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/schema/encode.h"

/* Writes a node as JSON. JSON_DEPTH_MAX, the maximum depth of nodes, bounds the recursion. */
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

/* --- lists ------------------------------------------------------------------------------------ */

/* A list, with its items as JSON. */
typedef struct Items {
        const Node *list; /* NULL: the value is missing */
        const char **texts;
        size_t n;
} Items;

static int items_init(const Node *list, Arena *arena, Items *ret)
{
        *ret = (Items){ .list = list, .n = list ? list->n : 0 };
        ret->texts = arena_alloc_array(arena, ret->n + 1, sizeof(*ret->texts));
        for (size_t i = 0; ret->texts && i < ret->n; i++)
                if (text_of(list->items[i], arena, &ret->texts[i]) < 0)
                        return -ENOMEM;
        return ret->texts ? 0 : -ENOMEM;
}

/* Ranges of items without a match: from i to i_end in the old list, and from j to j_end in the new
 * list. */
typedef struct Gap {
        size_t i, i_end; /* positions in the old list */
        size_t j, j_end; /* positions in the new list */
} Gap;

static const char *name_of(const Node *item)
{
        const Node *name = node_get(item, "name");

        return name && name->type == NODE_SCALAR ? name->text : "";
}

static bool is_changed_item(const Node *from, const Node *to)
{
        return from->type == NODE_MAPPING && to->type == NODE_MAPPING &&
               streq(name_of(from), name_of(to));
}

static int add_item(Differ *differ, const char *path, size_t i, const char *from, const char *to)
{
        const char *inner = arena_printf(differ->arena, "%s[%zu]", path, i);

        return inner ? add(differ, inner, from, to) : -ENOMEM;
}

static int compare_gap(Differ *differ, const char *path, const Items *from, const Items *to,
                       Gap gap)
{
        int r = 0;

        while (r >= 0 && (gap.i < gap.i_end || gap.j < gap.j_end)) {
                bool has_from = gap.i < gap.i_end, has_to = gap.j < gap.j_end;

                if (has_from && has_to &&
                    is_changed_item(from->list->items[gap.i], to->list->items[gap.j])) {
                        const char *inner = arena_printf(differ->arena, "%s[%zu]", path, gap.j);

                        r = inner ? compare(differ, inner, from->list->items[gap.i],
                                            to->list->items[gap.j])
                                  : -ENOMEM;
                } else {
                        if (has_from)
                                r = add_item(differ, path, gap.i, from->texts[gap.i], NULL);
                        if (r >= 0 && has_to)
                                r = add_item(differ, path, gap.j, NULL, to->texts[gap.j]);
                }
                gap.i += has_from;
                gap.j += has_to;
        }
        return r;
}

/* Fills a table: lengths[i, j] is the length of the longest common subsequence of the items from i
 * and from j to the ends. The table has one more row and column than there are items. */
static void match(const Items *from, const Items *to, Gap gap, uint16_t *lengths)
{
        const size_t width = gap.j_end - gap.j + 1;

        for (size_t i = gap.i_end - gap.i; i-- > 0;)
                for (size_t j = width - 1; j-- > 0;) {
                        const uint16_t *at = &lengths[i * width + j];

                        lengths[i * width + j] = streq(from->texts[gap.i + i], to->texts[gap.j + j])
                                                         ? (uint16_t)(at[width + 1] + 1)
                                                         : MAX(at[width], at[1]);
                }
}

/* Follows the longest common subsequence through the table of match(), and compares the gaps
 * between its items. */
static int walk(Differ *differ, const char *path, const Items *from, const Items *to, Gap gap,
                const uint16_t *lengths)
{
        const size_t width = gap.j_end - gap.j + 1;
        const uint16_t *at = lengths;
        Gap between = gap;
        size_t i = gap.i, j = gap.j;
        int r = 0;

        while (r >= 0 && i < gap.i_end && j < gap.j_end) {
                if (streq(from->texts[i], to->texts[j])) {
                        between.i_end = i++;
                        between.j_end = j++;
                        r = compare_gap(differ, path, from, to, between);
                        between = (Gap){ .i = i, .j = j };
                        at += width + 1;
                } else if (at[width] >= at[1]) {
                        i++;
                        at += width;
                } else {
                        j++;
                        at++;
                }
        }
        between.i_end = gap.i_end;
        between.j_end = gap.j_end;
        return r < 0 ? r : compare_gap(differ, path, from, to, between);
}

/* Compares two lists. If the table of match() would be larger than DIFF_CELLS_MAX, compares item by
 * item. */
static int compare_items(Differ *differ, const char *path, const Node *from, const Node *to)
{
        Gap gap = { 0 };
        Items a, b;
        uint16_t *lengths = NULL;
        size_t n_cells;
        int r;

        if (items_init(from, differ->arena, &a) < 0 || items_init(to, differ->arena, &b) < 0)
                return -ENOMEM;
        gap.i_end = a.n;
        gap.j_end = b.n;
        while (gap.i < a.n && gap.j < b.n && streq(a.texts[gap.i], b.texts[gap.j])) {
                gap.i++;
                gap.j++;
        }
        while (gap.i_end > gap.i && gap.j_end > gap.j &&
               streq(a.texts[gap.i_end - 1], b.texts[gap.j_end - 1])) {
                gap.i_end--;
                gap.j_end--;
        }
        n_cells = (gap.i_end - gap.i + 1) * (gap.j_end - gap.j + 1);
        if (n_cells > DIFF_CELLS_MAX)
                return compare_gap(differ, path, &a, &b, gap);
        lengths = calloc(n_cells, sizeof(*lengths));
        if (!lengths)
                return -ENOMEM;
        match(&a, &b, gap, lengths);
        r = walk(differ, path, &a, &b, gap, lengths);
        free(lengths);
        return r;
}

/* True if one value is a list and the other is a list or absent. An empty list differs from an
 * absent one. */
static bool are_lists(const Node *from, const Node *to)
{
        const Node *any = from ? from : to;

        if (from && to)
                return from->type == NODE_SEQUENCE && to->type == NODE_SEQUENCE;
        return any && any->type == NODE_SEQUENCE && any->n > 0;
}

/* --- mappings --------------------------------------------------------------------------------- */

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
        const char *a = NULL, *b = NULL;

        if (from && to && from->type == NODE_MAPPING && to->type == NODE_MAPPING)
                return compare_members(differ, path, from, to);
        if (are_lists(from, to))
                return compare_items(differ, path, from, to);
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
