/* Warns of environments whose windows and calendars never open together. Each of them may open on
 * its own, so that no single document has an error. */

#include "base/limits.h"
#include "base/text.h"
#include "calendar/calendar.h"
#include "model/selection.h"
#include "spec/check.h"

#define TOGETHER_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define TOGETHER_WITHIN    (2 * 365 * USEC_PER_DAY)
#define CALENDARS_NAMED    3
/* maximum cost of these checks in one load, in the unit of WINDOW_WORK_MAX */
#define TOGETHER_WORK_MAX ((size_t)10 * WINDOW_WORK_MAX)

/* The compiled windows of an environment, and of the calendars that apply to it. */
typedef struct Together {
        Calendar *items;
        size_t n;
        Zones zones;
        Arena arena;
} Together;

/* Compiles windows. Returns -EINVAL if a window has an error, which another check reports; or
 * -ENOMEM. */
static int together_add(Together *together, const WindowSpecs *specs)
{
        Window *windows = arena_alloc_array(&together->arena, specs->n, sizeof(*windows));
        _cleanup_(error_done) Error error = { 0 };
        WindowField field;
        int r = 0;

        if (!windows)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < specs->n; i++) {
                r = window_parse(&specs->items[i], &together->zones, &windows[i], &field, &error);
        }
        if (r >= 0)
                together->items[together->n++] = (Calendar){ windows, specs->n };
        return r;
}

static int together_compile(Together *together, const EnvironmentSpec *environment,
                            const CalendarSpecs *calendars)
{
        int r = 0;

        together->items =
                arena_alloc_array(&together->arena, calendars->n + 1, sizeof(*together->items));
        if (!together->items)
                return -ENOMEM;
        if (environment->windows.n > 0)
                r = together_add(together, &environment->windows);
        for (size_t i = 0; r >= 0 && i < calendars->n; i++)
                r = together_add(together, &calendars->items[i]->windows);
        return r;
}

/* True if there is a time within two years at which all calendars are open. */
static bool opens_soon(const Calendar *calendars, size_t n, usec_t now, size_t *work)
{
        const usec_t until = now + TOGETHER_WITHIN;
        CalendarAnswer answer = calendar_evaluate_until(calendars, n, now, until);

        *work += answer.work;
        return !answer.never && answer.opens_at < until;
}

static bool never_together(const Together *together, usec_t now, size_t *work)
{
        if (opens_soon(together->items, together->n, now, work))
                return false;
        for (size_t i = 0; i < together->n; i++)
                if (!opens_soon(&together->items[i], 1, now, work))
                        return false; /* this calendar alone never opens */
        return true;
}

/* Formats a text such as "its windows, calendar 'freeze' and 2 others". Returns NULL if memory runs
 * out. */
static const char *together_names(const EnvironmentSpec *environment,
                                  const CalendarSpecs *calendars, Arena *arena)
{
        size_t n_named = MIN(calendars->n, (size_t)CALENDARS_NAMED);
        size_t own = environment->windows.n > 0 ? 1 : 0;
        size_t n_items = own + n_named + (n_named < calendars->n);
        const char *text = own ? "its windows" : "";

        for (size_t i = 0; text && i < n_named; i++)
                text = arena_printf(arena, "%s%scalendar '%s'", text,
                                    text_separator(own + i, n_items, " and "),
                                    calendars->items[i]->object.meta.name);
        if (text && n_named < calendars->n)
                text = arena_printf(arena, "%s and %zu other%s", text, calendars->n - n_named,
                                    text_plural(calendars->n - n_named));
        return text;
}

int check_together(const Model *model, const EnvironmentSpec *environment, usec_t now, size_t *work,
                   Arena *arena, const char **ret)
{
        const CalendarSpecs calendars = model_calendars(model, environment);
        Together together = { .zones = { .folder = ZONE_FOLDER } };
        const char *names;
        int r;

        *ret = NULL;
        if (calendars.n + (environment->windows.n > 0) < 2 || *work >= TOGETHER_WORK_MAX)
                return 0;
        arena_init(&together.arena, TOGETHER_ARENA_MAX);
        r = together_compile(&together, environment, &calendars);
        if (r >= 0 && never_together(&together, now, work)) {
                names = together_names(environment, &calendars, arena);
                *ret = names ? arena_printf(arena,
                                            "environment '%s' opens at no time of the next two "
                                            "years: %s are never open together",
                                            environment->object.meta.name, names)
                             : NULL;
                r = *ret ? 0 : -ENOMEM;
        }
        zones_done(&together.zones);
        arena_done(&together.arena);
        return r == -ENOMEM ? r : 0;
}
