#pragma once

/* JSON text to nodes. Numbers keep their text: 1.10 stays "1.10". Refuses, with an error that names
 * the byte: invalid JSON, depth beyond JSON_DEPTH_MAX, duplicate keys, anything after the value,
 * NUL in text. */

#include "base/error.h"
#include "model/node.h"

struct cJSON;

int json_to_node(const char *text, size_t size, Arena *arena, Node **ret, Error *err);

/* The part of those refusals that must come before cJSON sees bytes: NUL and depth. */
int json_prescan(const char *text, size_t size, Error *err);

/* cJSON's own parser, after json_prescan(). *ret is NULL if the text is no JSON, and *ret_end,
 * which may be NULL, where the value or the sense ended; fails only when memory runs out. */
int json_parse(const char *text, size_t size, struct cJSON **ret, const char **ret_end, Error *err);

/* cJSON's own values: _cleanup_(json_free) cJSON *json. */
void json_free(struct cJSON **json);

/* The text of an object's member; NULL if it has none of this name, or an empty one. */
const char *json_member_text(const struct cJSON *object, const char *name);
