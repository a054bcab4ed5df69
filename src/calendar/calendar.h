#pragma once

/* Decides whether all calendars of an environment are open at an instant, or when they open next.
 * Pure.
 *
 * A calendar is a list of windows that allow or deny. At an instant it is closed if a window that
 * denies contains the instant. Otherwise it is open if a window that allows contains the instant,
 * or if the calendar has no window that allows. An environment is open if all its calendars are
 * open. */

#include "calendar/window.h"

typedef struct Calendar {
        const Window *windows; /* borrowed */
        size_t n;
} Calendar;

typedef struct CalendarAnswer {
        bool is_open;
        /* index of the first calendar that denies, or else of the first that does not allow; not
         * set if is_open */
        size_t calendar;
        /* index of the window that denies; the number of windows if no window allows */
        size_t window;
        bool never; /* the windows do not open again */
        /* not set if never; with is_estimate, the windows open at this time or later */
        usec_t opens_at;
        bool is_estimate; /* the search stopped at WINDOW_WORK_MAX, or at the given time */
        size_t work;      /* cost of the search, in the unit of WINDOW_WORK_MAX */
} CalendarAnswer;

/* Evaluates calendars at now. opens_at is the first full second at which all calendars are open. */
CalendarAnswer calendar_evaluate(const Calendar *calendars, size_t n, usec_t now);
/* Same as calendar_evaluate(), but does not search beyond the time `until`. */
CalendarAnswer calendar_evaluate_until(const Calendar *calendars, size_t n, usec_t now,
                                       usec_t until);
