#include "trust/predicate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/macros.h"

#define SHOWN_MAX    200
#define EXACT_MAX    9007199254740992.0 /* 2^53; larger numbers are not exact in JSON */
#define INDEX_DIGITS 9                  /* of an item of a list */

/* --- pointers --------------------------------------------------------------------------------- */

/* Returns true if the token of a pointer is the name: "~1" stands for "/", "~0" for "~". */
static bool is_token(const char *token, size_t size, const char *name)
{
        size_t i = 0;

        for (; i < size; i++, name++) {
                char c = token[i];

                if (c == '~' && i + 1 < size)
                        c = token[++i] == '1' ? '/' : '~';
                if (*name != c)
                        return false;
        }
        return *name == '\0';
}

static const cJSON *find_item(const cJSON *list, const char *token, size_t size)
{
        int index = 0;

        if (size == 0 || size > INDEX_DIGITS || (size > 1 && token[0] == '0'))
                return NULL;
        for (size_t i = 0; i < size; i++) {
                if (token[i] < '0' || token[i] > '9')
                        return NULL;
                index = index * 10 + (token[i] - '0');
        }
        return cJSON_GetArrayItem(list, index);
}

static const cJSON *find_member(const cJSON *object, const char *token, size_t size)
{
        const cJSON *item;

        cJSON_ArrayForEach(item, object)
        {
                if (is_token(token, size, item->string))
                        return item;
        }
        return NULL;
}

static const cJSON *find(const cJSON *json, const char *pointer)
{
        while (json && pointer[0] == '/') {
                const char *token = pointer + 1;
                size_t size = strcspn(token, "/");

                if (cJSON_IsArray(json))
                        json = find_item(json, token, size);
                else
                        json = cJSON_IsObject(json) ? find_member(json, token, size) : NULL;
                pointer = token + size;
        }
        return pointer[0] == '\0' ? json : NULL;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_number(const cJSON *json, const char *text)
{
        cJSON *number = cJSON_ParseWithOpts(text, NULL, true);
        bool equal = cJSON_IsNumber(number) && fabs(number->valuedouble) <= EXACT_MAX &&
                     json->valuedouble >= number->valuedouble &&
                     json->valuedouble <= number->valuedouble;

        cJSON_Delete(number);
        return equal;
}

static bool is_value(const cJSON *json, const char *text)
{
        if (cJSON_IsString(json))
                return streq(json->valuestring, text);
        if (cJSON_IsBool(json))
                return streq(cJSON_IsTrue(json) ? "true" : "false", text);
        if (cJSON_IsNull(json))
                return streq("null", text);
        return cJSON_IsNumber(json) && is_number(json, text);
}

int predicate_require(const cJSON *predicate, const char *pointer, const char *text, Error *err)
{
        const cJSON *json = find(predicate, pointer);
        _cleanup_(freep) char *found = NULL;
        char shown[SHOWN_MAX];

        if (!json)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "the predicate has no value at %s",
                                 pointer);
        if (is_value(json, text))
                return 0;
        found = cJSON_PrintUnformatted(json);
        if (!found)
                return error_oom(err);
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "%s of the predicate is %s, not %s", pointer,
                         escape_text(found, strlen(found), shown, sizeof(shown)), text);
}
