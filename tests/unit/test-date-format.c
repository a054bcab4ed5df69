/* Tests dateFormat, which uses the terms of calver.org: accepted texts, refused texts with the
 * reason, order and ranges. */

#include "unit.h"
#include "version/date-format.h"
#include "version/date.h"
#include "version/range.h"

TEST_ARENA(arena, set_up, tear_down)

static const char *read_format(const char *format, const char *text, Version *ret)
{
        const VersionStrategy strategy = { .type = STRATEGY_DATE, .date_format = format };
        const char *reason = NULL;

        return version_parse(&strategy, text, strlen(text), &arena, ret, &reason) < 0 ? reason
                                                                                      : NULL;
}

static void test_what_is_read(void **state)
{
        static const struct {
                const char *format, *text, *wanted;
                unsigned specificity;
        } cases[] = {
                { "YYYY.MM.MICRO", "2024.06.45", "2024.06.45", 3 },
                { "YYYY.MM.MICRO", "v2024.6.0", "2024.6.0", 3 },
                { "YYYY.0M.MICRO", "2024.07.0", "2024.07.0", 3 },
                { "YYYY.0M.MICRO", "2024.07", "2024.07", 2 },
                { "YY.0M.MICRO", "24.04.2", "24.04.2", 3 },
                { "YY.MM", "6.1", "6.1", 2 },
                { "YY.MM", "106.12", "106.12", 2 },
                { "0Y.0M", "06.06", "06.06", 2 },
                { "YYYY.MINOR.MICRO", "2024.12.3", "2024.12.3", 3 },
                { "YYYY.MINOR.MICRO", "2024", "2024", 1 },
                { "YYYY.MINOR.MICRO", "2024.123456789012345678901234567890.0",
                  "2024.123456789012345678901234567890.0", 3 },
                { "YYYY.WW", "2024.53", "2024.53", 2 },
                { "YYYY.0W.MICRO", "2024.01.7", "2024.01.7", 3 },
                { "YYYY-0M-0D_MICRO", "2024-02-29_11", "2024-02-29_11", 4 },
                { "YYYY0M0D", "20240612", "20240612", 3 },
                { "YYYYMMDD.MICRO", "20240612.3", "20240612.3", 4 },
                { "YYMMMICRO", "24061", "24061", 3 },
                { "MAJOR.YYYY.MM", "3.2024.6", "3.2024.6", 3 },
                { "YYYY.MM.MICRO-MODIFIER", "2024.06.1", "2024.06.1", 3 },
                { "YYYY.MM.MICRO-MODIFIER", "2024.06.1-rc.1", "2024.06.1-rc.1 prerelease rc.1", 3 },
                { "YYYY.MM.MICRO-MODIFIER", "2024.06-dev", "2024.06-dev prerelease dev", 2 },
                { "YYYY.MINOR.MICROMODIFIER", "v2024.1.0rc1", "2024.1.0rc1 prerelease rc1", 3 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Version version = { 0 };
                const char *reason = read_format(cases[i].format, cases[i].text, &version);
                const char *whole;

                assert_case(!reason, "'%s': %s", cases[i].text, reason);
                whole = version.prerelease ? arena_printf(&arena, "%s prerelease %s", version.text,
                                                          version.prerelease)
                                           : version.text;
                assert_string_equal(whole, cases[i].wanted);
                assert_case(version.specificity == cases[i].specificity, "'%s': %u", cases[i].text,
                            version.specificity);
        }
}

static void test_what_is_refused_and_why(void **state)
{
        static const struct {
                const char *format, *text, *wanted;
        } cases[] = {
                { "YYYY.MM.MICRO", "2024.13.1",
                  "'2024.13.1' is not YYYY.MM.MICRO: there is no month 13" },
                { "YYYY.MM.MICRO", "2024",
                  "'2024' is not YYYY.MM.MICRO: MM is not where it must stand" },
                { "YYYY.0M.MICRO", "2024.7.0",
                  "'2024.7.0' is not YYYY.0M.MICRO: 0M is not where it must stand, with two digits" },
                { "YYYY.MM.MICRO", "24.06.1",
                  "'24.06.1' is not YYYY.MM.MICRO: YYYY is not where it must stand" },
                { "YYYY.MM.MICRO", "2024.06.1.2",
                  "'2024.06.1.2' is not YYYY.MM.MICRO: '.2' follows" },
                { "YYYY.MM.MICRO", "2024.06.1-alpine",
                  "'2024.06.1-alpine' is not YYYY.MM.MICRO: '-alpine' follows; if it marks a "
                  "prerelease: dateFormat: 'YYYY.MM.MICRO-MODIFIER'" },
                { "YYYY.MM.MICRO", "2024-06-1",
                  "'2024-06-1' is not YYYY.MM.MICRO: MM is not where it must stand" },
                { "YYYY.MM.MICRO-MODIFIER", "2024.06.1-2",
                  "'2024.06.1-2' is not YYYY.MM.MICRO-MODIFIER: MODIFIER begins with a letter" },
                { "YYYY.MM.DD", "2023.02.29",
                  "'2023.02.29' is not YYYY.MM.DD: there is no day 29" },
                { "YYYY.WW", "2023.54", "'2023.54' is not YYYY.WW: there is no week 54" },
                { "YYYY.WW", "0000.1", "'0000.1' is not YYYY.WW: there is no year 0" },
                { "YYYY0M0D", "2024061",
                  "'2024061' is not YYYY0M0D: 0D is not where it must stand, with two digits" },
                { "YYYY.MM.MICRO", "latest",
                  "'latest' is not YYYY.MM.MICRO: YYYY is not where it must stand" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Version version;
                const char *reason = read_format(cases[i].format, cases[i].text, &version);

                assert_case(reason, "'%s' was read", cases[i].text);
                assert_string_equal(reason, cases[i].wanted);
        }
}

static void test_what_is_no_format(void **state)
{
        static const struct {
                const char *format, *wanted;
        } cases[] = {
#define PARTS                                                                                      \
        "its parts are YYYY, YY, 0Y, MM, 0M, WW, 0W, DD, 0D, MAJOR, MINOR, MICRO and MODIFIER, "   \
        "with . - or _ between them"
                { "yyyy.mm", PARTS },
                { "YYYY.", PARTS },
                { "YYYY..MM", PARTS },
                { ".YYYY", PARTS },
                { "YYYY.MM.PATCH", PARTS },
                { "", "it has no year: YYYY, YY or 0Y" },
                { "MAJOR.MINOR", "it has no year: YYYY, YY or 0Y" },
                { "YYYY.MM.0M", "a part stands twice; each stands once" },
                { "YYYY.MM.WW", "a week goes with neither a month nor a day" },
                { "YYYY.DD", "a day needs a month" },
                { "YYYY.MODIFIER.MM", "MODIFIER must be the last part" },
                { "YYYY.MICROMM", "after MAJOR, MINOR and MICRO a separator must stand: . - or _" },
                { "DD.MM.YYYY",
                  "the year stands before the month, the month before the day; read other dates by a "
                  "rule with the groups year, month, day and seq" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };

                assert_case(version_check_date_format(cases[i].format, &error) < 0, "'%s' was read",
                            cases[i].format);
                assert_string_equal(error_message(&error),
                                    arena_printf(&arena, "'%s' is no dateFormat: %s",
                                                 cases[i].format, cases[i].wanted));
                error_done(&error);
        }
}

/* The texts of each line are in ascending order; "=" joins equal versions. */
static void test_versions_are_ordered_by_meaning(void **state)
{
        static const struct {
                const char *format, *texts[8];
        } lines[] = {
                { "YYYY.MM.MICRO",
                  { "2023.12.99", "2024.06.9", "2024.06.45", "2024.7.0", "2024.10.0" } },
                { "YYYY.MM.MICRO", { "2024.6.1", "=2024.06.1", "=v2024.06.01", "2024.6.2" } },
                { "YYYY.MM.MICRO", { "2024.6", "=2024.6.0", "2024.6.1" } },
                { "YY.MM", { "6.1", "16.10", "24.9", "24.10", "106.1" } },
                { "MAJOR.YY.MM", { "9.24.1", "10.23.1" } },
                { "YYYY.MM.MICRO-MODIFIER",
                  { "2024.06.1-alpha", "2024.06.1-beta9", "2024.06.1-beta10", "2024.06.1-dev",
                    "2024.06.1-rc01", "=2024.06.1-rc1", "2024.06.1-rc1.1", "2024.06.1" } },
                { "YYYY.MM.MICRO-MODIFIER",
                  { "2024.06.1-a", "2024.06.1-a1", "2024.06.1-a1a", "2024.06.1-ab", "2024.06.1" } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
                const VersionStrategy strategy = { .type = STRATEGY_DATE,
                                                   .date_format = lines[i].format };
                Version before = { 0 };
                DateText low = { 0 };

                for (size_t j = 0; j < 8 && lines[i].texts[j]; j++) {
                        const char *text = lines[i].texts[j], *reason = NULL;
                        bool is_equal = *text == '=';
                        Version version = { 0 };
                        DateText high;

                        text += is_equal;
                        reason = read_format(lines[i].format, text, &version);
                        assert_case(!reason, "%s", reason);
                        assert_int_equal(
                                date_read(&strategy, text, strlen(text), &arena, &high, &reason),
                                0);
                        if (j > 0) {
                                int order = sort_key_compare(before.sort_key, version.sort_key);

                                assert_case(is_equal ? order == 0 : order < 0, "'%s': %d", text,
                                            order);
                                order = date_compare(&low, &high);
                                assert_case(is_equal ? order == 0 : order < 0, "'%s': %d", text,
                                            order);
                        }
                        before = version;
                        low = high;
                }
        }
}

static unsigned random_below(uint64_t *seed, unsigned bound)
{
        return (unsigned)(test_random(seed) % bound);
}

/* Comparing sort keys and comparing texts must give the same order. */
static void test_keys_have_the_order_of_the_comparison(void **state)
{
        static const VersionStrategy strategies[] = {
                { .type = STRATEGY_DATE },
                { .type = STRATEGY_DATE, .date_format = "YYYY.MM.MICRO-MODIFIER" },
        };
        static const char *const suffixes[2][6] = {
                { "", ".2", "-17", "T1530", ".2.10", "T153000123" },
                { "", "-rc1", "-rc10", "-rc.2", "-b", "-rc1a" },
        };

        uint64_t seed = 20240612;

        (void)state;
        for (unsigned i = 0; i < 2000; i++) {
                const VersionStrategy *strategy = &strategies[i % 2];
                DateText dates[2];
                Version versions[2];

                for (size_t j = 0; j < 2; j++) {
                        const char *reason = NULL;
                        const char *text = arena_printf(
                                &arena, "20%02u.%02u.%u%s", random_below(&seed, 3) + 10,
                                random_below(&seed, 3) + 9, random_below(&seed, 12) + 1,
                                suffixes[i % 2][random_below(&seed, 6)]);

                        assert_case(date_read(strategy, text, strlen(text), &arena, &dates[j],
                                              &reason) == 0,
                                    "%s", reason);
                        assert_int_equal(version_parse(strategy, text, strlen(text), &arena,
                                                       &versions[j], &reason),
                                         0);
                }
                assert_case(
                        (date_compare(&dates[0], &dates[1]) >
                         0) == (sort_key_compare(versions[0].sort_key, versions[1].sort_key) > 0) &&
                                (date_compare(&dates[0], &dates[1]) == 0) ==
                                        (sort_key_compare(versions[0].sort_key,
                                                          versions[1].sort_key) == 0),
                        "'%s' and '%s'", versions[0].text, versions[1].text);
        }
}

static void test_ranges(void **state)
{
        static const struct {
                const char *format, *range, *version;
                bool wanted;
        } cases[] = {
                { "YYYY.0M.MICRO", ">=2024.06.1 <2025", "2024.07.0", true },
                { "YYYY.0M.MICRO", ">=2024.06.1 <2025", "2024.06.0", false },
                { "YYYY.0M.MICRO", ">=2024.06.1 <2025", "2025.01.0", false },
                { "YYYY.0M.MICRO", "2024.07", "2024.07.45", true },
                { "YYYY.0M.MICRO", "2024.07", "2024.08.0", false },
                { "YYYY.0M.MICRO", "2024.x", "2024.08.0", true },
                { "YYYY.0M.MICRO", "2024.07.*", "2024.07.10", true },
                { "YYYY.0M.MICRO", "*", "2024.07.10", true },
                { "YYYY.0M.MICRO", "~2024.07.1", "2024.07.10", true },
                { "YYYY.0M.MICRO", "~2024.07.1", "2024.08.1", false },
                { "YYYY.0M.MICRO", "^2024.07.1", "2024.08.1", true },
                { "YYYY.0M.MICRO", "^2024.07.1", "2025.08.1", false },
                { "YYYY.0M.MICRO", ">2024.07", "2024.07.99", false },
                { "YYYY.0M.MICRO", ">2024.07.9", "2024.07.10", true },
                { "YYYY.0M.MICRO", "<=2024.07", "2024.07.99", true },
                { "YYYY.0M.MICRO", "!=2024.07.9", "2024.07.9", false },
                { "YYYY.0M.MICRO", "!=2024.07", "2024.07.9", false },
                { "YYYY.0M.MICRO", "2024.01 - 2024.03", "2024.03.7", true },
                { "YYYY.0M.MICRO", "2024.01 - 2024.03", "2024.04.0", false },
                { "YYYY.0M.MICRO", "2023 || 2025", "2025.01.0", true },
                { "YYYY.MM.MICRO", "2024.06.1 - 2024.06.3", "2024.6.2", true },
                { "YYYY.MM.MICRO-MODIFIER", ">=2024.06", "2024.07.0-rc1", false },
                { "YYYY.MM.MICRO-MODIFIER", ">=2024.06.0-a", "2024.07.0-rc1", true },
                { "YYYY-0M-0D", ">=2024-02-29", "2024-10-01", true },
                { "YYYY-0M-0D.MICRO", "2024-02", "2024-02-11.4", true },
                { NULL, ">=2024.06.01 <2025", "2024.6.2", true },
                { NULL, ">=2024.6.1 <2025", "2024.6.2", true },
                { NULL, ">=2024.6.1 <2025", "2025.6.2", false },
                { NULL, ">=2024-06-01", "2024.6.1", true },
                { NULL, "2024.x", "2024.6.1.2", true },
                { NULL, "~2024.06.03", "2024.6.30", true },
                { NULL, "<24.10", "22.4", true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const VersionStrategy strategy = { .type = STRATEGY_DATE,
                                                   .date_format = cases[i].format };
                Error error = { 0 };
                Range *range;

                assert_case(range_parse(&strategy, cases[i].range, &arena, &range, &error) == 0,
                            "%s", error_message(&error));
                assert_case(range_matches(range, cases[i].version, false) == cases[i].wanted,
                            "%s: %s", cases[i].range, cases[i].version);
        }
}

static void test_a_version_or_a_range(void **state)
{
        static const struct {
                const char *format, *text;
                bool is_range;
                const char *wanted; /* the expected error; NULL: the text is valid */
        } cases[] = {
                { "YYYY.0M.MICRO", "2024.07.0", false, NULL },
                { "YYYY.0M.MICRO", "v2024.07.0", false, NULL },
                { "YYYY.0M.MICRO", "2024.07", true, NULL },
                { "YYYY.0M.MICRO", "2024", true, NULL },
                { "YYYY.0M.MICRO", ">=2024.06.1 <2025", true, NULL },
                { "YYYY.0M.MICRO", "2024.7.0", false,
                  "'2024.7.0' is not YYYY.0M.MICRO: 0M is not where it must stand, with two digits" },
                { "YYYY.0M.MICRO", ">=2024.7.0", false,
                  "bad range '>=2024.7.0': '2024.7.0' is not YYYY.0M.MICRO: 0M is not where it must "
                  "stand, with two digits at offset 2" },
                { NULL, "2024.07", false, NULL },
                { NULL, "2024.07.0", false,
                  "'2024.07.0' is no date: expected YYYY.MM.DD, YYYY-MM-DD, YYYYMMDD, YYYY.MM or "
                  "YY.MM; if the last number is a counter: dateFormat: 'YYYY.MM.MICRO'" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const VersionStrategy strategy = { .type = STRATEGY_DATE,
                                                   .date_format = cases[i].format };
                VersionWish wish = { 0 };
                Error error = { 0 };
                int r = version_wish_parse(&strategy, cases[i].text, &arena, &wish, &error);

                assert_case((r < 0) == (cases[i].wanted != NULL), "'%s': %d", cases[i].text, r);
                if (r < 0)
                        assert_string_equal(error_message(&error), cases[i].wanted);
                else
                        assert_case((wish.range != NULL) == cases[i].is_range, "'%s'",
                                    cases[i].text);
                error_done(&error);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_what_is_no_format),
        cmocka_unit_test(test_versions_are_ordered_by_meaning),
        cmocka_unit_test(test_keys_have_the_order_of_the_comparison),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_a_version_or_a_range),
};
TEST_PROGRAM("date-format", tests, set_up, tear_down)
