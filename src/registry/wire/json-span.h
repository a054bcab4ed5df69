#pragma once

/* JSON in place: a span is one value in the text of an answer, read without building a tree. A
 * page of tags is then read in no more memory than its bytes; a tree can take thirty times that.
 *
 * json_span_read() checks the complete text; the other functions rely on that. Texts are
 * borrowed. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "registry/wire/json-keys.h"

typedef struct JsonSpan {
        const char *data; /* NULL: the value does not exist */
        size_t size;
} JsonSpan;

/* Reads the one value of the text. ERROR_HOSTILE: invalid JSON, nested deeper than JSON_DEPTH_MAX,
 * a NUL byte, anything after the value, or a repeated key (json-keys.h). */
int json_span_read(const char *text, size_t size, const JsonKeys *keys, JsonSpan *ret, Error *err);

bool json_span_is_object(JsonSpan span);
bool json_span_is_array(JsonSpan span);
bool json_span_is_text(JsonSpan span);
bool json_span_is(JsonSpan span, const char *literal); /* true, false, null */

/* Returns the first member of that name; data is NULL if there is none, or if it is not an
 * object. */
JsonSpan json_span_member(JsonSpan object, const char *name);

/* Finds several members in one pass: ret[i] is the first of names[i]. All are empty if it is not an
 * object. */
void json_span_members(JsonSpan object, const char *const *names, size_t n, JsonSpan *ret);

/* Iterates over the elements of an array, or the members of an object. Begin with {0}; `value` is
 * valid while it returns true. */
typedef struct JsonCursor {
        size_t offset;
        JsonSpan key; /* of a member */
        JsonSpan value;
} JsonCursor;
bool json_span_next(JsonSpan container, JsonCursor *cursor);

/* Decodes a text. Returns false if the span is not a text, or does not fit; ret then holds its
 * beginning. A NUL becomes another control character, so that it cannot truncate a name. */
bool json_span_text(JsonSpan span, char *ret, size_t ret_size);

/* Returns 0 if it is not a number. */
double json_span_number(JsonSpan span);
