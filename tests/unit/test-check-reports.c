/* Tests reports of checks: when they count, and how their results open gates or end deployments. */

#include "deploy.h"
#include "store/checks.h"

/* Reports the result of a check. promotion_id NULL: of the current promotion. Returns the refusal;
 * "" if the result was stored. */
static const char *report_for(const char *environment, const char *release, const char *name,
                              CheckStatus status, const char *promotion_id)
{
        const CheckCommand command = { .release_id =
                                               arena_strdup(&world.arena, release_id(release)),
                                       .name = name,
                                       .status = status,
                                       .promotion_id = promotion_id,
                                       .actor = &anna,
                                       .arena = &world.arena };
        _cleanup_(error_done) Error error = { 0 };
        int r = deployer_report_check(deployer(), environment_id(environment), &command, &error);

        world_run(&world);
        return r < 0 ? arena_strdup(&world.arena, error_message(&error)) : "";
}

static const char *report(const char *environment, const char *release, const char *name,
                          CheckStatus status)
{
        return report_for(environment, release, name, status, NULL);
}

static const char *promotion_of(const char *environment)
{
        Deployment deployment;
        Error error = { 0 };

        assert_int_equal(store_deployment(world.store, environment_id(environment), &world.arena,
                                          &deployment, &error),
                         1);
        return deployment.promotion_id;
}

/* Promotes a release by hand. Returns the refusal; "" if the release was promoted. */
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

/* A check that is removed and added again gets a new start. With its old start it would time out at
 * once. */
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

/* The newest attempt counts: its failed check blocks the release although an earlier attempt was
 * deployed. The newest attempt is a roll back, so the release before it is not restored. */
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
        assert_string_equal(has("staging"), "one failed");
        assert_string_not_equal(try_promote("prod", "one"), "");
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(try_promote("prod", "two"), "");
}

/* A test of an earlier attempt ends late. Its report must not affect the next attempt. */
static void test_a_report_of_another_promotion_changes_nothing(void **state)
{
        static const char other[] = "01a211c8-4c6f-755e-806a-2c51a0f1acea";
        const char *first, *second;

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "checks: {before: [{name: scan}], after: [{name: smoke}, "
                                          "{name: load}]}"));
        assert_string_equal(report_for("prod", "one", "scan", CHECK_PASSED, other),
                            "check 'scan' of environment 'prod' comes before the promotion: report "
                            "it without a promotion");
        assert_string_equal(report_for("prod", "one", "smoke", CHECK_PASSED, other),
                            "check 'smoke' is reported for promotion 01a211c8-4c6f-755e-806a-"
                            "2c51a0f1acea, but nothing is promoted to environment 'prod': nothing "
                            "was changed");
        assert_int_equal(count_results("prod", "one"), 0);
        assert_string_equal(report("prod", "one", "scan", CHECK_PASSED), "");
        assert_string_equal(try_promote("prod", "one"), "");
        first = promotion_of("prod");
        assert_string_equal(report_for("prod", "one", "smoke", CHECK_FAILED, first), "");
        assert_string_equal(has("prod"), "one failed");
        /* reporting the same result again stores nothing new */
        assert_string_equal(report_for("prod", "one", "smoke", CHECK_FAILED, first), "");
        assert_string_equal(try_promote("prod", "one"), "");
        second = promotion_of("prod");
        assert_string_not_equal(second, first);
        for (CheckStatus status = CHECK_PASSED; status <= CHECK_FAILED; status++)
                assert_string_equal(
                        report_for("prod", "one", "smoke", status, first),
                        arena_printf(&world.arena,
                                     "check 'smoke' is reported for promotion %s, but the last one "
                                     "of environment 'prod' is %s: nothing was "
                                     "changed",
                                     first, second));
        assert_string_equal(has("prod"), "one promoting");
        assert_string_equal(report_for("prod", "one", "smoke", CHECK_PASSED, second), "");
        assert_string_not_equal(report_for("prod", "one", "smoke", CHECK_PASSED, first), "");
        assert_string_equal(report_for("prod", "one", "load", CHECK_PASSED, second), "");
        assert_string_equal(has("prod"), "one deployed");
}

/* A confirmation of an earlier attempt must not confirm the current attempt. */
static void test_a_confirmation_of_another_promotion_changes_nothing(void **state)
{
        ConfirmCommand command = { .status = DEPLOYMENT_FAILED,
                                   .reason = "broken",
                                   .actor = &anna };
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "confirm: manual"));
        assert_string_equal(try_promote("prod", "one"), "");
        command.promotion_id = promotion_of("prod");
        confirm("prod", DEPLOYMENT_FAILED, "broken");
        assert_string_equal(try_promote("prod", "one"), "");
        for (unsigned n = 0; n < 2; n++) {
                command.status = n == 0 ? DEPLOYMENT_FAILED : DEPLOYMENT_DEPLOYED;
                assert_true(deployer_confirm(deployer(), environment_id("prod"), &command, &error) <
                            0);
                assert_int_equal(error.kind, ERROR_CONFLICT);
                assert_true(strstr(error_message(&error), "the confirmation is for promotion "));
                assert_string_equal(has("prod"), "one promoting");
                error_done(&error);
        }
        command.promotion_id = promotion_of("prod");
        assert_true(deployer_confirm(deployer(), environment_id("prod"), &command, &error) >= 0);
        assert_string_equal(has("prod"), "one deployed");
}

/* Returns the reason of the newest row of the history. */
static const char *reason_of(const char *environment)
{
        Deployments history;
        Error error = { 0 };

        assert_true(store_history(world.store, environment_id(environment), &(Page){ .limit = 1 },
                                  &world.arena, &history, &error) >= 0);
        return history.n > 0 ? history.items[0].reason : NULL;
}

#define AFTER(more) ENVIRONMENT("prod", "checks: {after: [{name: smoke}]}" more)

static void promote_and_report(const char *release, CheckStatus status)
{
        assert_string_equal(try_promote("prod", release), "");
        assert_string_equal(report("prod", release, "smoke", status), "");
}

static void test_a_failed_roll_back_restores_nothing(void **state)
{
        (void)state;
        load(RELEASES AFTER(""));
        promote_and_report("one", CHECK_PASSED);
        promote_and_report("two", CHECK_PASSED);
        promote_and_report("one", CHECK_FAILED);
        assert_string_equal(has("prod"), "one failed");
        assert_string_equal(reason_of("prod"),
                            "check 'smoke' failed; release 'two' is not restored: the failed "
                            "promotion was a roll back from it");
        /* another attempt is a roll back, too */
        promote_and_report("one", CHECK_FAILED);
        assert_string_equal(has("prod"), "one failed");
        /* promotions forward are not roll backs: the release that works is restored */
        promote_and_report("one", CHECK_PASSED);
        promote_and_report("two", CHECK_FAILED);
        assert_string_equal(has("prod"), "one deployed");
        assert_string_equal(reason_of("prod"), "release 'two' failed: check 'smoke' failed");
}

/* A deployer reports the failure of a roll back. */
static void test_a_roll_back_that_is_confirmed_as_failed_restores_nothing(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod", "confirm: manual"));
        assert_string_equal(try_promote("prod", "one"), "");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(try_promote("prod", "two"), "");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(try_promote("prod", "one"), "");
        confirm("prod", DEPLOYMENT_FAILED, NULL);
        assert_string_equal(has("prod"), "one failed");
        assert_string_equal(reason_of("prod"),
                            "no reason was given; release 'two' is not restored: the failed "
                            "promotion was a roll back from it");
}

/* The restored release had passed its checks. They do not run again, so they cannot fail again. */
static void test_a_report_about_a_restored_release_changes_nothing(void **state)
{
        const char *promotion;

        (void)state;
        load(RELEASES AFTER(""));
        promote_and_report("one", CHECK_PASSED);
        assert_string_equal(try_promote("prod", "two"), "");
        promotion = promotion_of("prod");
        assert_string_equal(report("prod", "two", "smoke", CHECK_FAILED), "");
        assert_string_equal(has("prod"), "one deployed");
        for (CheckStatus status = CHECK_PASSED; status <= CHECK_FAILED; status++)
                assert_string_not_equal(report_for("prod", "one", "smoke", status, promotion), "");
        assert_string_not_equal(report_for("prod", "two", "smoke", CHECK_PASSED, promotion), "");
        assert_string_equal(has("prod"), "one deployed");
}

static void test_hold_keeps_the_failed_release(void **state)
{
        (void)state;
        load(RELEASES AFTER(", onFailure: hold"));
        promote_and_report("one", CHECK_PASSED);
        promote_and_report("two", CHECK_FAILED);
        assert_string_equal(has("prod"), "two failed");
        assert_string_equal(reason_of("prod"), "check 'smoke' failed; release 'one' is not "
                                               "restored: onFailure is hold");
        /* relman still knows the release that passed: with a changed spec, the next failure
         * restores it */
        load(RELEASES AFTER(""));
        assert_string_equal(has("prod"), "two failed");
        promote_and_report("two", CHECK_FAILED);
        assert_string_equal(has("prod"), "one deployed");
        load(RELEASES AFTER(", onFailure: hold"));
        promote_and_report("two", CHECK_FAILED);
        assert_string_equal(has("prod"), "two failed");
        promote_and_report("one", CHECK_PASSED);
        assert_string_equal(has("prod"), "one deployed");
}

/* The document changes while a check runs. The document that is active when the check fails
 * decides. */
static void test_a_reload_during_a_check_decides(void **state)
{
        (void)state;
        load(RELEASES AFTER(""));
        promote_and_report("one", CHECK_PASSED);
        assert_string_equal(try_promote("prod", "two"), "");
        load(RELEASES AFTER(", onFailure: hold"));
        assert_string_equal(report("prod", "two", "smoke", CHECK_FAILED), "");
        assert_string_equal(has("prod"), "two failed");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_the_only_check_is_removed),
        CASE(test_a_roll_back_during_a_promotion_passes_its_checks),
        CASE(test_a_release_whose_check_fails_later_goes_no_further),
        CASE(test_a_report_of_another_promotion_changes_nothing),
        CASE(test_a_confirmation_of_another_promotion_changes_nothing),
        CASE(test_a_failed_roll_back_restores_nothing),
        CASE(test_a_roll_back_that_is_confirmed_as_failed_restores_nothing),
        CASE(test_a_report_about_a_restored_release_changes_nothing),
        CASE(test_hold_keeps_the_failed_release),
        CASE(test_a_reload_during_a_check_decides),
};
TEST_PROGRAM("check-reports", tests, NULL, NULL)
