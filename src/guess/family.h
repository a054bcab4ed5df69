#pragma once

/* A family is the tags of one shape, which one rule can read. Private to this folder. */

#include "base/map.h"
#include "guess/shape.h"

#define FAMILY_WORDS_MAX 4 /* prerelease words of a family, each of which gets a rule */

/* Common properties of the numbers at one position of all tags. */
typedef struct FamilyField {
        unsigned min, max;
        bool has_zero;   /* a tag has a leading zero there, such as 07 */
        bool has_single; /* a tag has one digit there, such as 7 */
} FamilyField;

typedef struct Family {
        ShapeStyle style;
        const char *prefix;
        ShapeSuffix suffix; /* SUFFIX_NONE: prereleases belong to the family too */
        /* "-alpine" of a variant, "-ls" of a counter; ends with "#" where the numbers differ */
        const char *suffix_text;
        size_t n, n_with_v, n_prereleases;
        size_t n_pep440; /* number of prereleases without a hyphen, such as 1.2.3rc1 */
        size_t n_of[SHAPE_NUMBERS_MAX + 1]; /* n_of[N]: tags that have N numbers */
        FamilyField fields[SHAPE_NUMBERS_MAX];
        /* words of prereleases; a NULL follows the last, unless the array is full */
        const char *words[FAMILY_WORDS_MAX];
        const char *pep440_words[FAMILY_WORDS_MAX];
        unsigned digits_min, digits_max; /* digits of the first number, minimum and maximum */
        const char *example;
} Family;

typedef struct Families {
        Map by_key;
        Arena *arena;
} Families;

/* Adds a tag to its family. Ignores a tag that would need more than GUESS_FAMILIES_MAX families.
 * Returns 0 or -ENOMEM. */
int family_add(Families *families, const char *tag);

/* Returns how many numbers complete versions have. More numbers win over fewer if at least half as
 * many tags have them, because partial versions, such as 1.25 beside 1.25.3, may be frequent. */
unsigned family_n_numbers(const Family *family);
