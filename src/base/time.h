#pragma once

/* Times are microseconds in a uint64_t: since 1970 UTC (wall clock), or since boot (monotonic).
 * Pure code gets the time as a parameter and does not read a clock. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef uint64_t usec_t;

#define USEC_INFINITY ((usec_t)UINT64_MAX)
#define USEC_PER_SEC  ((usec_t)1000000)
#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY  (24 * USEC_PER_HOUR)

usec_t time_wall(void);
usec_t time_monotonic(void); /* CLOCK_BOOTTIME: continues during suspend, never jumps */

/* Reads the clock in every STEPS_OF_CLOCK-th step n of a loop, because reading it takes as long as
 * a short step. True if the clock was read and the time `until` has passed. */
#define STEPS_OF_CLOCK 256
static inline bool time_is_up(size_t n, usec_t until)
{
        return n % STEPS_OF_CLOCK == 0 && time_monotonic() >= until;
}

/* Writes a time as "2026-11-23T17:00:00Z": UTC with seconds (RFC 3339). Times after the year 9999
 * become its last second. Returns ret_text. */
#define TIME_TEXT_SIZE 21
const char *time_format(usec_t wall, char ret_text[TIME_TEXT_SIZE]);

/* Reads an RFC 3339 time with any offset and fraction. Returns 0, or -EINVAL for any other text,
 * for dates that do not exist and for times before 1970. */
int time_parse(const char *text, usec_t *ret_wall);

/* True if the date exists in the proleptic Gregorian calendar. */
bool date_is_valid(long year, unsigned month, unsigned day);

/* Reads a duration such as "90s", "5m", "24h", "7d", "250ms", "1h30m" or "0". Returns 0, -ERANGE if
 * it is too large, or -EINVAL for any other text, such as a sign, a fraction or an unknown unit. */
int duration_parse(const char *text, usec_t *ret);

/* Reads a time in the form of time_parse(), a date, "today" or "yesterday" (the beginning of the
 * day in UTC), or a duration before now ("2h"). Returns 0 or -EINVAL. */
int time_parse_past(const char *text, usec_t now, usec_t *ret_wall);

/* Writes a duration in the form of duration_parse(), largest units first, such as "1h30m". Returns
 * ret_text. */
#define DURATION_TEXT_SIZE 48
const char *duration_format(usec_t duration, char ret_text[DURATION_TEXT_SIZE]);
