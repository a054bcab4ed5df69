#include "edit/events.h"

#include <string.h>
#include <yaml.h>

#define DEPTH_MAX     100    /* of nested nodes; a file could use up the memory of libyaml */
#define DOCUMENTS_MAX 10000  /* in a file */
#define NODES_MAX     500000 /* in a file */

typedef struct EventReader {
        const char *file;
        yaml_parser_t parser;
        Arena *arena;
        EventTree *tree;
        EventNode *at;   /* the collection that is read; NULL: none */
        EventNode *last; /* the newest node */
        size_t depth, n_nodes;
        Error *err;
} EventReader;

static int read_fault(const EventReader *reader, size_t line, const char *problem)
{
        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                         "%s:%zu: not valid YAML: %s; repair the file", reader->file, line + 1,
                         problem);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static int add_root(EventReader *reader, EventNode *node)
{
        EventTree *tree = reader->tree;

        if (tree->n == DOCUMENTS_MAX)
                return read_fault(reader, node->line - 1, "too many documents");
        tree->roots[tree->n++] = node;
        return 0;
}

static int add_node(EventReader *reader, const EventNode *from)
{
        EventNode *node = arena_memdup(reader->arena, from, sizeof(*from));

        if (!node)
                return error_oom(reader->err);
        if (++reader->n_nodes > NODES_MAX || reader->depth > DEPTH_MAX)
                return read_fault(reader, node->line - 1, "too many or too deeply nested values");
        node->parent = reader->at;
        if (!reader->last)
                reader->tree->first = node;
        else
                reader->last->after = node;
        reader->last = node;
        if (!node->parent)
                return add_root(reader, node);
        if (node->parent->last)
                node->parent->last->next = node;
        else
                node->parent->child = node;
        node->parent->last = node;
        return 0;
}

static int copy_text(EventReader *reader, const yaml_char_t *text, size_t size, const char **ret)
{
        *ret = text ? arena_strndup(reader->arena, (const char *)text, size) : NULL;
        return text && !*ret ? error_oom(reader->err) : 0;
}

static int copy_name(EventReader *reader, const yaml_char_t *name, const char **ret)
{
        return copy_text(reader, name, name ? strlen((const char *)name) : 0, ret);
}

static EventNode node_of(const yaml_event_t *event, EventType type)
{
        return (EventNode){ .type = type,
                            .start = event->start_mark.index,
                            .end = event->end_mark.index,
                            .line = (unsigned)event->start_mark.line + 1 };
}

static EventStyle style_of(yaml_scalar_style_t style)
{
        switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: return STYLE_SINGLE;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return STYLE_DOUBLE;
        case YAML_LITERAL_SCALAR_STYLE:
        case YAML_FOLDED_SCALAR_STYLE: return STYLE_BLOCK;
        default: return STYLE_PLAIN;
        }
}

static int on_scalar(EventReader *reader, const yaml_event_t *event)
{
        EventNode node = node_of(event, EVENT_SCALAR);
        int r;

        node.style = style_of(event->data.scalar.style);
        node.size = event->data.scalar.length;
        r = copy_text(reader, event->data.scalar.value, node.size, &node.text);
        if (r >= 0)
                r = copy_name(reader, event->data.scalar.anchor, &node.anchor);
        if (r >= 0)
                r = copy_name(reader, event->data.scalar.tag, &node.tag);
        return r < 0 ? r : add_node(reader, &node);
}

static int on_alias(EventReader *reader, const yaml_event_t *event)
{
        EventNode node = node_of(event, EVENT_ALIAS);
        int r = copy_name(reader, event->data.alias.anchor, &node.text);

        if (r < 0)
                return r;
        node.size = node.text ? strlen(node.text) : 0;
        return add_node(reader, &node);
}

static int on_start(EventReader *reader, const yaml_event_t *event)
{
        bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
        EventNode node = node_of(event, is_mapping ? EVENT_MAPPING : EVENT_SEQUENCE);
        int r = copy_name(reader,
                          is_mapping ? event->data.mapping_start.anchor
                                     : event->data.sequence_start.anchor,
                          &node.anchor);

        if (r >= 0)
                r = copy_name(reader,
                              is_mapping ? event->data.mapping_start.tag
                                         : event->data.sequence_start.tag,
                              &node.tag);
        reader->depth++;
        if (r >= 0)
                r = add_node(reader, &node);
        reader->at = reader->last;
        return r;
}

static int on_event(EventReader *reader, const yaml_event_t *event)
{
        switch (event->type) {
        case YAML_SCALAR_EVENT: return on_scalar(reader, event);
        case YAML_ALIAS_EVENT: return on_alias(reader, event);
        case YAML_SEQUENCE_START_EVENT:
        case YAML_MAPPING_START_EVENT: return on_start(reader, event);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                reader->depth--;
                reader->at = reader->at ? reader->at->parent : NULL;
                return 0;
        default: return 0;
        }
}

/* --- reading ---------------------------------------------------------------------------------- */

static int parser_fault(const EventReader *reader)
{
        const yaml_parser_t *parser = &reader->parser;

        if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
                return error_oom(reader->err);
        if (parser->error == YAML_READER_ERROR)
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "%s: not text in UTF-8: %s at byte %zu; convert the file",
                                 reader->file, parser->problem, parser->problem_offset);
        return read_fault(reader, parser->problem_mark.line, parser->problem);
}

static int read_all(EventReader *reader)
{
        bool is_end = false;
        int r = 0;

        while (!is_end && r >= 0) {
                yaml_event_t event;

                if (!yaml_parser_parse(&reader->parser, &event))
                        return parser_fault(reader);
                is_end = event.type == YAML_STREAM_END_EVENT;
                r = on_event(reader, &event);
                yaml_event_delete(&event);
        }
        return r;
}

int events_read(const char *file, const EditText *text, Arena *arena, EventTree *ret, Error *err)
{
        EventReader reader = { .file = file, .arena = arena, .tree = ret, .err = err };
        int r;

        *ret = (EventTree){ .roots = arena_alloc_array(arena, DOCUMENTS_MAX, sizeof(EventNode *)) };
        if (!ret->roots || !yaml_parser_initialize(&reader.parser))
                return error_oom(err);
        yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->data, text->size);
        r = read_all(&reader);
        yaml_parser_delete(&reader.parser);
        return r;
}

/* --- questions -------------------------------------------------------------------------------- */

bool events_is_text(const EventNode *node, const char *text)
{
        return node && node->type == EVENT_SCALAR && node->size == strlen(text) &&
               memcmp(node->text, text, node->size) == 0;
}

const EventNode *events_get(const EventNode *mapping, const char *key)
{
        if (!mapping || mapping->type != EVENT_MAPPING)
                return NULL;
        for (const EventNode *at = mapping->child; at && at->next; at = at->next->next)
                if (events_is_text(at, key))
                        return at->next;
        return NULL;
}
