#pragma once

/* When an environment is open: the answer of all its calendars at one instant. Pure.
 *
 * A calendar is a list of windows. It is open if no window that denies contains the instant, and
 * one that allows does, or none allows. An environment is open if each of its calendars is. */

#include "calendar/window.h"

typedef struct Calendar {
        const Window *windows; /* borrowed */
        size_t n;
} Calendar;

typedef struct CalendarAnswer {
        bool is_open;
        size_t calendar;  /* the first one that denies, or else the first that does not allow */
        size_t window;    /* of it: the one that denies; n: none allows */
        bool never;       /* it does not open again */
        usec_t opens_at;  /* unless never. With is_estimate, it does not open before that time */
        bool is_estimate; /* windows that are too short were not followed to their end */
        size_t work;      /* what it took, as WINDOW_WORK_MAX counts it */
} CalendarAnswer;

/* opens_at is the first instant, a full second, at which all calendars are open. */
CalendarAnswer calendar_evaluate(const Calendar *calendars, size_t n, usec_t now);
