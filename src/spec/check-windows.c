#include <errno.h>

#include "base/limits.h"
#include "calendar/calendar.h"
#include "spec/check.h"

static Place window_place(const WindowSpec *spec, WindowField field)
{
        const Place *place = &spec->calendar_place;

        if (field == WINDOW_FIELD_ZONE)
                place = &spec->zone_place;
        else if (field == WINDOW_FIELD_FOR)
                place = &spec->duration_place;
        return place->line > 0 ? *place : spec->place;
}

static int check_window(const WindowSpecs *specs, size_t i, Zones *zones, Window *ret,
                        DiagList *diags)
{
        const WindowSpec *spec = &specs->items[i];
        _cleanup_(error_done) Error error = { 0 };
        WindowField field;
        int r;

        r = window_parse(spec, zones, ret, &field, &error);
        if (r >= 0)
                return 0;
        if (r == -ENOMEM)
                diags->failed = -ENOMEM;
        if (field == WINDOW_FIELD_ZONE) /* the file of the zone may be readable at the next load */
                diags->may_pass = true;
        diag_error(diags, window_place(spec, field), "windows[%zu]: %s", i, error_message(&error));
        return -EINVAL;
}

/* Adds an error for windows that never open. Windows that were open in the past are valid, so that
 * a document does not become invalid as time passes. */
static int check_windows_open(const Window *windows, const WindowSpecs *specs, DiagList *diags)
{
        CalendarAnswer answer = calendar_evaluate(&(Calendar){ windows, specs->n }, 1, 0);
        const WindowSpec *first = &specs->items[0];
        char until[TIME_TEXT_SIZE];

        for (size_t i = specs->n; i > 0; i--)
                if (specs->items[i - 1].allow)
                        first = &specs->items[i - 1];
        if (answer.never)
                diag_error(diags, first->calendar_place,
                           "windows: they never open: a window that denies contains each time that "
                           "is allowed");
        else if (answer.is_estimate)
                diag_error(diags, first->calendar_place,
                           "windows: they do not open from 1970 up to %s, and change too often to "
                           "look further",
                           time_format(answer.opens_at, until));
        else
                return 0;
        return -EINVAL;
}

int check_windows(const WindowSpecs *specs, DiagList *diags)
{
        Zones zones = { .folder = ZONE_FOLDER };
        Window windows[WINDOWS_MAX];
        int r = 0;

        if (specs->n == 0)
                return 0;
        if (specs->n > WINDOWS_MAX) {
                diag_error(diags, specs->items[WINDOWS_MAX].place,
                           "windows: %zu are too many; at most %d are valid", specs->n,
                           WINDOWS_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < specs->n; i++) {
                int one = check_window(specs, i, &zones, &windows[i], diags);

                r = MIN(r, one);
        }
        if (r >= 0)
                r = check_windows_open(windows, specs, diags);
        zones_done(&zones);
        return r;
}
