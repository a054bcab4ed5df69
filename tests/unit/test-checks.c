/* Tests the checks of a release in an environment: the gate of the checks before the promotion, the
 * checks that relmand starts and ends, and changes of the clock. */

#include <stdio.h>
#include <string.h>

#include "release/promotion.h"
#include "unit.h"

#define T0          (1795564800 * USEC_PER_SEC)
#define MINUTES(n)  (T0 + (usec_t)(n)*USEC_PER_MIN)
#define N_MAX       4
#define PROMOTION_1 "promotion-1"
#define PROMOTION_2 "promotion-2"

TEST_ARENA(arena, set_up, tear_down)

static CheckSpec checks[] = { { .name = "smoke", .timeout = 30 * USEC_PER_MIN },
                              { .name = "load", .timeout = USEC_PER_HOUR } };

typedef struct World {
        EnvironmentSpec environment;
        Release release;
        CheckResult items[N_MAX];
        CheckResults results;
        PromotionInput input;
} World;

static void world_init(World *world, size_t n_checks)
{
        *world = (World){ .release = { .id = { "r" }, .name = "one", .status = RELEASE_READY } };
        world->environment.object.meta.name = "prod";
        world->environment.checks.before = (CheckSpecs){ checks, n_checks };
        world->results.items = world->items;
        world->input = (PromotionInput){ .environment = &world->environment,
                                         .release = &world->release,
                                         .checks = &world->results };
}

static CheckResult *world_add(World *world, const char *name, CheckStatus status, usec_t started)
{
        CheckResult *result = &world->items[world->results.n++];

        *result = (CheckResult){ .environment_id = "e",
                                 .release_id = "r",
                                 .promotion_id = "",
                                 .name = name,
                                 .status = status,
                                 .started_at = started };
        return result;
}

static Promotion world_ask(World *world, usec_t now)
{
        Promotion got;

        world->input.now = now;
        assert_int_equal(promotion_decide(&world->input, &arena, &got), 0);
        return got;
}

static void test_the_gate_of_one_check(void **state)
{
        static const struct {
                bool has_row;
                CheckStatus status;
                usec_t started, now; /* minutes */
                const char *reason;  /* NULL: the gate is open */
                usec_t changes_at;   /* minutes; 0: never */
        } cases[] = {
                { false, CHECK_RUNNING, 0, 10, "CheckMissing", 0 },
                { true, CHECK_RUNNING, 0, 0, "CheckRunning", 30 },
                { true, CHECK_RUNNING, 0, 29, "CheckRunning", 30 },
                { true, CHECK_RUNNING, 0, 30, "CheckFailed", 0 },
                { true, CHECK_RUNNING, 0, 300, "CheckFailed", 0 },
                { true, CHECK_RUNNING, 100, 5, "CheckRunning", 130 }, /* the clock was set back */
                { true, CHECK_PASSED, 0, 10, NULL, 0 },
                { true, CHECK_PASSED, 0, 300, NULL, 0 },
                { true, CHECK_PASSED, 100, 5, NULL, 0 },
                { true, CHECK_FAILED, 0, 10, "CheckFailed", 0 },
                { true, CHECK_FAILED, 100, 5, "CheckFailed", 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                World world;
                Promotion got;

                world_init(&world, 1);
                if (cases[i].has_row)
                        world_add(&world, "smoke", cases[i].status, MINUTES(cases[i].started));
                got = world_ask(&world, MINUTES(cases[i].now));
                assert_case(str_equal(got.reason, cases[i].reason), "%zu: %s", i,
                            got.reason ? got.reason : "-");
                assert_case(got.changes_at ==
                                    (cases[i].changes_at > 0 ? MINUTES(cases[i].changes_at) : 0),
                            "%zu: changes at another time", i);
                assert_case(got.decision == (!cases[i].reason ? PROMOTION_GO
                                             : streq(cases[i].reason, "CheckFailed")
                                                     ? PROMOTION_REFUSED
                                                     : PROMOTION_WAIT),
                            "%zu", i);
        }
}

static void test_what_the_gate_says(void **state)
{
        World world;
        CheckResult *smoke;
        Promotion got;

        (void)state;
        world_init(&world, 2);
        smoke = world_add(&world, "smoke", CHECK_RUNNING, MINUTES(0));
        got = world_ask(&world, MINUTES(1));
        assert_string_equal(got.message,
                            "release 'one' is not promoted to environment 'prod': check 'smoke' "
                            "runs since 2026-11-25T00:00:00Z (at most 30m), check 'load' was not "
                            "reported yet; relmanctl check one prod smoke --pass");
        assert_string_equal(got.waits_for, "check 'smoke', which runs since 2026-11-25T00:00:00Z "
                                           "(at most 30m), and check 'load'");
        assert_string_equal(got.opened_by, "a pass of check 'smoke'");
        assert_false(got.needs_action);
        smoke->status = CHECK_PASSED;
        got = world_ask(&world, MINUTES(1));
        assert_string_equal(got.waits_for, "check 'load'");
        assert_true(got.needs_action);
        smoke->status = CHECK_FAILED;
        smoke->message = "no login";
        smoke->evidence_ref = "https://ci/1";
        got = world_ask(&world, MINUTES(1));
        assert_string_equal(got.message, "release 'one' is not promoted to environment 'prod': "
                                         "check 'smoke' failed: no login (https://ci/1); after it "
                                         "passed: relmanctl check one prod smoke --pass");
        assert_string_equal(got.waits_for,
                            "a pass of check 'smoke', which failed: no login (https://ci/1)");
        smoke->status = CHECK_RUNNING;
        smoke->message = smoke->evidence_ref = NULL;
        got = world_ask(&world, MINUTES(31));
        assert_non_null(strstr(got.message, "check 'smoke' failed: timed out after 30m;"));
}

/* The action is for the check that failed, even if another check still runs. */
static void test_the_command_is_for_the_check_that_failed(void **state)
{
        CheckSpec run[] = { checks[0], checks[1] };
        World world;

        (void)state;
        world_init(&world, 2);
        world_add(&world, "smoke", CHECK_RUNNING, T0);
        world_add(&world, "load", CHECK_FAILED, T0)->message = "slow";
        assert_string_equal(world_ask(&world, T0).message,
                            "release 'one' is not promoted to environment 'prod': check 'load' "
                            "failed: slow; after it passed: relmanctl check one prod load --pass");
        run[1].run = "load-test";
        world.environment.checks.before = (CheckSpecs){ run, 2 };
        assert_string_equal(world_ask(&world, T0).message,
                            "release 'one' is not promoted to environment 'prod': check 'load' "
                            "failed: slow; to run it again: relmanctl check one prod load --run");
}

static void test_results_of_a_promotion_do_not_open_the_gate(void **state)
{
        World world;

        (void)state;
        world_init(&world, 1);
        world_add(&world, "smoke", CHECK_PASSED, MINUTES(0))->promotion_id = PROMOTION_1;
        assert_string_equal(world_ask(&world, MINUTES(1)).reason, "CheckMissing");
        world_add(&world, "load", CHECK_PASSED, MINUTES(0));
        assert_string_equal(world_ask(&world, MINUTES(1)).reason, "CheckMissing");
}

static void test_an_earlier_attempt_does_not_count(void **state)
{
        static const CheckSpecs specs = { checks, 1 };
        World world;
        CheckInput input;

        (void)state;
        world_init(&world, 0);
        world_add(&world, "smoke", CHECK_PASSED, MINUTES(0))->promotion_id = PROMOTION_1;
        input = (CheckInput){ .specs = &specs,
                              .results = &world.results,
                              .promotion_id = PROMOTION_1,
                              .now = MINUTES(1) };
        assert_true(checks_have_passed(&input));
        input.promotion_id = PROMOTION_2;
        assert_false(checks_have_passed(&input));
        world.items[0].status = CHECK_FAILED;
        assert_null(checks_failed(&input));
}

static void test_checks_start_once_and_end_at_their_time(void **state)
{
        static const CheckSpecs specs = { checks, 2 };
        static const CheckResult of = { .environment_id = "e", .release_id = "r" };
        World world;
        CheckInput input;
        CheckResults new;

        (void)state;
        world_init(&world, 0);
        input = (CheckInput){ .specs = &specs,
                              .results = &world.results,
                              .promotion_id = PROMOTION_1,
                              .now = MINUTES(1) + 5 };
        assert_int_equal(checks_advance(&input, false, &of, &arena, &new), 0);
        assert_int_equal(new.n, 0);
        assert_int_equal(checks_advance(&input, true, &of, &arena, &new), 0);
        assert_int_equal(new.n, 2);
        assert_string_equal(new.items[1].name, "load");
        assert_string_equal(new.items[1].promotion_id, PROMOTION_1);
        assert_int_equal(new.items[1].started_at, MINUTES(1));
        world.results = new;
        assert_int_equal(checks_next(&input), MINUTES(31));
        assert_int_equal(checks_advance(&input, true, &of, &arena, &new), 0);
        assert_int_equal(new.n, 0);
        input.now = MINUTES(31);
        assert_int_equal(checks_next(&input), MINUTES(61));
        assert_int_equal(checks_advance(&input, true, &of, &arena, &new), 0);
        assert_int_equal(new.n, 1);
        assert_string_equal(new.items[0].name, "smoke");
        assert_int_equal(new.items[0].status, CHECK_FAILED);
        assert_string_equal(new.items[0].message, "timed out after 30m");
        input.now = MINUTES(0); /* the clock was set back */
        assert_int_equal(checks_advance(&input, true, &of, &arena, &new), 0);
        assert_int_equal(new.n, 0);
}

static void test_running_results_of_removed_checks_are_found(void **state)
{
        static const CheckSpecs specs = { checks, 1 };
        World world;
        CheckInput input;
        CheckResults removed;

        (void)state;
        world_init(&world, 0);
        world_add(&world, "smoke", CHECK_RUNNING, MINUTES(0));
        world_add(&world, "load", CHECK_RUNNING, MINUTES(0));
        world_add(&world, "old", CHECK_PASSED, MINUTES(0));
        world_add(&world, "old", CHECK_RUNNING, MINUTES(0))->promotion_id = PROMOTION_1;
        input = (CheckInput){ .specs = &specs, .results = &world.results, .promotion_id = "" };
        assert_int_equal(checks_removed(&input, &arena, &removed), 0);
        assert_int_equal(removed.n, 1);
        assert_string_equal(removed.items[0].name, "load");
}

static void test_checks_start_when_only_persons_and_time_are_missing(void **state)
{
        World world;

        (void)state;
        world_init(&world, 1);
        world.environment.approvals.count = 1;
        assert_int_equal(promotion_may_start_checks(&world.input, &arena), 1);
        world.release.status = RELEASE_DRAFT;
        assert_int_equal(promotion_may_start_checks(&world.input, &arena), 0);
        world.release.status = RELEASE_READY;
        world.input.failure = "broken";
        assert_int_equal(promotion_may_start_checks(&world.input, &arena), 0);
        world.input.failure = NULL;
        world.environment.promotes_from.environments =
                (Strings){ (const char *[]){ "staging" }, 1 };
        assert_int_equal(promotion_may_start_checks(&world.input, &arena), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_gate_of_one_check),
        cmocka_unit_test(test_what_the_gate_says),
        cmocka_unit_test(test_the_command_is_for_the_check_that_failed),
        cmocka_unit_test(test_results_of_a_promotion_do_not_open_the_gate),
        cmocka_unit_test(test_an_earlier_attempt_does_not_count),
        cmocka_unit_test(test_checks_start_once_and_end_at_their_time),
        cmocka_unit_test(test_running_results_of_removed_checks_are_found),
        cmocka_unit_test(test_checks_start_when_only_persons_and_time_are_missing),
};

TEST_PROGRAM("checks", tests, set_up, tear_down)
