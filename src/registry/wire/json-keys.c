#include "registry/wire/json-keys.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "base/map.h"
#include "model/json.h"

#define FEW_KEYS  8  /* up to this many keys are compared pairwise, more with a map */
#define NAMES_MAX 64 /* bits of *seen */

/* Returns the next character of a key in lower case, and advances *at. Folds case as Go's decoder
 * does: two characters beyond ASCII fold to ASCII letters, U+017F to s and U+212A to k. */
static unsigned char fold_next(const char **at)
{
        const unsigned char *p = (const unsigned char *)*at;

        if (p[0] == 0xc5 && p[1] == 0xbf) {
                *at += 2;
                return 's';
        }
        if (p[0] == 0xe2 && p[1] == 0x84 && p[2] == 0xaa) {
                *at += 3;
                return 'k';
        }
        *at += 1;
        return p[0] >= 'A' && p[0] <= 'Z' ? (unsigned char)(p[0] - 'A' + 'a') : p[0];
}

bool json_key_folds_to(const char *key, const char *name)
{
        for (;;) {
                unsigned char a = fold_next(&key), b = fold_next(&name);

                if (a != b)
                        return false;
                if (a == '\0')
                        return true;
        }
}

bool json_key_is_listed(const char *const *list, const char *key)
{
        for (; list && key && *list; list++)
                if (streq(*list, key))
                        return true;
        return false;
}

int json_refuse_key(const char *key, const char *name, Error *err)
{
        char quoted[80];

        escape_text(key, strlen(key), quoted, sizeof(quoted));
        if (!name)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "repeated key \"%s\" in JSON: clients differ in which value they "
                                 "take",
                                 quoted);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "key \"%s\" in JSON is \"%s\" in another case: clients differ in whether "
                         "they take it",
                         quoted, name);
}

int json_note_spelling(const JsonKeys *keys, const char *key, uint64_t *seen, Error *err)
{
        for (size_t i = 0; i < NAMES_MAX && keys->names[i]; i++) {
                bool again = *seen & (UINT64_C(1) << i);

                if (!json_key_folds_to(key, keys->names[i]))
                        continue;
                if ((keys->exact || again) && !streq(key, keys->names[i]))
                        return json_refuse_key(key, keys->names[i], err);
                if (again)
                        return json_refuse_key(key, NULL, err);
                *seen |= UINT64_C(1) << i;
                break;
        }
        return 0;
}

/* Refuses a name that occurs twice, ignoring case. If keys->exact is set, also refuses a name that
 * occurs once in another case. */
static int check_spellings(const cJSON *object, const JsonKeys *keys, Error *err)
{
        uint64_t seen = 0;
        const cJSON *item;
        int r = 0;

        cJSON_ArrayForEach(item, object)
        {
                r = json_note_spelling(keys, item->string, &seen, err);
                if (r < 0)
                        break;
        }
        return r;
}

static int check_few(const cJSON *object, Error *err)
{
        const cJSON *item;

        cJSON_ArrayForEach(item, object)
        {
                for (const cJSON *other = object->child; other != item; other = other->next)
                        if (streq(other->string, item->string))
                                return json_refuse_key(item->string, NULL, err);
        }
        return 0;
}

static int check_many(const cJSON *object, Error *err)
{
        _cleanup_(map_done) Map seen = { 0 };
        const cJSON *item;

        cJSON_ArrayForEach(item, object)
        {
                int r = map_put(&seen, item->string, item->string, NULL);

                if (r < 0)
                        return error_oom(err);
                if (r == 0)
                        return json_refuse_key(item->string, NULL, err);
        }
        return 0;
}

static int check_object(const cJSON *object, const JsonKeys *keys, unsigned depth, Error *err)
{
        bool spelled =
                !json_key_is_listed(keys->open, object->string) && (depth == 0 || !keys->outermost);
        int n = cJSON_GetArraySize(object);
        int r;

        r = n <= FEW_KEYS ? check_few(object, err) : check_many(object, err);
        return r >= 0 && spelled ? check_spellings(object, keys, err) : r;
}

/* Checks a value and all values in it. JSON_DEPTH_MAX limits the recursion. */
static int check_value(const cJSON *value, const JsonKeys *keys, unsigned depth, Error *err)
{
        const cJSON *item;
        int r = cJSON_IsObject(value) ? check_object(value, keys, depth, err) : 0;

        if (r < 0 || (!cJSON_IsObject(value) && !cJSON_IsArray(value)))
                return r;
        cJSON_ArrayForEach(item, value)
        {
                r = check_value(item, keys, depth + 1, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool is_blank(const char *text, const char *end)
{
        while (text < end && strchr(" \t\r\n", *text)) /* json_prescan() refuses NUL */
                text++;
        return text == end;
}

int json_read(const char *text, size_t size, const JsonKeys *keys, cJSON **ret, Error *err)
{
        const char *end = NULL;
        cJSON *json = NULL;
        int r;

        r = json_prescan(text, size, err);
        if (r >= 0)
                r = json_parse(text, size, &json, &end, err);
        if (r >= 0 && json && keys->complete && !is_blank(end, text + size)) {
                cJSON_Delete(json);
                json = NULL;
        }
        if (r >= 0 && json)
                r = check_value(json, keys, 0, err);
        if (r < 0) {
                cJSON_Delete(json);
                return r;
        }
        *ret = json;
        return 0;
}
