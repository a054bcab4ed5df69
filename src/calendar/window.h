#pragma once

/* A window: times in which promotions are allowed or denied. There are three forms:
 *
 * - 'Mon..Fri 09:00..16:00': days and a range of clock times. Open while the local clock shows such
 *   a time. A time that the clock skips does not occur; a time that it repeats occurs twice. Days
 *   without clock times are complete days.
 * - '2026-12-20..2027-01-02': a range of dates, the last one included. With clock times the end is
 *   excluded. The range is in local time too.
 * - 'Mon..Fri 09:00' with for 8h: starts by calendar/expression.h. At each start the window opens
 *   for that elapsed time. A start that the clock skips is at the instant of the skip. If the clock
 *   repeats a start, only the first one counts.
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
        /* for WINDOW_STARTS; WINDOW_TIMES uses its days only */
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

/* window_covers() and window_next() add a fixed number to *work, and the number of days that they
 * compared.
 *
 * Returns true if an interval of the window contains the instant. Then sets *ret_end to a later
 * instant: the window contains all instants from the given one to *ret_end. */
bool window_covers(const Window *window, int64_t instant, int64_t *ret_end, size_t *work);

/* Finds the first instant after the given one that the window contains. The window must not contain
 * the given instant. Returns false if there is none. */
bool window_next(const Window *window, int64_t instant, int64_t *ret, size_t *work);
