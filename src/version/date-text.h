#pragma once

/* A date version (calver) as numbers, most significant first, and a modifier such as rc1. Reading a
 * version allocates no memory, so that a range can compare many versions. Private to this
 * folder. */

#include "base/arena.h"
#include "version/digits.h"
#include "version/version.h"

/* A year, a month, a day and four counters. */
#define DATE_FIELDS_MAX 7

/* A number: digits in the text, or a copy. */
typedef struct DateField {
        Digits written; /* the number as written; if written.data is NULL, the number is in copy */
        char copy[8];   /* ends with NUL */
} DateField;

typedef struct DateText {
        DateField fields[DATE_FIELDS_MAX];
        size_t n_fields;
        size_t n_written; /* numbers in the text; the other fields are 0 */
        /* numbers in a complete version; a bound of a range may have fewer */
        size_t n_complete;
        const char *modifier; /* NULL: none */
        size_t modifier_size;
} DateText;

/* Reads text by the strategy, which is of type date. *ret borrows from text. Returns 0, -EINVAL
 * with *ret_reason (static, or allocated from the arena), or -ENOMEM. */
int date_read(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
              DateText *ret, const char **ret_reason);

/* Same as date_read(), for the bound of a range, which may also be only a year, or a year and a
 * month. */
int date_read_bound(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                    DateText *ret, const char **ret_reason);

/* Adds a number that borrows its digits from the text. Leading zeros are ignored. */
void date_add_written(DateText *date, const char *digits, size_t n);
/* Adds a number, which must be below 10,000,000. */
void date_add_number(DateText *date, unsigned number);

Digits date_digits(const DateText *date, size_t index);

/* Compares the first n fields. If one date has fewer fields, and the others are equal, the date
 * with more fields is greater. Returns <0, 0 or >0. */
int date_compare_fields(const DateText *a, const DateText *b, size_t n);
/* Compares all fields, then modifiers: the order of the sort keys. Returns <0, 0 or >0. */
int date_compare(const DateText *a, const DateText *b);
