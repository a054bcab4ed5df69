#include "model/changes/changes-checks.h"

#include "model/changes/internal.h"

static void add_check(Changes *changes, ChangeType type, const CheckResult *result)
{
        Change change = { .type = type,
                          .kind = KIND_ENVIRONMENT,
                          .object_id = copy_text(changes, result->environment_id) };
        CheckResult *copy = copy_data(changes, result, sizeof(*result));

        if (!copy)
                return;
        copy->environment_id = change.object_id;
        copy->release_id = copy_text(changes, result->release_id);
        copy->promotion_id = copy_text(changes, result->promotion_id);
        copy->name = copy_text(changes, result->name);
        copy->by = copy_text(changes, result->by);
        copy->person = copy_text(changes, result->person);
        copy->evidence_ref = copy_text(changes, result->evidence_ref);
        copy->message = copy_text(changes, result->message);
        copy->output = copy_text(changes, result->output);
        change.at = result->reported_at > 0 ? result->reported_at : result->started_at;
        change.check = copy;
        add(changes, change);
}

void changes_put_check(Changes *changes, const CheckResult *result)
{
        add_check(changes, CHANGE_PUT_CHECK, result);
}

void changes_end_checks(Changes *changes, const CheckResult *result)
{
        add_check(changes, CHANGE_END_CHECKS, result);
}
