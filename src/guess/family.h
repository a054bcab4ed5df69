#pragma once

/* Tags of one shape, which one rule can read. Private to guess. */

#include "base/map.h"
#include "guess/shape.h"

#define FAMILY_WORDS_MAX 4 /* prerelease words that get a rule each */

/* The common properties of the numbers at one position. */
typedef struct FamilyField {
        unsigned min, max;
        bool has_zero;   /* a tag has it as 07 */
        bool has_single; /* a tag has it as 7 */
} FamilyField;

typedef struct Family {
        ShapeStyle style;
        const char *prefix;
        ShapeSuffix suffix;      /* SHAPE_SUFFIX_NONE: prereleases belong to the family too */
        const char *suffix_text; /* text of the suffix: variant "-alpine", counter "-ls" */
        size_t n, n_with_v, n_prereleases;
        size_t n_pep440; /* number of prereleases without a hyphen, such as 1.2.3rc1 */
        size_t n_of[SHAPE_NUMBERS_MAX + 1]; /* number of tags, by their number of numbers */
        FamilyField fields[SHAPE_NUMBERS_MAX];
        const char *words[FAMILY_WORDS_MAX]; /* words of prereleases; NULL-ended unless full */
        const char *pep440_words[FAMILY_WORDS_MAX];
        unsigned digits_min, digits_max; /* the range of the first number */
        const char *example;
} Family;

typedef struct Families {
        Map by_key;
        Arena *arena;
        size_t n_signatures;
} Families;

/* Adds a tag; one of a new shape beyond GUESS_FAMILIES_MAX is ignored. -ENOMEM. */
int family_add(Families *families, const char *tag);

/* Returns how many numbers most tags have. Partial versions (1.25 beside 1.25.3) are assumed to be
 * fewer. */
unsigned family_n_numbers(const Family *family);
