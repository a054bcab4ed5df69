/* Tests which release is restored after a promotion failed. */

#include "release/fallback.h"
#include "unit.h"

#define NOW (1000 * USEC_PER_DAY)

static void test_what_is_restored(void **state)
{
        static const struct {
                const char *label;
                FailureMode mode;
                usec_t max_age, created_at;
                bool was_rollback;
                const char *why_not; /* NULL: the previous release is restored */
        } cases[] = {
                { "the default", FAILURE_ROLLBACK, 0, 1, false, NULL },
                { "hold", FAILURE_HOLD, 0, NOW, false, "onFailure is hold" },
                { "a roll back", FAILURE_ROLLBACK, 0, NOW, true,
                  "the failed promotion was a roll back from it" },
                { "a young release", FAILURE_ROLLBACK, 7 * USEC_PER_DAY, NOW - 6 * USEC_PER_DAY,
                  false, NULL },
                { "as old as allowed", FAILURE_ROLLBACK, 7 * USEC_PER_DAY, NOW - 7 * USEC_PER_DAY,
                  false, NULL },
                { "a bit too old", FAILURE_ROLLBACK, 7 * USEC_PER_DAY,
                  NOW - 7 * USEC_PER_DAY - USEC_PER_SEC, false,
                  "it was made at 1972-09-19T23:59:59Z, more than 7d ago (rollbackMaxAge)" },
                { "hours too old", FAILURE_ROLLBACK, USEC_PER_HOUR, NOW - 90 * USEC_PER_MIN - 5,
                  false, "it was made at 1972-09-26T22:29:59Z, more than 1h ago (rollbackMaxAge)" },
                { "made later, by a clock that was set back", FAILURE_ROLLBACK, USEC_PER_HOUR,
                  NOW + USEC_PER_DAY, false, NULL },
                { "a roll back to an old one", FAILURE_ROLLBACK, USEC_PER_HOUR, 1, true,
                  "the failed promotion was a roll back from it" },
                { "the largest times", FAILURE_ROLLBACK, USEC_INFINITY - 1, 0, false, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const EnvironmentSpec environment = { .on_failure = cases[i].mode,
                                                      .rollback_max_age = cases[i].max_age };
                const Release before = { .name = "one", .created_at = cases[i].created_at };
                const FallbackInput input = { .environment = &environment,
                                              .before = &before,
                                              .was_rollback = cases[i].was_rollback,
                                              .now = NOW };
                _cleanup_(arena_done) Arena arena;
                const char *why_not;

                arena_init(&arena, 4096);
                assert_int_equal(fallback_decide(&input, &arena, &why_not), 0);
                assert_case(str_equal(why_not, cases[i].why_not), "%s: %s", cases[i].label,
                            why_not ? why_not : "it is restored");
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_restored),
};
TEST_PROGRAM("fallback", tests, NULL, NULL)
