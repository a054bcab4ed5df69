/* GET /api/v1/environments/{id}/rollback: the releases that were deployed there before, and what
 * differs from the present one. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "store/digests.h"
#include "store/id-list.h"
#include "store/pages.h"

typedef struct RollbackPlan {
        const Object *environment;
        const char *present_id; /* the deployed release, or the failed one that stayed; NULL: none
                                 */
        const Release *present; /* NULL: none */
        Rollbacks rollbacks;    /* up to ROLLBACK_RELEASES, without the deployed one */
        Releases releases;      /* the earlier releases, and the deployed one */
} RollbackPlan;

static const Release *find_listed(const Releases *releases, const char *id)
{
        for (size_t i = 0; id && i < releases->n; i++)
                if (streq(releases->items[i].id.text, id))
                        return &releases->items[i];
        return NULL;
}

/* Removes the deployed release from the targets, then all but ROLLBACK_RELEASES targets. */
static void keep_targets(Rollbacks *rollbacks, const char *present_id)
{
        size_t n = 0;

        for (size_t i = 0; i < rollbacks->n && n < ROLLBACK_RELEASES; i++)
                if (!str_equal(rollbacks->items[i].release_id, present_id))
                        rollbacks->items[n++] = rollbacks->items[i];
        rollbacks->n = n;
}

static int read_releases(Request *request, RollbackPlan *plan, Error *err)
{
        _cleanup_(id_list_done) IdList list;
        const char *ids;

        id_list_init(&list);
        id_list_add(&list, plan->present_id);
        for (size_t i = 0; i < plan->rollbacks.n; i++)
                id_list_add(&list, plan->rollbacks.items[i].release_id);
        ids = id_list_end(&list, &request->arena);
        return ids ? store_page_releases(reconciler_store(request->api->reconciler), ids,
                                         &request->arena, &plan->releases, err)
                   : error_oom(err);
}

static int plan_rollback(Request *request, RollbackPlan *plan, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const char *id = plan->environment->id.text;
        const char *ids = arena_printf(&request->arena, "[\"%s\"]", id);
        Deployment deployment = { 0 };
        int r;

        if (!ids)
                return error_oom(err);
        r = store_deployment(store, id, &request->arena, &deployment, err);
        /* a failed release that stays is in the lockfile: the one before can be restored */
        plan->present_id = deployment.status == DEPLOYMENT_FAILED ? deployment.release_id
                                                                  : deployment.deployed_release_id;
        if (r >= 0)
                r = store_page_rollbacks(store, ids, ROLLBACK_RELEASES + 1, &request->arena,
                                         &plan->rollbacks, err);
        if (r < 0)
                return r;
        keep_targets(&plan->rollbacks, plan->present_id);
        r = read_releases(request, plan, err);
        plan->present = r < 0 ? NULL : find_listed(&plan->releases, plan->present_id);
        return r;
}

/* Lists the migrations of the deployed release that the target has in another version, or lacks. A
 * rollback does not undo what they changed in a database. */
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
                        const Rollback *rollback, Error *err)
{
        static const ReleaseComponents none = { 0 };
        const Release *release = find_listed(&plan->releases, rollback->release_id);
        ReleaseDiff diff;

        if (!release)
                return 0;
        if (release_diff(plan->present ? &plan->present->components : &none, &release->components,
                         &request->arena, &diff) < 0)
                return error_oom(err);
        json_begin(json, NULL, '{');
        json_text(json, "releaseId", release->id.text);
        json_text(json, "release", release->name);
        json_text(json, "status", release_status_to_string(release->status));
        json_time(json, "deployedAt", rollback->at);
        json_bool(json, "promotable",
                  release->status == RELEASE_READY || release->status == RELEASE_PROMOTING ||
                          release->status == RELEASE_DEPLOYED);
        write_one_way(json, &diff);
        entity_diff(json, "changes", plan->present, release, &diff);
        json_end(json, '}');
        return 0;
}

int handle_rollback(Request *request, Error *err)
{
        RollbackPlan plan = { .environment = find_object(request, KIND_ENVIRONMENT,
                                                         request_parameter(request, "id"), err) };
        Json json = { .out = &request->answer.body };
        int r;

        if (!plan.environment)
                return -ENOENT;
        r = plan_rollback(request, &plan, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_text(&json, "environmentId", plan.environment->id.text);
        json_text(&json, "environment", plan.environment->meta.name);
        json_text(&json, "releaseId", plan.present ? plan.present->id.text : NULL);
        json_text(&json, "release", plan.present ? plan.present->name : NULL);
        json_begin(&json, "targets", '[');
        for (size_t i = 0; i < plan.rollbacks.n && r >= 0; i++)
                r = write_target(request, &json, &plan, &plan.rollbacks.items[i], err);
        json_end(&json, ']');
        json_end(&json, '}');
        return r;
}
