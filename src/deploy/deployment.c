/* Stores promotions and their results. One transaction has all changes: the deployment of the
 * environment, its history, the statuses of the releases, and the events. */

#include <errno.h>

#include "base/log.h"
#include "deploy/environment-checks.h"
#include "deploy/environments.h"
#include "release/fallback.h"
#include "release/status.h"
#include "store/releases.h"

#define DEPLOYMENT_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* The numbers of environments that are getting a release, and that have it. */
typedef struct Use {
        int64_t n_promoting, n_deployed;
} Use;

static int count_elsewhere(EnvironmentState *environment, const char *release_id, Arena *arena,
                           Use *ret, Error *err)
{
        Deployments deployments;
        int r;

        *ret = (Use){ 0 };
        r = store_deployments_of(environment->deployer->control->store, release_id, arena,
                                 &deployments, err);
        for (size_t i = 0; r >= 0 && i < deployments.n; i++) {
                const Deployment *deployment = &deployments.items[i];

                if (streq(deployment->environment_id, environment->id.text))
                        continue;
                ret->n_promoting += deployment->status == DEPLOYMENT_PROMOTING &&
                                    streq(deployment->release_id, release_id);
                ret->n_deployed += str_equal(deployment->deployed_release_id, release_id);
        }
        return MIN(r, 0);
}

/* Sets the status of a release from its use. here: the use in this environment; the use in all
 * others is read. */
static int follow_status(EnvironmentState *environment, const char *release_id, Use here,
                         Changes *changes, Arena *arena, Error *err)
{
        ReleaseStatus status;
        Release release;
        Use use;
        int r;

        if (!release_id)
                return 0;
        r = store_release(environment->deployer->control->store, release_id, arena, &release, err);
        if (r <= 0)
                return r;
        r = count_elsewhere(environment, release_id, arena, &use, err);
        if (r < 0)
                return r;
        status = release_status_in_use(release.status, use.n_promoting + here.n_promoting,
                                       use.n_deployed + here.n_deployed);
        if (status != release.status)
                changes_set_status(changes, release_id, status, time_wall());
        return 0;
}

static void report_deployment(Changes *changes, EnvironmentState *environment, EventType type,
                              const Deployment *now, const Deployment *before)
{
        const Object *object = &environment->spec->object;
        const Subject subject = { KIND_RELEASE, now->release_id, object->meta.tenant,
                                  now->release_name };
        const char *const data[] = { "environment",
                                     object->meta.name,
                                     "environmentId",
                                     environment->id.text,
                                     "release",
                                     now->release_name,
                                     "fromRelease",
                                     before ? before->release_name : NULL,
                                     "fromReleaseId",
                                     before ? before->release_id : NULL,
                                     "promotionId",
                                     now->promotion_id,
                                     "by",
                                     now->by,
                                     "evidenceRef",
                                     now->evidence_ref,
                                     "status",
                                     deployment_status_to_string(now->status),
                                     "reason",
                                     now->reason,
                                     NULL };

        report_event(changes, type, subject, now->at, data);
}

/* Adds or removes the hold of a promotion. A release that the spec requests, or what the
 * environment follows, needs no hold. Any other release needs a hold, or relmand would replace that
 * release. */
static int settle_hold(EnvironmentState *environment, const PromoteOrder *order, Changes *changes,
                       Arena *arena, Error *err)
{
        Release candidate;
        int r = 1;

        if (!environment->spec->release)
                r = environment_candidate(environment, arena, &candidate, err);
        if (r > 0 &&
            (environment->spec->release || streq(candidate.id.text, order->release->id.text)))
                changes_delete_hold(changes, environment->id.text);
        else if (r >= 0 && order->hold)
                changes_put_hold(changes, order->hold);
        return MIN(r, 0);
}

/* Ends the checks of a promotion that still run, also those that the spec no longer has. */
static void end_checks(EnvironmentState *environment, const Deployment *deployment,
                       Changes *changes)
{
        const CheckResult all = { .environment_id = environment->id.text,
                                  .release_id = deployment->release_id,
                                  .promotion_id = deployment->promotion_id };

        changes_end_checks(changes, &all);
}

/* Writes the files of the environment before the client gets its answer. */
static void deployment_publish(EnvironmentState *environment)
{
        const Control *control = environment->deployer->control;

        control->calls->publish_now(control->userdata, environment->id.text);
}

int deployment_promote(EnvironmentState *environment, const PromoteOrder *order, Changes *changes,
                       Error *err)
{
        const Release *release = order->release;
        Store *store = environment->deployer->control->store;
        Uuid tenant = tenant_id(environment->spec->object.meta.tenant);
        Uuid promotion = uuid_new(time_wall());
        _cleanup_(arena_done) Arena arena;
        Deployment before, now;
        int r;

        arena_init(&arena, DEPLOYMENT_ARENA_MAX);
        r = store_deployment(store, environment->id.text, &arena, &before, err);
        if (r < 0)
                return r;
        now = (Deployment){ .tenant_id = tenant.text,
                            .environment_id = environment->id.text,
                            .release_id = release->id.text,
                            .release_name = release->name,
                            .status = DEPLOYMENT_PROMOTING,
                            .at = time_wall(),
                            .by = order->by,
                            .reason = order->reason,
                            .promotion_id = promotion.text,
                            .deployed_release_id = r > 0 ? deployment_runs(&before) : NULL };
        changes_put_deployment(changes, &now);
        report_deployment(changes, environment, EVENT_RELEASE_PROMOTED, &now,
                          r > 0 ? &before : NULL);
        /* the new promotion replaces one that was not confirmed yet */
        if (r > 0 && before.status == DEPLOYMENT_PROMOTING)
                end_checks(environment, &before, changes);
        if (r > 0 && before.status == DEPLOYMENT_PROMOTING &&
            !streq(before.release_id, release->id.text))
                r = follow_status(environment, before.release_id,
                                  (Use){ .n_deployed = str_equal(before.deployed_release_id,
                                                                 before.release_id) },
                                  changes, &arena, err);
        /* a release that failed when it was promoted again no longer counts as deployed */
        else if (r > 0 && !now.deployed_release_id && before.deployed_release_id &&
                 !streq(before.deployed_release_id, release->id.text))
                r = follow_status(environment, before.deployed_release_id, (Use){ 0 }, changes,
                                  &arena, err);
        if (r >= 0)
                r = follow_status(environment, release->id.text, (Use){ .n_promoting = 1 }, changes,
                                  &arena, err);
        if (r >= 0)
                r = settle_hold(environment, order, changes, &arena, err);
        if (r >= 0)
                r = environment_record(environment, changes, &arena, err);
        if (r >= 0)
                r = control_apply(environment->deployer->control, changes, err);
        if (r < 0)
                return r;
        log_notice("environment '%s': release '%s' is promoted, by %s",
                   environment->spec->object.meta.name, release->name, order->by);
        deployment_publish(environment);
        return 0;
}

/* --- the end of a promotion ------------------------------------------------------------------- */

/* The consequence of a promotion that failed or was canceled. */
typedef struct Fallback {
        Release release;    /* the release that was deployed before */
        bool restores;      /* relmand restores that release */
        const char *reason; /* the result with its cause, for the hold and the restored release */
} Fallback;

/* Reads the release that was deployed before the promotion. Returns 0 if there is none, or if the
 * failed release itself was deployed last. */
static int fallback_release(EnvironmentState *environment, const Deployment *ended, Arena *arena,
                            Release *ret, Error *err)
{
        const char *id = ended->deployed_release_id;

        if (!id || (ended->status != DEPLOYMENT_CANCELED && streq(id, ended->release_id)))
                return 0;
        return store_release(environment->deployer->control->store, id, arena, ret, err);
}

/* Decides whether the release is restored. If not, appends why to the reason of the failure. */
static int fallback_restores(EnvironmentState *environment, Deployment *failed, Fallback *fallback,
                             Arena *arena, Error *err)
{
        FallbackInput input = { .environment = environment->spec,
                                .before = &fallback->release,
                                .now = failed->at };
        const char *why_not;
        int r;

        r = store_was_deployed_before(environment->deployer->control->store, environment->id.text,
                                      failed->release_id, fallback->release.id.text, err);
        if (r < 0)
                return r;
        input.was_rollback = r > 0;
        if (fallback_decide(&input, arena, &why_not) < 0)
                return error_oom(err);
        fallback->restores = !why_not;
        if (!why_not)
                return 0;
        failed->reason = arena_printf(arena, "%s; release '%s' is not restored: %s",
                                      failed->reason ? failed->reason : "no reason was given",
                                      fallback->release.name, why_not);
        return failed->reason ? 0 : error_oom(err);
}

/* Decides what follows a promotion that failed or was canceled, and completes the reason of a
 * failure. */
static int fallback_find(EnvironmentState *environment, Deployment *ended, Arena *arena,
                         Fallback *ret, Error *err)
{
        bool canceled = ended->status == DEPLOYMENT_CANCELED;
        int r;

        *ret = (Fallback){ 0 };
        r = fallback_release(environment, ended, arena, &ret->release, err);
        ret->restores = r > 0;
        if (r > 0 && !canceled)
                r = fallback_restores(environment, ended, ret, arena, err);
        if (r < 0)
                return r;
        ret->reason = canceled
                              ? arena_printf(arena, "release '%s' was canceled%s%s",
                                             ended->release_name, ended->reason ? ": " : "",
                                             ended->reason ? ended->reason : "")
                              : arena_printf(arena, "release '%s' failed: %s", ended->release_name,
                                             ended->reason ? ended->reason : "no reason was given");
        return ret->reason ? 0 : error_oom(err);
}

/* Puts the environment on hold after a failed or canceled promotion. Without the hold the same
 * release would be requested again. The hold names the restored release; NULL: none is restored.
 *
 * If a spec names the release, no hold is needed: its failure in the history keeps the release out
 * until the spec changes. */
static void stay_back(EnvironmentState *environment, const Deployment *ended,
                      const Fallback *fallback, Changes *changes)
{
        if (environment->spec->release)
                return;
        if (!fallback->restores && ended->status == DEPLOYMENT_CANCELED &&
            !environment_follows(environment->spec)) {
                /* the hold was the only request for that release, so it ends too */
                changes_delete_hold(changes, environment->id.text);
                return;
        }
        changes_put_hold(
                changes,
                &(Hold){ .environment_id = environment->id.text,
                         .release_id = fallback->restores ? fallback->release.id.text : NULL,
                         .since = ended->at,
                         .by = ended->by,
                         .reason = fallback->reason,
                         .is_fallback = ended->status == DEPLOYMENT_FAILED });
}

/* Records what relmand decided after a failure: it restores a release, or puts the environment on
 * hold. stay_back() says when there is no hold. */
static void audit_fallback(EnvironmentState *environment, const Deployment *ended,
                           const Fallback *fallback, Changes *changes)
{
        const Actor relmand = { .tenant = environment->spec->object.meta.tenant,
                                .principal = PRINCIPAL_SELF,
                                .origin = PRINCIPAL_SELF,
                                .action = fallback->restores ? "rollback" : "hold",
                                .release = fallback->restores ? fallback->release.name
                                                              : ended->release_name };

        if (fallback->restores || !environment->spec->release)
                report_audit_reason(changes, &relmand, subject_of(&environment->spec->object), NULL,
                                    fallback->reason);
}

static void fall_back(EnvironmentState *environment, const Deployment *ended,
                      const Fallback *fallback, Changes *changes)
{
        Deployment back = *ended;

        stay_back(environment, ended, fallback, changes);
        if (ended->status == DEPLOYMENT_FAILED) {
                report_deployment(changes, environment, EVENT_RELEASE_FAILED, ended, NULL);
                audit_fallback(environment, ended, fallback, changes);
        } else if (!fallback->restores)
                changes_delete_deployment(changes, environment->id.text);
        if (!fallback->restores)
                return;
        back.release_id = fallback->release.id.text;
        back.release_name = fallback->release.name;
        back.status = DEPLOYMENT_DEPLOYED;
        back.evidence_ref = NULL;
        back.reason = fallback->reason;
        changes_put_deployment(changes, &back);
        if (ended->status == DEPLOYMENT_FAILED)
                report_deployment(changes, environment, EVENT_RELEASE_ROLLED_BACK, &back, ended);
        report_deployment(changes, environment, EVENT_RELEASE_DEPLOYED, &back, ended);
}

int deployment_check_promotion(const Deployment *deployment, const char *promotion_id,
                               const char *what, const char *environment, Error *err)
{
        if (deployment && str_equal(deployment->promotion_id, promotion_id))
                return 0;
        if (!what)
                return error_oom(err);
        return deployment ? error_set(err, ERROR_CONFLICT, -EPERM,
                                      "%s promotion %s, but the last one of environment '%s' is "
                                      "%s: nothing was changed",
                                      what, promotion_id, environment, deployment->promotion_id)
                          : error_set(err, ERROR_CONFLICT, -EPERM,
                                      "%s promotion %s, but nothing is promoted to environment "
                                      "'%s': nothing was changed",
                                      what, promotion_id, environment);
}

static int check_expected(EnvironmentState *environment, const Deployment *before,
                          const char *release_id, const char *promotion_id, Error *err)
{
        const char *name = environment->spec->object.meta.name;
        int r = 0;

        if (promotion_id)
                r = deployment_check_promotion(before, promotion_id, "the confirmation is for",
                                               name, err);
        if (r < 0)
                return r;
        if (release_id && !streq(before->release_id, release_id))
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "environment '%s' has release '%s', not the one that is "
                                 "confirmed",
                                 name, before->release_name);
        if (before->status != DEPLOYMENT_PROMOTING)
                return error_set(err, ERROR_CONFLICT, -EALREADY,
                                 "release '%s' is %s in environment '%s' already; nothing waits "
                                 "for a confirmation",
                                 before->release_name, deployment_status_to_string(before->status),
                                 name);
        return 0;
}

/* Adds the event of a deployment. The event names the release that was deployed before. A release
 * whose promotion was never confirmed does not count. */
static int report_deployed(EnvironmentState *environment, const Deployment *now,
                           const char *left_id, Changes *changes, Arena *arena, Error *err)
{
        Deployment left = { .release_id = left_id };
        Release release;
        int r = 0;

        if (left_id && !streq(left_id, now->release_id))
                r = store_release(environment->deployer->control->store, left_id, arena, &release,
                                  err);
        if (r < 0)
                return r;
        left.release_name = r > 0 ? release.name : NULL;
        report_deployment(changes, environment, EVENT_RELEASE_DEPLOYED, now, r > 0 ? &left : NULL);
        return 0;
}

/* Refuses to confirm a deployment before all its checks passed. */
static int check_passes(EnvironmentState *environment, const Deployment *before, Arena *arena,
                        Error *err)
{
        const char *name = environment->spec->object.meta.name, *text, *command;
        CheckInput checks;
        int r;

        r = environment_after_checks(environment, before, arena, &checks, err);
        if (r < 0 || checks_have_passed(&checks))
                return r;
        text = checks_text(&checks, arena);
        command = checks_command(&checks, before->release_name, name, arena);
        return !text || !command
                       ? error_oom(err)
                       : error_set(err, ERROR_CONFLICT, -EPERM,
                                   "release '%s' is not confirmed in environment '%s': %s; %s",
                                   before->release_name, name, text, command);
}

static int add_confirmation(EnvironmentState *environment, const Deployment *before,
                            const Confirmation *confirmation, Changes *changes, Arena *arena,
                            Error *err)
{
        bool deployed = confirmation->status == DEPLOYMENT_DEPLOYED;
        const char *left = before->deployed_release_id;
        Deployment now = *before;
        Uuid tenant = tenant_id(environment->spec->object.meta.tenant);
        Fallback fallback;
        int r = 0;

        now.tenant_id = tenant.text;
        now.status = confirmation->status;
        now.at = time_wall();
        if (confirmation->actor || !deployed)
                /* if relmand confirmed it, the row keeps the person who promoted it */
                now.by = confirmation->by;
        now.evidence_ref = confirmation->evidence_ref;
        if (confirmation->reason || !deployed)
                /* if no reason was given, the row keeps the reason of the promotion */
                now.reason = confirmation->reason;
        if (deployed)
                now.deployed_release_id = before->release_id;
        if (confirmation->actor) {
                Actor who = *confirmation->actor;

                who.release = before->release_name;
                report_audit(changes, &who, subject_of(&environment->spec->object), NULL);
        }
        if (!deployed)
                r = fallback_find(environment, &now, arena, &fallback, err);
        if (r < 0)
                return r;
        changes_put_deployment(changes, &now);
        end_checks(environment, before, changes);
        if (deployed)
                r = report_deployed(environment, &now, left, changes, arena, err);
        else
                fall_back(environment, &now, &fallback, changes);
        if (r >= 0)
                r = follow_status(
                        environment, now.release_id,
                        (Use){ .n_deployed = str_equal(now.deployed_release_id, now.release_id) },
                        changes, arena, err);
        if (r >= 0 && deployed && left && !streq(left, now.release_id))
                r = follow_status(environment, left, (Use){ 0 }, changes, arena, err);
        return r;
}

int deployment_confirm(EnvironmentState *environment, const char *release_id,
                       const Confirmation *confirmation, Changes *changes, Error *err)
{
        Store *store = environment->deployer->control->store;
        _cleanup_(arena_done) Arena arena;
        Deployment before;
        int r;

        arena_init(&arena, DEPLOYMENT_ARENA_MAX);
        r = store_deployment(store, environment->id.text, &arena, &before, err);
        if (r < 0)
                return r;
        if (r == 0)
                return error_set(
                        err, ERROR_CONFLICT, -ENOENT,
                        "nothing was ever promoted to environment '%s'; relmanctl gates %s "
                        "lists what the next release waits for",
                        environment->spec->object.meta.name, environment->spec->object.meta.name);
        r = check_expected(environment, &before, release_id, confirmation->promotion_id, err);
        if (r >= 0 && confirmation->status == DEPLOYMENT_DEPLOYED)
                r = check_passes(environment, &before, &arena, err);
        if (r >= 0)
                r = add_confirmation(environment, &before, confirmation, changes, &arena, err);
        if (r >= 0)
                r = environment_record(environment, changes, &arena, err);
        if (r >= 0)
                r = control_apply(environment->deployer->control, changes, err);
        if (r < 0)
                return r;
        log_notice("environment '%s': release '%s' is %s, by %s",
                   environment->spec->object.meta.name, before.release_name,
                   deployment_status_to_string(confirmation->status), confirmation->by);
        if (confirmation->status != DEPLOYMENT_DEPLOYED)
                deployment_publish(environment);
        return 0;
}

int deployments_settle(Deployer *deployer, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        ReleaseUses uses;
        int r;

        changes_init(&changes);
        arena_init(&arena, DEPLOYMENT_ARENA_MAX);
        r = store_release_use(deployer->control->store, &arena, &uses, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < uses.n; i++) {
                const ReleaseUse *use = &uses.items[i];
                ReleaseStatus status =
                        release_status_in_use(use->status, use->n_promoting, use->n_deployed);

                if (status != use->status)
                        changes_set_status(&changes, use->id, status, time_wall());
        }
        return control_apply(deployer->control, &changes, err);
}
