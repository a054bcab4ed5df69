/* Results of checks that relmand runs itself. */

#include "base/log.h"
#include "deploy/deployer.h"
#include "deploy/environment-checks.h"
#include "store/checks.h"
#include "store/releases.h"

/* The result that is stored, with the rows that decide whether it counts. */
typedef struct Ran {
        EnvironmentState *environment;
        Release release;
        Deployment deployment;
        CheckResults results; /* stored */
        CheckInput input;
        const CheckSpec *check;
        CheckResult result;
} Ran;

static int read_ran(Ran *ran, const CheckResult *result, Arena *arena, Error *err)
{
        const EnvironmentState *environment = ran->environment;
        const Control *control = environment->deployer->control;
        const CheckRules *rules = &environment->spec->checks;
        bool is_after = result->promotion_id[0];
        int r;

        r = store_release(control->store, result->release_id, arena, &ran->release, err);
        if (r > 0)
                r = store_checks(control->store, environment->id.text, result->release_id, arena,
                                 &ran->results, err);
        if (r < 0)
                return r;
        if (is_after)
                r = store_deployment(control->store, environment->id.text, arena, &ran->deployment,
                                     err);
        ran->input = (CheckInput){ .specs = is_after ? &rules->after : &rules->before,
                                   .results = &ran->results,
                                   .promotion_id = result->promotion_id,
                                   .now = time_wall() };
        ran->check = checks_find(ran->input.specs, result->name);
        return MIN(r, 0);
}

/* True if the check still runs and its promotion waits for it. False if the check was reported,
 * canceled, removed or started again in the meantime. Sets ran->result. */
static bool counts(Ran *ran, const CheckResult *result)
{
        const Deployment *deployment = &ran->deployment;
        const CheckResult *stored;

        if (!ran->check || !ran->check->run ||
            check_phase(&ran->input, ran->check, &stored) != CHECK_PHASE_RUNNING ||
            stored->started_at != result->started_at)
                return false;
        if (result->promotion_id[0] &&
            !(deployment->promotion_id && deployment->status == DEPLOYMENT_PROMOTING &&
              streq(deployment->promotion_id, result->promotion_id)))
                return false;
        ran->result = *stored;
        ran->result.status = result->status;
        ran->result.reported_at = ran->input.now;
        ran->result.by = PRINCIPAL_SELF;
        ran->result.person = NULL; /* the person who started the check did not report this result */
        ran->result.message = result->message;
        ran->result.output = result->output;
        return true;
}

/* Stores the result. If a check after the promotion failed, the same transaction ends the
 * promotion. */
static int store_ran(Ran *ran, Arena *arena, Error *err)
{
        CheckResults one = { .items = &ran->result, .n = 1 };
        Confirmation failed = { .status = DEPLOYMENT_FAILED, .by = PRINCIPAL_SELF };
        _cleanup_(changes_done) Changes changes;
        CheckInput input = ran->input;

        changes_init(&changes);
        environment_add_check(ran->environment, ran->release.name, &ran->result, &changes);
        if (!ran->result.promotion_id[0] || ran->result.status != CHECK_FAILED)
                return control_apply(ran->environment->deployer->control, &changes, err);
        input.results = &one;
        failed.reason = check_failure_text(&input, ran->check, arena);
        if (!failed.reason)
                return error_oom(err);
        return deployment_confirm(ran->environment, ran->result.release_id, &failed, &changes, err);
}

int deployer_check_ran(Deployer *deployer, const CheckResult *result, Error *err)
{
        EnvironmentState *environment = map_get(&deployer->environments, result->environment_id);
        Ran ran = { .environment = environment };
        _cleanup_(arena_done) Arena arena;
        int r;

        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        if (!environment)
                return 0;
        r = read_ran(&ran, result, &arena, err);
        if (r < 0)
                return r;
        if (counts(&ran, result)) {
                r = store_ran(&ran, &arena, err);
                if (r < 0)
                        return r;
                log_notice("environment '%s': check '%s' of release '%s' %s%s%s",
                           environment->spec->object.meta.name, result->name, ran.release.name,
                           check_status_to_string(result->status), result->message ? ": " : "",
                           result->message ? result->message : "");
        }
        environment_settle(environment);
        return 0;
}
