/* The command that reports the result of a check, or lets relmand run it. */

#include <errno.h>

#include "base/log.h"
#include "deploy/commands.h"
#include "deploy/environment-checks.h"
#include "model/people.h"
#include "release/approvals.h"
#include "release/promotion.h"
#include "store/checks.h"
#include "store/releases.h"

/* A report in progress. */
typedef struct Reporting {
        const CheckCommand *command;
        EnvironmentState *environment;
        Release release;
        Deployment deployment;
        bool has_deployment;
        const CheckSpec *check;
        bool is_after;
        CheckResults results;
        CheckInput input;
        const CheckResult *before; /* stored result of the check; NULL: none */
} Reporting;

/* True if relmand is to run the check. */
static bool is_run(const Reporting *reporting)
{
        return reporting->command->status == CHECK_RUNNING;
}

/* Finds the check in both lists. Returns ERROR_CONFLICT with the names that exist. */
static int find_check(Reporting *reporting, Error *err)
{
        const CheckRules *rules = &reporting->environment->spec->checks;
        const char *name = reporting->environment->spec->object.meta.name;
        Arena *arena = reporting->command->arena;
        const char *before, *after;

        reporting->check = checks_find(&rules->before, reporting->command->name);
        reporting->is_after = !reporting->check;
        if (!reporting->check)
                reporting->check = checks_find(&rules->after, reporting->command->name);
        if (reporting->check)
                return 0;
        if (rules->before.n + rules->after.n == 0)
                return error_set(err, ERROR_CONFLICT, -ENOENT, "environment '%s' has no checks",
                                 name);
        before = checks_names(&rules->before, arena);
        after = checks_names(&rules->after, arena);
        return !before || !after ? error_oom(err)
                                 : error_set(err, ERROR_CONFLICT, -ENOENT,
                                             "environment '%s' has no check '%s'; it has %s%s%s",
                                             name, reporting->command->name, before,
                                             before[0] && after[0] ? ", " : "", after);
}

/* Returns ERROR_DENIED if reports by this person do not count. Without `from`, the reports of
 * promoters count. */
static int check_person(const Reporting *reporting, Error *err)
{
        const EnvironmentState *environment = reporting->environment;
        const Actor *actor = reporting->command->actor;
        const CheckSpec *check = reporting->check;
        const char *action, *place;

        if (is_run(reporting))
                return environment_check_promoter(environment, actor, "run checks of", err);
        if (check_is_reported_by_nobody(check)) {
                place = environment_place(environment, &check->run_place,
                                          reporting->command->arena);
                return !place ? error_oom(err)
                              : error_set(err, ERROR_DENIED, -EACCES,
                                          "relmand runs check '%s' of environment '%s'%s: nobody "
                                          "else reports it, unless its from names persons",
                                          check->name, environment->spec->object.meta.name, place);
        }
        if (check->from.n == 0)
                return environment_check_promoter(environment, actor, "report checks of", err);
        if (people_have(environment->deployer->control->model,
                        environment->spec->object.meta.tenant, &check->from, actor->person))
                return 0;
        action = arena_printf(reporting->command->arena, "report check '%s' of", check->name);
        return !action ? error_oom(err)
                       : environment_refuse(environment, actor,
                                            &(PersonRefusal){ .action = action,
                                                              .field = "'from' of the check",
                                                              .persons = &check->from,
                                                              .place = &check->from_place },
                                            err);
}

/* Refuses a report about another promotion: the test ran for an earlier attempt. */
static int check_promotion(const Reporting *reporting, Error *err)
{
        const char *id = reporting->command->promotion_id, *name = reporting->check->name;
        const char *environment = reporting->environment->spec->object.meta.name;

        if (!id)
                return 0;
        if (!reporting->is_after)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "check '%s' of environment '%s' comes before the promotion: "
                                 "report it without a promotion",
                                 name, environment);
        return deployment_check_promotion(
                reporting->has_deployment ? &reporting->deployment : NULL, id,
                arena_printf(reporting->command->arena, "check '%s' is reported for", name),
                environment, err);
}

/* Reads the deployment and the results. Without a deployment, no check after a promotion has a
 * result. */
static int read_results(Reporting *reporting, Error *err)
{
        const EnvironmentState *environment = reporting->environment;
        Store *store = environment->deployer->control->store;
        const CheckRules *rules = &environment->spec->checks;
        int r;

        r = store_deployment(store, environment->id.text, reporting->command->arena,
                             &reporting->deployment, err);
        reporting->has_deployment = r > 0;
        if (r >= 0)
                r = store_checks(store, environment->id.text, reporting->release.id.text,
                                 reporting->command->arena, &reporting->results, err);
        if (r < 0)
                return r;
        reporting->input = (CheckInput){
                .specs = reporting->is_after ? &rules->after : &rules->before,
                .results = &reporting->results,
                .promotion_id = !reporting->is_after        ? ""
                                : reporting->has_deployment ? reporting->deployment.promotion_id
                                                            : "-",
                .now = time_wall(),
        };
        return check_promotion(reporting, err);
}

static int reporting_begin(Deployer *deployer, const char *environment_id,
                           const CheckCommand *command, Reporting *ret, Error *err)
{
        int r;

        *ret = (Reporting){ .command = command };
        r = deployer_find_environment(deployer, environment_id, &ret->environment, err);
        if (r >= 0)
                r = control_find_release(deployer->control, command->release_id, command->arena,
                                         &ret->release, err);
        if (r >= 0)
                r = find_check(ret, err);
        if (r >= 0)
                r = check_person(ret, err);
        if (r >= 0)
                r = read_results(ret, err);
        if (r < 0 || check_phase(&ret->input, ret->check, &ret->before) != CHECK_PHASE_LATE)
                return r;
        /* the check is late: its failure is stored first, and may end the promotion */
        environment_settle(ret->environment);
        r = read_results(ret, err);
        if (r >= 0)
                (void)check_phase(&ret->input, ret->check, &ret->before);
        return r;
}

/* True if a client repeats a request: the same result was reported before, or the check runs
 * already. */
static bool is_repeated(const Reporting *reporting)
{
        const CheckResult *before = reporting->before;
        const CheckCommand *command = reporting->command;

        if (is_run(reporting))
                return check_phase(&reporting->input, reporting->check, NULL) ==
                       CHECK_PHASE_RUNNING;
        return before && before->status == command->status &&
               str_equal(before->person, command->actor->person) &&
               str_equal(before->evidence_ref, command->evidence_ref) &&
               str_equal(before->message, command->message);
}

static bool is_promoting(const Reporting *reporting)
{
        return reporting->has_deployment && reporting->deployment.status == DEPLOYMENT_PROMOTING &&
               streq(reporting->deployment.release_id, reporting->release.id.text);
}

/* True if the release has passed the gates, which are not evaluated again. While another release
 * is being promoted, the deployed one must pass them again. */
static bool is_past_gates(const Reporting *reporting)
{
        return reporting->has_deployment &&
               deployment_has(&reporting->deployment, reporting->release.id.text);
}

/* True if the environment has the release, is getting it, or still runs it while it gets another.
 */
static bool is_there(const Reporting *reporting)
{
        return is_past_gates(reporting) ||
               (reporting->has_deployment &&
                str_equal(reporting->deployment.deployed_release_id, reporting->release.id.text));
}

static int refuse_before(const Reporting *reporting, Error *err)
{
        const char *release = reporting->release.name, *check = reporting->check->name;
        const char *name = reporting->environment->spec->object.meta.name;

        if (is_past_gates(reporting))
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "release '%s' was promoted to environment '%s' already: check "
                                 "'%s' came before that",
                                 release, name, check);
        switch (reporting->release.status) {
        case RELEASE_DRAFT:
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "release '%s' is a draft: there is nothing to check yet", release);
        case RELEASE_DEPRECATED:
        case RELEASE_ARCHIVED:
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "release '%s' is %s and can no longer be promoted", release,
                                 release_status_to_string(reporting->release.status));
        case RELEASE_READY:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return 0;
}

/* Refuses a release that a gate before the checks keeps out. relmand itself does not start checks
 * then, either. */
static int refuse_early(const Reporting *reporting, Error *err)
{
        PromotionInput input = { .release = &reporting->release };
        Arena *arena = reporting->command->arena;
        Promotion promotion;
        int r;

        r = environment_decide(reporting->environment, &input, arena, &promotion, err);
        if (r < 0)
                return r;
        r = promotion_may_start_checks(&input, arena);
        if (r < 0)
                return error_oom(err);
        return r > 0 ? 0
                     : error_set(err, ERROR_CONFLICT, -EPERM, "check '%s' does not run yet: %s",
                                 reporting->check->name, promotion.message);
}

static int refuse_run(const Reporting *reporting, Error *err)
{
        const char *release = reporting->release.name, *check = reporting->check->name;
        const char *name = reporting->environment->spec->object.meta.name;
        int r;

        if (!reporting->check->run)
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "relmand does not run check '%s' of environment '%s': report its "
                                 "result with relmanctl check %s %s %s --pass or --fail",
                                 check, name, release, name, check);
        if (reporting->is_after)
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "check '%s' of environment '%s' runs after each promotion: "
                                 "relmanctl promote %s %s is another one",
                                 check, name, release, name);
        r = refuse_before(reporting, err);
        return r < 0 ? r : refuse_early(reporting, err);
}

static int refuse_after(const Reporting *reporting, Error *err)
{
        const Control *control = reporting->environment->deployer->control;
        const char *release = reporting->release.name, *check = reporting->check->name;
        const char *name = reporting->environment->spec->object.meta.name, *problem;

        if (!is_promoting(reporting))
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 is_there(reporting)
                                         ? "release '%s' is deployed in environment '%s' already: "
                                           "check '%s' has ended"
                                         : "release '%s' is not being promoted to environment "
                                           "'%s': check '%s' does not run",
                                 release, name, check);
        /* the failure of a late check could not be stored yet; a report that it passed must not
         * replace the failure */
        if (check_phase(&reporting->input, reporting->check, NULL) == CHECK_PHASE_LATE)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "check '%s' of release '%s' in environment '%s' was not reported "
                                 "in time",
                                 check, release, name);
        /* a started check stays started while the files are written again, such as after a restart
         */
        if (!reporting->before &&
            control->calls->files_state(control->userdata, &reporting->deployment, &problem) !=
                    FILES_WRITTEN)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "the lockfile of environment '%s' with release '%s' is not "
                                 "written yet: check '%s' has not started",
                                 name, release, check);
        return 0;
}

/* Returns the row of a check that relmand starts. Its start is later than any earlier start, so
 * that the result of an earlier program does not count. */
static CheckResult reporting_start(const Reporting *reporting)
{
        usec_t now = reporting->input.now - reporting->input.now % USEC_PER_SEC;
        usec_t before = reporting->before ? reporting->before->started_at : 0;

        return (CheckResult){ .environment_id = reporting->environment->id.text,
                              .release_id = reporting->release.id.text,
                              .promotion_id = reporting->input.promotion_id,
                              .name = reporting->check->name,
                              .status = CHECK_RUNNING,
                              .started_at = MAX(now, before + USEC_PER_SEC),
                              .by = reporting->command->actor->principal,
                              .person = reporting->command->actor->person };
}

static CheckResult reporting_result(const Reporting *reporting)
{
        const CheckCommand *command = reporting->command;
        usec_t now = reporting->input.now;

        return (CheckResult){ .environment_id = reporting->environment->id.text,
                              .release_id = reporting->release.id.text,
                              .promotion_id = reporting->input.promotion_id,
                              .name = reporting->check->name,
                              .status = command->status,
                              .started_at = reporting->before ? reporting->before->started_at : now,
                              .reported_at = now,
                              .by = command->actor->principal,
                              .person = command->actor->person,
                              .evidence_ref = command->evidence_ref,
                              .message = command->message };
}

/* Stores the failure of a check and ends the promotion, in one transaction. */
static int store_failed(const Reporting *reporting, const CheckResult *result, const Actor *who,
                        Changes *changes, Error *err)
{
        Arena *arena = reporting->command->arena;
        CheckResults one = { .items = arena_memdup(arena, result, sizeof(*result)), .n = 1 };
        CheckInput input = reporting->input;
        Confirmation failed = { .status = DEPLOYMENT_FAILED,
                                .by = who->principal,
                                .actor = who,
                                .evidence_ref = result->evidence_ref };

        if (!one.items)
                return error_oom(err);
        input.results = &one;
        failed.reason = check_failure_text(&input, reporting->check, arena);
        if (!failed.reason)
                return error_oom(err);
        return deployment_confirm(reporting->environment, result->release_id, &failed, changes,
                                  err);
}

static int reporting_store(const Reporting *reporting, Error *err)
{
        EnvironmentState *environment = reporting->environment;
        const CheckResult result =
                is_run(reporting) ? reporting_start(reporting) : reporting_result(reporting);
        _cleanup_(changes_done) Changes changes;
        Actor who = *reporting->command->actor;

        changes_init(&changes);
        who.release = reporting->release.name;
        if (!is_repeated(reporting)) {
                environment_add_check(environment, reporting->release.name, &result, &changes);
                if (reporting->is_after && result.status == CHECK_FAILED)
                        return store_failed(reporting, &result, &who, &changes, err);
        }
        report_audit_reason(&changes, &who, subject_of(&environment->spec->object), NULL,
                            result.message);
        return control_apply(environment->deployer->control, &changes, err);
}

int deployer_report_check(Deployer *deployer, const char *environment_id,
                          const CheckCommand *command, Error *err)
{
        Reporting reporting;
        int r;

        r = reporting_begin(deployer, environment_id, command, &reporting, err);
        if (r >= 0 && is_run(&reporting))
                r = refuse_run(&reporting, err);
        else if (r >= 0 && !is_repeated(&reporting))
                r = reporting.is_after ? refuse_after(&reporting, err)
                                       : refuse_before(&reporting, err);
        if (r >= 0)
                r = reporting_store(&reporting, err);
        if (r < 0)
                return r;
        if (is_run(&reporting))
                log_notice("environment '%s': %s (%s) runs check '%s' of release '%s'",
                           reporting.environment->spec->object.meta.name, command->actor->person,
                           command->actor->principal, reporting.check->name,
                           reporting.release.name);
        else
                log_notice("environment '%s': %s (%s) reports that check '%s' of release '%s' %s",
                           reporting.environment->spec->object.meta.name, command->actor->person,
                           command->actor->principal, reporting.check->name, reporting.release.name,
                           check_status_to_string(command->status));
        environment_settle(reporting.environment);
        return 0;
}
