#pragma once

/* Versions that are dates (calver), also if a rule's pattern split them into named groups. */

#include "base/arena.h"
#include "base/error.h"
#include "version/version.h"

typedef struct DatePart { /* data NULL: not given */
        const char *data;
        size_t size;
} DatePart;

typedef struct DateParts {
        DatePart year;  /* 2 or 4 digits; required */
        DatePart month; /* 1 or 2 digits; required */
        DatePart day;   /* 1 or 2 digits */
        DatePart seq;   /* an integer of any length */
} DateParts;

/* Same as version_parse(), for a date in parts. */
int date_parse_parts(const DateParts *parts, Arena *arena, Version *ret, const char **ret_reason);

/* Same as version_parse(), for a strategy with a dateFormat. */
int date_parse_format(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                      Version *ret, const char **ret_reason);

/* True for year, month and a number, as in YYYY.MM.MICRO. If it is not a date, it is probably
 * calver with a counter. */
bool date_has_counter_for_day(const char *text, size_t size);

/* Checks dateFormat of a spec. ERROR_INVALID. */
int version_check_date_format(const char *format, Error *err);
