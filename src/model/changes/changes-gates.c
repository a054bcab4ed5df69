/* Makes changes of calendars and groups, and of the gates that were reported as closed. */

#include "model/changes/changes-checks.h"
#include "model/changes/internal.h"

void changes_put_calendar(Changes *changes, const CalendarSpec *spec, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PUT_CALENDAR,
                               .kind = KIND_CALENDAR,
                               .object_id = spec->object.id.text,
                               .at = at,
                               .calendar = spec });
}

void changes_put_group(Changes *changes, const GroupSpec *spec, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PUT_GROUP,
                               .kind = KIND_GROUP,
                               .object_id = spec->object.id.text,
                               .at = at,
                               .group = spec });
}

static void add_closed_gate(Changes *changes, ChangeType type, const ClosedGate *closed)
{
        Change change = { .type = type,
                          .kind = KIND_ENVIRONMENT,
                          .object_id = copy_text(changes, closed->environment_id) };
        ClosedGate *copy = copy_data(changes, closed, sizeof(*closed));

        if (!copy)
                return;
        copy->environment_id = change.object_id;
        copy->gate = copy_text(changes, closed->gate);
        copy->release_id = copy_text(changes, closed->release_id);
        copy->reason = copy_text(changes, closed->reason);
        change.closed_gate = copy;
        add(changes, change);
}

void changes_put_closed_gate(Changes *changes, const ClosedGate *closed)
{
        add_closed_gate(changes, CHANGE_PUT_CLOSED_GATE, closed);
}

void changes_delete_closed_gate(Changes *changes, const ClosedGate *closed)
{
        add_closed_gate(changes, CHANGE_DELETE_CLOSED_GATE, closed);
}
