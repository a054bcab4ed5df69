#include "checks/check-runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "checks/check-runs.h"
#include "release/checks.h"
#include "store/checks.h"

#define RUNNER_ARENA_MAX ((size_t)64 * 1024 * 1024)

static void add_key(const CheckRunner *runner, const char *environment_id, const char *cause)
{
        queue_add(runner->control->queue, KEY_CHECKS, environment_id, 0, cause);
}

/* --- one run ---------------------------------------------------------------------------------- */

static bool is_started(const CheckRun *run)
{
        return run->program || run->http;
}

static CheckRun *run_free(CheckRun *run)
{
        if (!run)
                return NULL;
        for (CheckRun **at = &run->runner->runs; *at; at = &(*at)->next)
                if (*at == run) {
                        *at = run->next;
                        break;
                }
        program_run_leave(run->program);
        check_http_leave(run->http);
        free(run->name);
        free(run->tenant);
        free(run);
        return NULL;
}

/* Adds a run at the end of the list. */
static int run_new(CheckRunner *runner, const CheckResult *result, const CheckRunSpec *spec,
                   const char *tenant, CheckRun **ret)
{
        CheckRun *run = calloc(1, sizeof(*run)), **end = &runner->runs;

        if (!run)
                return -ENOMEM;
        run->runner = runner;
        run->spec = spec;
        run->started_at = result->started_at;
        run->is_stored = true;
        run->name = strdup(result->name);
        run->tenant = strdup(tenant);
        (void)snprintf(run->environment_id.text, sizeof(run->environment_id.text), "%s",
                       result->environment_id);
        (void)snprintf(run->release_id.text, sizeof(run->release_id.text), "%s",
                       result->release_id);
        (void)snprintf(run->promotion_id.text, sizeof(run->promotion_id.text), "%s",
                       result->promotion_id);
        if (!run->name || !run->tenant) {
                run_free(run);
                return -ENOMEM;
        }
        digest_sha256(run->name, strlen(run->name), run->key);
        while (*end)
                end = &(*end)->next;
        *end = *ret = run;
        return 0;
}

/* True if the run is for this stored result. Each attempt has a different start time. */
static bool run_is_of(const CheckRun *run, const CheckResult *result)
{
        return streq(run->environment_id.text, result->environment_id) &&
               streq(run->release_id.text, result->release_id) &&
               streq(run->promotion_id.text, result->promotion_id) &&
               streq(run->name, result->name) && run->started_at == result->started_at;
}

/* Returns the configuration of a running check; NULL: relmand does not run it. If the configuration
 * no longer has the name in the spec, relmand does not run the check, which then times out. */
static const CheckRunSpec *spec_of(const CheckRunner *runner, const EnvironmentSpec *environment,
                                   const char *promotion_id, const char *name)
{
        const CheckRunSpecs *runs = runner->control->options.check_runs;
        const CheckRules *rules = &environment->checks;
        const CheckSpec *check =
                checks_find(promotion_id[0] ? &rules->after : &rules->before, name);

        return runs && check && check->run
                       ? check_runs_find(runs, check->run, environment->object.meta.tenant)
                       : NULL;
}

/* True if the active specs still request this run. */
static bool is_current(const CheckRun *run)
{
        const Object *object =
                map_get(&run->runner->control->model->by_id, run->environment_id.text);

        return object && spec_of(run->runner, (const EnvironmentSpec *)object,
                                 run->promotion_id.text, run->name) == run->spec;
}

static void run_end(CheckRun *run, const CheckEnd *end)
{
        CheckRunner *runner = run->runner;
        const Control *control = runner->control;
        const CheckResult result = { .environment_id = run->environment_id.text,
                                     .release_id = run->release_id.text,
                                     .promotion_id = run->promotion_id.text,
                                     .name = run->name,
                                     .status = end->passed ? CHECK_PASSED : CHECK_FAILED,
                                     .started_at = run->started_at,
                                     .message = end->message,
                                     .output = end->output };
        _cleanup_(error_done) Error error = { 0 };

        if (!is_current(run)) { /* the specs now request another run or none */
                run_free(run);
                return;
        }
        if (end->passed)
                runner->n_passed++;
        else
                runner->n_failed++;
        if (control->calls->check_ended(control->userdata, &result, &error) < 0) {
                log_error("check '%s' runs again, because its result could not be stored: %s",
                          run->name, error_message(&error));
                queue_add_failed(control->queue, KEY_CHECKS, run->environment_id.text,
                                 "a result could not be stored");
        }
        run_free(run);
}

/* --- starting --------------------------------------------------------------------------------- */

static int start_run(CheckRun *run, Error *err)
{
        return run->spec->http.url ? check_http_start(run, err) : check_program_start(run, err);
}

/* Returns the number of running checks, including programs whose run was dropped but which have not
 * ended yet. */
static size_t n_running(const CheckRunner *runner)
{
        size_t n = runner->programs.n;

        for (const CheckRun *run = runner->runs; run; run = run->next)
                n += run->http != NULL;
        return n;
}

static size_t n_started(const CheckRunner *runner, const char *tenant)
{
        size_t n = 0;

        for (const CheckRun *run = runner->runs; run; run = run->next)
                n += is_started(run) && streq(run->tenant, tenant);
        return n;
}

/* Returns the next run to start. Chooses the tenant with the fewest running checks, so that no
 * tenant delays the others for long. NULL: no run can start. */
static CheckRun *next_run(const CheckRunner *runner)
{
        CheckRun *best = NULL;
        size_t n_best = 0;

        for (CheckRun *run = runner->runs; run; run = run->next) {
                size_t n;

                if (is_started(run) ||
                    programs_have_left(&runner->programs, run->environment_id.text, run->key))
                        continue;
                n = n_started(runner, run->tenant);
                if (n < CHECK_RUNS_TENANT_MAX && (!best || n < n_best)) {
                        best = run;
                        n_best = n;
                }
        }
        return best;
}

/* Ends a run that could not start. If the program cannot be run, the check has failed. After any
 * other error, such as a lack of memory or processes, the runner tries again later. */
static void fail_start(CheckRun *run, const Error *error)
{
        bool is_temporary = error->kind != ERROR_INVALID || error->code == -EAGAIN ||
                            error->code == -ENOMEM || error->code == -EMFILE ||
                            error->code == -ENFILE;

        if (!is_temporary) {
                run_end(run, &(CheckEnd){ .message = error_message(error) });
                return;
        }
        log_error("check '%s' is started again later: %s", run->name, error_message(error));
        queue_add_failed(run->runner->control->queue, KEY_CHECKS, run->environment_id.text,
                         "a check could not be started");
        run_free(run);
}

static void start_runs(CheckRunner *runner)
{
        CheckRun *run;

        while (n_running(runner) < CHECK_RUNS_MAX && (run = next_run(runner))) {
                _cleanup_(error_done) Error error = { 0 };

                if (start_run(run, &error) < 0)
                        fail_start(run, &error);
        }
}

/* --- one environment -------------------------------------------------------------------------- */

/* Keeps the run that belongs to a stored result, if the spec of the check is the same. Otherwise
 * adds a run. */
static int want_run(CheckRunner *runner, const EnvironmentSpec *environment,
                    const CheckResult *result)
{
        const CheckRunSpec *spec = spec_of(runner, environment, result->promotion_id, result->name);
        CheckRun *run;

        if (!spec)
                return 0;
        for (run = runner->runs; run; run = run->next)
                if (run_is_of(run, result) && run->spec == spec) {
                        run->is_stored = true;
                        return 0;
                }
        if (run_new(runner, result, spec, environment->object.meta.tenant, &run) < 0)
                return -ENOMEM;
        run->ended = run_end;
        return 0;
}

/* Marks the runs of an environment as not stored. drop_marked() frees the runs that still have the
 * mark. */
static void mark_runs(CheckRunner *runner, const char *environment_id)
{
        for (CheckRun *run = runner->runs; run; run = run->next)
                if (streq(run->environment_id.text, environment_id))
                        run->is_stored = false;
}

static void drop_marked(CheckRunner *runner)
{
        for (CheckRun *run = runner->runs, *next; run; run = next) {
                next = run->next;
                if (!run->is_stored)
                        run_free(run);
        }
}

/* Changes the runs of an environment to those that the database has as running. */
static int read_runs(CheckRunner *runner, const EnvironmentSpec *environment, Error *err)
{
        const char *id = environment->object.id.text;
        _cleanup_(arena_done) Arena arena;
        CheckResults results;
        int r;

        arena_init(&arena, RUNNER_ARENA_MAX);
        r = store_running_checks(runner->control->store, id, &arena, &results, err);
        if (r < 0)
                return r;
        mark_runs(runner, id);
        for (size_t i = 0; i < results.n && r >= 0; i++)
                r = want_run(runner, environment, &results.items[i]);
        drop_marked(runner);
        return r < 0 ? error_oom(err) : 0;
}

usec_t check_runner_reconcile(CheckRunner *runner, const char *environment_id)
{
        const Object *object = map_get(&runner->control->model->by_id, environment_id);
        _cleanup_(error_done) Error error = { 0 };
        int r = 0;

        if (object && object->kind == KIND_ENVIRONMENT)
                r = read_runs(runner, (const EnvironmentSpec *)object, &error);
        else {
                mark_runs(runner, environment_id);
                drop_marked(runner);
        }
        start_runs(runner);
        if (r >= 0)
                return QUEUE_DONE;
        log_error("checks of environment %s: %s", environment_id, error_message(&error));
        return QUEUE_FAILED;
}

/* --- life cycle ------------------------------------------------------------------------------- */

static bool has_runs(const CheckSpecs *specs)
{
        for (size_t i = 0; i < specs->n; i++)
                if (specs->items[i].run)
                        return true;
        return false;
}

void check_runner_adopt(CheckRunner *runner, const Model *model)
{
        for (size_t i = 0; i < model->environments.n; i++) {
                const EnvironmentSpec *environment = model->environments.items[i];

                if (has_runs(&environment->checks.before) || has_runs(&environment->checks.after))
                        add_key(runner, environment->object.id.text, "the specs were read");
        }
        /* includes environments that were removed, or no longer have a check that relmand runs */
        for (const CheckRun *run = runner->runs; run; run = run->next)
                add_key(runner, run->environment_id.text, "the specs were read");
}

static void on_turned(void *userdata)
{
        CheckRunner *runner = userdata;

        start_runs(runner);
        control_kick(runner->control);
}

void check_runner_init(CheckRunner *runner, const Control *control)
{
        *runner = (CheckRunner){
                .control = control,
                .programs = { .event = control->event, .turned = on_turned, .userdata = runner }
        };
}

void check_runner_done(CheckRunner *runner)
{
        while (runner->runs)
                run_free(runner->runs);
        programs_end(&runner->programs);
        check_pools_free(runner);
}

void check_runner_count(const CheckRunner *runner, size_t *ret_waiting, size_t *ret_running)
{
        *ret_waiting = *ret_running = 0;
        for (const CheckRun *run = runner->runs; run; run = run->next)
                ++*(is_started(run) ? ret_running : ret_waiting);
}

bool check_runner_is_idle(const CheckRunner *runner)
{
        return !runner->runs && runner->programs.n == 0;
}
