#include "control/gate-windows.h"

#include <errno.h>

#include "model/selection.h"

/* Calendars that are being compiled. */
typedef struct GateWindows {
        Zones *zones;
        Arena *arena;
        Calendar *items;
        PromotionCalendar *of;
        size_t n;
} GateWindows;

/* Compiles windows. Returns -ENOMEM, or sets problem and returns -EINVAL if a window cannot be
 * read. */
static int gate_windows_compile(GateWindows *windows, const char *name, const WindowSpecs *specs,
                                Error *problem)
{
        Window *compiled = arena_alloc_array(windows->arena, specs->n, sizeof(*compiled));
        WindowField field;
        int r = 0;

        if (!compiled)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < specs->n; i++) {
                r = window_parse(&specs->items[i], windows->zones, &compiled[i], &field, problem);
                if (r < 0 && r != -ENOMEM && name)
                        (void)error_prefix(problem, r, "calendar '%s': windows[%zu]", name, i);
                else if (r < 0 && r != -ENOMEM)
                        (void)error_prefix(problem, r, "windows[%zu]", i);
        }
        if (r < 0)
                return r;
        windows->items[windows->n] = (Calendar){ .windows = compiled, .n = specs->n };
        windows->of[windows->n++] = (PromotionCalendar){ .name = name, .specs = specs };
        return 0;
}

/* Compiles the windows of all calendars. If a window cannot be read, sets input->windows_problem:
 * the gate is closed, and nothing else fails. This happens if a time zone was removed from the zone
 * database after the document was stored. */
static int gate_windows_compile_all(const CalendarSpecs *calendars, GateWindows *windows,
                                    PromotionInput *input, Error *err)
{
        const WindowSpecs *own = &input->environment->windows;
        _cleanup_(error_done) Error problem = { 0 };
        size_t n = calendars->n + 1;
        int r = 0;

        windows->items = arena_alloc_array(windows->arena, n, sizeof(*windows->items));
        windows->of = arena_alloc_array(windows->arena, n, sizeof(*windows->of));
        if (!windows->items || !windows->of)
                return error_oom(err);
        if (own->n > 0)
                r = gate_windows_compile(windows, NULL, own, &problem);
        for (size_t i = 0; r >= 0 && i < calendars->n; i++)
                r = gate_windows_compile(windows, calendars->items[i]->object.meta.name,
                                         &calendars->items[i]->windows, &problem);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0) {
                input->windows_problem = arena_strdup(windows->arena, error_message(&problem));
                return input->windows_problem ? 0 : error_oom(err);
        }
        input->calendars = (PromotionCalendars){ windows->items, windows->of, windows->n };
        return 0;
}

int gate_windows_read(const Control *control, const Model *model, Arena *arena,
                      PromotionInput *input, Error *err)
{
        const CalendarSpecs calendars = model_calendars(model, input->environment);
        GateWindows windows = { .zones = control->zones, .arena = arena };

        if (input->environment->windows.n == 0 && calendars.n == 0)
                return 0;
        return gate_windows_compile_all(&calendars, &windows, input, err);
}
