#pragma once

/* JSON from outside, read so that it means the same to relman as to every other client.
 *
 * RFC 8259 leaves open what a repeated key means. Clients take the first value or the last one, and
 * Go's decoder also takes a key in other case ("Manifests" for "manifests"). A document that uses
 * this shows one image to relman and another one to the machine that pulls it. So it is refused. */

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What one reader reads. Both lists end in NULL. */
typedef struct JsonKeys {
        const char *const *names; /* two spellings of one of them in an object are a repetition */
        const char *const *open;  /* members whose own keys are data, such as labels: their case
                                     counts */
        bool outermost;           /* names are read in the outermost object only */
        bool exact;               /* one name in another case is refused, even alone */
} JsonKeys;

/* Checks for NUL and depth (json_prescan()), parses (json_parse()), then checks every object in
 * linear time. A repeated key is ERROR_HOSTILE, and the message names it. *ret is NULL if the text
 * is no JSON. *ret_end, which may be NULL, is where the value ended. The caller frees *ret. */
int json_read(const char *text, size_t size, const JsonKeys *keys, cJSON **ret,
              const char **ret_end, Error *err);
