#pragma once

/* The nodes of a YAML text with their places, as libyaml reports them. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "edit/edit.h"

typedef enum EventType {
        EVENT_SCALAR,
        EVENT_ALIAS,
        EVENT_SEQUENCE,
        EVENT_MAPPING, /* its children are keys and values in turn */
} EventType;

typedef enum EventStyle {
        STYLE_PLAIN,
        STYLE_SINGLE,
        STYLE_DOUBLE,
        STYLE_BLOCK, /* literal or folded */
} EventStyle;

typedef struct EventNode {
        EventType type;
        EventStyle style; /* of a scalar */
        const char *text; /* of a scalar; of an alias the name of its anchor */
        size_t size;
        const char *anchor, *tag; /* NULL: none */
        /* Places in the text, in characters: libyaml does not count bytes. The place of a node
         * begins with its anchor and tag. */
        size_t start, end;
        unsigned line;
        struct EventNode *parent;       /* NULL: the root of a document */
        struct EventNode *child, *last; /* first and last child; NULL: none */
        struct EventNode *next;         /* next child of the parent */
        struct EventNode *after;        /* next node of the text */
} EventNode;

typedef struct EventTree {
        EventNode **roots; /* of the documents; an empty one is an empty scalar */
        size_t n;
        EventNode *first; /* of all nodes; NULL: the text has none */
} EventTree;

/* Reads the text, which begins without a byte order mark. */
int events_read(const char *file, const EditText *text, Arena *arena, EventTree *ret, Error *err);

/* Returns the value of a key of a mapping; NULL: there is none. */
const EventNode *events_get(const EventNode *mapping, const char *key);
/* True for a scalar with this text. */
bool events_is_text(const EventNode *node, const char *text);
