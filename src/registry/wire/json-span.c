#include "registry/wire/json-span.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "base/parse.h"
#include "registry/wire/json-key-set.h"

/* --- checking --------------------------------------------------------------------------------- */

typedef struct Check {
        const char *p, *end;
        unsigned depth;
        const JsonKeys *keys;
        size_t n_keys;          /* keys of large objects so far; at most JSON_KEYS_MAX */
        char key[JSON_KEY_MAX]; /* the last key that was read */
        Error *err;
} Check;

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(const char **p, const char *end)
{
        while (*p < end && is_blank(**p))
                (*p)++;
}

/* Returns the value of the four digits of \uXXXX; -1 if they are invalid. */
static int hex_read(const char *p, const char *end)
{
        int value = 0;

        if (end - p < 4)
                return -1;
        for (int i = 0; i < 4; i++) {
                int digit = parse_hex_digit(p[i]);

                if (digit < 0)
                        return -1;
                value = value * 16 + digit;
        }
        return value;
}

/* Returns the closing quote of a text; NULL if there is none. p is after the opening quote. */
static const char *find_quote(const char *p, const char *end)
{
        const char *quote, *slash;

        while (p < end && (quote = memchr(p, '"', (size_t)(end - p)))) {
                while (p < quote && (slash = memchr(p, '\\', (size_t)(quote - p))))
                        p = slash + 2;
                if (p <= quote && !memchr(p, '\\', (size_t)(quote - p)))
                        return quote;
        }
        return NULL;
}

static bool check_escapes(const char *p, const char *end)
{
        while ((p = memchr(p, '\\', (size_t)(end - p)))) {
                if (p + 1 >= end || !strchr("\"\\/bfnrtu", p[1]))
                        return false;
                if (p[1] == 'u' && hex_read(p + 2, end) < 0)
                        return false;
                p += 2;
        }
        return true;
}

static bool check_text(Check *check)
{
        const char *quote = find_quote(check->p + 1, check->end);

        if (!quote || !check_escapes(check->p + 1, quote))
                return false;
        check->p = quote + 1;
        return true;
}

static void check_digits(Check *check, size_t *n)
{
        while (check->p < check->end && *check->p >= '0' && *check->p <= '9') {
                check->p++;
                (*n)++;
        }
}

static bool check_number(Check *check)
{
        size_t n = 0;

        if (check->p < check->end && *check->p == '-')
                check->p++;
        check_digits(check, &n);
        if (n == 0)
                return false;
        if (check->p < check->end && *check->p == '.') {
                n = 0;
                check->p++;
                check_digits(check, &n);
        }
        if (n > 0 && check->p < check->end && (*check->p == 'e' || *check->p == 'E')) {
                n = 0;
                check->p++;
                if (check->p < check->end && (*check->p == '+' || *check->p == '-'))
                        check->p++;
                check_digits(check, &n);
        }
        return n > 0;
}

static bool check_literal(Check *check)
{
        static const char *const literals[] = { "true", "false", "null" };

        for (size_t i = 0; i < ARRAY_SIZE(literals); i++) {
                size_t size = strlen(literals[i]);

                if ((size_t)(check->end - check->p) >= size &&
                    memcmp(check->p, literals[i], size) == 0) {
                        check->p += size;
                        return true;
                }
        }
        return false;
}

static bool check_value(Check *check, bool is_open);

/* The keys of the object that is being checked. */
typedef struct CheckedKeys {
        KeySet set;
        uint64_t spelled;
        bool is_open; /* keys are data, such as labels */
} CheckedKeys;

static void checked_keys_done(CheckedKeys *keys)
{
        key_set_done(&keys->set);
}

static bool check_is_new(Check *check, CheckedKeys *keys)
{
        int r = key_set_add(&keys->set, check->key);

        check->n_keys += keys->set.n > KEY_SET_FEW;
        if (r < 0)
                (void)error_oom(check->err);
        else if (check->n_keys > JSON_KEYS_MAX)
                (void)error_set(check->err, ERROR_HOSTILE, -EBADMSG, "more than %d keys in JSON",
                                JSON_KEYS_MAX);
        else if (r == 0)
                (void)json_refuse_key(check->key, NULL, check->err);
        else if (!keys->is_open)
                r = json_note_spelling(check->keys, check->key, &keys->spelled, check->err);
        return check->err->kind == ERROR_NONE && r >= 0;
}

static bool check_key(Check *check, CheckedKeys *keys)
{
        const char *start;

        skip_blanks(&check->p, check->end);
        start = check->p;
        if (check->p >= check->end || *check->p != '"' || !check_text(check))
                return false;
        if (!json_span_text((JsonSpan){ start, (size_t)(check->p - start) }, check->key,
                            sizeof(check->key))) {
                (void)error_set(check->err, ERROR_HOSTILE, -EBADMSG,
                                "a key of more than %d bytes in JSON", JSON_KEY_MAX - 1);
                return false;
        }
        if (!check_is_new(check, keys))
                return false;
        skip_blanks(&check->p, check->end);
        return check->p < check->end && *check->p++ == ':';
}

static bool check_members(Check *check, bool is_open)
{
        _cleanup_(checked_keys_done) CheckedKeys keys = { .is_open = is_open };

        for (;;) {
                if (!check_key(check, &keys) ||
                    !check_value(check, json_key_is_listed(check->keys->open, check->key)))
                        return false;
                skip_blanks(&check->p, check->end);
                if (check->p >= check->end)
                        return false;
                if (*check->p == '}')
                        return true;
                if (*check->p++ != ',')
                        return false;
        }
}

static bool check_elements(Check *check)
{
        for (;;) {
                if (!check_value(check, false))
                        return false;
                skip_blanks(&check->p, check->end);
                if (check->p >= check->end)
                        return false;
                if (*check->p == ']')
                        return true;
                if (*check->p++ != ',')
                        return false;
        }
}

/* Checks an object or array. JSON_DEPTH_MAX limits the recursion. */
static bool check_container(Check *check, bool is_open)
{
        bool is_object = *check->p == '{';

        if (++check->depth > JSON_DEPTH_MAX)
                return false;
        check->p++;
        skip_blanks(&check->p, check->end);
        is_open |= check->keys->outermost && check->depth > 1;
        if (check->p < check->end && *check->p != (is_object ? '}' : ']') &&
            !(is_object ? check_members(check, is_open) : check_elements(check)))
                return false;
        if (check->p >= check->end)
                return false;
        check->p++;
        check->depth--;
        return true;
}

static bool check_value(Check *check, bool is_open)
{
        skip_blanks(&check->p, check->end);
        if (check->p >= check->end)
                return false;
        switch (*check->p) {
        case '{':
        case '[': return check_container(check, is_open);
        case '"': return check_text(check);
        case 't':
        case 'f':
        case 'n': return check_literal(check);
        default: return check_number(check);
        }
}

int json_span_read(const char *text, size_t size, const JsonKeys *keys, JsonSpan *ret, Error *err)
{
        _cleanup_(error_done) Error error = { 0 };
        Check check = { .p = text, .end = text + size, .keys = keys, .err = &error };
        const char *nul = memchr(text, '\0', size), *start;

        if (nul)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "NUL byte in JSON at byte %zu",
                                 (size_t)(nul - text));
        skip_blanks(&check.p, check.end);
        start = check.p;
        if (!check_value(&check, false)) {
                if (error.kind != ERROR_NONE)
                        return error_set(err, error.kind, error.code, "%s", error_message(&error));
                if (check.depth > JSON_DEPTH_MAX)
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "JSON nested deeper than %d at byte %zu", JSON_DEPTH_MAX,
                                         (size_t)(check.p - text));
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not valid JSON at byte %zu",
                                 (size_t)(check.p - text));
        }
        *ret = (JsonSpan){ start, (size_t)(check.p - start) };
        skip_blanks(&check.p, check.end);
        if (check.p < check.end)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "more after the JSON value at byte %zu", (size_t)(check.p - text));
        return 0;
}

/* --- iteration over checked text -------------------------------------------------------------- */

/* Returns the end of the value that begins at p. */
static const char *skip_value(const char *p, const char *end)
{
        size_t depth = 0;

        do {
                if (*p == '"')
                        p = find_quote(p + 1, end) + 1;
                else if (*p == '{' || *p == '[') {
                        depth++;
                        p++;
                } else if (*p == '}' || *p == ']') {
                        depth--;
                        p++;
                } else if (depth > 0) /* punctuation between the values of a container */
                        p++;
                else
                        while (p < end && !is_blank(*p) && !strchr(",]}", *p))
                                p++;
        } while (depth > 0);
        return p;
}

bool json_span_is_object(JsonSpan span)
{
        return span.size > 0 && span.data[0] == '{';
}

bool json_span_is_array(JsonSpan span)
{
        return span.size > 0 && span.data[0] == '[';
}

bool json_span_is_text(JsonSpan span)
{
        return span.size > 0 && span.data[0] == '"';
}

bool json_span_is(JsonSpan span, const char *literal)
{
        return span.size == strlen(literal) && memcmp(span.data, literal, span.size) == 0;
}

bool json_span_next(JsonSpan container, JsonCursor *cursor)
{
        const char *p, *end;

        if (!json_span_is_object(container) && !json_span_is_array(container))
                return false;
        p = container.data + (cursor->offset == 0 ? 1 : cursor->offset);
        end = container.data + container.size;
        while (is_blank(*p) || *p == ',')
                p++;
        if (p + 1 >= end) /* at the closing bracket */
                return false;
        if (json_span_is_object(container)) {
                cursor->key = (JsonSpan){ p, (size_t)(skip_value(p, end) - p) };
                p += cursor->key.size;
                while (is_blank(*p) || *p == ':')
                        p++;
        }
        cursor->value = (JsonSpan){ p, (size_t)(skip_value(p, end) - p) };
        cursor->offset = (size_t)(p + cursor->value.size - container.data);
        return true;
}

size_t json_span_count(JsonSpan container)
{
        JsonCursor cursor = { 0 };
        size_t n = 0;

        while (json_span_next(container, &cursor))
                n++;
        return n;
}

void json_span_members(JsonSpan object, const char *const *names, size_t n, JsonSpan *ret)
{
        JsonCursor cursor = { 0 };
        char key[64]; /* all requested names are shorter */

        memset(ret, 0, n * sizeof(*ret));
        if (!json_span_is_object(object))
                return;
        while (json_span_next(object, &cursor)) {
                if (!json_span_text(cursor.key, key, sizeof(key)))
                        continue;
                for (size_t i = 0; i < n; i++)
                        if (!ret[i].data && streq(key, names[i]))
                                ret[i] = cursor.value;
        }
}

JsonSpan json_span_member(JsonSpan object, const char *name)
{
        JsonSpan found;

        json_span_members(object, &name, 1, &found);
        return found;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Writes one UTF-16 code unit as UTF-8. Writes the halves of a surrogate pair separately. This is
 * invalid UTF-8, but valid names contain no surrogates. */
static size_t put_unit(int unit, char ret[3])
{
        if (unit == 0)
                unit = 1;
        if (unit < 0x80) {
                ret[0] = (char)unit;
                return 1;
        }
        if (unit < 0x800) {
                ret[0] = (char)(0xc0 | (unit >> 6));
                ret[1] = (char)(0x80 | (unit & 0x3f));
                return 2;
        }
        ret[0] = (char)(0xe0 | (unit >> 12));
        ret[1] = (char)(0x80 | ((unit >> 6) & 0x3f));
        ret[2] = (char)(0x80 | (unit & 0x3f));
        return 3;
}

/* Copies the byte or the decoded escape at *p to ret, and advances *p. Returns the number of bytes.
 */
static size_t read_character(const char **p, const char *end, char ret[3])
{
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *found;

        if (**p != '\\') {
                ret[0] = *(*p)++;
                return 1;
        }
        *p += 2;
        if ((*p)[-1] == 'u') {
                *p += 4;
                return put_unit(hex_read(*p - 4, end), ret);
        }
        found = strchr(from, (*p)[-1]);
        ret[0] = found ? to[found - from] : (*p)[-1];
        return 1;
}

bool json_span_text(JsonSpan span, char *ret, size_t ret_size)
{
        const char *p, *end;
        size_t n = 0;

        ret[0] = '\0';
        if (!json_span_is_text(span))
                return false;
        end = span.data + span.size - 1;
        for (p = span.data + 1; p < end;) {
                char bytes[3];
                size_t size = read_character(&p, end, bytes);

                if (n + size >= ret_size)
                        return false;
                memcpy(ret + n, bytes, size);
                n += size;
                ret[n] = '\0';
        }
        return true;
}

double json_span_number(JsonSpan span)
{
        char text[64];

        if (span.size == 0 || span.size >= sizeof(text) || !strchr("-0123456789", span.data[0]))
                return 0;
        memcpy(text, span.data, span.size);
        text[span.size] = '\0';
        return strtod(text, NULL);
}
