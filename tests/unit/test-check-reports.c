/* Tests reports of checks: when they count, and what their results open or end. */

#include "deploy.h"
#include "store/checks.h"

/* Reports the result of a check. Returns the refusal; "": it was stored. */
static const char *report(const char *environment, const char *release, const char *name,
                          CheckStatus status)
{
        const CheckCommand command = { .release_id =
                                               arena_strdup(&world.arena, release_id(release)),
                                       .name = name,
                                       .status = status,
                                       .actor = &anna,
                                       .arena = &world.arena };
        _cleanup_(error_done) Error error = { 0 };
        int r = deployer_report_check(deployer(), environment_id(environment), &command, &error);

        world_run(&world);
        return r < 0 ? arena_strdup(&world.arena, error_message(&error)) : "";
}

/* Promotes a release by hand. Returns the refusal; "": it was promoted. */
static const char *try_promote(const char *environment, const char *release)
{
        Answer answer = { 0 };
        const PromoteCommand command = { .actor = &anna,
                                         .allow_removals = true,
                                         .done = on_promoted,
                                         .is_wanted = is_wanted,
                                         .userdata = &answer };
        _cleanup_(error_done) Error error = { 0 };
        Promoting *promoting;

        if (deployer_promote(deployer(), environment_id(environment), release_id(release), &command,
                             &promoting, &error) < 0)
                return arena_strdup(&world.arena, error_message(&error));
        for (size_t n = 0; answer.n == 0; n++) {
                assert_true(n < WORLD_TURNS_MAX);
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        }
        world_run(&world);
        return answer.failed ? arena_strdup(&world.arena, answer.text) : "";
}

static size_t count_results(const char *environment, const char *release)
{
        CheckResults results;
        Error error = { 0 };

        assert_true(store_checks(world.store, environment_id(environment),
                                 arena_strdup(&world.arena, release_id(release)), &world.arena,
                                 &results, &error) >= 0);
        return results.n;
}

/* A check that the spec has again later starts from nothing: it would be late at once. */
static void test_the_only_check_is_removed(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod", "confirm: manual, checks: {after: [{name: smoke}]}"));
        assert_string_equal(try_promote("prod", "one"), "");
        assert_int_equal(count_results("prod", "one"), 1);
        load(RELEASES ENVIRONMENT("prod", "confirm: manual"));
        assert_int_equal(count_results("prod", "one"), 0);
        assert_string_equal(has("prod"), "one promoting");

        load(RELEASES ENVIRONMENT("prod", "release: two, approvals: 1, checks: {before: [{name: "
                                          "scan}]}"));
        assert_int_equal(count_results("prod", "two"), 1);
        load(RELEASES ENVIRONMENT("prod", "release: two, approvals: 1"));
        assert_int_equal(count_results("prod", "two"), 0);
}

static void test_a_roll_back_during_a_promotion_passes_its_checks(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod", "confirm: manual"));
        assert_string_equal(try_promote("prod", "one"), "");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        load(RELEASES ENVIRONMENT("prod", "confirm: manual, checks: {before: [{name: scan}]}"));
        assert_string_equal(report("prod", "two", "scan", CHECK_PASSED), "");
        assert_string_equal(try_promote("prod", "two"), "");
        assert_string_equal(has("prod"), "two promoting");
        assert_string_not_equal(try_promote("prod", "one"), "");
        assert_string_equal(report("prod", "one", "scan", CHECK_PASSED), "");
        assert_string_equal(try_promote("prod", "one"), "");
        assert_string_equal(has("prod"), "one promoting");
}

/* The newest attempt counts: an earlier deployment does not excuse its failed check. */
static void test_a_release_whose_check_fails_later_goes_no_further(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "checks: {after: [{name: smoke}]}")
                     ENVIRONMENT("prod", "promotesFrom: staging"));
        assert_string_equal(try_promote("staging", "one"), "");
        assert_string_equal(report("staging", "one", "smoke", CHECK_PASSED), "");
        assert_string_equal(try_promote("staging", "two"), "");
        assert_string_equal(report("staging", "two", "smoke", CHECK_PASSED), "");
        assert_string_equal(try_promote("staging", "one"), "");
        assert_string_equal(report("staging", "one", "smoke", CHECK_FAILED), "");
        assert_string_equal(has("staging"), "two deployed");
        assert_string_not_equal(try_promote("prod", "one"), "");
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(try_promote("prod", "two"), "");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_the_only_check_is_removed),
        CASE(test_a_roll_back_during_a_promotion_passes_its_checks),
        CASE(test_a_release_whose_check_fails_later_goes_no_further),
};
TEST_PROGRAM("check-reports", tests, NULL, NULL)
