#pragma once

/* Reads JSON without building a tree: a span is one value in the text of an answer. So a page of
 * tags takes only the memory of its bytes; a tree can take thirty times as much.
 *
 * json_span_read() checks the complete text; the other functions rely on that. Texts are borrowed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "registry/wire/json-keys.h"

typedef struct JsonSpan {
        const char *data; /* NULL: the value does not exist */
        size_t size;
} JsonSpan;

/* Parses a text that is one JSON value, and sets *ret to the value. ERROR_HOSTILE for invalid JSON,
 * for nesting deeper than JSON_DEPTH_MAX, for a NUL byte, for text after the value, and for a
 * repeated key (json-keys.h). */
int json_span_read(const char *text, size_t size, const JsonKeys *keys, JsonSpan *ret, Error *err);

bool json_span_is_object(JsonSpan span);
bool json_span_is_array(JsonSpan span);
bool json_span_is_text(JsonSpan span);
bool json_span_is(JsonSpan span, const char *literal); /* literal: "true", "false" or "null" */

/* Returns the first member of that name. data of the result is NULL if there is none, or if object
 * is no JSON object. */
JsonSpan json_span_member(JsonSpan object, const char *name);

/* Finds several members in one pass: ret[i] is the first member named names[i]. All are empty if
 * object is no JSON object. */
void json_span_members(JsonSpan object, const char *const *names, size_t n, JsonSpan *ret);

/* Iterates over the elements of an array or the members of an object. Begin with {0}.
 * json_span_next() sets value (and key) and returns true, or returns false at the end. */
typedef struct JsonCursor {
        size_t offset;
        JsonSpan key; /* key of the current member */
        JsonSpan value;
} JsonCursor;
bool json_span_next(JsonSpan container, JsonCursor *cursor);

/* Counts the elements of an array or the members of an object. */
size_t json_span_count(JsonSpan container);

/* Decodes a text. Returns false if the span is not a text (ret is then ""), or if it does not fit
 * (ret is then its beginning). A NUL is replaced by U+0001, so that it cannot truncate a name. */
bool json_span_text(JsonSpan span, char *ret, size_t ret_size);

/* Returns the value of a number; 0 if the span is not a number. */
double json_span_number(JsonSpan span);
