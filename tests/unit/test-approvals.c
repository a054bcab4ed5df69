/* Tests the gate of approvals: a table of its answers, and random approvals compared with a
 * reference that evaluates each minute. */

#include <stdio.h>
#include <string.h>

#include "release/promotion.h"
#include "unit.h"

#define T0         (1795564800 * USEC_PER_SEC) /* 2026-11-25T00:00:00Z */
#define MINUTES(n) (T0 + (usec_t)(n)*USEC_PER_MIN)
#define N_MAX      6

TEST_ARENA(arena, set_up, tear_down)

static const char *from[] = { "anna", "bob", "carl" };
static const char *anna[] = { "anna" }, *both[] = { "anna", "bob" };

#define FROM     .from = { from, 3 }
#define REQUIRED .required = { anna, 1 }

/* The group oncall has anna and bob; leads has anna. The group "gone" does not exist. */
static const char *members[] = { "anna", "bob" };
static const GroupSpec leads = { .object.meta = { .name = "leads", .tenant = "default" },
                                 .members = { members, 1 } };
static const GroupSpec oncall = { .object.meta = { .name = "oncall", .tenant = "default" },
                                  .members = { members, 2 } };
static const GroupSpec others = { .object.meta = { .name = "oncall", .tenant = "other" },
                                  .members = { members, 2 } };
static const GroupSpec *groups[] = { &leads, &oncall, &others };
static const Model model = { .groups = { groups, 3 } };
static const char *of_oncall[] = { "group:oncall" }, *of_gone[] = { "group:gone" };
static const char *of_two[] = { "group:leads", "group:oncall" };
static const char *of_one_and_group[] = { "carl", "group:oncall" };

static const struct {
        ApprovalRules rules;
        Approval approvals[3];
        const char *message; /* NULL: the gate is open */
        const char *waits_for, *opened_by;
        usec_t changes_at;
} cases[] = {
        { .rules = { .count = 0 } },
        { .rules = { .count = 2 },
          .approvals = { { .person = "anna", .by = "uid:1" },
                         { .person = "anna", .by = "token:a" } },
          .message = "release 'one' needs 1 more of 2 approvals for environment 'prod'; relmanctl "
                     "approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve" },
        { .rules = { .count = 2 },
          .approvals = { { .person = "anna", .by = "uid:1" },
                         { .person = "bob", .by = "uid:2" } } },
        /* only approvals by persons in `from` count, and the message names these persons */
        { .rules = { .count = 2, FROM },
          .approvals = { { .person = "bob", .by = "uid:2" }, { .person = "zoe", .by = "uid:9" } },
          .message = "release 'one' waits for 1 more approval from anna or carl in environment "
                     "'prod' (1 of 2 approvals; that of zoe does not count); relmanctl approve one "
                     "prod",
          .waits_for = "1 more approval from anna or carl (relmanctl approve one prod)",
          .opened_by = "anna or carl" },
        /* the gate needs the required person even if the number of approvals is sufficient */
        { .rules = { .count = 1, REQUIRED },
          .approvals = { { .person = "bob", .by = "uid:2" } },
          .message = "release 'one' waits for anna in environment 'prod' (1 of 1 approvals); "
                     "relmanctl approve one prod",
          .waits_for = "anna (relmanctl approve one prod)",
          .opened_by = "anna" },
        { .rules = { REQUIRED }, .approvals = { { .person = "anna", .by = "uid:1" } } },
        { .rules = { .count = 3, FROM, REQUIRED },
          .approvals = { { .person = "bob", .by = "uid:2" } },
          .message = "release 'one' waits for anna and 1 more approval from carl in environment "
                     "'prod' (1 of 3 approvals); relmanctl approve one prod",
          .waits_for = "anna and 1 more approval from carl (relmanctl approve one prod)",
          .opened_by = "anna, and carl" },
        { .rules = { .required = { both, 2 } },
          .message = "release 'one' waits for anna and bob in environment 'prod' (0 of 2 "
                     "approvals); relmanctl approve one prod",
          .waits_for = "anna and bob (relmanctl approve one prod)",
          .opened_by = "anna and bob" },
        /* an approval by the author of the release does not count; the author is recognized by
         * person or principal */
        { .rules = { .count = 1, .exclude_author = true },
          .approvals = { { .person = "dora", .by = "token:dora" },
                         { .person = "old", .by = "uid:4" } },
          .message = "release 'one' needs 1 more of 1 approvals for environment 'prod' (dora "
                     "created the release; old created the release); relmanctl approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve" },
        { .rules = { .count = 1 }, .approvals = { { .person = "dora", .by = "token:dora" } } },
        /* an approval does not count any more at the instant at which it expires */
        { .rules = { .count = 1, .expire_after = USEC_PER_HOUR },
          .approvals = { { .person = "anna", .by = "uid:1", .at = MINUTES(-59) } },
          .changes_at = MINUTES(1) },
        { .rules = { .count = 1, .expire_after = USEC_PER_HOUR },
          .approvals = { { .person = "anna", .by = "uid:1", .at = MINUTES(-60) } },
          .message = "release 'one' needs 1 more of 1 approvals for environment 'prod' (that of "
                     "anna expired at 2026-11-25T00:00:00Z); relmanctl approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve" },
        /* after the clock was set back, an approval has a time in the future; it does not count if
         * approvals expire */
        { .rules = { .count = 1, .expire_after = USEC_PER_HOUR },
          .approvals = { { .person = "anna", .by = "uid:1", .at = MINUTES(5) } },
          .message = "release 'one' needs 1 more of 1 approvals for environment 'prod' (that of "
                     "anna counts from 2026-11-25T00:05:00Z); relmanctl approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve",
          .changes_at = MINUTES(5) },
        { .rules = { .count = 1 },
          .approvals = { { .person = "anna", .by = "uid:1", .at = MINUTES(5) } } },
        /* only the newest approval of a person counts */
        { .rules = { .count = 1, .expire_after = USEC_PER_HOUR },
          .approvals = { { .person = "anna", .by = "uid:1", .at = MINUTES(-90) },
                         { .person = "anna", .by = "token:a", .at = MINUTES(-30) } },
          .changes_at = MINUTES(30) },
        /* a required group needs one of its members */
        { .rules = { .required = { of_oncall, 1 } },
          .approvals = { { .person = "zoe", .by = "uid:9" } },
          .message = "release 'one' waits for group:oncall in environment 'prod' (1 of 1 "
                     "approvals); relmanctl approve one prod",
          .waits_for = "group:oncall (relmanctl approve one prod)",
          .opened_by = "group:oncall" },
        { .rules = { .required = { of_oncall, 1 } },
          .approvals = { { .person = "bob", .by = "uid:2" } } },
        /* one person can satisfy two groups, but adds only one to the count */
        { .rules = { .required = { of_two, 2 } },
          .approvals = { { .person = "anna", .by = "uid:1" } } },
        { .rules = { .count = 2, .required = { of_two, 2 } },
          .approvals = { { .person = "anna", .by = "uid:1" } },
          .message = "release 'one' waits for 1 more approval in environment 'prod' (1 of 2 "
                     "approvals); relmanctl approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve" },
        /* only members of the group count; a group is not named if all its members have approved */
        { .rules = { .count = 2, .from = { of_one_and_group, 2 } },
          .approvals = { { .person = "zoe", .by = "uid:9" }, { .person = "bob", .by = "uid:2" } },
          .message = "release 'one' waits for 1 more approval from carl or group:oncall in "
                     "environment 'prod' (1 of 2 approvals; that of zoe does not count); relmanctl "
                     "approve one prod",
          .waits_for = "1 more approval from carl or group:oncall (relmanctl approve one prod)",
          .opened_by = "carl or group:oncall" },
        { .rules = { .count = 3, .from = { of_one_and_group, 2 } },
          .approvals = { { .person = "anna", .by = "uid:1" }, { .person = "bob", .by = "uid:2" } },
          .message = "release 'one' waits for 1 more approval from carl in environment 'prod' (2 "
                     "of 3 approvals); relmanctl approve one prod",
          .waits_for = "1 more approval from carl (relmanctl approve one prod)",
          .opened_by = "carl" },
        /* a group that does not exist has no members */
        { .rules = { .count = 1, .from = { of_gone, 1 } },
          .approvals = { { .person = "anna", .by = "uid:1" } },
          .message = "release 'one' waits for 1 more approval in environment 'prod' (0 of 1 "
                     "approvals; that of anna does not count); relmanctl approve one prod",
          .waits_for = "1 more approval (relmanctl approve one prod)",
          .opened_by = "a person who may approve" },
        /* a rejection closes the gate */
        { .rules = { .count = 1 },
          .approvals = { { .person = "bob",
                           .by = "uid:2",
                           .is_rejection = true,
                           .message = "breaks the login" } },
          .message = "release 'one' is not promoted to environment 'prod': rejected by bob: breaks "
                     "the login; relmanctl approve one prod ends that",
          .waits_for = "a new approval: rejected by bob: breaks the login",
          .opened_by = "a person who may approve" },
        { .rules = { .count = 1, FROM },
          .approvals = { { .person = "bob", .by = "uid:2", .is_rejection = true } },
          .message = "release 'one' is not promoted to environment 'prod': rejected by bob; "
                     "relmanctl approve one prod ends that",
          .waits_for = "a new approval: rejected by bob",
          .opened_by = "anna, bob or carl" },
};

static void test_the_gate_says_whose_approval_is_missing(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                EnvironmentSpec environment = { .object.meta = { .name = "prod",
                                                                 .tenant = "default" },
                                                .approvals = cases[i].rules };
                Release release = { .id = { "r" },
                                    .name = "one",
                                    .status = RELEASE_READY,
                                    .created_by = "uid:4",
                                    .created_person = "dora" };
                Approval copies[3];
                Approvals approvals = { copies, 0 };
                PromotionInput input = { .environment = &environment,
                                         .model = &model,
                                         .release = &release,
                                         .approvals = &approvals,
                                         .now = T0 };
                Promotion got;

                memcpy(copies, cases[i].approvals, sizeof(copies));
                while (approvals.n < 3 && copies[approvals.n].person)
                        approvals.n++;
                assert_int_equal(promotion_gate(GATE_APPROVALS, &input, &arena, &got), 0);
                assert_int_equal(got.changes_at, cases[i].changes_at);
                if (!cases[i].message) {
                        assert_int_equal(got.decision, PROMOTION_GO);
                        continue;
                }
                assert_int_equal(got.decision, PROMOTION_WAIT);
                assert_string_equal(got.message, cases[i].message);
                assert_string_equal(got.waits_for, cases[i].waits_for);
                assert_string_equal(got.opened_by, cases[i].opened_by);
                assert_string_equal(got.reason, strstr(got.waits_for, "rejected")
                                                        ? "Rejected"
                                                        : "ApprovalsMissing");
                assert_true(got.needs_action);
                assert_int_equal(got.opens_at, 0);
        }
}

/* --- random approvals ------------------------------------------------------------------------- */

static unsigned seed = 7;

static unsigned draw(unsigned n)
{
        seed = seed * 1103515245 + 12345;
        return (seed >> 16) % n;
}

/* A simple reference: counts the persons with an approval that has not expired at `now`. */
static bool reference_is_open(const ApprovalRules *rules, const Approval *approvals, size_t n,
                              usec_t now)
{
        static const char *const persons[] = { "anna", "bob", "carl", "dora" };
        int64_t n_counted = 0;
        bool has_anna = false;

        for (size_t p = 0; p < ARRAY_SIZE(persons); p++) {
                bool has_one = false;

                for (size_t i = 0; i < n; i++)
                        has_one |= streq(approvals[i].person, persons[p]) &&
                                   (rules->expire_after == 0 ||
                                    (now >= approvals[i].at &&
                                     now < approvals[i].at + rules->expire_after));
                if ((rules->from.n > 0 || rules->exclude_author) && streq(persons[p], "dora"))
                        has_one = false; /* dora is the author, and is not in `from` */
                n_counted += has_one;
                has_anna |= has_one && p == 0;
        }
        return n_counted >= rules->count && (rules->required.n == 0 || has_anna);
}

static void test_approvals_expire_at_their_time(void **state)
{
        (void)state;
        for (unsigned round = 0; round < 400; round++) {
                EnvironmentSpec environment = { .object.meta.name = "prod" };
                Release release = { .id = { "r" },
                                    .name = "one",
                                    .status = RELEASE_READY,
                                    .created_person = "dora" };
                ApprovalRules *rules = &environment.approvals;
                Approval items[N_MAX];
                Approvals approvals = { items, draw(N_MAX + 1) };
                PromotionInput input = { .environment = &environment,
                                         .release = &release,
                                         .approvals = &approvals };
                usec_t changes_at = 0;
                bool was_open = false;

                rules->count = 1 + draw(3);
                if (draw(2))
                        rules->from = (Strings){ from, 3 };
                if (draw(2))
                        rules->required = (Strings){ anna, 1 };
                rules->expire_after = draw(4) ? (1 + draw(50)) * USEC_PER_MIN : 0;
                rules->exclude_author = draw(2);
                for (size_t i = 0; i < approvals.n; i++)
                        items[i] = (Approval){ .person = draw(4) ? from[draw(3)] : "dora",
                                               .by = "token:x",
                                               .at = MINUTES(draw(30)) };
                for (int minute = 0; minute < 100; minute++) {
                        Promotion got;
                        bool is_open =
                                reference_is_open(rules, items, approvals.n, MINUTES(minute));

                        input.now = MINUTES(minute);
                        assert_int_equal(promotion_gate(GATE_APPROVALS, &input, &arena, &got), 0);
                        assert_int_equal(got.decision == PROMOTION_GO, is_open);
                        /* the answer must change exactly at the announced time */
                        if (minute > 0 && was_open != is_open)
                                assert_int_equal(changes_at, MINUTES(minute));
                        if (changes_at > MINUTES(minute) && minute > 0)
                                assert_int_equal(got.changes_at, changes_at);
                        changes_at = got.changes_at;
                        was_open = is_open;
                }
                arena_clear(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_gate_says_whose_approval_is_missing),
                cmocka_unit_test(test_approvals_expire_at_their_time),
        };

        return cmocka_run_group_tests_name("approvals", tests, set_up, tear_down);
}
