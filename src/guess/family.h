#pragma once

/* A family contains all tags of one shape, so that one rule can read them. Private to this
 * folder. */

#include "base/map.h"
#include "guess/shape.h"

#define FAMILY_WORDS_MAX 4 /* maximum number of prerelease words of a family; each gets a rule */

/* Properties of the numbers at one position of all tags of a family. */
typedef struct FamilyField {
        unsigned min, max;
        bool has_zero;   /* in some tag the number has a leading zero, such as 07 */
        bool has_single; /* in some tag the number has one digit, such as 7 */
} FamilyField;

typedef struct Family {
        ShapeStyle style;
        const char *prefix;
        ShapeSuffix suffix; /* if SUFFIX_NONE, the family includes prereleases */
        /* such as "-alpine" for a variant, "-ls" for a counter; "#" at its end stands for numbers
         * that differ */
        const char *suffix_text;
        size_t n, n_with_v, n_prereleases;
        size_t n_pep440; /* number of prereleases without a hyphen, such as 1.2.3rc1 */
        size_t n_of[SHAPE_NUMBERS_MAX + 1]; /* n_of[N]: tags that have N numbers */
        FamilyField fields[SHAPE_NUMBERS_MAX];
        /* words of prereleases; NULL follows the last one, unless the array is full */
        const char *words[FAMILY_WORDS_MAX];
        const char *pep440_words[FAMILY_WORDS_MAX];
        unsigned digits_min, digits_max; /* number of digits of the first number */
        const char *example;
} Family;

typedef struct Families {
        Map by_key;
        Arena *arena;
} Families;

/* Adds a tag to its family. Makes at most GUESS_FAMILIES_MAX families and ignores further tags.
 * Returns 0 or -ENOMEM. */
int family_add(Families *families, const char *tag);

/* Returns how many numbers a complete version has. A larger count wins if at least half as many
 * tags have it, because partial versions, such as 1.25 beside 1.25.3, may be frequent. */
unsigned family_n_numbers(const Family *family);
