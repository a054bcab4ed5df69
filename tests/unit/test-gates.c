/* Tests the gates of a promotion that depend on time. Uses tables, and compares random histories
 * with a reference that evaluates each minute. */

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "release/promotion.h"
#include "unit.h"

#define T0            (1795564800 * USEC_PER_SEC)
#define MINUTES(n)    (T0 + (usec_t)(n)*USEC_PER_MIN)
#define N_SOURCES_MAX 3
#define N_RUNS_MAX    4

TEST_ARENA(arena, set_up, tear_down)

static const char *names[N_SOURCES_MAX] = { "dev", "test", "staging" };

typedef struct World {
        EnvironmentSpec environment;
        Release release;
        DeploymentRun runs[N_SOURCES_MAX][N_RUNS_MAX];
        PromotionSource sources[N_SOURCES_MAX];
        PromotionInput input;
} World;

static void world_init(World *world, size_t n_sources, RequireMode require, usec_t soak)
{
        *world = (World){ .release = { .id = { "r" }, .name = "one", .status = RELEASE_READY } };
        world->environment.object.meta.name = "prod";
        world->environment.promotes_from.environments = (Strings){ names, n_sources };
        world->environment.promotes_from.require = require;
        world->environment.soak = soak;
        world->input = (PromotionInput){ .environment = &world->environment,
                                         .release = &world->release,
                                         .sources = world->sources };
        for (size_t i = 0; i < N_SOURCES_MAX; i++)
                world->sources[i].runs.items = world->runs[i];
}

static void world_add(World *world, size_t source, usec_t since, usec_t until)
{
        PromotionSource *at = &world->sources[source];

        at->was_deployed = true;
        world->runs[source][at->runs.n++] = (DeploymentRun){ since, until };
}

static Promotion world_ask(World *world, usec_t now)
{
        Promotion got;

        world->input.now = now;
        assert_int_equal(promotion_decide(&world->input, &arena, &got), 0);
        return got;
}

static void test_a_release_soaks_in_one_environment(void **state)
{
        static const struct {
                /* minutes; until 0: the release is still deployed */
                usec_t since, until, now;
                const char *reason; /* NULL: the gate is open */
                usec_t opens_at;    /* minutes; 0: waiting does not open the gate */
        } cases[] = {
                { 0, 0, 0, "Soaking", 60 },
                { 0, 0, 59, "Soaking", 60 },
                { 0, 0, 60, NULL, 0 },
                { 0, 0, 600, NULL, 0 },
                { 10, 20, 15, "NotSoaked", 0 },
                { 10, 20, 200, "NotSoaked", 0 },
                { 10, 69, 200, "NotSoaked", 0 },
                { 10, 70, 200, NULL, 0 },
                { 10, 71, 200, NULL, 0 },
                { 100, 0, 5, "Soaking", 160 }, /* the clock was set back */
                /* the clock was set back before the release was replaced */
                { 100, 50, 55, "NotSoaked", 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                World world;
                Promotion got;

                world_init(&world, 1, REQUIRE_ALL, USEC_PER_HOUR);
                world_add(&world, 0, MINUTES(cases[i].since),
                          cases[i].until > 0 ? MINUTES(cases[i].until) : 0);
                got = world_ask(&world, MINUTES(cases[i].now));
                assert_case(str_equal(got.reason, cases[i].reason), "%zu: %s", i,
                            got.reason ? got.reason : "-");
                assert_case(got.opens_at ==
                                    (cases[i].opens_at > 0 ? MINUTES(cases[i].opens_at) : 0),
                            "%zu: opens at another time", i);
                assert_case(got.needs_action == str_equal(cases[i].reason, "NotSoaked"), "%zu", i);
        }
}

static void test_what_a_release_waits_for_is_said(void **state)
{
        World world;
        Promotion got;

        (void)state;
        world_init(&world, 1, REQUIRE_ALL, USEC_PER_HOUR);
        world_add(&world, 0, MINUTES(0), 0);
        got = world_ask(&world, MINUTES(1));
        assert_string_equal(got.message, "release 'one' is soaking in environment 'dev' until "
                                         "2026-11-25T01:00:00Z (soak 1h)");
        assert_string_equal(got.waits_for,
                            "its soak in environment 'dev' until 2026-11-25T01:00:00Z");
        assert_null(got.opened_by);
        world_init(&world, 1, REQUIRE_ALL, USEC_PER_HOUR);
        world_add(&world, 0, MINUTES(0), MINUTES(5));
        got = world_ask(&world, MINUTES(6));
        assert_string_equal(got.message,
                            "release 'one' was not deployed in environment 'dev' for 1h without "
                            "interruption; relmanctl promote one dev");
        assert_string_equal(got.opened_by,
                            "its deployment in environment 'dev' for 1h without interruption");
        world_init(&world, 3, REQUIRE_ALL, 0);
        got = world_ask(&world, MINUTES(0));
        assert_string_equal(got.message, "release 'one' was not deployed in environments 'dev', "
                                         "'test' and 'staging' yet; relmanctl promote one dev");
        world_add(&world, 0, MINUTES(0), 0);
        got = world_ask(&world, MINUTES(0));
        assert_string_equal(got.waits_for, "its deployment in environments 'test' and 'staging'");
        world.environment.promotes_from.require = REQUIRE_ANY;
        assert_int_equal(world_ask(&world, MINUTES(0)).decision, PROMOTION_GO);
        world_init(&world, 3, REQUIRE_ANY, 0);
        got = world_ask(&world, MINUTES(0));
        assert_string_equal(got.waits_for,
                            "its deployment in environments 'dev', 'test' or 'staging'");
        /* a release that is not stored yet has no history */
        world.input.sources = NULL;
        got = world_ask(&world, MINUTES(0));
        assert_string_equal(got.reason, "NotInSource");
}

static void test_gates_have_names_of_their_own(void **state)
{
        (void)state;
        for (PromotionGate gate = 0; gate < PROMOTION_GATE_MAX_; gate++) {
                assert_non_null(promotion_gate_to_string(gate));
                for (PromotionGate other = 0; other < gate; other++)
                        assert_string_not_equal(promotion_gate_to_string(gate),
                                                promotion_gate_to_string(other));
        }
        assert_null(promotion_gate_to_string(PROMOTION_GATE_MAX_));
}

/* --- the reference ---------------------------------------------------------------------------- */

#define N_MINUTES 300

/* Whether the release was deployed in each source at each minute. */
typedef struct Reference {
        bool had[N_SOURCES_MAX][N_MINUTES];
        size_t n_sources, soak; /* minutes */
        RequireMode require;
} Reference;

/* True if the release was in the source for the soak time without interruption, at any time before
 * or at now. */
static bool reference_soaked(const Reference *reference, size_t source, size_t now)
{
        size_t n = 0;

        for (size_t at = 0; at <= now; at++) {
                n = at > 0 && reference->had[source][at] && reference->had[source][at - 1] ? n + 1
                                                                                           : 0;
                if (n >= reference->soak)
                        return true;
        }
        return false;
}

static bool reference_is_open(const Reference *reference, size_t now)
{
        size_t n = 0;

        for (size_t i = 0; i < reference->n_sources; i++)
                n += reference_soaked(reference, i, now);
        return reference->require == REQUIRE_ALL ? n == reference->n_sources : n > 0;
}

/* Adds random runs of a source up to now, to the input and to the reference. The reference assumes
 * that a run that has not ended at now continues indefinitely. */
static void random_source(World *world, Reference *reference, size_t source, size_t now,
                          uint64_t *seed)
{
        size_t at = test_random(seed) % 40;

        while (at <= now && world->sources[source].runs.n < N_RUNS_MAX) {
                size_t end = at + 1 + test_random(seed) % 60;
                bool goes_on = end > now;

                world_add(world, source, MINUTES(at), goes_on ? 0 : MINUTES(end));
                for (size_t i = at; i < N_MINUTES && (goes_on || i <= end); i++)
                        reference->had[source][i] = true;
                if (goes_on)
                        break;
                at = end + 2 + test_random(seed) % 30;
        }
}

static void test_the_next_opening_is_the_first_minute_that_is_open(void **state)
{
        uint64_t seed = 4711;
        size_t n_opening = 0, n_open = 0, n_never = 0;

        (void)state;
        for (size_t i = 0; i < 3000; i++) {
                size_t n = 1 + test_random(&seed) % N_SOURCES_MAX, now = test_random(&seed) % 120;
                Reference reference = { .n_sources = n,
                                        .soak = 1 + test_random(&seed) % 50,
                                        .require = test_random(&seed) % REQUIRE_MODE_MAX_ };
                size_t first = now;
                World world;
                Promotion got;

                arena_clear(&arena);
                world_init(&world, n, reference.require, reference.soak * USEC_PER_MIN);
                for (size_t j = 0; j < n; j++)
                        random_source(&world, &reference, j, now, &seed);
                while (first < N_MINUTES && !reference_is_open(&reference, first))
                        first++;
                world.input.now = MINUTES(now);
                assert_int_equal(promotion_gate(GATE_SOAK, &world.input, &arena, &got), 0);
                if (first == now) {
                        assert_case(got.decision == PROMOTION_GO, "%zu: closed", i);
                        n_open++;
                } else if (first == N_MINUTES) {
                        assert_case(got.decision == PROMOTION_WAIT && got.opens_at == 0 &&
                                            got.needs_action,
                                    "%zu: opens by itself", i);
                        n_never++;
                } else {
                        assert_case(got.decision == PROMOTION_WAIT &&
                                            got.opens_at == MINUTES(first),
                                    "%zu: opens %lld minutes off", i,
                                    ((long long)got.opens_at - (long long)MINUTES(first)) /
                                            (long long)USEC_PER_MIN);
                        /* the gate must be open at the time that it announced */
                        world.input.now = got.opens_at;
                        assert_int_equal(promotion_gate(GATE_SOAK, &world.input, &arena, &got), 0);
                        assert_int_equal(got.decision, PROMOTION_GO);
                        n_opening++;
                }
        }
        assert_true(n_open > 300 && n_opening > 300 && n_never > 300);
}

static void test_labels_that_select_nothing_keep_the_gate_closed(void **state)
{
        static Pair label = { "stage", "canary" };
        static const char *many[SOURCES_MAX + 1];
        Strings selected = { 0 };
        World world;
        Promotion got;

        (void)state;
        world_init(&world, 0, REQUIRE_ANY, USEC_PER_HOUR);
        world.environment.promotes_from.match_labels = (Pairs){ &label, 1 };
        world.input.source_names = &selected;
        for (size_t i = 0; i < 2; i++) {
                got = world_ask(&world, MINUTES(0));
                assert_int_equal(got.decision, PROMOTION_WAIT);
                assert_string_equal(got.reason, "NoSource");
                assert_string_equal(
                        got.message,
                        i == 0 ? "release 'one' is not promoted: promotesFrom of "
                                 "environment 'prod' selects no environment"
                               : "release 'one' is not promoted: promotesFrom of "
                                 "environment 'prod' selects more than 50 environments");
                assert_true(got.needs_action);
                assert_int_equal(got.opens_at, 0);
                for (size_t j = 0; j < ARRAY_SIZE(many); j++)
                        many[j] = "x";
                selected = (Strings){ many, ARRAY_SIZE(many) };
        }
        selected = (Strings){ names, 2 };
        world_add(&world, 1, MINUTES(0), 0);
        assert_string_equal(world_ask(&world, MINUTES(30)).reason, "Soaking");
        assert_int_equal(world_ask(&world, MINUTES(60)).decision, PROMOTION_GO);
}

/* promotion_next() returns the earliest future time of all gates. */
static void test_the_next_change_is_the_first_of_all_gates(void **state)
{
        Promotion gates[PROMOTION_GATE_MAX_] = { 0 };

        (void)state;
        assert_int_equal(promotion_next(gates, T0), 0);
        gates[GATE_APPROVALS].changes_at = USEC_INFINITY;
        assert_int_equal(promotion_next(gates, T0), 0);
        gates[GATE_WINDOWS].again_at = MINUTES(9);
        assert_int_equal(promotion_next(gates, T0), MINUTES(9));
        gates[GATE_SOAK].opens_at = MINUTES(5);
        assert_int_equal(promotion_next(gates, T0), MINUTES(5));
        gates[GATE_APPROVALS].changes_at = MINUTES(3);
        assert_int_equal(promotion_next(gates, MINUTES(2)), MINUTES(3));
        assert_int_equal(promotion_next(gates, MINUTES(3)), MINUTES(5));
        assert_int_equal(promotion_next(gates, MINUTES(5)), MINUTES(9));
        assert_int_equal(promotion_next(gates, MINUTES(9)), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_release_soaks_in_one_environment),
        cmocka_unit_test(test_what_a_release_waits_for_is_said),
        cmocka_unit_test(test_gates_have_names_of_their_own),
        cmocka_unit_test(test_the_next_change_is_the_first_of_all_gates),
        cmocka_unit_test(test_labels_that_select_nothing_keep_the_gate_closed),
        cmocka_unit_test(test_the_next_opening_is_the_first_minute_that_is_open),
};
TEST_PROGRAM("gates", tests, set_up, tear_down)
