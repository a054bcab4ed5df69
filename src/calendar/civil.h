#pragma once

/* Dates and clock times without a zone. A local time is in seconds since 1970-01-01 00:00:00 on a
 * local clock. The calendar is the proleptic Gregorian one. Pure. */

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY      INT64_C(86400)
#define CIVIL_YEAR_MIN 1970
#define CIVIL_YEAR_MAX 2199 /* as in systemd.time(7): calendars have no day after this year */

typedef struct Date {
        int year;
        int month; /* 1 to 12 */
        int day;   /* 1 to 31 */
} Date;

/* Returns the days from 1970-01-01 to a date; negative for earlier dates. */
int64_t date_to_days(Date date);
Date date_from_days(int64_t days);

/* Returns the number of days of a month, 28 to 31. */
int month_days(int year, int month);

/* Returns the weekday of a day: 0 for Monday to 6 for Sunday. */
int days_weekday(int64_t days);

/* local_days() returns the day of a local time, in days since 1970-01-01. local_seconds() returns
 * the seconds since midnight of that day. */
int64_t local_days(int64_t local);
int64_t local_seconds(int64_t local);
