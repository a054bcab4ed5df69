/* Tests environments that follow another environment: they get the release that is deployed there,
 * not one that is being promoted. */

#include "deploy.h"
#include "deploy/environment-why.h"

#define FOLLOWER(more) ENVIRONMENT("prod", "follows: staging" more)

/* Promotes a release to staging by hand, even if it lacks components. */
static void promote_id_to_staging(const char *id)
{
        Answer answer = { 0 };
        const PromoteCommand command = { .actor = &anna,
                                         .allow_removals = true,
                                         .done = on_promoted,
                                         .is_wanted = is_wanted,
                                         .userdata = &answer };
        Error error = { 0 };
        Promoting *promoting;

        assert_case(deployer_promote(deployer(), environment_id("staging"), id, &command,
                                     &promoting, &error) >= 0,
                    "%s", error_message(&error));
        for (size_t n = 0; answer.n == 0; n++) {
                assert_true(n < WORLD_TURNS_MAX);
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        }
        assert_case(!answer.failed, "%s", answer.text);
        world_run(&world);
}

static void promote_to_staging(const char *release)
{
        promote_id_to_staging(release_id(release));
}

static void hold(const char *environment)
{
        Error error = { 0 };

        assert_case(deployer_hold(deployer(), environment_id(environment), "a freeze", &anna,
                                  &error) >= 0,
                    "%s", error_message(&error));
}

static void resume(const char *environment)
{
        Error error = { 0 };

        assert_case(deployer_resume(deployer(), environment_id(environment), &anna, &error) >= 0,
                    "%s", error_message(&error));
        world_run(&world);
}

/* Returns the reason of the hold of prod; NULL if there is no hold. */
static const char *held(void)
{
        Error error = { 0 };
        Hold found;
        int r = store_hold(world.store, environment_id("prod"), &world.arena, &found, &error);

        assert_true(r >= 0);
        return r > 0 ? found.reason : NULL;
}

static void test_a_follower_gets_only_what_was_confirmed_there(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one, confirm: manual") FOLLOWER(""));
        assert_string_equal(has("staging"), "one promoting");
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(wanted("prod"), "environment 'staging' runs no release");
        confirm("staging", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(has("prod"), "one deployed");
        load(RELEASES ENVIRONMENT("staging", "release: two, confirm: manual") FOLLOWER(""));
        assert_string_equal(has("staging"), "two promoting");
        assert_string_equal(wanted("prod"), "one");
        confirm("staging", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(has("staging"), "one deployed");
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_release_that_fails_again_where_it_ran_is_not_followed(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "confirm: manual") FOLLOWER(", approvals: 1"));
        promote_to_staging("one");
        confirm("staging", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(wanted("prod"), "one");
        promote_to_staging("two");
        promote_to_staging("one");
        assert_string_equal(has("staging"), "one promoting");
        assert_string_equal(wanted("prod"), "one");
        confirm("staging", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(has("staging"), "one failed");
        assert_string_equal(wanted("prod"), "environment 'staging' runs no release");
}

/* A promotion or failure of another release must not deploy the failed release again. */
static void test_a_release_that_failed_again_stays_failed_for_followers(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "confirm: manual")
                     FOLLOWER(", promotesFrom: staging, approvals: 1"));
        promote_to_staging("one");
        confirm("staging", DEPLOYMENT_DEPLOYED, NULL);
        promote_to_staging("two");
        promote_to_staging("one");
        confirm("staging", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(wanted("prod"), "environment 'staging' runs no release");
        promote_to_staging("two");
        assert_string_equal(wanted("prod"), "environment 'staging' runs no release");
        confirm("staging", DEPLOYMENT_FAILED, "two crashed, too");
        assert_string_equal(has("staging"), "two failed");
        assert_string_equal(wanted("prod"), "environment 'staging' runs no release");
        assert_string_equal(has("prod"), "nothing");
}

static void test_a_follower_goes_back_with_what_it_follows(void **state)
{
        Deployment first;
        Error error = { 0 };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("staging", "stream: s") FOLLOWER("")
                     ENVIRONMENT("last", "follows: prod"));
        assert_string_equal(has("last"), "s-1 deployed");
        assert_int_equal(store_deployment(world.store, environment_id("staging"), &world.arena,
                                          &first, &error),
                         1);
        world_load(&world, 2,
                   RELEASES STREAM ENVIRONMENT("staging", "stream: s") FOLLOWER("")
                           ENVIRONMENT("last", "follows: prod"));
        world_run(&world);
        assert_string_equal(has("last"), "s-2 deployed");
        promote_id_to_staging(first.release_id); /* an earlier release of the same stream */
        assert_string_equal(has("prod"), "s-1 deployed");
        assert_string_equal(has("last"), "s-1 deployed");
        assert_null(held());
        resume("staging");
        assert_string_equal(has("last"), "s-2 deployed");
}

static void test_a_follower_waits_for_its_own_gates(void **state)
{
        Approved approved;
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one") FOLLOWER(", approvals: 1"));
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(waits("prod"), "ApprovalsMissing");
        assert_int_equal(deployer_approve(deployer(), environment_id("prod"),
                                          &(ApproveCommand){ .release_id = release_id("one"),
                                                             .actor = &bert,
                                                             .arena = &world.arena },
                                          &approved, &error),
                         0);
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_release_that_failed_in_the_follower_is_kept_out(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "confirm: auto") FOLLOWER(", confirm: manual"));
        promote_to_staging("one");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        promote_to_staging("two");
        assert_string_equal(has("prod"), "two promoting");
        confirm("prod", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(has("prod"), "one deployed");
        assert_string_equal(held(), "release 'two' failed: it crashed");
        resume("prod"); /* resuming promotes the release again */
        assert_string_equal(has("prod"), "two promoting");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(has("prod"), "two deployed");
}

static void test_a_canceled_release_is_kept_out_until_resume(void **state)
{
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one") FOLLOWER(", approvals: 1"));
        assert_string_equal(waits("prod"), "ApprovalsMissing");
        assert_int_equal(
                deployer_cancel(deployer(), environment_id("prod"), "a mistake", &anna, &error), 0);
        assert_string_equal(held(), "release 'one' was canceled: a mistake");
        assert_string_equal(waits("prod"), "");
        resume("prod");
        assert_null(held());
        assert_string_equal(waits("prod"), "ApprovalsMissing");
}

/* Prod has failed with release two. Resumes prod, and makes the new attempt wait for an
 * approval. */
static void resume_and_wait(void)
{
        load(RELEASES ENVIRONMENT("staging", "confirm: auto") FOLLOWER(", confirm: manual"));
        promote_to_staging("one");
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        promote_to_staging("two");
        confirm("prod", DEPLOYMENT_FAILED, "it crashed");
        load(RELEASES ENVIRONMENT("staging", "confirm: auto")
                     FOLLOWER(", confirm: manual, approvals: 1"));
        resume("prod");
        assert_string_equal(wanted("prod"), "two");
        assert_string_equal(waits("prod"), "ApprovalsMissing");
}

static void test_another_attempt_ends_with_what_is_followed(void **state)
{
        (void)state;
        resume_and_wait();
        promote_to_staging("one");
        assert_string_equal(wanted("prod"), "one");
        assert_string_equal(waits("prod"), "");
        assert_null(held());
        promote_to_staging("two"); /* prod does not get release two again */
        assert_string_equal(waits("prod"), "");
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_hold_ends_another_attempt(void **state)
{
        Error error = { 0 };

        (void)state;
        resume_and_wait();
        assert_int_equal(deployer_hold(deployer(), environment_id("prod"), NULL, &anna, &error), 0);
        world_run(&world);
        assert_string_equal(held(), "put on hold");
        assert_string_equal(waits("prod"), "");
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_person_overrides_a_follower_until_resume(void **state)
{
        EnvironmentWhy why;
        Error error = { 0 };
        Answer answer = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one") FOLLOWER(""));
        assert_true(promote("two", false, &answer) >= 0);
        world_run(&world);
        assert_string_equal(has("prod"), "two deployed");
        assert_string_equal(held(), "release 'two' was promoted by hand");
        assert_int_equal(
                deployer_why(deployer(), environment_id("prod"), &world.arena, &why, &error), 0);
        assert_true(why.is_held);
        assert_string_equal(why.release.name, "one");
        assert_string_equal(why.followed, "one");
        resume("prod");
        assert_string_equal(has("prod"), "one deployed");
        hold("prod");
        load(RELEASES ENVIRONMENT("staging", "release: two") FOLLOWER(""));
        assert_string_equal(has("staging"), "two deployed");
        assert_string_equal(has("prod"), "one deployed");
        /* no hold is needed for the release that prod follows anyway */
        assert_true(promote("two", false, &answer) >= 0);
        world_run(&world);
        assert_string_equal(has("prod"), "two deployed");
        assert_null(held());
}

static void test_an_environment_that_follows_nothing_cannot_be_put_on_hold(void **state)
{
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "confirm: manual"));
        assert_true(deployer_hold(deployer(), environment_id("prod"), NULL, &anna, &error) < 0);
        assert_string_equal(error_message(&error), "environment 'prod' follows nothing: nothing is "
                                                   "promoted to it by itself");
        error_done(&error);
}

/* The document of prod then has an error. Its last valid state stays active. */
static void test_a_follower_stays_when_its_environment_is_removed(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one") FOLLOWER(""));
        assert_string_equal(has("prod"), "one deployed");
        load(RELEASES FOLLOWER(""));
        assert_string_equal(has("prod"), "one deployed");
        load(RELEASES ENVIRONMENT("staging", "release: two") FOLLOWER(""));
        assert_string_equal(has("prod"), "two deployed");
}

/* Returns the number of statements that deployer_pendings() needs for n environments. */
static uint64_t count_pendings(size_t n)
{
        const char *ids[] = { arena_strdup(&world.arena, environment_id("a")),
                              arena_strdup(&world.arena, environment_id("b")),
                              arena_strdup(&world.arena, environment_id("c")) };
        Pending pendings[ARRAY_SIZE(ids)];
        StoreStats before, after;
        Error error = { 0 };

        store_stats(world.store, &before);
        assert_true(deployer_pendings(deployer(), ids, n, &world.arena, pendings, &error) >= 0);
        store_stats(world.store, &after);
        for (size_t i = 0; i < n; i++) {
                assert_string_equal(pendings[i].reason, "ApprovalsMissing");
                assert_string_equal(pendings[i].release, "one");
        }
        return after.n_statements - before.n_statements;
}

static void test_many_followers_are_read_at_once(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("staging", "release: one")
                     ENVIRONMENT("a", "follows: staging, approvals: 1")
                             ENVIRONMENT("b", "follows: staging, approvals: 1")
                                     ENVIRONMENT("c", "follows: staging, approvals: 1"));
        assert_int_equal(count_pendings(3), count_pendings(1));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_a_follower_gets_only_what_was_confirmed_there),
        CASE(test_a_release_that_fails_again_where_it_ran_is_not_followed),
        CASE(test_a_release_that_failed_again_stays_failed_for_followers),
        CASE(test_a_follower_goes_back_with_what_it_follows),
        CASE(test_a_follower_waits_for_its_own_gates),
        CASE(test_a_release_that_failed_in_the_follower_is_kept_out),
        CASE(test_a_canceled_release_is_kept_out_until_resume),
        CASE(test_another_attempt_ends_with_what_is_followed),
        CASE(test_a_hold_ends_another_attempt),
        CASE(test_a_person_overrides_a_follower_until_resume),
        CASE(test_an_environment_that_follows_nothing_cannot_be_put_on_hold),
        CASE(test_a_follower_stays_when_its_environment_is_removed),
        CASE(test_many_followers_are_read_at_once),
};
TEST_PROGRAM("follows", tests, NULL, NULL)
