#include "api/http/token.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "model/object.h"

#define HASH_SIZE  64
#define FIELDS_MAX 7 /* one more than a line may have, to detect a line that has too many */
#define PERSON     "person="

static int bad_line(size_t line, const char *what, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "tokenFile, line %zu: %s; a line is NAME TENANT ROLE SHA256 [EXPIRES] "
                         "[person=PERSON]",
                         line, what);
}

static size_t split(char *line, const char *fields[FIELDS_MAX])
{
        char *rest = NULL;
        size_t n = 0;

        for (char *field = strtok_r(line, " \t\r", &rest); field && n < FIELDS_MAX;
             field = strtok_r(NULL, " \t\r", &rest))
                fields[n++] = field;
        return n;
}

static int read_role(const char *text, TokenRole *ret)
{
        static const char *const roles[TOKEN_ROLE_MAX_] = {
                [ROLE_READ] = "read",
                [ROLE_WRITE] = "write",
                [ROLE_ADMIN] = "admin",
        };

        for (TokenRole role = 0; role < TOKEN_ROLE_MAX_; role++)
                if (streq(text, roles[role])) {
                        *ret = role;
                        return 0;
                }
        return -EINVAL;
}

/* Takes person=PERSON out of the fields after the hash. Returns the number of other fields. */
static size_t take_person(const char *fields[FIELDS_MAX], size_t n, const char **ret)
{
        size_t left = MIN(n, 4U);

        *ret = NULL;
        for (size_t i = left; i < n; i++)
                if (!*ret && strncmp(fields[i], PERSON, strlen(PERSON)) == 0)
                        *ret = fields[i] + strlen(PERSON);
                else
                        fields[left++] = fields[i];
        return left;
}

static int read_line(char *text, size_t line, ApiToken *ret, Error *err)
{
        const char *fields[FIELDS_MAX], *person;
        size_t n = split(text, fields);

        if (n == 0 || fields[0][0] == '#')
                return 0;
        n = take_person(fields, n, &person);
        if (n < 4 || n > 5)
                return bad_line(line, "not four or five words", err);
        *ret = (ApiToken){ .name = fields[0],
                           .tenant = fields[1],
                           .hash = fields[3],
                           .person = person ? person : fields[0] };
        if (!text_is_printable(ret->person, strlen(ret->person), TEXT_ONE_LINE, NULL) ||
            !ret->person[0])
                return bad_line(line, "person= has no name of a person behind it", err);
        if (streq(ret->tenant, "*"))
                ret->tenant = NULL;
        else if (!name_is_valid(ret->tenant))
                return bad_line(line, "no name of a tenant", err);
        if (read_role(fields[2], &ret->role) < 0)
                return bad_line(line, "the role is read, write or admin", err);
        if (strlen(ret->hash) != HASH_SIZE || strspn(ret->hash, "0123456789abcdef") != HASH_SIZE)
                return bad_line(line, "no SHA-256 of 64 lower-case hexadecimal digits", err);
        if (n == 5 && time_parse(fields[4], &ret->expires_at) < 0)
                return bad_line(line, "the expiry is no time such as 2027-01-01T00:00:00Z", err);
        return 1;
}

int tokens_parse(const char *text, Arena *arena, ApiTokens *ret, Error *err)
{
        char *copy = arena_strdup(arena, text), *rest = copy;
        size_t n_lines = 1;

        if (!copy)
                return error_oom(err);
        for (const char *p = text; *p; p++)
                n_lines += *p == '\n';
        ret->n = 0;
        ret->items = arena_alloc_array(arena, n_lines, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 1; rest; i++) {
                int r = read_line(strsep(&rest, "\n"), i, &ret->items[ret->n], err);

                if (r < 0)
                        return r;
                ret->n += r > 0;
        }
        return 0;
}

const ApiToken *tokens_find(const ApiTokens *tokens, const char *presented)
{
        char digest[DIGEST_SIZE_MAX];
        const ApiToken *found = NULL;

        digest_sha256(presented, strlen(presented), digest);
        for (size_t i = 0; i < tokens->n; i++)
                if (CRYPTO_memcmp(tokens->items[i].hash, digest + strlen("sha256:"), HASH_SIZE) ==
                    0)
                        found = &tokens->items[i];
        return found;
}

bool token_has_expired(const ApiToken *token, usec_t now)
{
        return token->expires_at > 0 && now >= token->expires_at;
}
