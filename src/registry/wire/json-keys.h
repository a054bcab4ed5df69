#pragma once

/* Parses outside JSON so that relman and all other clients read the same content.
 *
 * RFC 8259 does not define the meaning of a repeated key. Clients use the first or the last value,
 * and Go's decoder also accepts a key in other case ("Manifests" for "manifests"). Such a document
 * can show one image to relman and another to the machine that pulls it, so it is refused. */

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The keys that one reader uses. Both lists end in NULL. */
typedef struct JsonKeys {
        const char *const
                *names; /* keys; two spellings of one key in an object count as a repetition */
        const char *const
                *open;  /* members that have data as keys, such as labels, whose case counts */
        bool outermost; /* names are read in the outermost object only */
        bool exact;     /* also refuses a key that occurs once, in another case than in names */
} JsonKeys;

/* True if key equals name for a decoder that ignores case. */
bool json_key_folds_to(const char *key, const char *name);

/* Refuses a repeated key. name: the key that it repeats in another spelling; NULL if both are
 * equal. */
int json_refuse_key(const char *key, const char *name, Error *err);

/* Records a key of names in an object. seen: those found so far, empty at the start of the object.
 * Refuses a wrong or second spelling. */
int json_note_spelling(const JsonKeys *keys, const char *key, uint64_t *seen, Error *err);
bool json_key_is_listed(const char *const *list, const char *key);

/* Checks for NUL and depth (json_prescan()), parses (json_parse()), then checks every object in
 * linear time. ERROR_HOSTILE names a repeated key. *ret is NULL if the text is not JSON. The caller
 * frees *ret. For small answers: json-span.h builds no tree. */
int json_read(const char *text, size_t size, const JsonKeys *keys, cJSON **ret, Error *err);
