/* GET /api/v1/environments/{id}/rollback: the releases that were deployed in the environment
 * before, whether they can be pulled, and their differences from the current release. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "deploy/command/rollback.h"

/* Lists the migrations of the deployed release that the target lacks or has in another version. A
 * rollback does not undo changes that a migration made in a database. */
static void write_one_way(Json *json, const ReleaseDiff *diff)
{
        json_begin(json, "oneWay", '[');
        for (size_t i = 0; i < diff->n; i++) {
                const ComponentDiff *item = &diff->items[i];

                if ((item->type == DIFF_CHANGED || item->type == DIFF_REMOVED) &&
                    (item->from->role == ROLE_MIGRATION ||
                     (item->to && item->to->role == ROLE_MIGRATION)))
                        json_text(json, NULL, item->from->component_name);
        }
        json_end(json, ']');
}

static int write_target(Request *request, Json *json, const RollbackPlan *plan,
                        const RollbackTarget *target, Error *err)
{
        static const ReleaseComponents none = { 0 };
        const Release *release = target->release;
        ReleaseDiff diff;

        if (release_diff(plan->present ? &plan->present->components : &none, &release->components,
                         &request->arena, &diff) < 0)
                return error_oom(err);
        json_begin(json, NULL, '{');
        json_text(json, "releaseId", release->id.text);
        json_text(json, "release", release->name);
        json_text(json, "status", release_status_to_string(release->status));
        json_time(json, "deployedAt", target->deployed_at);
        json_bool(json, "promotable", target->is_promotable);
        json_text(json, "readiness", rollback_state_to_string(target->state));
        json_text(json, "problem", target->problem);
        json_time(json, "goneSince", target->gone_since);
        json_time(json, "checkedAt", target->checked_at);
        write_one_way(json, &diff);
        entity_diff(json, "changes", plan->present, release, &diff);
        json_end(json, '}');
        return 0;
}

int handle_rollback(Request *request, Error *err)
{
        const Object *environment =
                find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };
        RollbackPlan plan;
        int r;

        if (!environment)
                return -ENOENT;
        r = deployer_plan_rollback(reconciler_deployer(request->api->reconciler),
                                   (const EnvironmentSpec *)environment, &request->arena, &plan,
                                   err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_text(&json, "environmentId", environment->id.text);
        json_text(&json, "environment", environment->meta.name);
        json_text(&json, "releaseId", plan.present ? plan.present->id.text : NULL);
        json_text(&json, "release", plan.present ? plan.present->name : NULL);
        json_begin(&json, "targets", '[');
        for (size_t i = 0; i < plan.n && r >= 0; i++)
                r = write_target(request, &json, &plan, &plan.items[i], err);
        json_end(&json, ']');
        json_end(&json, '}');
        return r;
}
