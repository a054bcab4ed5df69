/* Evaluates an environment: decides which release it gets and whether a gate is closed, and starts
 * the next step. All changes of one evaluation are stored in one transaction.
 *
 * A check of digests takes time, and rows may change meanwhile. So every evaluation decides from
 * current rows, and drops a check that is not needed any more. After the end of a check another
 * evaluation decides whether the release is promoted. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "deploy/environment-checks.h"
#include "deploy/environment-wanted.h"
#include "deploy/gate-events.h"

#define ENVIRONMENT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY                 (30 * USEC_PER_SEC)
#define RETRY_GONE            (5 * USEC_PER_MIN)
#define RETRY_WINDOWS         (5 * USEC_PER_MIN)

/* Removes the hold if the spec names a release. Otherwise the old hold would apply again once the
 * spec names none. A hold for the same release requests another attempt: it is removed after that
 * release was deployed. A hold that resume made is removed when its release is not desired any
 * more. */
static void remove_hold(EnvironmentState *environment, const Wanted *wanted,
                        PromotionDecision decision, Changes *changes)
{
        bool is_over = wanted->has_hold && environment->spec->release && wanted->has_release &&
                       (decision == PROMOTION_NONE ||
                        !str_equal(wanted->hold.release_id, wanted->release.id.text));

        if (is_over || wanted->is_retry_over)
                changes_delete_hold(changes, environment->id.text);
}

static void report_hold(EnvironmentState *environment, const Wanted *wanted, Changes *changes)
{
        const Hold *hold = &wanted->hold;

        const EnvironmentSpec *spec = environment->spec;

        if (wanted->on_hold && environment_follows(spec))
                report_condition(changes, environment_subject(environment),
                                 (Told){ CONDITION_HELD, CONDITION_TRUE,
                                         hold->is_fallback ? "DeploymentFailed" : "OnHold",
                                         hold->since },
                                 "does not follow %s '%s': %s, by %s; relmanctl resume %s ends it",
                                 environment_follows_noun(spec), environment_follows(spec),
                                 hold->reason, hold->by, spec->object.meta.name);
        else
                changes_clear_condition(changes, KIND_ENVIRONMENT, environment->id.text,
                                        CONDITION_HELD);
}

/* --- one evaluation --------------------------------------------------------------------------- */

typedef struct Evaluation {
        EnvironmentState *environment;
        const char *checked; /* the release whose digests were just checked; NULL: none */
        Wanted wanted;
        PromotionInput input;
        Promotion promotion;
        /* from promotion_gates(): all PROMOTION_GO unless a gate keeps a release out */
        Promotion gates[PROMOTION_GATE_MAX_];
        CheckInput after;         /* checks of the promotion that is not confirmed */
        EnvironmentReport report; /* message NULL: nothing to report */
        Changes changes;
        Arena arena;
} Evaluation;

static void evaluation_init(Evaluation *evaluation, EnvironmentState *environment)
{
        *evaluation = (Evaluation){ .environment = environment };
        changes_init(&evaluation->changes);
        arena_init(&evaluation->arena, ENVIRONMENT_ARENA_MAX);
}

static void evaluation_done(Evaluation *evaluation)
{
        changes_done(&evaluation->changes);
        arena_done(&evaluation->arena);
}

static int evaluation_report(Evaluation *evaluation, EnvironmentReport report, Error *err)
{
        if (!report.message)
                return error_oom(err);
        evaluation->report = report;
        environment_report_to(evaluation->environment, &evaluation->report, &evaluation->changes);
        return 0;
}

static FilesState evaluation_files(const Evaluation *evaluation, const char **ret_problem)
{
        const Control *control = evaluation->environment->deployer->control;

        return control->calls->files_state(control->userdata, evaluation->input.deployment,
                                           ret_problem);
}

/* Returns the report about a promotion whose checks have not passed. */
static EnvironmentReport evaluation_after_report(Evaluation *evaluation)
{
        const char *text = checks_text(&evaluation->after, &evaluation->arena);

        return (EnvironmentReport){
                .reason = "CheckRunning",
                .message = text ? arena_printf(&evaluation->arena,
                                               "release '%s' is in the lockfile; %s",
                                               evaluation->input.deployment->release_name, text)
                                : NULL
        };
}

/* Reports a promotion that is not complete: its files are not written yet, or not confirmed. */
static int evaluation_report_promoting(Evaluation *evaluation, Error *err)
{
        const char *name = evaluation->environment->spec->object.meta.name;
        const char *release = evaluation->input.deployment->release_name;
        Arena *arena = &evaluation->arena;
        EnvironmentReport report = { .reason = "Promoting" };
        const char *problem = NULL;

        switch (evaluation_files(evaluation, &problem)) {
        case FILES_DUE:
                report.message = arena_printf(
                        arena, "release '%s' was promoted; its lockfile is written next", release);
                break;
        case FILES_FAILED:
                report.reason = "LockNotWritten";
                report.failed = true;
                report.message =
                        arena_printf(arena,
                                     "release '%s' was promoted, but its lockfile could not "
                                     "be written, which is tried again: %s",
                                     release, problem ? problem : "out of memory");
                break;
        case FILES_PROPOSED:
                report.message = arena_printf(
                        arena, "release '%s' was promoted, and waits for the merge of %s", release,
                        problem ? problem : "its pull request");
                break;
        case FILES_WRITTEN:
                if (!checks_have_passed(&evaluation->after))
                        report = evaluation_after_report(evaluation);
                else
                        report.message =
                                arena_printf(arena,
                                             "release '%s' is in the lockfile and waits for its "
                                             "confirmation (relmanctl confirm %s)",
                                             release, name);
                break;
        }
        return evaluation_report(evaluation, report, err);
}

/* Reports the release that the environment has. */
static int evaluation_report_state(Evaluation *evaluation, Error *err)
{
        const Deployment *deployment = evaluation->input.deployment;
        Arena *arena = &evaluation->arena;
        char at[TIME_TEXT_SIZE];

        if (!deployment)
                return evaluation_report(
                        evaluation,
                        (EnvironmentReport){ .reason = "Empty",
                                             .message = "nothing is deployed here, and "
                                                        "nothing is requested" },
                        err);
        switch (deployment->status) {
        case DEPLOYMENT_PROMOTING: return evaluation_report_promoting(evaluation, err);
        case DEPLOYMENT_FAILED:
                return evaluation_report(
                        evaluation,
                        (EnvironmentReport){ .reason = "DeploymentFailed",
                                             .failed = true,
                                             .message = arena_printf(
                                                     arena, "release '%s' failed here: %s",
                                                     deployment->release_name,
                                                     deployment->reason ? deployment->reason
                                                                        : "no reason was given") },
                        err);
        case DEPLOYMENT_DEPLOYED:
        case DEPLOYMENT_CANCELED: /* a canceled deployment is only in the history */
        case DEPLOYMENT_STATUS_MAX_: break;
        }
        return evaluation_report(
                evaluation,
                (EnvironmentReport){ .reason = "Deployed",
                                     .is_ready = true,
                                     .message = arena_printf(arena, "release '%s' since %s, by %s",
                                                             deployment->release_name,
                                                             time_format(deployment->at, at),
                                                             deployment->by) },
                err);
}

/* Describes the release that the environment has while it waits for another one. Sets
 * *ret_is_broken if that release failed, or its files cannot be written. */
static const char *evaluation_words(const Evaluation *evaluation, bool *ret_is_broken)
{
        DeploymentStatus status = evaluation->input.deployment->status;
        const char *problem;

        *ret_is_broken = status == DEPLOYMENT_FAILED;
        if (status == DEPLOYMENT_FAILED)
                return "failed here";
        if (status != DEPLOYMENT_PROMOTING)
                return "stays";
        *ret_is_broken = evaluation_files(evaluation, &problem) == FILES_FAILED;
        return *ret_is_broken ? "stays, but its lockfile could not be written"
                              : "stays, and is not confirmed";
}

/* Reports what the promotion waits for, and which release the environment has until then. */
static int evaluation_report_waiting(Evaluation *evaluation, Error *err)
{
        const Deployment *deployment = evaluation->input.deployment;
        const Release *wanted = evaluation->input.release;
        const Promotion *promotion = &evaluation->promotion;
        const char *message = promotion->message, *words;
        bool is_broken = false;

        words = deployment ? evaluation_words(evaluation, &is_broken) : NULL;
        /* if the environment waits for the failed release itself, the message says that already */
        if (words && !(deployment->status == DEPLOYMENT_FAILED && wanted &&
                       streq(deployment->release_id, wanted->id.text)))
                message = arena_printf(&evaluation->arena, "%s; release '%s' %s",
                                       promotion->message, deployment->release_name, words);
        return evaluation_report(
                evaluation,
                (EnvironmentReport){ .reason = promotion->reason,
                                     .failed =
                                             promotion->decision == PROMOTION_REFUSED || is_broken,
                                     .message = message },
                err);
}

static int evaluation_commit(Evaluation *evaluation, Error *err)
{
        int r = control_apply(evaluation->environment->deployer->control, &evaluation->changes,
                              err);

        if (r < 0 || !evaluation->report.message)
                return r;
        evaluation->environment->failed = evaluation->report.failed;
        environment_reported(evaluation->environment, &evaluation->report);
        return 0;
}

/* True if the promoted release is in the lockfile, its checks passed, and relmand itself confirms
 * it. */
static bool is_ours_to_confirm(const Evaluation *evaluation)
{
        const char *problem;

        return evaluation->input.deployment &&
               evaluation->input.deployment->status == DEPLOYMENT_PROMOTING &&
               evaluation->environment->spec->confirm != CONFIRM_MANUAL &&
               checks_have_passed(&evaluation->after) &&
               evaluation_files(evaluation, &problem) == FILES_WRITTEN;
}

/* Confirms the promotion. Returns 1, since the environment must be evaluated again. */
static int evaluation_confirm(Evaluation *evaluation, Error *err)
{
        static const Confirmation automatic = { .status = DEPLOYMENT_DEPLOYED,
                                                .by = PRINCIPAL_SELF };
        _cleanup_(changes_done) Changes changes;
        int r;

        changes_init(&changes);
        r = deployment_confirm(evaluation->environment, evaluation->input.deployment->release_id,
                               &automatic, &changes, err);
        return r < 0 ? r : 1;
}

static void drop_check(EnvironmentState *environment)
{
        environment->digest_check = digest_check_free(environment->digest_check);
}

/* Makes the environment due when the next gate opens, even if another gate stays closed, or when an
 * approval expires. The time is wrong after the wall clock was set, so deployer_clock_was_set()
 * makes the environment due, too. If the gate is still closed, the environment waits again. */
static void evaluation_wait(const Evaluation *evaluation)
{
        usec_t now = evaluation->input.now, at = promotion_next(evaluation->gates, now);

        /* the zone database may be repaired, so the windows are read again */
        if (evaluation->input.windows_problem)
                environment_add(evaluation->environment, time_monotonic() + RETRY_WINDOWS,
                                "its windows are read again");
        if (at > 0)
                environment_add(evaluation->environment, time_monotonic() + (at - now),
                                "a gate opens or closes");
}

/* Handles an environment to which nothing is promoted now. Returns 1 if a promotion was confirmed.
 */
static int evaluation_stay(Evaluation *evaluation, Error *err)
{
        bool waits = evaluation->promotion.decision != PROMOTION_NONE;
        bool confirms = is_ours_to_confirm(evaluation);
        int r = 0;

        drop_check(evaluation->environment);
        evaluation_wait(evaluation);
        if (waits)
                r = evaluation_report_waiting(evaluation, err);
        else if (!confirms)
                r = evaluation_report_state(evaluation, err);
        if (r >= 0)
                r = evaluation_commit(evaluation, err);
        return r < 0 ? r : confirms ? evaluation_confirm(evaluation, err) : 0;
}

static void on_digests_checked(DigestCheck *check, void *userdata);

/* Starts the check of the release's digests, unless it runs already. A promotion by a person has
 * priority. Its end makes the environment due again. */
static int evaluation_check(Evaluation *evaluation, Error *err)
{
        EnvironmentState *environment = evaluation->environment;
        const char *wanted = evaluation->wanted.release.id.text;
        int r;

        r = evaluation_commit(evaluation, err);
        if (r < 0)
                return r;
        if (environment->n_promotions > 0) {
                drop_check(environment);
                return 0;
        }
        if (environment->digest_check &&
            streq(digest_check_release(environment->digest_check), wanted))
                return 0;
        drop_check(environment);
        r = digest_check_new(environment, wanted, on_digests_checked, environment,
                             &environment->digest_check, err);
        if (r >= 0 && digest_check_is_over(environment->digest_check))
                on_digests_checked(environment->digest_check, environment);
        return r;
}

/* Returns the id of the desired release, which may not exist yet; "" if there is none. */
static const char *evaluation_release(const Evaluation *evaluation)
{
        const Wanted *wanted = &evaluation->wanted;

        return wanted->has_release                          ? wanted->release.id.text
               : wanted->on_hold && wanted->hold.release_id ? wanted->hold.release_id
                                                            : "";
}

/* True if the environment has the desired release, and that release is confirmed. */
static bool evaluation_is_settled(const Evaluation *evaluation)
{
        const Deployment *deployment = evaluation->input.deployment;

        return evaluation->promotion.decision == PROMOTION_NONE &&
               !(deployment && deployment->status == DEPLOYMENT_PROMOTING);
}

/* Ends the promotion because a check after it failed. Returns 1, since the environment must be
 * evaluated again. */
static int evaluation_fail(Evaluation *evaluation, const CheckSpec *failed, Error *err)
{
        const Confirmation confirmation = { .status = DEPLOYMENT_FAILED,
                                            .by = PRINCIPAL_SELF,
                                            .reason = check_failure_text(&evaluation->after, failed,
                                                                         &evaluation->arena) };
        int r;

        if (!confirmation.reason)
                return error_oom(err);
        r = deployment_confirm(evaluation->environment, evaluation->input.deployment->release_id,
                               &confirmation, &evaluation->changes, err);
        return r < 0 ? r : 1;
}

/* Starts the checks of a promotion that is not confirmed, and ends those that are late. Returns 1
 * if a check failed. */
static int evaluation_after_checks(Evaluation *evaluation, Error *err)
{
        EnvironmentState *environment = evaluation->environment;
        const Deployment *deployment = evaluation->input.deployment;
        usec_t now = evaluation->input.now, at;
        const CheckSpec *failed;
        int r;

        r = environment_after_checks(environment, deployment, &evaluation->arena,
                                     &evaluation->after, err);
        if (r < 0)
                return r;
        r = environment_advance_after(environment, deployment, &evaluation->after,
                                      &evaluation->changes, &evaluation->arena, err);
        if (r < 0)
                return r;
        failed = checks_failed(&evaluation->after);
        if (failed)
                return evaluation_fail(evaluation, failed, err);
        at = checks_next(&evaluation->after);
        if (at > now)
                environment_add(environment, time_monotonic() + (at - now), "a check is late");
        return 0;
}

/* Starts checks, and ends those that are late. Returns 1 if the promotion ended, because one of its
 * checks failed. */
static int evaluation_checks(Evaluation *evaluation, Error *err)
{
        int r = environment_advance_checks(evaluation->environment, &evaluation->input,
                                           &evaluation->changes, &evaluation->arena, err);

        if (r > 0 &&
            promotion_decide(&evaluation->input, &evaluation->arena, &evaluation->promotion) < 0)
                r = error_oom(err);
        return r < 0 ? r : evaluation_after_checks(evaluation, err);
}

/* Evaluates all gates, and adds the events of those that changed. */
static int evaluation_gates(Evaluation *evaluation, Error *err)
{
        const Promotion *promotion = &evaluation->promotion;
        const PromotionInput *input = &evaluation->input;

        if (promotion_gates(input, promotion, &evaluation->arena, evaluation->gates) < 0)
                return error_oom(err);
        return gate_events_add(evaluation->environment, input->release, evaluation->gates,
                               &evaluation->arena, &evaluation->changes, err);
}

/* Decides which release the environment gets. Returns 1 if a promotion was stored or confirmed:
 * then the environment must be evaluated again. */
static int evaluation_decide(Evaluation *evaluation, Error *err)
{
        EnvironmentState *environment = evaluation->environment;
        PromoteOrder order;
        int r;

        r = environment_plan(environment, &evaluation->arena, &evaluation->wanted,
                             &evaluation->input, &evaluation->promotion, err);
        if (r >= 0 && environment_depend(environment, evaluation_release(evaluation)) < 0)
                r = error_oom(err);
        if (r >= 0)
                r = evaluation_checks(evaluation, err);
        if (r != 0)
                return r;
        r = evaluation_gates(evaluation, err);
        if (r < 0)
                return r;
        environment->is_settled = evaluation_is_settled(evaluation);
        remove_hold(environment, &evaluation->wanted, evaluation->promotion.decision,
                    &evaluation->changes);
        report_hold(environment, &evaluation->wanted, &evaluation->changes);
        if (evaluation->promotion.decision != PROMOTION_GO)
                return evaluation_stay(evaluation, err);
        if (environment->n_promotions > 0 ||
            !str_equal(evaluation->checked, evaluation->wanted.release.id.text)) {
                r = evaluation_check(evaluation, err);
                return MIN(r, 0);
        }
        order = (PromoteOrder){ .release = &evaluation->wanted.release,
                                .by = evaluation->wanted.by };
        r = deployment_promote(environment, &order, &evaluation->changes, err);
        return r < 0 ? r : 1;
}

/* Evaluates an environment again until nothing changes. Reports a failure, and retries later.
 * checked: see Evaluation. */
static void evaluation_run(EnvironmentState *environment, const char *checked)
{
        _cleanup_(error_done) Error error = { 0 };
        Evaluation evaluation;
        int r;

        do {
                evaluation_init(&evaluation, environment);
                evaluation.checked = checked;
                r = evaluation_decide(&evaluation, &error);
                evaluation_done(&evaluation);
        } while (r > 0);
        if (r == 0)
                return;
        drop_check(environment);
        environment_add(environment, time_monotonic() + RETRY, "it failed");
        environment_report(environment, &(EnvironmentReport){ .reason = "Failed",
                                                              .failed = true,
                                                              .message = error_message(&error) });
}

void environment_evaluate(EnvironmentState *environment)
{
        evaluation_run(environment, NULL);
}

void environment_settle(EnvironmentState *environment)
{
        queue_remove(environment->deployer->control->queue, KEY_ENVIRONMENT, environment->id.text);
        environment_evaluate(environment);
}

static void on_digests_checked(DigestCheck *check, void *userdata)
{
        const Error *error = digest_check_error(check);
        EnvironmentState *environment = userdata;
        bool gone = error && error->kind == ERROR_NOT_FOUND;

        environment->digest_check = NULL;
        environment->failed_digest_check = digest_check_free(environment->failed_digest_check);
        if (!error)
                evaluation_run(environment, digest_check_release(check));
        else {
                environment_add(environment, time_monotonic() + (gone ? RETRY_GONE : RETRY),
                                "its digests are checked again");
                environment_report(
                        environment,
                        &(EnvironmentReport){ .reason = gone ? "DigestGone" : "Unreachable",
                                              .failed = true,
                                              .message = error_message(error) });
        }
        control_kick(environment->deployer->control);
        if (error)
                environment->failed_digest_check = check;
        else
                digest_check_free(check);
}
