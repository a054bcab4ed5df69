#pragma once

/* Parses JSON text to nodes. Numbers keep their text: 1.10 stays "1.10". Refuses invalid JSON,
 * depth beyond JSON_DEPTH_MAX, duplicate keys, anything after the value, and NUL in text. The error
 * names the byte. */

#include "base/error.h"
#include "model/document-node.h"

struct cJSON;

int json_to_node(const char *text, size_t size, Arena *arena, Node **ret, Error *err);

/* Refuses NUL and depth beyond JSON_DEPTH_MAX. Must be called before cJSON reads the bytes. */
int json_prescan(const char *text, size_t size, Error *err);

/* Runs cJSON's parser after json_prescan(). If the text is not JSON, sets *ret to NULL and returns
 * 0. Sets *ret_end to the end of the value or the place of the fault; ret_end may be NULL. Fails
 * only if memory runs out. */
int json_parse(const char *text, size_t size, struct cJSON **ret, const char **ret_end, Error *err);

/* Frees values of cJSON: _cleanup_(json_free) cJSON *json. */
void json_free(struct cJSON **json);

/* Returns the text of an object's member; NULL if it is missing or empty. */
const char *json_member_text(const struct cJSON *object, const char *name);
