#pragma once

/* One table of fields for each kind. It drives decoding of YAML and JSON, defaults, suggestions,
 * encoding, the JSON Schema, shell completion and the field reference of the manual. A new field is
 * one row and one test. FieldFormat names the formats; spec/check-format.c checks them. */

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
        FIELD_ENUM,     /* an enum; names[] has its words */
        FIELD_STRINGS,  /* Strings */
        FIELD_PAIRS,    /* Pairs: a mapping from text to text */
        FIELD_OBJECT,   /* an embedded struct; schema has its fields */
        FIELD_LIST,     /* {struct *items; size_t n}; schema has the fields of an item */
} FieldType;

typedef enum FieldFormat {
        FORMAT_TEXT,
        FORMAT_NAME,        /* a name: name_is_valid() */
        FORMAT_CHANNEL,     /* the name of a channel */
        FORMAT_REGEX,       /* a PCRE2 pattern */
        FORMAT_RULE_REGEX,  /* a PCRE2 pattern with a capture group */
        FORMAT_DATE_FORMAT, /* a dateFormat in the terms of calver.org */
        FORMAT_EXTRACT,     /* a group number, group name or template */
        FORMAT_VERSION_OR_RANGE,
        FORMAT_DIGEST,
        FORMAT_TAG,
        FORMAT_IMAGE_REPOSITORY, /* host/name without tag and digest */
        FORMAT_IMAGE,            /* host/name, with a tag, a digest or neither */
        FORMAT_PLATFORM,         /* os/arch[/variant] */
        FORMAT_REGISTRY_URL,     /* a URL of http or https without user, query and fragment */
        FORMAT_URL,
        FORMAT_ABSOLUTE_PATH,
        FORMAT_CREDENTIAL,    /* a systemd credential's name */
        FORMAT_NAME_TEMPLATE, /* model/name-template.h */
        FORMAT_LOCK_FORMAT,   /* lock_format_names */
        FORMAT_MIRROR_NAME,   /* model/mirror-name.h */
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
        const char *default_value; /* the default as text; NULL: empty, 0 or false */
        const char *const *names;  /* words of an enum, in the order of its values, NULL-ended */
        const char *const *others; /* for an enum: NULL-ended pairs of a wrong word that people
                                      often try and the right one */
        const struct Schema *schema;
        const char *shorthand; /* for an object: the name of the field whose value, a scalar or
                                  list, may be written instead of the object; for a list: the
                                  same for each item, scalars only; NULL: none */
        bool single; /* for texts: one text may be written without a list; for pairs: a value may be
                        written as a list of one text */
        const char *word; /* for an object: a word that may be written instead of it; NULL: none */
        size_t word_offset;  /* offset of a bool that is set to true if the word was given */
        size_t place_offset; /* offset of a Place that gets the value's place; 0: none */
        const char *doc;     /* one or two sentences for the manual */
} Field;

typedef struct Schema {
        const char *name;    /* name in messages, such as "VersionRule" */
        const Field *fields; /* ended by a row without a name */
        size_t size;         /* size of the struct */
        bool has_place;      /* the struct begins with a Place */
        const char *doc;
} Schema;

struct Node;

/* True if the node is a scalar or a list that is written instead of the object. Sets *ret to the
 * field that gets this value, under the name of the object. */
bool field_is_short(const Field *field, const struct Node *node, Field *ret);
/* Returns the field whose value may be written instead of the object; NULL: none. */
const Field *field_short(const Field *field);

/* The layout of every list of structs. */
typedef struct SchemaList {
        void *items;
        size_t n;
} SchemaList;

/* The schemas of a kind: metadata and spec. */
typedef struct KindSchema {
        ObjectKind kind;
        /* offsets are relative to the complete object, such as ComponentSpec */
        const Schema *spec;
} KindSchema;

extern const Schema meta_schema; /* offsets are relative to Meta */
extern const KindSchema registry_schema, component_schema, release_schema, stream_schema,
        environment_schema, calendar_schema, group_schema;
const KindSchema *kind_schema(ObjectKind kind);
extern const Schema check_run_schema; /* of the configuration */
