#include "calendar/calendar.h"

#include "base/limits.h"
#include "base/macros.h"

/* The next begin of each window of one calendar, stored so that a later step does not search for it
 * again. */
typedef struct CalendarSearch {
        const Calendar *calendar; /* the calendar to which `next` belongs; NULL: none yet */
        /* next begin of each window; INT64_MIN: not known; INT64_MAX: the window does not begin
         * again */
        int64_t next[WINDOWS_MAX];
        /* the search continues at later instants, so it finds and stores the next begin of
         * windows */
        bool looks_ahead;
        size_t work;
} CalendarSearch;

/* The reason why a calendar is closed. */
typedef struct Closed {
        /* index of the window that denies; the number of windows if no window allows */
        size_t window;
        int64_t until; /* the calendar is closed at least until then; INT64_MAX: indefinitely */
} Closed;

static void search_begin(CalendarSearch *search, const Calendar *calendar)
{
        if (search->calendar == calendar)
                return;
        search->calendar = calendar;
        for (size_t i = 0; i < WINDOWS_MAX; i++)
                search->next[i] = INT64_MIN;
}

/* Returns the next begin of a window that does not contain the instant; INT64_MAX if there is none.
 */
static int64_t search_next(CalendarSearch *search, size_t i, int64_t instant)
{
        int64_t next;

        if (i < WINDOWS_MAX && instant < search->next[i])
                return search->next[i];
        if (!window_next(&search->calendar->windows[i], instant, &next, &search->work))
                next = INT64_MAX;
        if (i < WINDOWS_MAX)
                search->next[i] = next;
        return next;
}

static bool search_covers(CalendarSearch *search, size_t i, int64_t instant, int64_t *ret_end)
{
        if (i < WINDOWS_MAX && instant < search->next[i])
                return false;
        if (window_covers(&search->calendar->windows[i], instant, ret_end, &search->work))
                return true;
        if (search->looks_ahead && search->work < WINDOW_WORK_MAX)
                (void)search_next(search, i, instant);
        return false;
}

/* Returns true and sets *ret if the calendar is closed at the instant. If the work reaches
 * WINDOW_WORK_MAX, ret->until may be the instant itself. */
static bool search_closed(CalendarSearch *search, int64_t instant, Closed *ret)
{
        const Calendar *calendar = search->calendar;
        bool allows = true;
        int64_t end;

        *ret = (Closed){ .window = calendar->n, .until = INT64_MAX };
        for (size_t i = 0; i < calendar->n; i++)
                if (calendar->windows[i].denies && search_covers(search, i, instant, &end)) {
                        *ret = (Closed){ .window = i, .until = end };
                        return true;
                }
        for (size_t i = 0; i < calendar->n; i++) {
                if (calendar->windows[i].denies)
                        continue;
                if (search_covers(search, i, instant, &end))
                        return false;
                allows = false;
        }
        for (size_t i = 0; i < calendar->n && !allows; i++) {
                if (calendar->windows[i].denies)
                        continue;
                if (search->work >= WINDOW_WORK_MAX)
                        ret->until = instant;
                else
                        ret->until = MIN(ret->until, search_next(search, i, instant));
        }
        return !allows;
}

/* If the reason is that no window allows promotions, replaces the reason with a window of a later
 * calendar that denies them. For a person, a denial is the harder one to change. */
static void search_denied(const Calendar *calendars, size_t n, int64_t instant,
                          CalendarAnswer *answer, size_t *work)
{
        int64_t end;

        for (size_t i = answer->calendar + 1;
             i < n && answer->window == calendars[answer->calendar].n; i++)
                for (size_t j = 0; j < calendars[i].n; j++)
                        if (calendars[i].windows[j].denies &&
                            window_covers(&calendars[i].windows[j], instant, &end, work)) {
                                answer->calendar = i;
                                answer->window = j;
                                return;
                        }
}

CalendarAnswer calendar_evaluate_until(const Calendar *calendars, size_t n, usec_t now,
                                       usec_t until)
{
        int64_t instant = (int64_t)(now / USEC_PER_SEC);
        CalendarAnswer answer = { .is_open = true, .opens_at = now };
        CalendarSearch search = { 0 };
        Closed closed;

        for (size_t i = 0, n_open = 0; n_open < n; i = (i + 1) % n) {
                search_begin(&search, &calendars[i]);
                if (!search_closed(&search, instant, &closed)) {
                        n_open++;
                        continue;
                }
                if (answer.is_open) {
                        answer.calendar = i;
                        answer.window = closed.window;
                        search_denied(calendars, n, instant, &answer, &search.work);
                }
                answer.is_open = false;
                search.looks_ahead = true;
                if (closed.until == INT64_MAX) {
                        answer.never = true;
                        break;
                }
                instant = closed.until;
                answer.opens_at = (usec_t)instant * USEC_PER_SEC;
                if (search.work >= WINDOW_WORK_MAX || answer.opens_at >= until) {
                        answer.is_estimate = true;
                        break;
                }
                n_open = 0;
                i += n - 1; /* evaluates the same calendar again */
        }
        answer.work = search.work;
        return answer;
}

CalendarAnswer calendar_evaluate(const Calendar *calendars, size_t n, usec_t now)
{
        return calendar_evaluate_until(calendars, n, now, USEC_INFINITY);
}
