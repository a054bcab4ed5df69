#pragma once

/* The rule of a zone for the time after the last change that its file lists, such as
 * "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1-2017, section 8.3, with the extensions of RFC 9636). */

#include <stdbool.h>
#include <stdint.h>

typedef struct ZoneDay {
        enum {
                ZONE_DAY_MONTH,   /* the first (1) to last (5) of a weekday in a month */
                ZONE_DAY_JULIAN,  /* 1 to 365: the day numbers skip February 29 */
                ZONE_DAY_OF_YEAR, /* 0 to 365 */
        } form;
        int month, week, weekday; /* weekday: 0 is Sunday */
        int day;
        int64_t seconds; /* time after midnight; may be negative, or more than a day */
} ZoneDay;

typedef struct ZoneRule {
        int64_t offset; /* standard time is UTC + offset */
        bool has_summer;
        int64_t summer_offset;
        ZoneDay begin, end; /* begin and end of summer time */
} ZoneRule;

/* Parses a rule. Returns 0 or -EINVAL. */
int zone_rule_parse(const char *text, ZoneRule *ret);

/* These functions return the instant at which summer time begins or ends in a year. */
int64_t zone_rule_begin(const ZoneRule *rule, int year);
int64_t zone_rule_end(const ZoneRule *rule, int year);
