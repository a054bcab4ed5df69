#pragma once

/* Writes JSON text and adds commas. name is NULL for items of an array. A failure sets
 * Buffer.failed. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "model/object.h"

typedef struct Json {
        Buffer *out;
        bool comma; /* a comma is needed before the next value */
} Json;

void json_begin(Json *json, const char *name, char open); /* '{' or '[' */
void json_end(Json *json, char close);
void json_text(Json *json, const char *name, const char *value); /* NULL: null */
void json_some(Json *json, const char *name, const char *value); /* NULL: omitted */
void json_int(Json *json, const char *name, int64_t value);
void json_bool(Json *json, const char *name, bool value);
void json_time(Json *json, const char *name, usec_t wall); /* 0: null */
void json_pairs(Json *json, const char *name, const Pairs *pairs);
/* Writes text that is already JSON. */
void json_raw(Json *json, const char *name, const char *text);
void json_texts(Json *json, const char *name, const Strings *strings);
