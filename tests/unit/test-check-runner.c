/* Tests checks that relmand runs: which results count, and when checks start and end. */

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/check-runs.h"
#include "deploy.h"
#include "store/checks.h"

static const char *pass[] = { "/bin/sh", "-c", "echo yes" };
static const char *pass_at_the_end[] = { "/bin/sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait" };
static const char *wait_for_ever[] = { "/bin/sleep", "600" };
static char url[64]; /* URL of a server that never answers */
static int silent = -1;
static CheckRunSpec run_specs[] = {
        { .name = "pass", .exec = { pass, ARRAY_SIZE(pass) }, .timeout = USEC_PER_MIN },
        { .name = "wait",
          .exec = { wait_for_ever, ARRAY_SIZE(wait_for_ever) },
          .timeout = USEC_PER_HOUR },
        { .name = "end",
          .exec = { pass_at_the_end, ARRAY_SIZE(pass_at_the_end) },
          .timeout = USEC_PER_HOUR },
        { .name = "late",
          .exec = { wait_for_ever, ARRAY_SIZE(wait_for_ever) },
          .timeout = 50 * USEC_PER_MSEC },
        { .name = "request", .http.url = url, .timeout = USEC_PER_HOUR },
        { .name = "late-request", .http.url = url, .timeout = 50 * USEC_PER_MSEC },
};
static const CheckRunSpecs runs = { run_specs, ARRAY_SIZE(run_specs) };

/* Opens a port that accepts connections and never answers. */
static void open_silent(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);

        silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(silent >= 0 && bind(silent, (const struct sockaddr *)&address, size) == 0 &&
                    listen(silent, 64) == 0 &&
                    getsockname(silent, (struct sockaddr *)&address, &size) == 0);
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)ntohs(address.sin_port));
}

static int tear_down_runs(void **state)
{
        (void)close(silent);
        return tear_down(state);
}

static int set_up_runs(void **state)
{
        (void)set_up(state);
        open_silent();
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

/* Returns the only check result of a release in an environment, with its id. */
static CheckResult result_in(const char *environment, const char *release)
{
        CheckResults results;
        Error error = { 0 };

        assert_true(store_checks(world.store, environment_id(environment), release_id(release),
                                 &world.arena, &results, &error) >= 0);
        assert_int_equal(results.n, 1);
        return results.items[0];
}

static CheckResult result_of(const char *release)
{
        return result_in("prod", release);
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

/* Only results of the current attempt count. */
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
        late.promotion_id = ""; /* the spec has no such check before the promotion */
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

/* After a change of the specs, relmand asks the program to end. Its exit status 0 must not
 * count. */
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

static void test_a_run_ends_at_its_timeout(void **state)
{
        static const char *const problems[][2] = {
                { "program", "/bin/sleep was ended after 50ms" },
                { "request", ": no answer within 50ms" },
        };

        (void)state;
        load(RELEASES ENVIRONMENT("program",
                                  "release: one, checks: {before: [{name: smoke, run: late}]}")
                     ENVIRONMENT("request", "release: one, checks: {before: [{name: smoke, run: "
                                            "late-request}]}"));
        run_checks();
        for (size_t i = 0; i < ARRAY_SIZE(problems); i++) {
                const CheckResult result = result_in(problems[i][0], "one");

                assert_string_equal(waits(problems[i][0]), "CheckFailed");
                assert_int_equal(result.status, CHECK_FAILED);
                assert_case(strstr(result.message, problems[i][1]), "%s", result.message);
        }
        assert_int_equal(world.reconciler->check_runner.n_failed, 2);
}

/* --- many checks ------------------------------------------------------------------------------ */

#define MANY 10 /* checks of each environment */

/* Adds a component, a release and an environment with many checks of one tenant. */
static void write_tenant(Buffer *out, const char *tenant, const char *run)
{
        (void)buffer_printf(out,
                            "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: files, "
                            "tenant: %s}, spec: {url: 'oci-layout:%s/images', type: oci-layout}}\n"
                            "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: c0, "
                            "tenant: %s}, spec: {imageRepository: r.example.com/app/api, registry: "
                            "files}}\n"
                            "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: one, "
                            "tenant: %s}, spec: {mode: pinned, components: [{name: c0, tag: "
                            "v1.0.0}]}}\n"
                            "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: "
                            "prod, tenant: %s}, spec: {release: one, checks: {before: [",
                            tenant, world.folder, tenant, tenant, tenant);
        for (size_t i = 0; i < MANY; i++)
                (void)buffer_printf(out, "%s{name: k%zu, run: %s}", i > 0 ? ", " : "", i, run);
        (void)buffer_puts(out, "]}}}\n");
}

/* Returns a running check of the tenant. Sets *ret_n to the number of its running checks. */
static const CheckRun *running_of(const char *tenant, size_t *ret_n)
{
        const CheckRun *found = NULL;

        *ret_n = 0;
        for (const CheckRun *run = world.reconciler->check_runner.runs; run; run = run->next)
                if (streq(run->tenant, tenant) && (run->program || run->http)) {
                        found = run;
                        ++*ret_n;
                }
        return found;
}

/* Returns the numbers of running checks of the tenants a, b and c, such as "8 8 0". */
static const char *running(void)
{
        size_t n[3];

        (void)running_of("a", &n[0]);
        (void)running_of("b", &n[1]);
        (void)running_of("c", &n[2]);
        return arena_printf(&world.arena, "%zu %zu %zu", n[0], n[1], n[2]);
}

/* Reports that a check of the tenant passed. Its program is stopped, which makes room for another
 * check. */
static void report_one(const char *tenant)
{
        const CheckRunner *runner = &world.reconciler->check_runner;
        size_t before, waiting, n;
        const CheckRun *run = running_of(tenant, &n);

        assert_non_null(run);
        check_runner_count(runner, &before, &n);
        ran((CheckResult){ .environment_id = run->environment_id.text,
                           .release_id = run->release_id.text,
                           .promotion_id = "",
                           .name = arena_strdup(&world.arena, run->name),
                           .status = CHECK_PASSED,
                           .started_at = run->started_at });
        for (check_runner_count(runner, &waiting, &n); waiting == before;
             check_runner_count(runner, &waiting, &n))
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
}

/* Tests three tenants. run names the check that the tenants a and c run. */
static void share_runs(const char *run)
{
        size_t waiting, n_running;
        Buffer text;

        buffer_init(&text, 1024 * 1024);
        write_tenant(&text, "a", run);
        write_tenant(&text, "b", "wait");
        load(text.data);
        write_tenant(&text, "c", run);
        load(text.data);
        check_runner_count(&world.reconciler->check_runner, &waiting, &n_running);
        assert_int_equal(waiting, 3 * MANY - CHECK_RUNS_MAX);
        assert_int_equal(n_running, CHECK_RUNS_MAX);
        assert_string_equal(running(), "8 8 0");
        /* c is next, because it has the fewest running checks */
        report_one("a");
        assert_string_equal(running(), "7 8 1");
        report_one("b");
        assert_string_equal(running(), "7 7 2");
        report_one("b");
        assert_string_equal(running(), "7 6 3");
        buffer_done(&text);
}

static void test_tenants_share_programs(void **state)
{
        (void)state;
        share_runs("wait");
}

static void test_tenants_share_programs_and_requests(void **state)
{
        (void)state;
        share_runs("request");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_runs, tear_down_runs)

static const struct CMUnitTest tests[] = {
        CASE(test_a_program_promotes_and_confirms),
        CASE(test_a_result_of_another_attempt_does_not_count),
        CASE(test_a_result_of_another_program_does_not_count),
        CASE(test_the_first_result_counts),
        CASE(test_a_run_ends_at_its_timeout),
        CASE(test_tenants_share_programs),
        CASE(test_tenants_share_programs_and_requests),
};
TEST_PROGRAM("check-runner", tests, NULL, NULL)
