#include "calendar/calendar.h"

#include "base/limits.h"
#include "base/macros.h"

/* The reason why a calendar is closed. */
typedef struct Closed {
        size_t window; /* the one that denies; n: none allows */
        int64_t until; /* it is closed at least up to then; INT64_MAX: it does not open again */
} Closed;

/* Returns true and *ret if the calendar is closed at the instant. */
static bool calendar_closed(const Calendar *calendar, int64_t instant, Closed *ret)
{
        bool allows = true;
        int64_t end, next;

        *ret = (Closed){ .window = calendar->n, .until = INT64_MAX };
        for (size_t i = 0; i < calendar->n; i++) {
                const Window *window = &calendar->windows[i];

                if (window->denies && window_covers(window, instant, &end)) {
                        *ret = (Closed){ .window = i, .until = end };
                        return true;
                }
        }
        for (size_t i = 0; i < calendar->n; i++) {
                const Window *window = &calendar->windows[i];

                if (window->denies)
                        continue;
                if (window_covers(window, instant, &end))
                        return false;
                allows = false;
                if (window_next(window, instant, &next))
                        ret->until = MIN(ret->until, next);
        }
        return !allows;
}

CalendarAnswer calendar_evaluate(const Calendar *calendars, size_t n, usec_t now)
{
        int64_t instant = (int64_t)(now / USEC_PER_SEC);
        CalendarAnswer answer = { .is_open = true, .opens_at = now };
        Closed closed;
        size_t steps = 0;

        for (size_t i = 0, n_open = 0; n_open < n; i = (i + 1) % n) {
                if (!calendar_closed(&calendars[i], instant, &closed)) {
                        n_open++;
                        continue;
                }
                if (answer.is_open) {
                        answer.calendar = i;
                        answer.window = closed.window;
                }
                answer.is_open = false;
                if (closed.until == INT64_MAX) {
                        answer.never = true;
                        return answer;
                }
                instant = closed.until;
                answer.opens_at = (usec_t)instant * USEC_PER_SEC;
                if (++steps >= WINDOW_STEPS_MAX) {
                        answer.is_estimate = true;
                        return answer;
                }
                n_open = 0;
                i += n - 1; /* the same one again */
        }
        return answer;
}
