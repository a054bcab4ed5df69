/* /api/v1/calendars: windows that several environments share. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "api/page.h"
#include "model/selection.h"

static void write_environments(Json *json, const Model *model, const CalendarSpec *calendar)
{
        json_begin(json, "environments", '[');
        for (size_t i = 0; i < model->environments.n; i++) {
                const Object *environment = &model->environments.items[i]->object;

                if (calendar_applies(calendar, environment))
                        json_text(json, NULL, environment->meta.name);
        }
        json_end(json, ']');
}

static int write_calendar(Request *request, Json *json, const CalendarSpec *calendar,
                          bool with_environments, Error *err)
{
        int r;

        json_begin(json, NULL, '{');
        r = entity_object(request, json, &calendar->object, err);
        if (calendar->environments.match_labels.n > 0)
                json_pairs(json, "environmentLabels", &calendar->environments.match_labels);
        entity_windows(json, &calendar->windows);
        if (with_environments)
                write_environments(json, reconciler_model(request->api->reconciler), calendar);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_CALENDAR, calendar->object.id.text, err);
        json_end(json, '}');
        return r;
}

static int write_listed_calendar(Request *request, Json *json, const Object *object, Error *err)
{
        return write_calendar(request, json, (const CalendarSpec *)object, false, err);
}

int handle_calendars(Request *request, Error *err)
{
        return list_objects(request, KIND_CALENDAR, write_listed_calendar, err);
}

int handle_calendar(Request *request, Error *err)
{
        const Object *object =
                find_object(request, KIND_CALENDAR, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };

        return object ? write_calendar(request, &json, (const CalendarSpec *)object, true, err)
                      : -ENOENT;
}
