#pragma once

/* Reads versions that are dates (calver). */

#include "base/arena.h"
#include "base/error.h"
#include "version/version.h"

typedef struct DatePart { /* the text of a named group; data NULL: not given */
        const char *data;
        size_t size;
} DatePart;

typedef struct DateParts {
        DatePart year;  /* 2 or 4 digits; required */
        DatePart month; /* 1 or 2 digits; required */
        DatePart day;   /* 1 or 2 digits */
        DatePart seq;   /* an integer of any length */
} DateParts;

/* Same as version_parse(), for a date whose parts are named groups of a rule's pattern. */
int date_parse_parts(const DateParts *parts, Arena *arena, Version *ret, const char **ret_reason);

/* Same as version_parse(), for a strategy with a dateFormat. */
int date_parse_format(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                      Version *ret, const char **ret_reason);

/* True if text has the form YYYY.MM.NUMBER. If a text of this form is not a date, the last number
 * is probably a counter. */
bool date_has_counter_for_day(const char *text, size_t size);

/* Checks the dateFormat of a spec. Returns 0 or ERROR_INVALID. */
int version_check_date_format(const char *format, Error *err);
