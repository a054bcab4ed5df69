/* Tests environments: the desired release, the gates before a promotion, and the effects of
 * commands. The registry is a folder of images. */

#include <errno.h>
#include <unistd.h>

#include "deploy.h"
#include "deploy/environment-gates.h"
#include "deploy/environment-why.h"
#include "failing.h"
#include "store/events.h"

static bool has_lockfile(const char *environment)
{
        const char *path = arena_printf(&world.arena, "%s/default/environments/%s.lock.yaml",
                                        world.locks, environment);

        return access(path, F_OK) == 0;
}

/* --- desired releases ------------------------------------------------------------------------- */

static void test_an_environment_wants_what_its_spec_stream_or_hold_names(void **state)
{
        Error error = { 0 };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("fixed", "release: one") ENVIRONMENT("later", "release: x")
                     ENVIRONMENT("follows", "stream: s") ENVIRONMENT("free", "confirm: manual"));
        assert_string_equal(wanted("fixed"), "one");
        assert_string_equal(wanted("later"), "there is no release 'x' yet");
        assert_string_equal(wanted("follows"), "s-1");
        assert_null(wanted("free"));
        assert_int_equal(
                deployer_hold(deployer(), environment_id("follows"), "a freeze", &anna, &error), 0);
        assert_null(wanted("follows"));
        assert_int_equal(deployer_resume(deployer(), environment_id("follows"), &anna, &error), 0);
        assert_string_equal(wanted("follows"), "s-1");
}

/* --- promotions ------------------------------------------------------------------------------- */

static void test_a_release_is_deployed_after_its_lockfile_is_written(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one"));
        assert_string_equal(has("prod"), "one deployed");
        assert_true(has_lockfile("prod"));
        load(RELEASES ENVIRONMENT("prod", "release: two"));
        assert_string_equal(has("prod"), "two deployed");
}

static void test_a_person_confirms_what_was_deployed(void **state)
{
        const ConfirmCommand again = { .status = DEPLOYMENT_DEPLOYED, .actor = &anna };
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one, confirm: manual"));
        assert_string_equal(has("prod"), "one promoting");
        assert_true(has_lockfile("prod"));
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(has("prod"), "one deployed");
        assert_string_equal(waits("prod"), "");
        assert_true(deployer_confirm(deployer(), environment_id("prod"), &again, &error) < 0);
        assert_int_equal(error.kind, ERROR_CONFLICT);
        error_done(&error);
}

static void test_a_release_that_failed_is_not_tried_again_by_itself(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one, confirm: manual"));
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        load(RELEASES ENVIRONMENT("prod", "release: two, confirm: manual"));
        assert_string_equal(has("prod"), "two promoting");
        confirm("prod", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(has("prod"), "one deployed"); /* the previous release */
        load(RELEASES STREAM ENVIRONMENT("prod", "release: two, confirm: auto"));
        assert_string_equal(has("prod"), "one deployed");
}

static void test_an_environment_whose_release_failed_counts_while_the_next_one_waits(void **state)
{
        ReconcileReport report;

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one, confirm: manual"));
        confirm("prod", DEPLOYMENT_FAILED, "it crashed");
        assert_string_equal(has("prod"), "one failed");
        reconciler_report(world.reconciler, &report);
        assert_int_equal(report.n_environments_failed, 1);
        load(RELEASES ENVIRONMENT("prod", "release: two, confirm: manual, approvals: 1"));
        assert_string_equal(has("prod"), "one failed");
        assert_string_equal(waits("prod"), "ApprovalsMissing");
        reconciler_report(world.reconciler, &report);
        assert_int_equal(report.n_environments_failed, 1);
}

static void test_a_release_waits_for_distinct_persons(void **state)
{
        EnvironmentWhy why;
        Error error = { 0 };
        Approved approved;

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one, approvals: 2"));
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(waits("prod"), "ApprovalsMissing");
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(
                        deployer_approve(deployer(), environment_id("prod"),
                                         &(ApproveCommand){ .release_id = release_id("one"),
                                                            .actor = &anna,
                                                            .arena = &world.arena },
                                         &approved, &error),
                        0);
                assert_int_equal(approved.n_given, 1);
                assert_int_equal(approved.was_counted, i > 0);
        }
        world_run(&world);
        assert_string_equal(has("prod"), "nothing");
        assert_int_equal(deployer_approve(deployer(), environment_id("prod"),
                                          &(ApproveCommand){ .release_id = release_id("one"),
                                                             .actor = &bert,
                                                             .arena = &world.arena },
                                          &approved, &error),
                         0);
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
        /* the approvals are kept after the release is no longer desired */
        load(RELEASES ENVIRONMENT("prod", "approvals: 2"));
        assert_int_equal(
                deployer_why(deployer(), environment_id("prod"), &world.arena, &why, &error), 0);
        assert_true(why.has_release && why.is_there);
        assert_int_equal(why.approvals.persons.n, 2);
}

static void test_a_release_is_deployed_in_its_source_first(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("dev", "release: one, confirm: manual")
                     ENVIRONMENT("prod", "release: one, promotesFrom: dev"));
        assert_string_equal(has("prod"), "nothing");
        assert_true(waits("prod")[0]);
        confirm("dev", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(has("prod"), "one deployed");
}

/* A person may approve again and withdraw the approval: nothing was promoted to the new prod
 * yet. */
static void test_an_environment_that_is_declared_again_starts_without_history(void **state)
{
        static const char declared[] = RELEASES ENVIRONMENT("dev", "confirm: manual, release: one")
                ENVIRONMENT("prod", "release: one, promotesFrom: dev, approvals: 1");
        ApproveCommand command = { .actor = &anna, .arena = &world.arena };
        Error error = { 0 };
        Approved approved;

        (void)state;
        command.release_id = arena_strdup(&world.arena, release_id("one"));
        load(declared);
        confirm("dev", DEPLOYMENT_DEPLOYED, NULL);
        assert_int_equal(
                deployer_approve(deployer(), environment_id("prod"), &command, &approved, &error),
                0);
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
        load(RELEASES);
        load(declared);
        assert_string_equal(has("dev"), "one promoting");
        assert_string_equal(has("prod"), "nothing");
        assert_string_equal(waits("prod"), "NotInSource");
        assert_int_equal(
                deployer_approve(deployer(), environment_id("prod"), &command, &approved, &error),
                0);
        world_run(&world);
        assert_string_equal(has("prod"), "nothing");
        assert_case(deployer_withdraw(deployer(), environment_id("prod"), &command, &approved,
                                      &error) == 0,
                    "%s", error_message(&error));
        confirm("dev", DEPLOYMENT_DEPLOYED, NULL);
        assert_string_equal(waits("prod"), "ApprovalsMissing");
}

static void test_a_release_whose_digest_is_gone_is_not_promoted(void **state)
{
        (void)state;
        load(RELEASES);
        /* empties the registry: its index is empty, and its blobs are removed */
        layout_write(world.folder, &world_images[1], 1);
        layout_write_file(world.folder, "index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
        assert_int_equal(
                test_remove_tree(arena_printf(&world.arena, "%s/images/blobs", world.folder)), 0);
        load(RELEASES ENVIRONMENT("prod", "release: one"));
        assert_string_equal(has("prod"), "nothing");
        assert_false(has_lockfile("prod"));
        assert_true(waits("prod")[0]);
}

/* --- windows ---------------------------------------------------------------------------------- */

#define BERLIN "windows: [{allow: '*-*-*', zone: Europe/Berlin}]"

static void assert_gate_is_unreadable(const Promotion *gate)
{
        assert_int_equal(gate->decision, PROMOTION_WAIT);
        assert_string_equal(gate->reason, "WindowsUnreadable");
        assert_non_null(strstr(gate->message, "windows[0]: unknown zone 'Europe/Berlin'"));
}

/* The zone is removed from the database after the specs were read. */
static void test_a_zone_that_left_the_database_closes_its_environment_only(void **state)
{
        const char *ids[2];
        EnvironmentGates gates;
        Pending pendings[2];
        EnvironmentWhy why;
        Error error = { 0 };

        (void)state;
        world.reconciler->zones.folder = world.folder;
        load(RELEASES ENVIRONMENT("prod", "release: one, " BERLIN)
                     ENVIRONMENT("qa", "release: one, approvals: 1"));
        assert_string_equal(has("prod"), "nothing");
        ids[0] = arena_strdup(&world.arena, environment_id("prod"));
        ids[1] = arena_strdup(&world.arena, environment_id("qa"));
        assert_case(deployer_pendings(deployer(), ids, 2, &world.arena, pendings, &error) >= 0,
                    "%s", error_message(&error));
        assert_string_equal(pendings[0].reason, "WindowsUnreadable");
        assert_true(pendings[0].needs_action);
        assert_string_equal(pendings[1].reason, "ApprovalsMissing");
        assert_string_equal(waits("prod"), "WindowsUnreadable");
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(deployer_gates(deployer(), ids[0], i ? release_id("two") : NULL,
                                                &world.arena, &gates, &error),
                                 0);
                assert_gate_is_unreadable(&gates.gates[GATE_WINDOWS]);
        }
        assert_int_equal(deployer_why(deployer(), ids[0], &world.arena, &why, &error), 0);
        assert_gate_is_unreadable(&why.gates[GATE_WINDOWS]);
        world.reconciler->zones.folder = ZONE_FOLDER; /* the zone is readable again */
        queue_add(world.reconciler->queue, KEY_ENVIRONMENT, ids[0], 0, "a test");
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_written_promotion_is_confirmed_though_windows_cannot_be_read(void **state)
{
        (void)state;
        world.reconciler->zones.folder = world.folder;
        load(RELEASES ENVIRONMENT("prod", "release: one, confirm: manual"));
        assert_string_equal(has("prod"), "one promoting");
        load(RELEASES ENVIRONMENT("prod", "release: one, confirm: auto, " BERLIN));
        assert_string_equal(has("prod"), "one deployed");
}

/* True if the timer is armed that fires when the system clock is set. */
static bool clock_is_watched(void)
{
        const char *path =
                arena_printf(&world.arena, "/proc/self/fdinfo/%d",
                             sd_event_source_get_io_fd(world.reconciler->deployer.clock));
        FILE *file = fopen(path, "re");
        bool is_wall = false, cancels = false;
        char line[200];

        assert_non_null(file);
        while (fgets(line, sizeof(line), file)) {
                is_wall = is_wall || streq(line, "clockid: 0\n");
                cancels = cancels || streq(line, "settime flags: 03\n");
        }
        assert_int_equal(fclose(file), 0);
        return is_wall && cancels;
}

/* The zone becomes readable without an event. Only setting the clock causes a new decision. */
static void test_an_environment_is_decided_again_when_the_clock_is_set(void **state)
{
        (void)state;
        assert_true(clock_is_watched());
        world.reconciler->zones.folder = world.folder;
        load(RELEASES ENVIRONMENT("prod", "release: one, " BERLIN));
        world.reconciler->zones.folder = ZONE_FOLDER;
        world_run(&world);
        assert_string_equal(has("prod"), "nothing");
        deployer_clock_was_set(deployer());
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
}

/* --- wake-ups --------------------------------------------------------------------------------- */

#define FREEZE "windows: [{deny: '2000-01-01..2199-12-30'}]"

/* Returns the seconds until an environment is evaluated again; -1 if only a change causes this. */
static int64_t wakes_in(const char *environment)
{
        usec_t at = queue_at(world.reconciler->queue, KEY_ENVIRONMENT, environment_id(environment));
        usec_t now = time_monotonic();

        return at == USEC_INFINITY ? -1 : (int64_t)((MAX(at, now) - now) / USEC_PER_SEC);
}

/* The environment is evaluated when its soak ends, although an approval is still missing. */
static void test_a_gate_that_opens_behind_a_closed_one_wakes_its_environment(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("dev", "release: one")
                     ENVIRONMENT("persons", "release: one, approvals: 1")
                             ENVIRONMENT("soaks", "release: one, approvals: 1, promotesFrom: dev, "
                                                  "soak: 1h, " FREEZE)
                                     ENVIRONMENT("closed", "release: one, approvals: 1, " FREEZE));
        assert_string_equal(waits("soaks"), "ApprovalsMissing");
        assert_int_equal(wakes_in("dev"), -1);
        assert_int_equal(wakes_in("persons"), -1);
        assert_in_range(wakes_in("soaks"), 1, 3600);
        assert_true(wakes_in("closed") > 3600);
}

/* Windows are evaluated only for a release that the environment does not have yet. */
static void test_windows_of_a_settled_environment_are_not_read(void **state)
{
        EnvironmentWhy why;
        Error error = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one"));
        assert_string_equal(has("prod"), "one deployed");
        world.reconciler->zones.folder = world.folder;
        load(RELEASES ENVIRONMENT("prod", "release: one, " BERLIN));
        assert_int_equal(wakes_in("prod"), -1);
        assert_int_equal(
                deployer_why(deployer(), environment_id("prod"), &world.arena, &why, &error), 0);
        assert_true(why.is_there);
        assert_int_equal(why.gates[GATE_WINDOWS].decision, PROMOTION_GO);
        load(RELEASES ENVIRONMENT("prod", "release: two, " BERLIN));
        assert_string_equal(waits("prod"), "WindowsUnreadable");
        assert_in_range(wakes_in("prod"), 1, 300);
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
                assert_string_equal(pendings[i].reason, "WindowClosed");
                assert_int_equal(!!strstr(pendings[i].message, "can be restored now"), i == 2);
        }
        return after.n_statements - before.n_statements;
}

static void test_windows_of_many_environments_are_read_at_once(void **state)
{
        (void)state;
        load(RELEASES ENVIRONMENT("c", "release: one"));
        load(RELEASES ENVIRONMENT("c", "release: two"));
        assert_string_equal(has("c"), "two deployed");
        load(RELEASES ENVIRONMENT("a", "release: one, " FREEZE) ENVIRONMENT(
                "b", "release: one, " FREEZE) ENVIRONMENT("c", "release: one, " FREEZE));
        assert_int_equal(count_pendings(3), count_pendings(1));
}

/* --- allocations that fail -------------------------------------------------------------------- */

static void on_dependent(unsigned kind, const char *id, void *userdata)
{
        *(size_t *)userdata += kind == KEY_ENVIRONMENT && streq(id, environment_id("prod"));
}

/* True if environment prod depends on the subject. */
static bool depends_on(const Uuid subject)
{
        size_t n = 0;

        dependents_find(deployer()->control->dependents, subject.text, on_dependent, &n);
        return n == 1;
}

static void test_dependences_that_memory_was_lacking_for_are_added_by_the_next_look(void **state)
{
        const Uuid stream = object_id(KIND_STREAM, DEFAULT_TENANT, "s");
        const Uuid dev = object_id(KIND_ENVIRONMENT, DEFAULT_TENANT, "dev");
        EnvironmentState *prod;
        Error error = { 0 };
        int r = -ENOMEM;

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("dev", "stream: s")
                     ENVIRONMENT("prod", "stream: s, promotesFrom: dev"));
        assert_int_equal(
                deployer_find_environment(deployer(), environment_id("prod"), &prod, &error), 0);
        for (size_t n = 1; r == -ENOMEM; n++) {
                const char *release = n % 2 ? "" : "r"; /* differs from the previous attempt */

                failing_arm(FAILING_ALLOCATIONS, n, true);
                r = environment_depend(prod, release);
                failing_disarm();
                assert_int_equal(environment_depend(prod, release), 0);
                assert_true(depends_on(dev));
                assert_true(depends_on(stream));
        }
        assert_int_equal(r, 0);
}

/* --- commands --------------------------------------------------------------------------------- */

static void test_a_person_promotes_an_older_release_which_stays(void **state)
{
        Answer answer = { 0 };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s"));
        assert_string_equal(has("prod"), "s-1 deployed");
        assert_true(promote("one", false, &answer) >= 0);
        /* no answer yet: the digests of the release are checked first */
        assert_int_equal(answer.n, 0);
        world_run(&world);
        assert_int_equal(answer.n, 1);
        assert_case(!answer.failed, "%s", answer.text);
        assert_string_equal(has("prod"), "one deployed");
        assert_string_equal(wanted("prod"), "one");
}

static void test_a_hold_is_a_closed_gate_of_the_newest_release(void **state)
{
        EnvironmentGates gates;
        Answer answer = { 0 };
        Error error = { 0 };
        Uuid newest;

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s"));
        assert_true(promote("one", false, &answer) >= 0);
        world_run(&world);
        assert_string_equal(has("prod"), "one deployed");
        assert_int_equal(deployer_gates(deployer(), environment_id("prod"), NULL, &world.arena,
                                        &gates, &error),
                         0);
        assert_string_equal(gates.release.name, "s-1");
        assert_int_equal(gates.promotion.decision, PROMOTION_WAIT);
        assert_string_equal(gates.promotion.reason, "OnHold");
        assert_non_null(strstr(gates.promotion.message,
                               "environment 'prod' does not follow stream 's' since "));
        assert_true(gates.is_held && gates.hold.needs_action);
        /* a person may still promote the release, which replaces the hold */
        newest = gates.release.id;
        assert_int_equal(deployer_gates(deployer(), environment_id("prod"), newest.text,
                                        &world.arena, &gates, &error),
                         0);
        assert_false(gates.is_held);
        assert_int_equal(gates.promotion.decision, PROMOTION_GO);
}

static void test_a_dry_run_and_a_client_that_left_change_nothing(void **state)
{
        Answer answer = { 0 }, unwanted = { .is_unwanted = true };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s"));
        assert_true(promote("one", true, &answer) >= 0);
        world_run(&world);
        assert_int_equal(answer.n, 1);
        assert_string_equal(answer.text, "");
        assert_true(promote("one", false, &unwanted) >= 0);
        world_run(&world);
        assert_int_equal(unwanted.n, 1);
        assert_true(unwanted.failed);
        assert_string_equal(has("prod"), "s-1 deployed");
        assert_string_equal(wanted("prod"), "s-1");
}

static void test_a_later_command_ends_a_promotion_whose_digests_are_checked(void **state)
{
        Answer first = { 0 }, second = { 0 };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s"));
        assert_true(promote("one", false, &first) >= 0);
        assert_true(promote("two", false, &second) >= 0);
        assert_int_equal(first.n, 1);
        assert_non_null(strstr(first.text, "token:anna asked for release 'two' meanwhile"));
        world_run(&world);
        assert_int_equal(second.n, 1);
        assert_string_equal(has("prod"), "two deployed");
}

static void test_a_spec_that_names_the_release_refuses_another_one(void **state)
{
        Answer answer = { 0 };

        (void)state;
        load(RELEASES ENVIRONMENT("prod", "release: one"));
        assert_true(promote("two", false, &answer) < 0);
        assert_non_null(strstr(answer.text, "is declared with release 'one'"));
        assert_int_equal(answer.n, 0);
        assert_string_equal(has("prod"), "one deployed");
}

static void test_a_canceled_promotion_restores_the_release_before(void **state)
{
        Error error = { 0 };
        Answer answer = { 0 };
        Hold hold;

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s, confirm: manual"));
        confirm("prod", DEPLOYMENT_DEPLOYED, NULL);
        assert_true(promote("one", false, &answer) >= 0);
        world_run(&world);
        assert_string_equal(has("prod"), "one promoting");
        assert_int_equal(
                deployer_cancel(deployer(), environment_id("prod"), "a mistake", &anna, &error), 0);
        world_run(&world);
        assert_string_equal(has("prod"), "s-1 deployed");
        assert_int_equal(
                store_hold(world.store, environment_id("prod"), &world.arena, &hold, &error), 1);
        assert_true(deployer_cancel(deployer(), environment_id("prod"), NULL, &anna, &error) < 0);
        assert_int_equal(error.kind, ERROR_CONFLICT);
        error_done(&error);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
/* True if the hold of environment prod counts as made by a failure. */
static bool is_fallback(void)
{
        EnvironmentState *environment;
        Error error = { 0 };
        Wanted prod;

        assert_int_equal(
                deployer_find_environment(deployer(), environment_id("prod"), &environment, &error),
                0);
        assert_true(environment_wanted(environment, &world.arena, &prod, &error) >= 0);
        assert_true(prod.has_hold);
        return prod.hold.is_fallback;
}

static void test_a_persons_hold_right_after_a_failure_is_not_that_of_the_failure(void **state)
{
        Answer answer = { 0 };
        Error error = { 0 };

        (void)state;
        load(RELEASES STREAM ENVIRONMENT("prod", "stream: s, confirm: manual, onFailure: hold"));
        confirm("prod", DEPLOYMENT_FAILED, "it crashed");
        assert_true(is_fallback());
        assert_int_equal(
                deployer_hold(deployer(), environment_id("prod"), "a freeze", &anna, &error), 0);
        assert_false(is_fallback());

        assert_int_equal(promote("one", false, &answer), 0);
        world_run(&world);
        confirm("prod", DEPLOYMENT_FAILED, "it crashed again");
        assert_true(is_fallback());
        assert_int_equal(promote("two", false, &answer), 0);
        world_run(&world);
        assert_string_equal(has("prod"), "two promoting");
        assert_false(is_fallback());
}

static const struct CMUnitTest tests[] = {
        CASE(test_an_environment_wants_what_its_spec_stream_or_hold_names),
        CASE(test_a_release_is_deployed_after_its_lockfile_is_written),
        CASE(test_a_person_confirms_what_was_deployed),
        CASE(test_a_release_that_failed_is_not_tried_again_by_itself),
        CASE(test_an_environment_whose_release_failed_counts_while_the_next_one_waits),
        CASE(test_a_release_waits_for_distinct_persons),
        CASE(test_a_release_is_deployed_in_its_source_first),
        CASE(test_an_environment_that_is_declared_again_starts_without_history),
        CASE(test_a_release_whose_digest_is_gone_is_not_promoted),
        CASE(test_a_zone_that_left_the_database_closes_its_environment_only),
        CASE(test_a_written_promotion_is_confirmed_though_windows_cannot_be_read),
        CASE(test_an_environment_is_decided_again_when_the_clock_is_set),
        CASE(test_a_gate_that_opens_behind_a_closed_one_wakes_its_environment),
        CASE(test_windows_of_a_settled_environment_are_not_read),
        CASE(test_windows_of_many_environments_are_read_at_once),
        CASE(test_dependences_that_memory_was_lacking_for_are_added_by_the_next_look),
        CASE(test_a_person_promotes_an_older_release_which_stays),
        CASE(test_a_hold_is_a_closed_gate_of_the_newest_release),
        CASE(test_a_dry_run_and_a_client_that_left_change_nothing),
        CASE(test_a_later_command_ends_a_promotion_whose_digests_are_checked),
        CASE(test_a_spec_that_names_the_release_refuses_another_one),
        CASE(test_a_canceled_promotion_restores_the_release_before),
        CASE(test_a_persons_hold_right_after_a_failure_is_not_that_of_the_failure),
};
TEST_PROGRAM("deploy", tests, NULL, NULL)
