#pragma once

/* Reads members of signed JSON. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdint.h>

#include "base/error.h"

/* Returns a text in an object; NULL if the member is missing or not text. object may be NULL or
 * another value than an object. */
static inline const char *trust_text(const cJSON *object, const char *name)
{
        return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Reads a number that is an integer from 0 to 2^53; larger ones are not exact in JSON. item may be
 * NULL. Returns 0, or -EINVAL if it is another value. */
static inline int trust_integer(const cJSON *item, int64_t *ret)
{
        const double most = 9007199254740992.0, value = item ? item->valuedouble : -1;

        if (!cJSON_IsNumber(item) || !(value >= 0 && value <= most) ||
            (double)(int64_t)value < value)
                return -EINVAL;
        *ret = (int64_t)value;
        return 0;
}

/* Refuses a signed payload for its member `what`. text: the value of the member; NULL: it has none.
 * wanted: the value that it must have. Returns -EBADMSG with ERROR_HOSTILE. */
int trust_refuse_payload(const char *what, const char *text, const char *wanted, Error *err);
