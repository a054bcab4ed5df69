#pragma once

/* dateFormat: the form of calver versions in the terms of calver.org, such as YYYY.0M.MICRO. A
 * format is read again for each version, which takes less time than the version itself. */

#include "version/date-text.h"

typedef enum DateToken {
        DATE_YEAR,
        DATE_MONTH,
        DATE_WEEK,
        DATE_DAY,
        DATE_MAJOR,
        DATE_MINOR,
        DATE_MICRO,
        DATE_MODIFIER,
        DATE_TOKEN_MAX_,
} DateToken;

typedef struct DatePiece {
        const char *word; /* as in calver.org: "0M" */
        DateToken token;
        unsigned min, max; /* digits; max 0: any number */
        char separator;    /* between it and the previous piece; 0: none */
        bool is_fixed;     /* no separator before or after it: its width must be fixed */
} DatePiece;

typedef struct DateFormat {
        const char *text;
        DatePiece pieces[DATE_TOKEN_MAX_];
        size_t n;
        size_t n_numbers;
        bool is_bound; /* the format of a bound in a range: everything after the first number is
                          optional */
} DateFormat;

/* Fails with ERROR_INVALID. *ret borrows text. */
int date_format_parse(const char *text, DateFormat *ret, Error *err);

/* Reads text in this format. The other parameters are those of date_read(). */
int date_format_read(const DateFormat *format, const char *text, size_t size, Arena *arena,
                     DateText *ret, const char **ret_reason);
