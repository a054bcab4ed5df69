#include "release/promotion-windows.h"

#include <errno.h>

#include "base/text.h"
#include "release/promotion-gates.h"

/* The pause between two searches for an opening that is not found yet. A search is costly, and may
 * stop near the current time. */
#define SEARCH_PAUSE    USEC_PER_MIN
#define CALENDARS_NAMED 3

/* Returns a text for the window that keeps the environment closed: "freeze", "business hours (allow
 * 'Mon..Fri 09:00..16:00')". */
static const char *window_label(const WindowSpec *window, Arena *arena)
{
        const char *label = window->name ? window->name : window->reason;
        const char *text = window->deny ? window->deny : window->allow;
        const char *word = window->deny ? "deny" : "allow";

        if (!label)
                return arena_printf(arena, "%s '%s' %s", word, text, window->zone);
        return arena_printf(arena, "%s (%s '%s' %s)", label, word, text, window->zone);
}

/* Returns a text for the window that denies, or for the windows that allow at other times. */
static const char *closed_by_windows(const WindowSpecs *windows, const CalendarAnswer *answer,
                                     Arena *arena)
{
        const char *label = NULL;
        size_t n = 0;

        if (answer->window < windows->n)
                return window_label(&windows->items[answer->window], arena);
        for (size_t i = 0; i < windows->n; i++) {
                if (!windows->items[i].allow)
                        continue;
                if (n++ == 0)
                        label = window_label(&windows->items[i], arena);
        }
        if (!label || n < 2)
                return label;
        return arena_printf(arena, "%s and %zu other%s", label, n - 1, n == 2 ? "" : "s");
}

static const char *closed_by(const PromotionInput *input, const CalendarAnswer *answer,
                             Arena *arena)
{
        const PromotionCalendar *calendar = &input->calendars.of[answer->calendar];
        const char *by = closed_by_windows(calendar->specs, answer, arena);

        return by && calendar->name ? arena_printf(arena, "calendar '%s': %s", calendar->name, by)
                                    : by;
}

/* Formats "its windows, calendar 'weekend' and 2 others". */
static const char *name_calendars(const PromotionCalendars *calendars, Arena *arena)
{
        size_t n_named = MIN(calendars->n, CALENDARS_NAMED), n_more = calendars->n - n_named;
        const char *text = "";

        for (size_t i = 0; text && i < n_named; i++) {
                const char *name = calendars->of[i].name;

                text = arena_printf(arena, "%s%s%s%s%s", text,
                                    text_separator(i, n_named + (n_more > 0), " and "),
                                    name ? "calendar '" : "its windows", name ? name : "",
                                    name ? "'" : "");
        }
        return text && n_more > 0 ? arena_printf(arena, "%s and %zu other%s", text, n_more,
                                                 text_plural(n_more))
                                  : text;
}

/* Describes a closed gate whose opening is only estimated. The text has neither the estimate nor
 * the window that is closed now, because both may differ at each evaluation. relmand stores and
 * logs a text again when it changes. */
static const char *closed_text_of_estimate(const PromotionInput *input, Arena *arena)
{
        const char *by = name_calendars(&input->calendars, arena);

        return by ? arena_printf(arena, "closed by %s; when %s is not known yet", by,
                                 input->calendars.n > 1 ? "all are open together" : "they open")
                  : NULL;
}

/* Formats "closed until 2026-11-30T08:00:00Z by freeze". */
static const char *closed_text(const PromotionInput *input, const CalendarAnswer *answer,
                               Arena *arena)
{
        const char *by;
        char until[TIME_TEXT_SIZE];

        if (answer->is_estimate)
                return closed_text_of_estimate(input, arena);
        by = closed_by(input, answer, arena);
        if (!by)
                return NULL;
        if (answer->never)
                return arena_printf(arena, "closed by %s, and no window opens again", by);
        return arena_printf(arena, "closed until %s by %s", time_format(answer->opens_at, until),
                            by);
}

static const char *closed_message(const PromotionInput *input, const char *closed, Arena *arena)
{
        const char *name = input->environment->object.meta.name, *release = input->release->name;

        if (!input->was_here)
                return arena_printf(arena, "release '%s' is not promoted: environment '%s' is %s",
                                    release, name, closed);
        return arena_printf(arena,
                            "release '%s' is not promoted: environment '%s' is %s; the release was "
                            "deployed there before and can be restored now: relmanctl promote %s "
                            "%s --reason TEXT",
                            release, name, closed, release, name);
}

/* Closes the gate because it is not known whether the environment is open. */
static int gate_unreadable(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *problem = input->windows_problem;
        const char *closed = arena_printf(arena, "closed: its windows cannot be read: %s", problem);
        int r;

        r = promotion_wait(ret, "WindowsUnreadable",
                           closed ? closed_message(input, closed, arena) : NULL,
                           arena_printf(arena, "windows that can be read (%s)", problem));
        ret->needs_action = true;
        ret->opened_by = "a change of its windows, or of the zone database";
        return r;
}

int promotion_gate_windows(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *closed, *message;
        CalendarAnswer answer;

        if (input->was_here && input->reason)
                return 0;
        if (input->windows_problem)
                return gate_unreadable(input, arena, ret);
        if (input->calendars.n == 0)
                return 0;
        answer = calendar_evaluate(input->calendars.items, input->calendars.n, input->now);
        if (answer.is_open)
                return 0;
        closed = closed_text(input, &answer, arena);
        message = closed ? closed_message(input, closed, arena) : NULL;
        *ret = (Promotion){
                .decision = PROMOTION_WAIT,
                .reason = answer.never ? "NeverOpens" : "WindowClosed",
                .message = message,
                .waits_for = closed ? arena_printf(arena, "a window: %s", closed) : NULL,
                .needs_action = answer.never,
                .opens_at = answer.never || answer.is_estimate ? 0 : answer.opens_at,
                .again_at = answer.is_estimate ? MAX(answer.opens_at, input->now + SEARCH_PAUSE) : 0
        };
        if (answer.never)
                ret->opened_by = "a change of its windows";
        else if (input->was_here)
                ret->opened_by = "a person who may promote, with a reason";
        return message && ret->waits_for ? 0 : -ENOMEM;
}
