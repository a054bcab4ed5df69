#pragma once

/* Reads members of signed JSON. */

#include <cjson/cJSON.h>

/* Returns a text in an object; NULL if the member is missing or not text. object may be NULL or
 * another value than an object. */
static inline const char *trust_text(const cJSON *object, const char *name)
{
        return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}
