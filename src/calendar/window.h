#pragma once

/* A window: times in which promotions are allowed or denied. There are three forms:
 *
 * - 'Mon..Fri 09:00..16:00': days and a range of clock times. Open while the local clock shows such
 *   a time. A time that the clock skips does not occur; one that it repeats occurs twice. Days
 *   without times are complete days.
 * - '2026-12-20..2027-01-02': a range of dates, the last one included. With times the end is
 *   excluded. The local clock counts here, too.
 * - 'Mon..Fri 09:00' with for 8h: starts by calendar/expression.h. Each opens for that elapsed
 *   time. A start that the clock skips is at the instant of the skip; of a repeated start only the
 *   first one counts.
 *
 * Instants are seconds since 1970 UTC. */

#include <stdbool.h>

#include "base/time.h"
#include "calendar/expression.h"
#include "calendar/zone.h"
#include "model/calendar.h"

typedef enum WindowForm {
        WINDOW_TIMES,
        WINDOW_DATES,
        WINDOW_STARTS,
} WindowForm;

typedef struct Window {
        WindowForm form;
        bool denies;
        const Zone *zone; /* borrowed from a Zones */
        /* for WINDOW_STARTS; for WINDOW_TIMES only its days are used */
        CalendarExpression expression;
        /* WINDOW_TIMES: seconds of a day; WINDOW_DATES: local times; to is excluded */
        int64_t from, to;
        int64_t duration; /* seconds; only for WINDOW_STARTS */
} Window;

/* The field of a window that an error is about. */
typedef enum WindowField {
        WINDOW_FIELD_CALENDAR, /* allow or deny */
        WINDOW_FIELD_ZONE,
        WINDOW_FIELD_FOR,
} WindowField;

/* Parses a window. Returns 0, or a negative errno with *ret_field set. *ret borrows its zone from
 * zones. */
int window_parse(const WindowSpec *spec, Zones *zones, Window *ret, WindowField *ret_field,
                 Error *err);

/* Both functions add a fixed number to *work, and the number of days that they compared.
 *
 * Returns true if an interval of the window contains the instant. Then it sets *ret_end to a later
 * instant: the window contains all instants before it. */
bool window_covers(const Window *window, int64_t instant, int64_t *ret_end, size_t *work);

/* Finds the first instant after the given one that the window contains; the given one must not be
 * in it. Returns false if there is none. */
bool window_next(const Window *window, int64_t instant, int64_t *ret, size_t *work);
