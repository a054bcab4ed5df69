#pragma once

/* Calendar expressions in the grammar of systemd.time(7), OnCalendar=: "Mon..Fri 09:00", "*-02~01",
 * "hourly". They are in local time with full seconds: a zone, a fraction of a second and "@SECONDS"
 * are refused. No library exports a parser of this grammar. Pure. */

#include "base/error.h"
#include "calendar/civil.h"

#define CALENDAR_YEAR_WORDS 4 /* words of 64 bits, with one bit for each year */

/* Sets of values, with one bit for each value. */
typedef struct CalendarDays {
        uint64_t years[CALENDAR_YEAR_WORDS]; /* bit 0: CIVIL_YEAR_MIN */
        uint16_t months;                     /* bit 1: January */
        uint32_t days;                       /* bit 1: the first of the month */
        uint32_t last_days;                  /* bit 1: the last of the month */
        uint8_t weekdays;                    /* bit 0: Monday */
} CalendarDays;

typedef struct CalendarTimes {
        uint32_t hours;
        uint64_t minutes, seconds;
} CalendarTimes;

typedef struct CalendarExpression {
        CalendarDays days;
        CalendarTimes times;
        /* the text has a time of day, or a word such as "daily" implies one */
        bool has_times;
} CalendarExpression;

/* Parses an expression. Returns 0, or ERROR_INVALID for an invalid text or if no such date exists.
 * The message does not quote the text. */
int calendar_expression_parse(const char *text, CalendarExpression *ret, Error *err);

/* Returns true if the expression matches this day. */
bool calendar_days_match(const CalendarDays *days, int64_t day);

/* Finds the first matching day at or after day (step 1), or the last one at or before it (step -1).
 * Returns false if there is none from CIVIL_YEAR_MIN to CIVIL_YEAR_MAX. Adds to *work the number of
 * days, months and years that it compared. */
bool calendar_days_find(const CalendarDays *days, int64_t day, int step, int64_t *ret,
                        size_t *work);

/* calendar_next() finds the first matching local time >= local, calendar_previous() the last one <=
 * local. Both return false if there is none, and add to *work like calendar_days_find(). */
bool calendar_next(const CalendarExpression *expression, int64_t local, int64_t *ret, size_t *work);
bool calendar_previous(const CalendarExpression *expression, int64_t local, int64_t *ret,
                       size_t *work);
