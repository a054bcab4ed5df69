#include "version/semver.h"

#include <string.h>

#include "base/escape.h"
#include "version/sort-key.h"
#include "version/strategy.h"

typedef struct Identifier {
        const char *data;
        size_t size;
        bool is_number;
} Identifier;

/* Returns the identifier that begins at `at` and ends before the next '.' or `end`. */
static Identifier identifier_at(const char *at, const char *end)
{
        Identifier found = { .data = at };
        const char *dot = memchr(at, '.', (size_t)(end - at));

        found.size = (size_t)((dot ? dot : end) - at);
        found.is_number = digits_span(at, at + found.size) == found.size;
        return found;
}

static const char *quote(const char *text, size_t size, char ret_text[REASON_QUOTE_SIZE])
{
        return escape_text(text, size, ret_text, REASON_QUOTE_SIZE);
}

static int check_identifier(Identifier found, bool numbers_matter, Arena *arena,
                            const char **ret_reason)
{
        char quoted[REASON_QUOTE_SIZE];

        if (found.size == 0)
                return refuse(ret_reason, "an identifier between dots is empty: not semver");
        for (size_t i = 0; i < found.size; i++)
                if (!is_digit(found.data[i]) && !is_letter(found.data[i]) && found.data[i] != '-')
                        return refuse(
                                ret_reason,
                                arena_printf(arena,
                                             "'%s' is not allowed after the numbers: not semver",
                                             quote(found.data + i, 1, quoted)));
        if (numbers_matter && found.is_number && found.size > 1 && found.data[0] == '0')
                return refuse(ret_reason,
                              arena_printf(arena, "leading zero in prerelease '%s': not semver",
                                           quote(found.data, found.size, quoted)));
        return 0;
}

static int check_identifiers(const char *at, const char *end, bool numbers_matter, Arena *arena,
                             const char **ret_reason)
{
        for (;;) {
                Identifier found = identifier_at(at, end);
                int r;

                r = check_identifier(found, numbers_matter, arena, ret_reason);
                if (r < 0)
                        return r;
                at += found.size;
                if (at == end)
                        return 0;
                at++;
        }
}

static const char *find_build(const char *at, const char *end)
{
        while (at < end && *at != '+' && *at != '_')
                at++;
        return at;
}

static int refuse_rest(const char *at, const char *end, Arena *arena, const char **ret_reason)
{
        char quoted[REASON_QUOTE_SIZE];

        quote(at, (size_t)(end - at), quoted);
        if (*at == '.' && at + 1 < end && is_digit(at[1]))
                return refuse(
                        ret_reason,
                        arena_printf(
                                arena,
                                "a fourth number in '%s': not semver; use the numeric strategy",
                                quoted));
        return refuse(
                ret_reason,
                arena_printf(arena, "'%s' follows the numbers without a '-': not semver", quoted));
}

int semver_read_rest(const char *at, const char *end, Arena *arena, SemverText *ret,
                     const char **ret_reason)
{
        const char *build = find_build(at, end);
        int r;

        if (at < build) {
                if (*at != '-')
                        return refuse_rest(at, end, arena, ret_reason);
                ret->prerelease = at + 1;
                ret->prerelease_size = (size_t)(build - ret->prerelease);
                r = check_identifiers(ret->prerelease, build, true, arena, ret_reason);
                if (r < 0)
                        return r;
        }
        if (build < end) {
                ret->build = build + 1;
                ret->build_size = (size_t)(end - ret->build);
                return check_identifiers(ret->build, end, false, arena, ret_reason);
        }
        return 0;
}

static int refuse_field(const char *at, const char *end, Arena *arena, const char **ret_reason)
{
        char quoted[REASON_QUOTE_SIZE];

        if (at == end)
                return refuse(ret_reason, "it ends where a number must stand: not semver");
        quote(at, (size_t)(end - at), quoted);
        if (*at == 'V' && at + 1 < end && is_digit(at[1]))
                return refuse(
                        ret_reason,
                        arena_printf(arena, "'%s' begins with a capital 'V': not semver", quoted));
        return refuse(
                ret_reason,
                arena_printf(arena, "'%s' stands where a number must stand: not semver", quoted));
}

static int read_field(const char **at, const char *end, Arena *arena, Digits *ret,
                      const char **ret_reason)
{
        size_t n = digits_span(*at, end);
        char quoted[REASON_QUOTE_SIZE];

        if (n == 0)
                return refuse_field(*at, end, arena, ret_reason);
        if (n > 1 && **at == '0')
                return refuse(ret_reason,
                              arena_printf(arena,
                                           "leading zero in '%s': not semver; use type: date, "
                                           "with dateFormat for a counter",
                                           quote(*at, n, quoted)));
        *ret = digits_of(*at, n);
        *at += n;
        return 0;
}

int semver_read(const char *text, size_t size, Arena *arena, SemverText *ret,
                const char **ret_reason)
{
        const char *at = text, *end = text + size;
        SemverText read = { 0 };
        int r;

        if (size > 1 && *at == 'v')
                at++;
        read.core = at;
        for (;;) {
                r = read_field(&at, end, arena, &read.fields[read.n_fields], ret_reason);
                if (r < 0)
                        return r;
                read.n_fields++;
                if (read.n_fields == SEMVER_FIELDS || at == end || *at != '.')
                        break;
                at++;
        }
        read.core_size = (size_t)(at - read.core);
        r = semver_read_rest(at, end, arena, &read, ret_reason);
        if (r < 0)
                return r;
        *ret = read;
        return 0;
}

static int identifier_compare(Identifier a, Identifier b)
{
        int order;

        if (a.is_number && b.is_number)
                return digits_compare(digits_of(a.data, a.size), digits_of(b.data, b.size));
        if (a.is_number != b.is_number)
                return a.is_number ? -1 : 1;
        order = memcmp(a.data, b.data, MIN(a.size, b.size));
        if (order != 0)
                return order;
        return (a.size > b.size) - (a.size < b.size);
}

static int prerelease_compare(const SemverText *a, const SemverText *b)
{
        const char *at_a = a->prerelease, *end_a = at_a + a->prerelease_size;
        const char *at_b = b->prerelease, *end_b = at_b + b->prerelease_size;

        for (;;) {
                Identifier next_a = identifier_at(at_a, end_a);
                Identifier next_b = identifier_at(at_b, end_b);
                int order = identifier_compare(next_a, next_b);

                if (order != 0)
                        return order;
                at_a += next_a.size;
                at_b += next_b.size;
                if (at_a == end_a || at_b == end_b)
                        return (at_a < end_a) - (at_b < end_b);
                at_a++;
                at_b++;
        }
}

int semver_compare(const SemverText *a, const SemverText *b)
{
        for (size_t i = 0; i < SEMVER_FIELDS; i++) {
                int order = digits_compare(a->fields[i], b->fields[i]);

                if (order != 0)
                        return order;
        }
        if (a->prerelease && b->prerelease)
                return prerelease_compare(a, b);
        return !a->prerelease - !b->prerelease;
}

static void put_prerelease(KeyWriter *writer, const SemverText *version)
{
        const char *at = version->prerelease, *end = at + version->prerelease_size;

        for (;;) {
                Identifier found = identifier_at(at, end);

                key_mark(writer, found.is_number ? KEY_NUMBER : KEY_TEXT);
                if (found.is_number)
                        key_number(writer, digits_of(found.data, found.size));
                else
                        key_text(writer, found.data, found.size);
                at += found.size;
                if (at == end)
                        break;
                at++;
        }
        key_mark(writer, KEY_END);
}

static int make_key(const SemverText *version, Arena *arena, SortKey *ret)
{
        KeyWriter writer;
        int r;

        r = key_begin(&writer, arena, version->core_size + 1 + version->prerelease_size);
        if (r < 0)
                return r;
        for (size_t i = 0; i < SEMVER_FIELDS; i++)
                key_number(&writer, version->fields[i]);
        if (version->prerelease)
                put_prerelease(&writer, version);
        else
                key_mark(&writer, KEY_RELEASE);
        *ret = key_finish(&writer);
        return 0;
}

/* Writes the canonical text: "v2.3-rc.1_b7" becomes "2.3.0-rc.1". The text has no build metadata,
 * so versions have equal texts exactly if they have the same precedence. */
static int make_text(const SemverText *version, Arena *arena, Version *ret)
{
        static const char filling[] = ".0.0";
        size_t n_filling = 2 * (SEMVER_FIELDS - version->n_fields);
        size_t size = version->core_size + n_filling;
        char *text = arena_alloc(arena, size + 1 + version->prerelease_size + 1);

        if (!text)
                return -ENOMEM;
        memcpy(text, version->core, version->core_size);
        memcpy(text + version->core_size, filling, n_filling);
        if (version->prerelease) {
                text[size] = '-';
                memcpy(text + size + 1, version->prerelease, version->prerelease_size);
                ret->prerelease = text + size + 1;
        }
        ret->text = text;
        return 0;
}

int semver_parse(const char *text, size_t size, Arena *arena, Version *ret, const char **ret_reason)
{
        SemverText read;
        Version version = { 0 };
        int r;

        r = semver_read(text, size, arena, &read, ret_reason);
        if (r < 0)
                return r;
        r = make_text(&read, arena, &version);
        if (r < 0)
                return r;
        r = make_key(&read, arena, &version.sort_key);
        if (r < 0)
                return r;
        if (read.build) {
                version.build_metadata = arena_strndup(arena, read.build, read.build_size);
                if (!version.build_metadata)
                        return -ENOMEM;
        }
        version.specificity = read.n_fields;
        *ret = version;
        return 0;
}
