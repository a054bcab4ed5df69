#pragma once

/* Reads JSON in protobuf's mapping (https://protobuf.dev/programming-guides/json) strictly. A table
 * has the fields of each message. Refuses fields that are not in the table, other types, repeated
 * keys and numbers that are not exact. A field that is null is absent. */

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"

typedef struct Bytes {
        const unsigned char *data; /* a NUL follows, which size does not count */
        size_t size;
} Bytes;

/* The value of a repeated field. */
typedef struct ProtoList {
        void *items;
        size_t n;
} ProtoList;

typedef enum ProtoType {
        PROTO_TEXT,    /* const char *; NULL: absent */
        PROTO_BYTES,   /* Bytes; base64 */
        PROTO_NUMBER,  /* uint64_t; an int64 that is not negative */
        PROTO_TIME,    /* usec_t; 0: absent */
        PROTO_MESSAGE, /* a struct whose first member is bool is_present */
        PROTO_LIST,    /* ProtoList of Bytes, or of structs if the field has a message */
} ProtoType;

typedef struct ProtoField {
        const char *name;
        ProtoType type;
        size_t offset;
        bool is_required; /* absent and empty values are refused */
        const struct ProtoMessage *message;
        size_t max; /* items of a list */
} ProtoField;

typedef struct ProtoMessage {
        const char *name; /* for messages to users */
        const ProtoField *fields;
        size_t n_fields;
        size_t size; /* of the struct */
} ProtoMessage;

#define PROTO_MESSAGE_OF(type, shown, list)                                                        \
        {                                                                                          \
                .name = (shown), .fields = (list), .n_fields = ARRAY_SIZE(list),                   \
                .size = sizeof(type)                                                               \
        }

/* Rows of a table of fields: name, struct, member, and whether it is required. */
#define FIELD_(name, kind, type, member, required, of, max)                                        \
        {                                                                                          \
                (name), (kind), offsetof(type, member), (required), (of), (max)                    \
        }
#define TEXT_FIELD(name, type, member, required)                                                   \
        FIELD_(name, PROTO_TEXT, type, member, required, NULL, 0)
#define BYTES_FIELD(name, type, member, required)                                                  \
        FIELD_(name, PROTO_BYTES, type, member, required, NULL, 0)
#define NUMBER_FIELD(name, type, member) FIELD_(name, PROTO_NUMBER, type, member, false, NULL, 0)
#define TIME_FIELD(name, type, member)   FIELD_(name, PROTO_TIME, type, member, false, NULL, 0)
#define MESSAGE_FIELD(name, type, member, of, required)                                            \
        FIELD_(name, PROTO_MESSAGE, type, member, required, of, 0)
#define LIST_FIELD(name, type, member, of, max)                                                    \
        FIELD_(name, PROTO_LIST, type, member, false, of, max)

/* A message with one field of bytes. */
typedef struct ProtoBytes {
        bool is_present;
        Bytes bytes;
} ProtoBytes;

/* Reads a text as one message. *ret must be zeroed; its values are allocated from the arena.
 * ERROR_INVALID: the text is not such a message. ERROR_HOSTILE: a key is repeated. */
int proto_read(const char *text, size_t size, const ProtoMessage *message, Arena *arena, void *ret,
               Error *err);

bool bytes_equal(Bytes a, Bytes b);
