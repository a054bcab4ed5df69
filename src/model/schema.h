#pragma once

/* One table of fields for each kind. It drives decoding of YAML and JSON, defaults, suggestions,
 * encoding, the JSON Schema, shell completion and the field reference of the manual. A new field is
 * one row and one test. Formats are named here and checked in spec/check.c. */

#include <stdbool.h>
#include <stddef.h>

#include "model/object.h"

typedef enum FieldType {
        FIELD_STRING,   /* const char * */
        FIELD_BOOL,     /* bool */
        FIELD_INTEGER,  /* int64_t */
        FIELD_DURATION, /* usec_t */
        FIELD_SIZE,     /* uint64_t */
        FIELD_PERCENT,  /* int64_t */
        FIELD_ENUM,     /* an enum, by names[] */
        FIELD_STRINGS,  /* Strings */
        FIELD_PAIRS,    /* Pairs: a mapping from text to text */
        FIELD_OBJECT,   /* an embedded struct, by schema */
        FIELD_LIST,     /* {struct *items; size_t n}, by schema */
} FieldType;

typedef enum FieldFormat {
        FORMAT_TEXT,
        FORMAT_NAME,        /* name_is_valid() */
        FORMAT_CHANNEL,     /* the same form */
        FORMAT_REGEX,       /* PCRE2 */
        FORMAT_RULE_REGEX,  /* PCRE2 with a capture group */
        FORMAT_DATE_FORMAT, /* in the terms of calver.org */
        FORMAT_EXTRACT,     /* group number, group name or template */
        FORMAT_VERSION_OR_RANGE,
        FORMAT_DIGEST,
        FORMAT_TAG,
        FORMAT_IMAGE_REPOSITORY, /* host/name, no tag, no digest */
        FORMAT_PLATFORM,         /* os/arch[/variant] */
        FORMAT_REGISTRY_URL,     /* http or https, no user, query or fragment */
        FORMAT_URL,
        FORMAT_ABSOLUTE_PATH,
        FORMAT_CREDENTIAL,    /* a systemd credential's name */
        FORMAT_NAME_TEMPLATE, /* model/name-template.h */
        FORMAT_LOCK_FORMAT,   /* lock_format_names */
        FORMAT_REPLACES,      /* model/replaces.h */
        FORMAT_ARGUMENT,      /* of a program: may have several lines */
} FieldFormat;

#define FIELD_NO_PLACE ((size_t)-1)

typedef struct Field {
        const char *name; /* camelCase, as in the API */
        FieldType type;
        FieldFormat format;
        size_t offset;
        bool required;
        bool positive;             /* integers, durations: 0 is refused */
        const char *default_value; /* as text; NULL: empty, 0, false */
        const char *const *names;  /* of an enum, in the order of its values, NULL-ended */
        const char *const
                *others; /* of an enum: words people try, each with the answer, NULL-ended */
        const struct Schema *schema;
        const char *shorthand; /* an object: a scalar or a list may stand for it, as the value of
                                * its field of this name; NULL: none */
        bool single;           /* texts: one may stand without a list */
        const char *word;      /* an object: this text may stand for it; NULL: none */
        size_t word_offset;    /* of a bool in that object: the text was given */
        size_t place_offset;   /* of a Place that gets the value's place; 0: none */
        const char *doc;       /* one or two sentences for the manual */
} Field;

typedef struct Schema {
        const char *name;    /* "VersionRule", as in messages */
        const Field *fields; /* ended by a row without a name */
        size_t size;         /* of the struct */
        bool has_place;      /* the struct begins with a Place */
        const char *doc;
} Schema;

struct Node;

/* True if the node is a scalar or a list that stands for the object. Sets the field of the object's
 * schema that it is the value of, under the name of the object. */
bool field_is_short(const Field *field, const struct Node *node, Field *ret);
/* The field that may stand for the object; NULL: none. */
const Field *field_short(const Field *field);

/* The layout of every list of structs. */
typedef struct SchemaList {
        void *items;
        size_t n;
} SchemaList;

/* A kind: metadata and spec. */
typedef struct KindSchema {
        ObjectKind kind;
        const Schema *spec; /* offsets are in the object (ComponentSpec), not in a part of it */
} KindSchema;

extern const Schema meta_schema; /* offsets in Meta */
extern const KindSchema registry_schema, component_schema, release_schema, stream_schema,
        environment_schema;
const KindSchema *kind_schema(ObjectKind kind);
