#include "guess/family.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/* Returns the length of a variant before its first digit. Variants that differ only in numbers are
 * one family, such as -alpine3.19 and -alpine3.20, or -jdk17 and -jdk21. */
static size_t variant_size(ShapeSpan suffix)
{
        size_t n = 1;

        while (n < suffix.size && !(suffix.data[n] >= '0' && suffix.data[n] <= '9'))
                n++;
        return n;
}

static const char *suffix_text_of(const TagShape *shape, Arena *arena)
{
        ShapeSpan suffix = shape->suffix_text;

        switch (shape->suffix) {
        case SUFFIX_VARIANT:
                if (variant_size(suffix) == suffix.size)
                        return arena_strndup(arena, suffix.data, suffix.size);
                return arena_printf(arena, "%.*s#", (int)variant_size(suffix), suffix.data);
        case SUFFIX_COUNTER: return arena_strndup(arena, suffix.data, 1 + shape->suffix_word.size);
        case SUFFIX_NONE:
        case SUFFIX_PRERELEASE:
        case SUFFIX_PEP440:
        case SUFFIX_ODD: break;
        }
        return "";
}

static bool is_one_of(ShapeSpan word, const char *text)
{
        return strlen(text) == word.size && memcmp(word.data, text, word.size) == 0;
}

static int note_word(const char *words[FAMILY_WORDS_MAX], ShapeSpan word, Arena *arena)
{
        for (size_t i = 0; i < FAMILY_WORDS_MAX; i++) {
                if (!words[i]) {
                        words[i] = arena_strndup(arena, word.data, word.size);
                        return words[i] ? 0 : -ENOMEM;
                }
                if (is_one_of(word, words[i]))
                        return 0;
        }
        return 0;
}

static void note_field(FamilyField *field, ShapeSpan number)
{
        unsigned value = shape_value(number);

        field->min = MIN(field->min, value);
        field->max = MAX(field->max, value);
        field->has_zero |= number.size > 1 && *number.data == '0';
        field->has_single |= number.size == 1;
}

static int note_tag(Family *family, const TagShape *shape, Arena *arena)
{
        bool is_first = family->n++ == 0;

        family->n_with_v += shape->has_v;
        family->n_of[shape->n_numbers]++;
        for (unsigned i = 0; i < shape->n_numbers; i++)
                note_field(&family->fields[i], shape->numbers[i]);
        if (shape->n_numbers > 0) {
                unsigned digits = (unsigned)shape->numbers[0].size;

                family->digits_min = is_first ? digits : MIN(family->digits_min, digits);
                family->digits_max = MAX(family->digits_max, digits);
        }
        if (shape->suffix == SUFFIX_PEP440) {
                family->n_pep440++;
                return note_word(family->pep440_words, shape->suffix_word, arena);
        }
        if (!shape->is_prerelease)
                return 0;
        family->n_prereleases++;
        return note_word(family->words, shape->suffix_word, arena);
}

/* Returns the suffix of the family. A prerelease belongs to the family of its releases. */
static ShapeSuffix suffix_of_family(const TagShape *shape)
{
        return shape->suffix == SUFFIX_PRERELEASE || shape->suffix == SUFFIX_PEP440 ? SUFFIX_NONE
                                                                                    : shape->suffix;
}

static int family_new(Families *families, const char *key, const char *tag, const TagShape *shape,
                      const char *suffix, Family **ret)
{
        Family *family = arena_alloc(families->arena, sizeof(*family));

        if (!family)
                return -ENOMEM;
        family->style = shape->style;
        family->suffix = suffix_of_family(shape);
        family->suffix_text = suffix;
        family->prefix = arena_strndup(
                families->arena, shape->prefix.size ? shape->prefix.data : "", shape->prefix.size);
        for (size_t i = 0; i < SHAPE_NUMBERS_MAX; i++)
                family->fields[i].min = UINT_MAX;
        family->example = arena_strdup(families->arena, tag);
        if (!family->example || !family->prefix ||
            map_put(&families->by_key, key, family, NULL) < 0)
                return -ENOMEM;
        *ret = family;
        return 0;
}

int family_add(Families *families, const char *tag)
{
        TagShape shape = shape_of_tag(tag);
        const char *suffix, *key;
        Family *family;
        int r;

        suffix = suffix_text_of(&shape, families->arena);
        key = suffix ? arena_printf(families->arena, "%d %d %.*s %s", (int)shape.style,
                                    (int)suffix_of_family(&shape), (int)shape.prefix.size,
                                    shape.prefix.size ? shape.prefix.data : "", suffix)
                     : NULL;
        if (!key)
                return -ENOMEM;
        family = map_get(&families->by_key, key);
        if (!family) {
                if (families->by_key.n >= GUESS_FAMILIES_MAX)
                        return 0;
                r = family_new(families, key, tag, &shape, suffix, &family);
                if (r < 0)
                        return r;
        }
        return note_tag(family, &shape, families->arena);
}

unsigned family_n_numbers(const Family *family)
{
        unsigned best = 1;

        for (unsigned i = 1; i <= SHAPE_NUMBERS_MAX; i++)
                if (family->n_of[i] * 2 >= family->n_of[best])
                        best = i;
        return best;
}
