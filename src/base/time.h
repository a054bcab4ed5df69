#pragma once

/* Time is microseconds in a uint64_t, wall clock since 1970 UTC or monotonic since boot. Pure code
 * takes the time as a parameter; only reconcile, ctl and relmand.c ask the clock. */

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
usec_t time_monotonic(void); /* CLOCK_BOOTTIME: goes on in suspend, never jumps */

/* True if step n reads the clock, and until has passed. Most steps do not read it: that takes as
 * long as a short step. */
#define STEPS_OF_CLOCK 256
static inline bool time_is_up(size_t n, usec_t until)
{
        return n % STEPS_OF_CLOCK == 0 && time_monotonic() >= until;
}

/* "2026-11-23T17:00:00Z": UTC with seconds, the only form that relman writes (RFC 3339). Years
 * after 9999 are clamped. */
#define TIME_TEXT_SIZE 21
const char *time_format(usec_t wall, char ret_text[TIME_TEXT_SIZE]);

/* Reads RFC 3339 with any offset and fraction. Returns -EINVAL for anything else, impossible dates
 * too. */
int time_parse(const char *text, usec_t *ret_wall);

/* True for a date of the proleptic Gregorian calendar. */
bool date_is_valid(long year, unsigned month, unsigned day);

/* "90s", "5m", "24h", "7d", "250ms", "1h30m"; a bare 0 is 0. Negative, fraction, unknown unit:
 * -EINVAL; too large: -ERANGE. */
int duration_parse(const char *text, usec_t *ret);

/* Reads a time as people write it: as time_parse(), a date (its beginning in UTC), "today",
 * "yesterday", or a duration back from now ("2h"). -EINVAL. */
int time_parse_past(const char *text, usec_t now, usec_t *ret_wall);

/* The shortest text duration_parse() reads back: 90s, 5m, 1h30m. */
#define DURATION_TEXT_SIZE 48
const char *duration_format(usec_t duration, char ret_text[DURATION_TEXT_SIZE]);
