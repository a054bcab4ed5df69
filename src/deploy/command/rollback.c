#include "deploy/command/rollback.h"

#include <errno.h>

#include "base/log.h"
#include "deploy/environments.h"
#include "store/digests.h"
#include "store/events.h"
#include "store/id-list.h"
#include "store/pages.h"

#define ROLLBACK_ARENA_MAX ((size_t)64 * 1024 * 1024)
/* Environments are evaluated again after these times, because polls may stop or continue without a
 * change of a row. */
#define AGAIN         USEC_PER_HOUR
#define AGAIN_UNKNOWN (5 * USEC_PER_MIN)
#define AGAIN_AWAITED (5 * USEC_PER_SEC)

const char *rollback_state_to_string(RollbackState state)
{
        static const char *const names[ROLLBACK_STATE_MAX_] = {
                [ROLLBACK_READY] = "ready",
                [ROLLBACK_NOT_READY] = "notReady",
                [ROLLBACK_UNKNOWN] = "unknown",
        };

        return names[state];
}

/* --- one release ------------------------------------------------------------------------------ */

static bool is_promotable(ReleaseStatus status)
{
        return status == RELEASE_READY || status == RELEASE_PROMOTING || status == RELEASE_DEPLOYED;
}

/* Returns why the result of the last poll of a component does not count; NULL: it counts. */
static const char *unknown_reason(const Control *control, const Component *component, usec_t now,
                                  bool *ret_awaited)
{
        *ret_awaited = false;
        if (!component)
                return "no spec declares it any more, so nobody checks its digest";
        if (!component->client)
                return "its registry cannot be used";
        if (component->spec->suspend)
                return "it is suspended, so nobody checks its digest";
        if (component->succeeded_at == 0) {
                *ret_awaited = component->n_failures == 0;
                return "it was not polled successfully yet";
        }
        if (component->n_failures > 0 &&
            component->succeeded_at + control->options.recheck_interval < now)
                return "no poll has succeeded for longer than recheckInterval";
        return NULL;
}

/* Adds the result of the last polls of one component to target. The first problem counts. */
static int take_component(const Control *control, const ReleaseComponent *released, Arena *arena,
                          RollbackTarget *target)
{
        Component component;
        bool is_there =
                control->calls->component(control->userdata, released->component_id, &component);
        bool is_awaited;
        const char *reason =
                unknown_reason(control, is_there ? &component : NULL, time_wall(), &is_awaited);

        if (is_there && (target->checked_at == 0 || component.succeeded_at < target->checked_at))
                target->checked_at = component.succeeded_at;
        target->is_awaited |= is_awaited;
        if (!reason || target->problem)
                return 0;
        target->state = ROLLBACK_UNKNOWN;
        target->problem =
                arena_printf(arena, "component '%s': %s", released->component_name, reason);
        return target->problem ? 0 : -ENOMEM;
}

static const char *name_of(const Release *release, const char *component_id)
{
        const ReleaseComponent *component =
                release_component_find(&release->components, component_id);

        return component ? component->component_name : component_id;
}

/* Adds the digests that the polls did not find to target. A missing digest counts even if others
 * are unknown. */
static int take_gone(const GoneDigests *gone, Arena *arena, RollbackTarget *target)
{
        for (size_t i = 0; i < gone->n; i++) {
                const GoneDigest *item = &gone->items[i];

                if (!streq(item->release_id, target->release->id.text))
                        continue;
                if (target->gone_since == 0)
                        target->problem = arena_printf(
                                arena,
                                "component '%s': its registry no longer serves %s, or an image of it",
                                name_of(target->release, item->component_id), item->digest);
                if (!target->problem)
                        return -ENOMEM;
                target->state = ROLLBACK_NOT_READY;
                target->gone_since = target->gone_since == 0 ? item->since
                                                             : MIN(target->gone_since, item->since);
        }
        return 0;
}

static int take_target(Deployer *deployer, const GoneDigests *gone, Arena *arena,
                       RollbackTarget *target)
{
        const Release *release = target->release;

        target->is_promotable = is_promotable(release->status);
        for (size_t i = 0; i < release->components.n; i++)
                if (take_component(deployer->control, &release->components.items[i], arena,
                                   target) < 0)
                        return -ENOMEM;
        if (take_gone(gone, arena, target) < 0)
                return -ENOMEM;
        if (target->is_promotable || target->state == ROLLBACK_NOT_READY)
                return 0;
        target->state = ROLLBACK_NOT_READY;
        target->problem =
                arena_printf(arena, "it is %s", release_status_to_string(release->status));
        return target->problem ? 0 : -ENOMEM;
}

/* --- releases of an environment --------------------------------------------------------------- */

static const Release *find_listed(const Releases *releases, const char *id)
{
        for (size_t i = 0; id && i < releases->n; i++)
                if (streq(releases->items[i].id.text, id))
                        return &releases->items[i];
        return NULL;
}

/* The stored rows about an environment's releases. */
typedef struct RollbackRows {
        const char *present_id;
        Rollbacks rollbacks; /* with the present release, if it was confirmed */
        Releases releases;
        GoneDigests gone;
} RollbackRows;

static int read_releases(Store *store, Arena *arena, RollbackRows *rows, Error *err)
{
        _cleanup_(id_list_done) IdList list;
        const char *ids;
        int r;

        id_list_init(&list);
        id_list_add(&list, rows->present_id);
        for (size_t i = 0; i < rows->rollbacks.n; i++)
                if (!str_equal(rows->rollbacks.items[i].release_id, rows->present_id))
                        id_list_add(&list, rows->rollbacks.items[i].release_id);
        ids = id_list_end(&list, arena);
        r = ids ? store_page_releases(store, ids, arena, &rows->releases, err) : error_oom(err);
        return r < 0 ? r : store_page_gone_digests(store, ids, arena, &rows->gone, err);
}

static int read_rows(Deployer *deployer, const EnvironmentSpec *environment, Arena *arena,
                     RollbackRows *ret, Error *err)
{
        Store *store = deployer->control->store;
        const char *id = environment->object.id.text;
        const char *ids = arena_printf(arena, "[\"%s\"]", id);
        Deployment deployment = { 0 };
        int r;

        *ret = (RollbackRows){ 0 };
        if (!ids)
                return error_oom(err);
        r = store_deployment(store, id, arena, &deployment, err);
        /* a failed release that stays is in the lockfile: its predecessor can be restored */
        ret->present_id = deployment.status == DEPLOYMENT_FAILED ? deployment.release_id
                                                                 : deployment.deployed_release_id;
        if (r >= 0)
                r = store_page_rollbacks(store, ids, (size_t)environment->rollback_releases + 1,
                                         arena, &ret->rollbacks, err);
        return r < 0 ? r : read_releases(store, arena, ret, err);
}

int deployer_plan_rollback(Deployer *deployer, const EnvironmentSpec *environment, Arena *arena,
                           RollbackPlan *ret, Error *err)
{
        size_t n_max = (size_t)environment->rollback_releases;
        RollbackRows rows;
        int r;

        *ret = (RollbackPlan){ 0 };
        r = read_rows(deployer, environment, arena, &rows, err);
        if (r < 0)
                return r;
        ret->present = find_listed(&rows.releases, rows.present_id);
        ret->items = arena_alloc_array(arena, n_max + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < rows.rollbacks.n && ret->n < n_max; i++) {
                const Rollback *rollback = &rows.rollbacks.items[i];
                const Release *release = find_listed(&rows.releases, rollback->release_id);

                if (!release || release == ret->present)
                        continue;
                ret->items[ret->n] =
                        (RollbackTarget){ .release = release, .deployed_at = rollback->at };
                if (take_target(deployer, &rows.gone, arena, &ret->items[ret->n]) < 0)
                        return error_oom(err);
                ret->is_awaited |= ret->items[ret->n++].is_awaited;
        }
        return 0;
}

/* --- condition NoRollback --------------------------------------------------------------------- */

/* Returns the release that the condition NoRollback names: the newest unknown one, otherwise the
 * newest that is not ready. NULL: no condition, because one is ready, or none may be promoted. */
static const RollbackTarget *find_problem(const RollbackPlan *plan)
{
        const RollbackTarget *found = NULL;

        for (size_t i = 0; i < plan->n; i++) {
                const RollbackTarget *target = &plan->items[i];

                if (!target->is_promotable)
                        continue;
                if (target->state == ROLLBACK_READY)
                        return NULL;
                if (!found ||
                    (found->state == ROLLBACK_NOT_READY && target->state == ROLLBACK_UNKNOWN))
                        found = target;
        }
        return found;
}

static void report_problem(EnvironmentState *environment, const RollbackTarget *target,
                           Changes *changes)
{
        bool is_gone = target->state == ROLLBACK_NOT_READY;

        report_condition(changes, environment_subject(environment),
                         (Told){ CONDITION_NO_ROLLBACK,
                                 is_gone ? CONDITION_TRUE : CONDITION_UNKNOWN,
                                 is_gone ? "DigestGone" : "NotChecked", time_wall() },
                         "%s release that was deployed here before can be pulled; release '%s': "
                         "%s; relmanctl rollback %s --plan lists them",
                         is_gone ? "no" : "it is not known whether a", target->release->name,
                         target->problem, environment->spec->object.meta.name);
}

/* True if the stored condition equals `now`, so that it is not written again. now NULL: no
 * condition is due. */
static bool is_reported(const Conditions *stored, const Condition *now)
{
        for (size_t i = 0; i < stored->n; i++) {
                const Condition *before = &stored->items[i];

                if (before->type == CONDITION_NO_ROLLBACK)
                        return now && now->status == before->status &&
                               streq(now->message, before->message);
        }
        return !now;
}

static int report(EnvironmentState *environment, const RollbackPlan *plan, Arena *arena, Error *err)
{
        const Control *control = environment->deployer->control;
        const RollbackTarget *problem = find_problem(plan);
        _cleanup_(changes_done) Changes changes;
        Conditions stored;
        int r;

        changes_init(&changes);
        r = store_conditions(control->store, KIND_ENVIRONMENT, environment->id.text, arena, &stored,
                             err);
        if (r < 0)
                return r;
        if (problem)
                report_problem(environment, problem, &changes);
        if (!changes.failed &&
            is_reported(&stored, changes.n > 0 ? changes.items[0].condition : NULL))
                return 0;
        if (!problem)
                changes_clear_condition(&changes, KIND_ENVIRONMENT, environment->id.text,
                                        CONDITION_NO_ROLLBACK);
        else
                log_warning("environment '%s': %s", environment->spec->object.meta.name,
                            problem->problem);
        return control_apply(control, &changes, err);
}

/* Makes KEY_ROLLBACK due after each change of a release of the plan. */
static int depend(const EnvironmentState *environment, const RollbackPlan *plan, Error *err)
{
        const Control *control = environment->deployer->control;

        dependents_remove(control->dependents, KEY_ROLLBACK, environment->id.text);
        for (size_t i = 0; i < plan->n; i++)
                if (control_depend(control, KEY_ROLLBACK, environment->id.text,
                                   plan->items[i].release->id.text) < 0)
                        return error_oom(err);
        return 0;
}

/* Reports nothing while a first poll is awaited: what the polls before the start found stays. */
static int evaluate(EnvironmentState *environment, usec_t *ret_again, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        RollbackPlan plan;
        int r;

        arena_init(&arena, ROLLBACK_ARENA_MAX);
        r = deployer_plan_rollback(environment->deployer, environment->spec, &arena, &plan, err);
        if (r >= 0)
                r = depend(environment, &plan, err);
        environment->n_rollbacks = 0;
        environment->n_rollbacks_ready = 0;
        *ret_again = AGAIN_AWAITED;
        if (r < 0 || plan.is_awaited)
                return r;
        r = report(environment, &plan, &arena, err);
        if (r < 0)
                return r;
        environment->n_rollbacks = plan.n;
        *ret_again = plan.n > 0 ? AGAIN : USEC_INFINITY;
        for (size_t i = 0; i < plan.n; i++) {
                environment->n_rollbacks_ready += plan.items[i].state == ROLLBACK_READY;
                if (plan.items[i].state == ROLLBACK_UNKNOWN)
                        *ret_again = AGAIN_UNKNOWN;
        }
        return 0;
}

usec_t deployer_reconcile_rollback(Deployer *deployer, const char *environment_id, usec_t now)
{
        EnvironmentState *environment = map_get(&deployer->environments, environment_id);
        _cleanup_(error_done) Error error = { 0 };
        usec_t again;

        if (!environment_id[0])
                map_foreach (&deployer->environments, entry)
                        queue_add(deployer->control->queue, KEY_ROLLBACK, entry->key, 0,
                                  "a digest of a release was deleted or found again");
        if (!environment)
                return QUEUE_DONE;
        if (evaluate(environment, &again, &error) < 0) {
                log_error("environment '%s': %s; which releases it can be rolled back to is "
                          "checked again later",
                          environment->spec->object.meta.name, error_message(&error));
                return QUEUE_FAILED;
        }
        return again == USEC_INFINITY ? QUEUE_DONE : now + again;
}
