#pragma once

/* A date version (calver) as numbers, most significant first, and a modifier such as rc1. It is
 * read without memory, so that a range can compare many. Private to version. */

#include "base/arena.h"
#include "version/digits.h"
#include "version/version.h"

/* A year, a month, a day and four counters. */
#define DATE_FIELDS_MAX 7

/* data NULL: use copy */
typedef struct DateField {
        Digits written; /* data NULL: see copy */
        char copy[8];   /* ends with NUL */
} DateField;

typedef struct DateText {
        DateField fields[DATE_FIELDS_MAX];
        size_t n_fields;
        size_t n_written;     /* numbers in the text; the fields after them are 0 */
        size_t n_complete;    /* numbers of a complete version; a text with fewer is a range of
                                 versions */
        const char *modifier; /* NULL: none */
        size_t modifier_size;
} DateText;

/* Reads text by the strategy, which is of type date. *ret borrows from text. Returns 0; -EINVAL
 * with *ret_reason, text in the arena; -ENOMEM. */
int date_read(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
              DateText *ret, const char **ret_reason);

/* The same for the bound of a range, which may also be a year alone, or a year and a month. */
int date_read_bound(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                    DateText *ret, const char **ret_reason);

/* Adds a number with the digits of the text. Leading zeros do not count. */
void date_add_written(DateText *date, const char *digits, size_t n);
/* Adds a number below 10,000,000. */
void date_add_number(DateText *date, unsigned number);

Digits date_digits(const DateText *date, size_t index);

/* Compares the first n fields. If a or b has no more fields than that, also compares what follows:
 * modifiers. Returns <0, 0, >0. */
int date_compare_fields(const DateText *a, const DateText *b, size_t n);
/* Compares in the order of the sort keys. */
int date_compare(const DateText *a, const DateText *b);
