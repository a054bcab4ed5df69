#pragma once

/* JSON from outside, read so that it means the same to relman as to every other client.
 *
 * RFC 8259 leaves open what a repeated key means. Clients take the first value or the last one, and
 * Go's decoder also takes a key in other case ("Manifests" for "manifests"). A document that uses
 * this shows one image to relman and another one to the machine that pulls it. So it is refused. */

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What one reader reads. Both lists end in NULL. */
typedef struct JsonKeys {
        const char *const *names; /* two spellings of one of them in an object are a repetition */
        const char *const *open;  /* members whose own keys are data, such as labels: their case
                                     counts */
        bool outermost;           /* names are read in the outermost object only */
        bool exact;               /* one name in another case is refused, even alone */
} JsonKeys;

/* Whether a key is that name for a decoder that takes keys in any case. */
bool json_key_folds_to(const char *key, const char *name);

/* Refuses a repeated key; name: the one that it is another spelling of, NULL if it stands twice. */
int json_refuse_key(const char *key, const char *name, Error *err);

/* Notes that a key of names stands in an object; seen: those that did, empty at its beginning.
 * Refuses a wrong or second spelling. */
int json_note_spelling(const JsonKeys *keys, const char *key, uint64_t *seen, Error *err);
bool json_key_is_listed(const char *const *list, const char *key);

/* Checks for NUL and depth (json_prescan()), parses (json_parse()), then checks every object in
 * linear time. A repeated key is ERROR_HOSTILE, and the message names it. *ret is NULL if the text
 * is no JSON. The caller frees *ret. For small answers: json-span.h builds no tree. */
int json_read(const char *text, size_t size, const JsonKeys *keys, cJSON **ret, Error *err);
