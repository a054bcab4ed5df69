#include "spec/tree/yaml.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

#define KEYS_MAX 16 /* keys of a larger mapping are found with a map */
/* The number of events that are read before the clock is read again, since reading the clock costs
 * as much as a small event. */
#define EVENTS_PER_CLOCK 32

typedef struct Anchor {
        const char *name;
        Node *node;
        size_t n_nodes; /* nodes of the document with its aliases expanded */
} Anchor;

/* A collection that is being read. */
typedef struct Open {
        Node *node;
        const char *anchor;
        size_t capacity;
        size_t n_nodes;  /* number of nodes of the document before the collection */
        const char *key; /* in a mapping: the key that was read; its value follows */
        bool repeated;   /* the key is a duplicate: its value is skipped */
        Place key_place;
        Map keys; /* in a mapping with more than KEYS_MAX keys: key -> index + 1 */
} Open;

struct YamlReader {
        yaml_parser_t parser;
        const char *file;
        Arena *arena;
        DiagList *diags;
        Open stack[YAML_DEPTH_MAX];
        size_t depth;
        Node *root;
        Anchor *anchors;
        size_t n_anchors, anchors_capacity;
        size_t n_nodes, n_aliases; /* of this document */
        bool has_repeated;         /* some document has a repeated key */
        YamlDocuments *documents;
        size_t documents_capacity;
};

static Place place_of(const YamlReader *reader, const yaml_mark_t *mark)
{
        return (Place){ .file = reader->file,
                        .line = (unsigned)mark->line + 1,
                        .column = (unsigned)mark->column + 1 };
}

static int fault(YamlReader *reader, Place place, const char *message)
{
        diag_error(reader->diags, place, "%s", message);
        return -EINVAL;
}

static int oom(YamlReader *reader)
{
        reader->diags->failed = -ENOMEM;
        return -ENOMEM;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static Node *node_new(YamlReader *reader, NodeType type, const yaml_event_t *event)
{
        Node *node = arena_alloc(reader->arena, sizeof(*node));

        if (!node)
                return NULL;
        node->type = type;
        node->place = place_of(reader, &event->start_mark);
        return node;
}

static int count_nodes(YamlReader *reader, size_t n, Place place)
{
        reader->n_nodes += n;
        if (reader->n_nodes > YAML_NODES_MAX)
                return fault(reader, place,
                             "the document is too large once its aliases are followed");
        return 0;
}

/* Grows an array in the arena. It is doubled each time, so that the memory of the old arrays is
 * bounded. */
static int grow(YamlReader *reader, void **items, size_t n, size_t *capacity, size_t size)
{
        void *larger;

        if (n < *capacity)
                return 0;
        *capacity = *capacity > 0 ? *capacity * 2 : 4;
        larger = arena_alloc_array(reader->arena, *capacity, size);
        if (!larger)
                return oom(reader);
        if (n > 0)
                memcpy(larger, *items, n * size);
        *items = larger;
        return 0;
}

/* Finds a key of the current mapping. With many keys it uses a map, so that not every pair of keys
 * is compared. */
static const NodeEntry *find_entry(const Open *open, const char *key)
{
        const Node *node = open->node;
        size_t index = (uintptr_t)map_get(&open->keys, key);

        if (index > 0)
                return &node->entries[index - 1];
        for (size_t i = 0; open->keys.n == 0 && i < node->n; i++)
                if (streq(node->entries[i].key, key))
                        return &node->entries[i];
        return NULL;
}

/* Adds the last entry to the map. */
static int index_keys(YamlReader *reader, Open *open)
{
        const Node *node = open->node;

        if (node->n <= KEYS_MAX)
                return 0;
        for (size_t i = open->keys.n; i < node->n;
             i++) /* values of the map are indices, not pointers */
                if (map_put(&open->keys, node->entries[i].key, (void *)(uintptr_t)(i + 1), NULL) <
                    0)
                        return oom(reader);
        return 0;
}

static int take_key(YamlReader *reader, Open *open, const Node *node)
{
        const NodeEntry *before;

        if (node->type != NODE_SCALAR)
                return fault(reader, node->place, "a key must be plain text");
        if (streq(node->text, "<<"))
                return fault(reader, node->place,
                             "merge keys (<<) are not supported; write the fields out");
        before = find_entry(open, node->text);
        if (before) {
                diag_error(reader->diags, node->place,
                           "repeated key \"%s\"; it stands at line %u, column %u already",
                           node->text, before->key_place.line, before->key_place.column);
                /* continues, because there may be more errors */
                open->repeated = reader->has_repeated = true;
        }
        open->key = node->text;
        open->key_place = node->place;
        return 0;
}

/* Adds a finished node where it belongs: as root, item, key or value. */
static int place_node(YamlReader *reader, Node *node)
{
        Open *open = reader->depth > 0 ? &reader->stack[reader->depth - 1] : NULL;
        Node *parent;
        int r;

        if (!open) {
                reader->root = node;
                return 0;
        }
        parent = open->node;
        if (parent->type == NODE_SEQUENCE) {
                r = grow(reader, (void **)&parent->items, parent->n, &open->capacity,
                         sizeof(Node *));
                if (r < 0)
                        return r;
                parent->items[parent->n++] = node;
                return 0;
        }
        if (!open->key)
                return take_key(reader, open, node);
        if (open->repeated) {
                open->repeated = false;
                open->key = NULL;
                return 0;
        }
        r = grow(reader, (void **)&parent->entries, parent->n, &open->capacity, sizeof(NodeEntry));
        if (r < 0)
                return r;
        parent->entries[parent->n++] =
                (NodeEntry){ .key = open->key, .key_place = open->key_place, .value = node };
        open->key = NULL;
        return index_keys(reader, open);
}

/* --- anchors ---------------------------------------------------------------------------------- */

static int add_anchor(YamlReader *reader, const char *name, Node *node, size_t n_nodes)
{
        if (vec_reserve(&reader->anchors, &reader->anchors_capacity, reader->n_anchors + 1,
                        sizeof(*reader->anchors)) < 0)
                return oom(reader);
        reader->anchors[reader->n_anchors++] =
                (Anchor){ .name = name, .node = node, .n_nodes = n_nodes };
        return 0;
}

static int on_alias(YamlReader *reader, const yaml_event_t *event)
{
        Place place = place_of(reader, &event->start_mark);
        const char *name = (const char *)event->data.alias.anchor;
        int r;

        if (++reader->n_aliases > YAML_ALIAS_MAX)
                return fault(reader, place, "too many aliases in one document");
        /* the last anchor with that name counts (YAML 1.2, 3.2.2.2) */
        for (size_t i = reader->n_anchors; i > 0; i--) {
                const Anchor *anchor = &reader->anchors[i - 1];

                if (!streq(anchor->name, name))
                        continue;
                r = count_nodes(reader, anchor->n_nodes, place);
                return r < 0 ? r : place_node(reader, anchor->node);
        }
        diag_error(reader->diags, place, "alias *%s: there is no such anchor before it", name);
        return -EINVAL;
}

/* --- events ----------------------------------------------------------------------------------- */

static bool is_null(const char *text)
{
        return !*text || streq(text, "~") || streq(text, "null") || streq(text, "Null") ||
               streq(text, "NULL");
}

static int check_tag(YamlReader *reader, const yaml_char_t *tag, Place place)
{
        static const char *const plain[] = { YAML_STR_TAG,  YAML_INT_TAG,   YAML_BOOL_TAG,
                                             YAML_NULL_TAG, YAML_FLOAT_TAG, YAML_SEQ_TAG,
                                             YAML_MAP_TAG };

        for (size_t i = 0; tag && i < ARRAY_SIZE(plain); i++)
                if (streq((const char *)tag, plain[i]))
                        return 0;
        if (!tag || streq((const char *)tag, "!"))
                return 0;
        diag_error(reader->diags, place, "tag %s is not supported", (const char *)tag);
        return -EINVAL;
}

static int on_scalar(YamlReader *reader, const yaml_event_t *event)
{
        const char *text = (const char *)event->data.scalar.value;
        const char *anchor = (const char *)event->data.scalar.anchor;
        bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
        Node *node = node_new(reader, plain && is_null(text) ? NODE_NULL : NODE_SCALAR, event);
        int r;

        if (!node)
                return oom(reader);
        if (strlen(text) != event->data.scalar.length)
                return fault(reader, node->place, "NUL character in text");
        r = check_tag(reader, event->data.scalar.tag, node->place);
        if (r >= 0)
                r = count_nodes(reader, 1, node->place);
        if (r < 0)
                return r;
        node->style = plain ? SCALAR_PLAIN : SCALAR_QUOTED;
        node->text = arena_strdup(reader->arena, text);
        if (!node->text)
                return oom(reader);
        if (anchor) {
                const char *name = arena_strdup(reader->arena, anchor);

                r = name ? add_anchor(reader, name, node, 1) : oom(reader);
        }
        return r < 0 ? r : place_node(reader, node);
}

static int on_start(YamlReader *reader, const yaml_event_t *event, NodeType type)
{
        bool sequence = type == NODE_SEQUENCE;
        const yaml_char_t *anchor =
                sequence ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
        const yaml_char_t *tag =
                sequence ? event->data.sequence_start.tag : event->data.mapping_start.tag;
        Node *node = node_new(reader, type, event);
        Open *open;
        int r;

        if (!node)
                return oom(reader);
        r = check_tag(reader, tag, node->place);
        if (r >= 0)
                r = count_nodes(reader, 1, node->place);
        if (r < 0)
                return r;
        if (reader->depth == YAML_DEPTH_MAX)
                return fault(reader, node->place, "nested too deeply");
        open = &reader->stack[reader->depth];
        *open = (Open){ .node = node, .n_nodes = reader->n_nodes - 1 };
        if (anchor) {
                open->anchor = arena_strdup(reader->arena, (const char *)anchor);
                if (!open->anchor)
                        return oom(reader);
        }
        reader->depth++;
        return 0;
}

/* An anchor counts only after the end of its node, so that no node can contain itself. */
static int on_end(YamlReader *reader)
{
        Open open = reader->stack[--reader->depth];
        int r = 0;

        map_done(&open.keys);
        if (open.anchor)
                r = add_anchor(reader, open.anchor, open.node, reader->n_nodes - open.n_nodes);
        return r < 0 ? r : place_node(reader, open.node);
}

static void begin_document(YamlReader *reader)
{
        reader->depth = reader->n_anchors = reader->n_nodes = reader->n_aliases = 0;
        reader->root = NULL;
}

static int end_document(YamlReader *reader)
{
        YamlDocuments *documents = reader->documents;
        int r;

        if (!reader->root || reader->root->type == NODE_NULL)
                return 0;
        if (documents->n == YAML_DOCUMENTS_MAX)
                return fault(reader, reader->root->place, "too many documents in one file");
        r = grow(reader, (void **)&documents->items, documents->n, &reader->documents_capacity,
                 sizeof(Node *));
        if (r < 0)
                return r;
        documents->items[documents->n++] = reader->root;
        return 0;
}

static int on_event(YamlReader *reader, const yaml_event_t *event)
{
        switch (event->type) {
        case YAML_SCALAR_EVENT: return on_scalar(reader, event);
        case YAML_ALIAS_EVENT: return on_alias(reader, event);
        case YAML_SEQUENCE_START_EVENT: return on_start(reader, event, NODE_SEQUENCE);
        case YAML_MAPPING_START_EVENT: return on_start(reader, event, NODE_MAPPING);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: return on_end(reader);
        default: return 0; /* the caller handles the events of streams and documents */
        }
}

/* Names the character that libyaml could not read; "" if the message of libyaml is sufficient. */
static const char *parser_advice(const yaml_parser_t *parser)
{
        const char *at = (const char *)parser->buffer.pointer;
        bool has_char = at && at < (const char *)parser->buffer.last;

        if (parser->problem && strstr(parser->problem, "cannot start any token") && has_char)
                return *at == '\t'  ? ": it is a tab; YAML is indented with spaces"
                       : *at == '@' ? ": put text that begins with @ in quotes"
                       : *at == '`' ? ": put text that begins with ` in quotes"
                       : *at == '%' ? ": put text that begins with % in quotes"
                                    : "";
        if (parser->problem && strstr(parser->problem, "tab character"))
                return "; YAML is indented with spaces";
        if (parser->problem && strstr(parser->problem, "mapping values are not allowed"))
                return ": put text that contains ': ' in quotes, and check the indentation";
        return "";
}

/* Reports an error of libyaml about the text itself. */
static int report_parser(YamlReader *reader)
{
        const yaml_parser_t *parser = &reader->parser;
        const yaml_mark_t *mark = &parser->problem_mark;
        const Place start = { .file = reader->file, .line = 1, .column = 1 };

        if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
                return oom(reader);
        if (parser->error == YAML_READER_ERROR) {
                diag_error(reader->diags, start, "not text that YAML can hold: %s at byte %zu",
                           parser->problem, parser->problem_offset);
                return -EINVAL;
        }
        diag_error(reader->diags, place_of(reader, mark), "not valid YAML: %s%s%s%s",
                   parser->problem, parser->context ? " " : "",
                   parser->context ? parser->context : "", parser_advice(parser));
        return -EINVAL;
}

/* Reads one event. Returns 0 at the end of the text, else 1. */
static int read_event(YamlReader *reader)
{
        yaml_event_t event;
        bool is_last;
        int r = 0;

        if (!yaml_parser_parse(&reader->parser, &event))
                return report_parser(reader);
        is_last = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT)
                begin_document(reader);
        else if (event.type == YAML_DOCUMENT_END_EVENT)
                r = end_document(reader);
        else
                r = on_event(reader, &event);
        yaml_event_delete(&event);
        return r < 0 ? r : !is_last;
}

int yaml_reader_new(const YamlText *text, Arena *arena, YamlDocuments *ret, DiagList *diags,
                    YamlReader **ret_reader)
{
        YamlReader *reader = calloc(1, sizeof(*reader));

        *ret = (YamlDocuments){ 0 };
        if (!reader || !yaml_parser_initialize(&reader->parser)) {
                free(reader);
                diags->failed = -ENOMEM;
                return -ENOMEM;
        }
        reader->file = text->file;
        reader->arena = arena;
        reader->diags = diags;
        reader->documents = ret;
        yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text->data,
                                     text->size);
        *ret_reader = reader;
        return 0;
}

int yaml_reader_step(YamlReader *reader, usec_t until)
{
        int r = 1;

        do
                for (size_t i = 0; r > 0 && i < EVENTS_PER_CLOCK; i++)
                        r = read_event(reader);
        while (r > 0 && time_monotonic() < until);
        return r != 0 || !reader->has_repeated ? r : -EINVAL;
}

YamlReader *yaml_reader_free(YamlReader *reader)
{
        if (!reader)
                return NULL;
        while (reader->depth > 0) /* after an error */
                map_done(&reader->stack[--reader->depth].keys);
        yaml_parser_delete(&reader->parser);
        free(reader->anchors);
        free(reader);
        return NULL;
}

int yaml_read(const char *file, const char *data, size_t size, Arena *arena, YamlDocuments *ret,
              DiagList *diags)
{
        const YamlText text = { .file = file, .data = data, .size = size };
        _cleanup_(yaml_reader_freep) YamlReader *reader = NULL;
        int r;

        r = yaml_reader_new(&text, arena, ret, diags, &reader);
        return r < 0 ? r : yaml_reader_step(reader, USEC_INFINITY);
}
