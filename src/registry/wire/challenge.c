#include "registry/wire/challenge.h"

#include <errno.h>

#define TOKEN_CHARS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

typedef struct Cursor {
        const char *p;
        Arena *arena;
} Cursor;

static void skip(Cursor *cursor, const char *chars)
{
        cursor->p += strspn(cursor->p, chars);
}

/* Skips the text that some schemes send instead of parameters, such as "YII/Aw==" after Negotiate.
 * Such text is no parameter, because no value follows the "=". */
static void skip_token68(Cursor *cursor)
{
        const char *p = cursor->p;
        size_t size = strspn(p, TOKEN_CHARS "/"), padding = strspn(p + size, "=");
        const char *end = p + size + padding;

        end += strspn(end, " \t");
        if ((*end == ',' || *end == '\0') && (padding > 0 || memchr(p, '/', size)))
                cursor->p = end;
}

/* Returns a token, or NULL if there is none. */
static const char *read_token(Cursor *cursor)
{
        size_t size = strspn(cursor->p, TOKEN_CHARS);
        const char *token = size > 0 ? arena_strndup(cursor->arena, cursor->p, size) : NULL;

        cursor->p += size;
        return token;
}

/* Returns a quoted string without its escapes; NULL if it is not closed. */
static const char *read_quoted(Cursor *cursor)
{
        const char *start = cursor->p + 1, *end;
        char *text, *to;

        for (end = start; *end && *end != '"'; end++)
                if (*end == '\\' && end[1])
                        end++;
        if (!*end)
                return NULL;
        text = to = arena_strndup(cursor->arena, start, (size_t)(end - start));
        if (!text)
                return NULL;
        for (const char *p = start; p < end; p++) {
                if (*p == '\\')
                        p++;
                *to++ = *p;
        }
        *to = '\0';
        cursor->p = end + 1;
        return text;
}

static const char *read_value(Cursor *cursor)
{
        size_t size;
        const char *value;

        if (*cursor->p == '"')
                return read_quoted(cursor);
        size = strcspn(cursor->p, ", \t");
        value = arena_strndup(cursor->arena, cursor->p, size);
        cursor->p += size;
        return value;
}

typedef struct Parameters {
        const char *realm, *service, *scope;
} Parameters;

static void keep(Parameters *parameters, const char *name, const char *value)
{
        if (strcasecmp(name, "realm") == 0)
                parameters->realm = value;
        else if (strcasecmp(name, "service") == 0)
                parameters->service = value;
        else if (strcasecmp(name, "scope") == 0)
                parameters->scope = value;
}

/* Reads name=value, name=value and so on up to the next scheme, which is a token without "=" after
 * it. Returns false after a syntax error. */
static bool read_parameters(Cursor *cursor, Parameters *parameters)
{
        for (;;) {
                const char *start, *name, *value;

                skip(cursor, " \t,");
                start = cursor->p;
                name = read_token(cursor);
                if (!name)
                        return *cursor->p == '\0';
                skip(cursor, " \t");
                if (*cursor->p != '=') {
                        cursor->p = start;
                        return true;
                }
                cursor->p++;
                skip(cursor, " \t");
                value = read_value(cursor);
                if (!value)
                        return false;
                keep(parameters, name, value);
        }
}

int challenge_parse(const char *header, Arena *arena, Challenge *challenge)
{
        Cursor cursor = { .p = header, .arena = arena };

        for (;;) {
                Parameters parameters = { 0 };
                const char *scheme;
                bool good;

                skip(&cursor, " \t,");
                scheme = read_token(&cursor);
                if (!scheme)
                        return arena->failed ? -ENOMEM : 0;
                skip(&cursor, " \t");
                skip_token68(&cursor);
                good = read_parameters(&cursor, &parameters);
                if (arena->failed) /* a NULL token or value can mean that memory ran out */
                        return -ENOMEM;
                if (strcasecmp(scheme, "Basic") == 0)
                        challenge->basic = true;
                else if (good && strcasecmp(scheme, "Bearer") == 0 && parameters.realm &&
                         !challenge->bearer) {
                        challenge->bearer = true;
                        challenge->realm = parameters.realm;
                        challenge->service = parameters.service;
                        challenge->scope = parameters.scope;
                }
                if (!good)
                        return 0;
        }
}
