#pragma once

/* Structs to JSON, by schema. */

#include "base/buffer.h"
#include "model/schema.h"

typedef enum EncodeFlags {
        ENCODE_ALL = 0,
        ENCODE_NO_DEFAULTS = 1 << 0, /* leave out what equals its default: the canonical form */
} EncodeFlags;

/* Appends a compact JSON object, fields in the order of the schema. Returns 0 or the buffer's
 * failure. */
int encode_object(const Schema *schema, const void *object, EncodeFlags flags, Buffer *out);

/* The value of one field: 1, or 0 with nothing appended if it equals its default. */
int encode_given(const Field *field, const void *object, Buffer *out);

/* A whole document: {"apiVersion", "kind", "metadata", "spec"}. */
int encode_document(const Object *object, EncodeFlags flags, Buffer *out);

/* A JSON string with quotes; what is not UTF-8 becomes U+FFFD. */
int encode_string(const char *text, Buffer *out);
