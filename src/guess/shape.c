#include "guess/shape.h"

#include <limits.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "version/digits.h"

#define YEAR_MIN   1990
#define YEAR_MAX   2099
#define COMMIT_MIN 7
#define COMMIT_MAX 40
#define STAMP_MIN  8  /* 8 digits are a day: 20240612 */
#define STAMP_MAX  14 /* 14 digits are a day and a time to the second */

static bool is_separator(char c)
{
        return c == '.' || c == '-' || c == '_';
}

unsigned shape_value(ShapeSpan number)
{
        unsigned value = 0;

        for (size_t i = 0; i < number.size; i++)
                value = value >= 10000 ? UINT_MAX : value * 10 + (unsigned)(number.data[i] - '0');
        return value;
}

static unsigned number_at(const char *digits, size_t n)
{
        return shape_value((ShapeSpan){ digits, n });
}

static bool is_year(ShapeSpan number)
{
        unsigned year = shape_value(number);

        return number.size == 4 && year >= YEAR_MIN && year <= YEAR_MAX;
}

static bool is_day(const char *digits)
{
        return is_year((ShapeSpan){ digits, 4 }) &&
               date_is_valid(number_at(digits, 4), number_at(digits + 4, 2),
                             number_at(digits + 6, 2));
}

/* --- commits ---------------------------------------------------------------------------------- */

static bool is_hex(ShapeSpan text)
{
        for (size_t i = 0; i < text.size; i++)
                if (!is_digit(text.data[i]) && (text.data[i] < 'a' || text.data[i] > 'f'))
                        return false;
        return text.size >= COMMIT_MIN && text.size <= COMMIT_MAX;
}

static bool is_number(ShapeSpan text)
{
        return text.size > 0 && digits_span(text.data, text.data + text.size) == text.size;
}

/* True for hexadecimal text with both letters and digits. A word such as "feedback" is not a
 * commit, and a number is not one either. */
static bool is_commit(ShapeSpan text)
{
        bool has_digit = false, has_letter = false;

        for (size_t i = 0; i < text.size; i++) {
                has_digit |= is_digit(text.data[i]);
                has_letter |= is_letter(text.data[i]);
        }
        return is_hex(text) && has_digit && has_letter;
}

static bool is_stamp(ShapeSpan text)
{
        return is_number(text) && text.size >= STAMP_MIN && text.size <= STAMP_MAX;
}

/* Returns the part of the tag that ends at end and begins after the last '-' before end, or at the
 * start of the tag. */
static ShapeSpan part_before(const char *tag, const char *end)
{
        const char *at = end;

        while (at > tag && at[-1] != '-')
                at--;
        return (ShapeSpan){ at, (size_t)(end - at) };
}

static bool has_digits(ShapeSpan text)
{
        for (size_t i = 0; i < text.size; i++)
                if (is_digit(text.data[i]))
                        return true;
        return false;
}

static bool read_commit(const char *tag, TagShape *shape)
{
        ShapeSpan last = part_before(tag, tag + strlen(tag)), before = { 0 };

        if (last.data - tag >= 2)
                before = part_before(tag, last.data - 1);
        shape->prefix = (ShapeSpan){ tag, (size_t)(last.data - tag) };
        if (before.size > 0 && is_hex(before) && is_stamp(last)) {
                shape->style = SHAPE_COMMIT_TIME;
                shape->numbers[0] = last;
        } else if (before.size > 0 && is_stamp(before) && is_hex(last)) {
                shape->style = SHAPE_TIME_COMMIT;
                shape->numbers[0] = before;
        } else if (is_commit(last) && !has_digits(shape->prefix)) {
                shape->style = SHAPE_COMMIT;
                return true;
        } else {
                return false;
        }
        shape->n_numbers = 1;
        shape->prefix.size = (size_t)(before.data - tag);
        return true;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Finds the first number that begins a version. It is at the start, after a separator or after v.
 * After any other character it must also end the tag. */
static const char *find_numbers(const char *tag, TagShape *shape)
{
        const char *end = tag + strlen(tag);

        for (const char *at = tag; *at; at++) {
                bool is_after_v =
                        at > tag && at[-1] == 'v' && (at == tag + 1 || is_separator(at[-2]));

                if (!is_digit(*at) || (at > tag && is_digit(at[-1])))
                        continue;
                if (at > tag && !is_after_v && !is_separator(at[-1]) &&
                    at + digits_span(at, end) < end)
                        continue;
                shape->has_v = is_after_v;
                shape->prefix = (ShapeSpan){ tag, (size_t)(at - tag) - is_after_v };
                return at;
        }
        return NULL;
}

static const char *read_numbers(const char *at, TagShape *shape)
{
        const char *end = at + strlen(at);

        for (;;) {
                size_t n = digits_span(at, end);

                shape->numbers[shape->n_numbers++] = (ShapeSpan){ at, n };
                at += n;
                if (shape->n_numbers == SHAPE_NUMBERS_MAX || *at != '.' || !is_digit(at[1]))
                        return at;
                at++;
        }
}

/* True if a text begins with a month and day, such as "-11-23" after a year. */
static bool is_rest_of_day(const char *at)
{
        return strlen(at) >= 6 && at[0] == '-' && digits_span(at + 1, at + 3) == 2 &&
               at[3] == '-' && digits_span(at + 4, at + 6) == 2 && !is_digit(at[6]);
}

static ShapeStyle style_of(const TagShape *shape, const char *rest)
{
        ShapeSpan first = shape->numbers[0];

        if (shape->n_numbers > 1 && is_year(first))
                return SHAPE_CALVER;
        if (shape->n_numbers > 3)
                return SHAPE_NUMERIC;
        if (shape->n_numbers > 1 || shape->has_v)
                return SHAPE_SEMVER;
        if (is_year(first) && is_rest_of_day(rest))
                return SHAPE_DATE;
        if ((first.size == 8 || first.size == 12 || first.size == 14) && is_day(first.data))
                return SHAPE_DATE;
        return SHAPE_BUILD;
}

/* --- suffixes --------------------------------------------------------------------------------- */

static bool is_word_of(const char *const *words, ShapeSpan text)
{
        for (; *words; words++) {
                size_t i = 0;

                while (i < text.size && (*words)[i] == text_lower(text.data[i]))
                        i++;
                if (i == text.size && !(*words)[i])
                        return true;
        }
        return false;
}

static bool is_digits_and_dots(const char *at)
{
        while (is_digit(*at) || is_separator(*at))
                at++;
        return !*at;
}

/* Reads the suffix of a prerelease in the form of PEP 440: an optional dot, a word and a number. */
static bool read_pep440(const char *at, TagShape *shape)
{
        static const char *const words[] = { "a",    "b",   "c",       "rc",  "alpha",
                                             "beta", "pre", "preview", "dev", NULL };
        const char *word = at + (*at == '.'), *rest = word;

        while (is_letter(*rest))
                rest++;
        shape->suffix_word = (ShapeSpan){ word, (size_t)(rest - word) };
        if (!is_word_of(words, shape->suffix_word) || !is_digit(*rest) ||
            rest[digits_span(rest, rest + strlen(rest))])
                return false;
        shape->suffix = SUFFIX_PEP440;
        return true;
}

/* Reads the text after the word of a prerelease: numbers, and possibly a variant. */
static void read_prerelease(const char *rest, TagShape *shape)
{
        const char *end = rest + strlen(rest);

        if (is_digits_and_dots(rest)) {
                shape->suffix = SUFFIX_PRERELEASE;
                shape->is_prerelease = true;
                return;
        }
        while (is_digit(*rest) || *rest == '.')
                rest++;
        shape->suffix = SUFFIX_ODD;
        if (*rest != '-' || !is_letter(rest[1]))
                return;
        shape->suffix = SUFFIX_VARIANT;
        shape->suffix_text = (ShapeSpan){ rest, (size_t)(end - rest) };
        shape->is_prerelease = true;
}

static void read_suffix(const char *at, TagShape *shape)
{
        static const char *const prereleases[] = { "alpha",   "beta",    "rc", "dev",      "pre",
                                                   "cr",      "preview", "m",  "snapshot", "canary",
                                                   "nightly", "next",    "ea", NULL };
        static const char *const counters[] = { "ls", "r", "build", "p", "u", "rev", "post", NULL };
        const char *word = at + 1, *rest = word;

        shape->suffix_text = (ShapeSpan){ at, strlen(at) };
        if (!*at)
                return;
        if (read_pep440(at, shape))
                return;
        if (!is_separator(*at) || !*word) {
                shape->suffix = SUFFIX_ODD;
                return;
        }
        while (is_letter(*rest))
                rest++;
        shape->suffix_word = (ShapeSpan){ word, (size_t)(rest - word) };
        if (*at == '-' && is_word_of(prereleases, shape->suffix_word))
                read_prerelease(rest, shape);
        else if ((shape->suffix_word.size == 0 || is_word_of(counters, shape->suffix_word)) &&
                 is_digit(*rest))
                shape->suffix =
                        rest[digits_span(rest, rest + strlen(rest))] ? SUFFIX_ODD : SUFFIX_COUNTER;
        else
                shape->suffix = SUFFIX_VARIANT;
}

TagShape shape_of_tag(const char *tag)
{
        TagShape shape = { .style = SHAPE_WORD };
        const char *at;

        if (read_commit(tag, &shape))
                return shape;
        shape.prefix = (ShapeSpan){ 0 };
        at = find_numbers(tag, &shape);
        if (!at)
                return shape;
        at = read_numbers(at, &shape);
        shape.style = style_of(&shape, at);
        if (shape.style == SHAPE_BUILD && has_digits(shape.prefix))
                shape.style = SHAPE_WORD; /* a name with digits, such as alpine3.19 */
        if (shape.style != SHAPE_DATE)
                read_suffix(at, &shape);
        return shape;
}
