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
        FORMAT_NAME,        /* a name: name_is_valid() */
        FORMAT_CHANNEL,     /* a channel name, of the same form */
        FORMAT_REGEX,       /* a PCRE2 pattern */
        FORMAT_RULE_REGEX,  /* a PCRE2 pattern with a capture group */
        FORMAT_DATE_FORMAT, /* a dateFormat in the terms of calver.org */
        FORMAT_EXTRACT,     /* a group number, group name or template */
        FORMAT_VERSION_OR_RANGE,
        FORMAT_DIGEST,
        FORMAT_TAG,
        FORMAT_IMAGE_REPOSITORY, /* host/name without tag and digest */
        FORMAT_PLATFORM,         /* os/arch[/variant] */
        FORMAT_REGISTRY_URL,     /* a URL of http or https without user, query and fragment */
        FORMAT_URL,
        FORMAT_ABSOLUTE_PATH,
        FORMAT_CREDENTIAL,    /* a systemd credential's name */
        FORMAT_NAME_TEMPLATE, /* model/name-template.h */
        FORMAT_LOCK_FORMAT,   /* lock_format_names */
        FORMAT_REPLACES,      /* model/replaces.h */
        FORMAT_ARGUMENT,      /* an argument of a program: several lines are allowed */
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
        const char *const *others; /* an enum: NULL-ended pairs of a word that people try and the
                                      right answer */
        const struct Schema *schema;
        const char *shorthand; /* an object: it may be written as a scalar or list, the value of its
                                  field of this name; NULL: it may not */
        bool single;           /* texts: a single one may be written without a list; pairs: a value
                                * may be written as a list with one text */
        const char *word;      /* an object: it may be written as this one word; NULL: it may not */
        size_t word_offset;    /* offset of a bool that is set if the word was given */
        size_t place_offset;   /* offset of a Place that gets the value's place; 0: none */
        const char *doc;       /* one or two sentences for the manual */
} Field;

typedef struct Schema {
        const char *name;    /* name in messages, such as "VersionRule" */
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
        const Schema *spec; /* offsets are from the object (ComponentSpec), not from a part of it */
} KindSchema;

extern const Schema meta_schema; /* offsets are from Meta */
extern const KindSchema registry_schema, component_schema, release_schema, stream_schema,
        environment_schema, calendar_schema;
const KindSchema *kind_schema(ObjectKind kind);
