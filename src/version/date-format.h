#pragma once

/* dateFormat: the form of calver versions in the terms of calver.org, such as YYYY.0M.MICRO. The
 * format is parsed again for each version, which takes less time than reading the version. */

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
        const char *word; /* as in calver.org, such as "0M" */
        DateToken token;
        unsigned min, max; /* number of digits; max 0: no maximum */
        char separator;    /* before this piece; 0: none */
        /* the width is fixed, because a number without a separator is next to this one */
        bool is_fixed;
} DatePiece;

typedef struct DateFormat {
        const char *text;
        DatePiece pieces[DATE_TOKEN_MAX_];
        size_t n;
        size_t n_numbers;
        bool is_bound; /* for the bound of a range: all pieces after the first are optional */
} DateFormat;

/* Parses a dateFormat. Returns 0 or ERROR_INVALID. *ret borrows text. */
int date_format_parse(const char *text, DateFormat *ret, Error *err);

/* Reads text in this format. The other parameters are as in date_read(). */
int date_format_read(const DateFormat *format, const char *text, size_t size, Arena *arena,
                     DateText *ret, const char **ret_reason);
