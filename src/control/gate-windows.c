#include "control/gate-windows.h"

#include <errno.h>

#include "store/releases.h"

/* Sets the calendar, or the problem: the zone of a stored document may have left the zone database
 * since it was loaded. Then the gate is closed, and nothing else of the environment fails. */
static int gate_windows_compile(const Control *control, Arena *arena, PromotionInput *input,
                                Error *err)
{
        const WindowSpecs *specs = &input->environment->windows;
        Window *windows = arena_alloc_array(arena, specs->n, sizeof(*windows));
        Calendar *calendar = arena_alloc(arena, sizeof(*calendar));
        _cleanup_(error_done) Error problem = { 0 };
        WindowField field;
        int r = 0;

        if (!windows || !calendar)
                return error_oom(err);
        for (size_t i = 0; r >= 0 && i < specs->n; i++) {
                const WindowSpec *spec = &specs->items[i];

                r = window_parse(&(WindowText){ .allow = spec->allow,
                                                .deny = spec->deny,
                                                .zone = spec->zone,
                                                .duration = spec->duration,
                                                .has_duration = spec->duration > 0 },
                                 control->zones, &windows[i], &field, &problem);
                if (r < 0)
                        (void)error_prefix(&problem, r, "windows[%zu]", i);
        }
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0) {
                input->windows_problem = arena_strdup(arena, error_message(&problem));
                return input->windows_problem ? 0 : error_oom(err);
        }
        *calendar = (Calendar){ .windows = windows, .n = specs->n };
        input->calendar = calendar;
        return 0;
}

int gate_windows_read(const Control *control, usec_t now, Arena *arena, PromotionInput *input,
                      Error *err)
{
        const EnvironmentSpec *environment = input->environment;
        const char *release = input->release->id.text;
        int r;

        input->now = now;
        if (environment->windows.n == 0)
                return 0;
        r = gate_windows_compile(control, arena, input, err);
        if (r < 0 || !release[0])
                return r;
        r = store_was_deployed(control->store, environment->object.id.text, release, err);
        input->was_here = r > 0;
        return MIN(r, 0);
}
