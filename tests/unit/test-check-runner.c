/* Tests checks that relmand runs: which of them count, and when they start and end. */

#include "checks/check-runs.h"
#include "deploy.h"
#include "store/checks.h"

static const char *pass[] = { "/bin/sh", "-c", "echo yes" };
static const char *pass_at_the_end[] = { "/bin/sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait" };
static const char *wait_for_ever[] = { "/bin/sleep", "600" };
static CheckRunSpec run_specs[] = {
        { .name = "pass", .exec = { pass, ARRAY_SIZE(pass) }, .timeout = USEC_PER_MIN },
        { .name = "wait",
          .exec = { wait_for_ever, ARRAY_SIZE(wait_for_ever) },
          .timeout = USEC_PER_HOUR },
        { .name = "end",
          .exec = { pass_at_the_end, ARRAY_SIZE(pass_at_the_end) },
          .timeout = USEC_PER_HOUR },
};
static const CheckRunSpecs runs = { run_specs, ARRAY_SIZE(run_specs) };

static int set_up_runs(void **state)
{
        (void)set_up(state);
        world.reconciler->control.options.check_runs = &runs;
        spec_tree_know_checks(world.reconciler->tree, &runs);
        return 0;
}

static void run_checks(void)
{
        while (!check_runner_is_idle(&world.reconciler->check_runner))
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        world_run(&world);
}

static size_t n_runs(void)
{
        return world.reconciler->check_runner.programs.n;
}

/* Returns the only result of a release in prod, with its id. */
static CheckResult result_of(const char *release)
{
        CheckResults results;
        Error error = { 0 };

        assert_true(store_checks(world.store, environment_id("prod"), release_id(release),
                                 &world.arena, &results, &error) >= 0);
        assert_int_equal(results.n, 1);
        return results.items[0];
}

static void ran(CheckResult result)
{
        Error error = { 0 };

        assert_case(deployer_check_ran(deployer(), &result, &error) >= 0, "%s",
                    error_message(&error));
        world_run(&world);
}

static void test_a_program_promotes_and_confirms(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod",
                                  "release: one, checks: {before: [{name: scan, run: pass}], "
                                  "after: [{name: smoke, run: pass}]}"));
        run_checks();
        run_checks();
        assert_string_equal(has("prod"), "one deployed");
        assert_int_equal(world.reconciler->check_runner.n_passed, 2);
}

/* Only the result of the attempt that runs now counts. */
static void test_a_result_of_another_attempt_does_not_count(void **state)
{
        CheckResult running, late;

        (void)state;
        load(RELEASES ENVIRONMENT("prod",
                                  "release: one, checks: {after: [{name: smoke, run: wait}]}"));
        running = result_of("one");
        assert_int_equal(running.status, CHECK_RUNNING);
        late = running;
        late.status = CHECK_PASSED;
        late.started_at -= USEC_PER_SEC;
        ran(late);
        late = running;
        late.status = CHECK_PASSED;
        late.promotion_id = "another";
        ran(late);
        late.promotion_id = ""; /* there is no such check before the promotion */
        ran(late);
        late.environment_id = environment_id("lab");
        ran(late);
        assert_string_equal(has("prod"), "one promoting");
        assert_int_equal(result_of("one").status, CHECK_RUNNING);
        /* the promotion ends: its running checks are deleted */
        confirm("prod", DEPLOYMENT_FAILED, "by hand");
        late = running;
        late.status = CHECK_PASSED;
        ran(late);
        assert_string_equal(has("prod"), "one failed");
        run_checks(); /* the program was asked to end, unless it ended already */
}

/* True if the program of this name runs. */
static bool is_running(const char *name)
{
        const CheckRun *run = world.reconciler->check_runner.runs;

        return run && run->program && streq(run->spec->name, name);
}

/* The specs change, and the program that is asked to end exits with 0. */
static void test_a_result_of_another_program_does_not_count(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod",
                                  "release: one, checks: {before: [{name: smoke, run: end}]}"));
        assert_int_equal(n_runs(), 1);
        world_load(&world, 1,
                   RELEASES ENVIRONMENT(
                           "prod", "release: one, checks: {before: [{name: smoke, run: wait}]}"));
        while (!is_running("wait"))
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        world_run(&world);
        assert_int_equal(world.reconciler->check_runner.n_passed, 0);
        assert_int_equal(result_of("one").status, CHECK_RUNNING);
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(waits("prod"), "CheckRunning");
}

static void test_the_first_result_counts(void **state)
{
        CheckResult result;

        (void)state;
        load(RELEASES ENVIRONMENT("prod",
                                  "release: one, checks: {before: [{name: smoke, run: wait}]}"));
        result = result_of("one");
        result.status = CHECK_FAILED;
        result.message = "no login";
        result.output = "output\n";
        ran(result);
        result.status = CHECK_PASSED;
        ran(result);
        assert_string_equal(waits("prod"), "CheckFailed");
        assert_string_equal(result_of("one").message, "no login");
        run_checks();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_runs, tear_down)

static const struct CMUnitTest tests[] = {
        CASE(test_a_program_promotes_and_confirms),
        CASE(test_a_result_of_another_attempt_does_not_count),
        CASE(test_a_result_of_another_program_does_not_count),
        CASE(test_the_first_result_counts),
};
TEST_PROGRAM("check-runner", tests, NULL, NULL)
