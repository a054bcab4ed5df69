#pragma once

/* Parses JSON from outside, and refuses JSON that other clients may read differently.
 *
 * RFC 8259 does not define the meaning of a repeated key. Clients use the first or the last value,
 * and Go's decoder also accepts a key in other case ("Manifests" for "manifests"). Such a document
 * can show one image to relman and another to the machine that pulls it, so it is refused. */

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The keys that one reader uses. Both lists end in NULL. open may be NULL. */
typedef struct JsonKeys {
        /* keys that are used; the same key in another case in the same object is a repetition */
        const char *const *names;
        /* members whose keys are data, such as labels: keys that differ in case are different */
        const char *const *open;
        bool outermost; /* names apply to the outermost object only */
        bool complete;  /* text after the value makes the JSON invalid; otherwise such text is
                         * ignored */
        bool exact;     /* also refuses a key in another case than in names, even if it occurs
                         * once */
} JsonKeys;

/* True if key equals name when case is ignored, as in Go's decoder. */
bool json_key_folds_to(const char *key, const char *name);

/* Sets an ERROR_HOSTILE about a repeated key, and returns its code. name is the spelling in names;
 * NULL if the key is repeated in the same spelling. */
int json_refuse_key(const char *key, const char *name, Error *err);

/* Records that an object has a key, if it is one of names. *seen has one bit for each of names; the
 * caller sets it to 0 at the start of an object. Refuses a repeated key. If keys->exact is set,
 * also refuses a key in another case. */
int json_note_spelling(const JsonKeys *keys, const char *key, uint64_t *seen, Error *err);
bool json_key_is_listed(const char *const *list, const char *key);

/* Parses JSON and refuses repeated keys, NUL bytes and too deep nesting. Sets *ret to the tree,
 * which the caller frees, or to NULL if the text is not JSON. Returns 0, or ERROR_HOSTILE for
 * refused JSON. Use this function for small answers only; json-span.h builds no tree. */
int json_read(const char *text, size_t size, const JsonKeys *keys, cJSON **ret, Error *err);
