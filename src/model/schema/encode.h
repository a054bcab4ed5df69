#pragma once

/* Converts structs to JSON, by schema. */

#include "base/buffer.h"
#include "model/schema/schema.h"

typedef enum EncodeFlags {
        ENCODE_ALL = 0,
        ENCODE_NO_DEFAULTS = 1 << 0, /* omit values that equal their default: the canonical form */
} EncodeFlags;

/* Appends a compact JSON object, fields in the order of the schema. Returns 0 or the buffer's
 * failure. */
int encode_object(const Schema *schema, const void *object, EncodeFlags flags, Buffer *out);

/* Appends the value of one field and returns 1. For a default value, appends nothing and returns 0.
 */
int encode_given(const Field *field, const void *object, Buffer *out);

/* Appends a complete document: {"apiVersion", "kind", "metadata", "spec"}. */
int encode_document(const Object *object, EncodeFlags flags, Buffer *out);

/* Appends a JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
int encode_string(const char *text, Buffer *out);

/* Appends the name of a member and its colon, with a comma before it if `comma` is set. */
int encode_name(const char *name, bool comma, Buffer *out);
