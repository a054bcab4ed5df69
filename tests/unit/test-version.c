/* Tests how relman reads texts of tags as versions: accepted texts, refused texts with the reason,
 * and the order of sort keys. */

#include "unit.h"
#include "version/semver.h"
#include "version/version.h"

TEST_ARENA(arena, set_up, tear_down)

static int compare(const Version *a, const Version *b)
{
        int r = memcmp(a->sort_key.data, b->sort_key.data, MIN(a->sort_key.size, b->sort_key.size));

        return r != 0 ? (r > 0) - (r < 0)
                      : (a->sort_key.size > b->sort_key.size) -
                                (a->sort_key.size < b->sort_key.size);
}

static bool parse(StrategyType type, const char *text, Version *ret, const char **ret_reason)
{
        const VersionStrategy strategy = { .type = type };

        return version_parse(&strategy, text, strlen(text), &arena, ret, ret_reason) == 0;
}

static void test_an_assigned_version_holds_no_white_space_or_control_character(void **state)
{
        static const struct {
                const char *text;
                bool good;
        } cases[] = {
                { "1.2.3", true },
                { "v1_rc+x", true },
                { "\xc3\xbc", true },
                { "1 2", false },
                { "1\nLD_PRELOAD=x", false },
                { "1\t", false },
                { "1\x7f", false },
                { "1\xc2\xa0", false },
                { "1\xe3\x80\x80", false },
                { "1\xc2\x85", false },
                { "1\xff", false },
                { "1\xe2\x80\xa8", false },
                { "1\xe2\x80\xae", false },
                { "1\xe2\x80\x8f", true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *reason = NULL;

                assert_case((version_check_assigned(cases[i].text, &reason) >= 0) == cases[i].good,
                            "case %zu", i);
                assert_int_equal(reason == NULL, cases[i].good);
        }
}

typedef struct Reading {
        StrategyType strategy;
        const char *text;
        const char *wanted; /* canonical text with prerelease and "+build"; NULL if refused */
        unsigned specificity;
} Reading;

static void test_what_is_read_as_which_version(void **state)
{
        static const Reading cases[] = {
                { STRATEGY_SEMVER, "2.3.1", "2.3.1", 3 },
                { STRATEGY_SEMVER, "v2.3.1", "2.3.1", 3 },
                { STRATEGY_SEMVER, "v2.3", "2.3.0", 2 },
                { STRATEGY_SEMVER, "v2", "2.0.0", 1 },
                { STRATEGY_SEMVER, "0.0.0", "0.0.0", 3 },
                { STRATEGY_SEMVER, "1.2.3-rc.1", "1.2.3-rc.1", 3 },
                { STRATEGY_SEMVER, "1.2-rc.1", "1.2.0-rc.1", 2 },
                { STRATEGY_SEMVER, "1.2.3_b7", "1.2.3+b7", 3 },
                { STRATEGY_SEMVER, "1.2.3-rc.1_b7.x", "1.2.3-rc.1+b7.x", 3 },
                { STRATEGY_SEMVER, "1.2.3--.-x", "1.2.3--.-x", 3 },
                { STRATEGY_SEMVER, "1.2.3-0a.00x", "1.2.3-0a.00x", 3 },
                { STRATEGY_SEMVER, "99999999999999999999999.1.0", "99999999999999999999999.1.0",
                  3 },
                { STRATEGY_SEMVER, "20251123123456789", "20251123123456789.0.0", 1 },
                { STRATEGY_DATE, "2026.11.23", "2026.11.23", 3 },
                { STRATEGY_DATE, "20261123", "2026.11.23", 3 },
                { STRATEGY_DATE, "2026-11-23", "2026.11.23", 3 },
                { STRATEGY_DATE, "2026-1-5", "2026.1.5", 3 },
                { STRATEGY_DATE, "2026.11", "2026.11", 2 },
                { STRATEGY_DATE, "22.04", "22.4", 2 },
                { STRATEGY_DATE, "04.10", "04.10", 2 },
                { STRATEGY_DATE, "0099.1.2", "0099.1.2", 3 },
                { STRATEGY_DATE, "2024-02-29", "2024.2.29", 3 },
                { STRATEGY_DATE, "20261123-17", "2026.11.23.17", 4 },
                { STRATEGY_DATE, "2026-11-23.2", "2026.11.23.2", 4 },
                { STRATEGY_SEQUENTIAL, "17", "17", 1 },
                { STRATEGY_SEQUENTIAL, "007", "7", 1 },
                { STRATEGY_SEQUENTIAL, "0", "0", 1 },
                { STRATEGY_SEQUENTIAL, "123456789012345678901234567890",
                  "123456789012345678901234567890", 1 },
                { STRATEGY_NUMERIC, "4.0.12.2823", "4.0.12.2823", 4 },
                { STRATEGY_NUMERIC, "4", "4", 1 },
                { STRATEGY_LEXICAL, "xenial", "xenial", 1 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *reason = NULL, *whole;
                Version version;

                assert_case(parse(cases[i].strategy, cases[i].text, &version, &reason), "'%s': %s",
                            cases[i].text, reason ? reason : "");
                whole = version.build_metadata ? arena_printf(&arena, "%s+%s", version.text,
                                                              version.build_metadata)
                                               : version.text;
                assert_string_equal(whole, cases[i].wanted);
                assert_case(version.specificity == cases[i].specificity, "'%s': %u", cases[i].text,
                            version.specificity);
        }
}

static void test_what_is_refused_and_that_it_says_why(void **state)
{
        static const Reading cases[] = {
                { .text = "latest" },
                { .text = "1.2.3b1" },
                { .text = "1.2.3.4" },
                { .text = "V1.2.3" },
                { .text = "vv1.2.3" },
                { .text = "1..3" },
                { .text = ".1.2" },
                { .text = "1.2." },
                { .text = "-1.2.3" },
                { .text = "1.2.3-" },
                { .text = "1.2.3-a..b" },
                { .text = "1.2.3-01" },
                { .text = "1.2.3_" },
                { .text = "1.2.3_a_b" },
                { .text = "1.2.3 " },
                { .text = "1.2.3-\xc3\xa9" },
                { STRATEGY_DATE, .text = "2026-00-10" },
                { STRATEGY_DATE, .text = "2026.04.31" },
                { STRATEGY_DATE, .text = "2026-02-29" },
                { STRATEGY_DATE, .text = "20261301" },
                { STRATEGY_DATE, .text = "1.2.3" },
                { STRATEGY_DATE, .text = "2026" },
                { STRATEGY_DATE, .text = "08.2T07.04.2T10.08" },
                { STRATEGY_DATE, .text = "latest" },
                { STRATEGY_SEQUENTIAL, .text = "build-123" },
                { STRATEGY_SEQUENTIAL, .text = "1e3" },
                { STRATEGY_SEQUENTIAL, .text = "+7" },
                { STRATEGY_SEQUENTIAL, .text = "1.0" },
                { STRATEGY_NUMERIC, .text = "4.0.x" },
                { STRATEGY_NUMERIC, .text = "4..1" },
                { STRATEGY_NUMERIC, .text = "4.1-rc" },
                { STRATEGY_MANUAL, .text = "1.2.3" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *reason = NULL;
                Version version;

                assert_case(!parse(cases[i].strategy, cases[i].text, &version, &reason),
                            "'%s' was read", cases[i].text);
                assert_case(reason && *reason, "'%s': no reason", cases[i].text);
        }
}

static void test_a_counter_in_place_of_a_day_names_the_way_out(void **state)
{
        static const char *const counters[] = { "2024.07.0", "2024.06.45", "v2026.11.32" };
        static const char *const others[] = { "2024.13.0", "2024.06.x", "2024", "2024-06-45" };
        static const char way_out[] =
                "; if the last number is a counter: dateFormat: 'YYYY.MM.MICRO'";
        const char *reason = NULL;
        Version version;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
                assert_false(parse(STRATEGY_DATE, counters[i], &version, &reason));
                assert_case(strstr(reason, way_out), "%s", reason);
        }
        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                assert_false(parse(STRATEGY_DATE, others[i], &version, &reason));
                assert_case(!strstr(reason, "dateFormat"), "%s", reason);
        }
}

static void test_leading_zeros_are_sent_to_the_date_strategy(void **state)
{
        const char *reason = NULL;
        Version version;

        (void)state;
        assert_false(parse(STRATEGY_SEMVER, "2025.07.03", &version, &reason));
        assert_string_equal(
                reason,
                "leading zero in '07': not semver; use type: date, with dateFormat for a counter");
}

static void test_ascending_orders(void **state)
{
        static const struct {
                StrategyType strategy;
                const char *texts[16];
        } cases[] = {
                { STRATEGY_SEMVER,
                  { "0.0.0-0", "0.0.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                    "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1",
                    "1.9.0", "1.10.0", "2.0.0", "10.0.0" } },
                { STRATEGY_SEMVER,
                  { "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-10.0", "1.0.0--", "1.0.0-9a",
                    "1.0.0-A", "1.0.0-a", "1.0.0-a.0", "1.0.0-a-b" } },
                { STRATEGY_SEMVER,
                  { "0.9.0-dev.9", "0.9.0-dev.12", "0.9.0-dev-12",
                    "0.9.0-dev-9" } }, /* a prerelease without a dot is compared as text */
                { STRATEGY_SEMVER,
                  { "1.0.20251122235959999", "1.0.20251123000000000", "1.0.99999999999999999999",
                    "2.0.0" } },
                { STRATEGY_DATE,
                  { "2025.12.31", "2026.1.1", "2026.1.2", "2026.1.10", "2026.2.1", "2026.11.23",
                    "2026.11.23.2", "2026.11.23.10", "2026.11.24" } },
                { STRATEGY_SEQUENTIAL,
                  { "0", "9", "10", "99", "100", "99999999999999999999",
                    "100000000000000000000" } },
                { STRATEGY_NUMERIC, { "4", "4.0", "4.0.9", "4.0.12", "4.0.12.1", "4.1", "10" } },
                { STRATEGY_LEXICAL, { "A", "a", "ab", "b" } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                for (size_t j = 0; cases[i].texts[j]; j++)
                        for (size_t k = 0; cases[i].texts[k]; k++) {
                                const char *reason;
                                Version a, b;

                                assert_true(
                                        parse(cases[i].strategy, cases[i].texts[j], &a, &reason));
                                assert_true(
                                        parse(cases[i].strategy, cases[i].texts[k], &b, &reason));
                                assert_case(compare(&a, &b) == (j > k) - (j < k),
                                            "'%s' and '%s': %d", cases[i].texts[j],
                                            cases[i].texts[k], compare(&a, &b));
                        }
}

/* --- properties ------------------------------------------------------------------------------- */

static size_t random_number(uint64_t *seed, char *at)
{
        static const unsigned sizes[] = { 1, 1, 1, 1, 2, 2, 3, 17, 25, 300 };
        unsigned n = sizes[test_random(seed) % ARRAY_SIZE(sizes)];

        for (unsigned i = 0; i < n; i++)
                at[i] = (char)('0' + test_random(seed) % 10);
        if (n > 1 && at[0] == '0')
                at[0] = '1';
        return n;
}

static size_t random_identifiers(uint64_t *seed, char *at)
{
        static const char letters[] = "aAbz-09";
        size_t n = 0, n_parts = 1 + test_random(seed) % 3;

        for (size_t i = 0; i < n_parts; i++) {
                if (i > 0)
                        at[n++] = '.';
                if (test_random(seed) % 2) {
                        n += random_number(seed, at + n);
                        continue;
                }
                /* begins with a letter, because a number must not have a leading zero */
                at[n++] = letters[test_random(seed) % 5];
                for (size_t j = test_random(seed) % 3; j > 0; j--)
                        at[n++] = letters[test_random(seed) % 7];
        }
        return n;
}

static const char *random_semver(uint64_t *seed, char text[2000])
{
        size_t n = 0, n_fields = 1 + test_random(seed) % 3;

        if (test_random(seed) % 4 == 0)
                text[n++] = 'v';
        for (size_t i = 0; i < n_fields; i++) {
                if (i > 0)
                        text[n++] = '.';
                n += random_number(seed, text + n);
        }
        if (test_random(seed) % 2) {
                text[n++] = '-';
                n += random_identifiers(seed, text + n);
        }
        if (test_random(seed) % 4 == 0) {
                text[n++] = '_';
                n += random_identifiers(seed, text + n);
        }
        text[n] = '\0';
        return text;
}

static void test_a_million_pairs_of_sort_keys_are_in_the_order_of_precedence(void **state)
{
        static char texts[2][2000];
        uint64_t seed = 20261123;
        size_t n_equal = 0;

        (void)state;
        for (size_t i = 0; i < 1000000; i++) {
                SemverText read[2];
                Version versions[2];
                const char *reason;
                int wanted;

                for (size_t j = 0; j < 2; j++) {
                        (void)random_semver(&seed, texts[j]);
                        assert_case(parse(STRATEGY_SEMVER, texts[j], &versions[j], &reason),
                                    "'%s': %s", texts[j], reason);
                        assert_int_equal(
                                semver_read(texts[j], strlen(texts[j]), &arena, &read[j], &reason),
                                0);
                }
                wanted = semver_compare(&read[0], &read[1]);
                wanted = (wanted > 0) - (wanted < 0);
                n_equal += wanted == 0;
                assert_case(compare(&versions[0], &versions[1]) == wanted,
                            "'%s' and '%s': %d, not %d", texts[0], texts[1],
                            compare(&versions[0], &versions[1]), wanted);
                if (i % 1000 == 0)
                        arena_clear(&arena);
        }
        assert_true(n_equal > 50); /* the random versions include equal versions */
}

static void test_a_canonical_text_is_read_as_itself(void **state)
{
        static const StrategyType strategies[] = { STRATEGY_SEMVER, STRATEGY_DATE,
                                                   STRATEGY_SEQUENTIAL, STRATEGY_NUMERIC };
        char text[2000];
        uint64_t seed = 7;

        (void)state;
        for (size_t i = 0; i < 100000; i++) {
                StrategyType strategy = strategies[i % ARRAY_SIZE(strategies)];
                const char *reason = "";
                Version version, again;

                if (strategy == STRATEGY_SEMVER)
                        (void)random_semver(&seed, text);
                else if (strategy == STRATEGY_DATE)
                        (void)snprintf(text, sizeof(text), "%u-%02u-%02u.%u",
                                       (unsigned)(1970 + test_random(&seed) % 200),
                                       (unsigned)(1 + test_random(&seed) % 12),
                                       (unsigned)(1 + test_random(&seed) % 28),
                                       (unsigned)(test_random(&seed) % 1000));
                else
                        text[random_number(&seed, text)] = '\0';
                assert_case(parse(strategy, text, &version, &reason), "'%s': %s", text, reason);
                assert_case(parse(strategy, version.text, &again, &reason), "'%s': %s",
                            version.text, reason);
                assert_string_equal(again.text, version.text);
                assert_case(compare(&version, &again) == 0, "'%s' and '%s'", text, again.text);
                if (i % 1000 == 0)
                        arena_clear(&arena);
        }
}

/* The reference pads all numbers with zeros to the same length and compares texts. */
static void test_dotted_numbers_are_in_the_order_of_their_fields(void **state)
{
        uint64_t seed = 99;

        (void)state;
        for (size_t i = 0; i < 100000; i++) {
                char texts[2][100], padded[2][400];
                Version versions[2];
                int wanted;

                for (size_t j = 0; j < 2; j++) {
                        size_t n_fields = 1 + test_random(&seed) % 4, n = 0, p = 0;
                        const char *reason;

                        for (size_t k = 0; k < n_fields; k++) {
                                uint64_t number = test_random(&seed) >> (test_random(&seed) % 64);

                                n += (size_t)snprintf(texts[j] + n, sizeof(texts[j]) - n,
                                                      k ? ".%lu" : "%lu", (unsigned long)number);
                                p += (size_t)snprintf(padded[j] + p, sizeof(padded[j]) - p,
                                                      "/%020lu", (unsigned long)number);
                        }
                        assert_true(parse(STRATEGY_NUMERIC, texts[j], &versions[j], &reason));
                }
                wanted = strcmp(padded[0], padded[1]);
                assert_case(compare(&versions[0], &versions[1]) == (wanted > 0) - (wanted < 0),
                            "'%s' and '%s'", texts[0], texts[1]);
                if (i % 1000 == 0)
                        arena_clear(&arena);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_assigned_version_holds_no_white_space_or_control_character),
        cmocka_unit_test(test_what_is_read_as_which_version),
        cmocka_unit_test(test_what_is_refused_and_that_it_says_why),
        cmocka_unit_test(test_leading_zeros_are_sent_to_the_date_strategy),
        cmocka_unit_test(test_a_counter_in_place_of_a_day_names_the_way_out),
        cmocka_unit_test(test_ascending_orders),
        cmocka_unit_test(test_a_million_pairs_of_sort_keys_are_in_the_order_of_precedence),
        cmocka_unit_test(test_a_canonical_text_is_read_as_itself),
        cmocka_unit_test(test_dotted_numbers_are_in_the_order_of_their_fields),
};

TEST_PROGRAM("version", tests, set_up, tear_down)
