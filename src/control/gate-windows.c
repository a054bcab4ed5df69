#include "control/gate-windows.h"

#include "store/releases.h"

static int gate_windows_compile(const Control *control, const WindowSpecs *specs, Arena *arena,
                                const Calendar **ret, Error *err)
{
        Window *windows = arena_alloc_array(arena, specs->n, sizeof(*windows));
        Calendar *calendar = arena_alloc(arena, sizeof(*calendar));
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
                                 control->zones, &windows[i], &field, err);
        }
        if (r < 0) /* it was valid when it was loaded: the zone database changed */
                return error_prefix(err, r, "windows");
        *calendar = (Calendar){ .windows = windows, .n = specs->n };
        *ret = calendar;
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
        r = gate_windows_compile(control, &environment->windows, arena, &input->calendar, err);
        if (r < 0 || !release[0])
                return r;
        r = store_was_deployed(control->store, environment->object.id.text, release, err);
        input->was_here = r > 0;
        return MIN(r, 0);
}
