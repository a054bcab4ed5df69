#include "base/time.h"
#include "unit.h"

static void test_a_duration_is_read_and_written_back_at_its_shortest(void **state)
{
        static const struct {
                const char *text;
                usec_t value;
                const char *shortest;
        } cases[] = {
                { "0", 0, "0" },
                { "90s", 90 * USEC_PER_SEC, "1m30s" },
                { "5m", 5 * USEC_PER_MIN, "5m" },
                { "24h", USEC_PER_DAY, "1d" },
                { "7d", 7 * USEC_PER_DAY, "7d" },
                { "250ms", 250 * USEC_PER_MSEC, "250ms" },
                { "1h30m", 90 * USEC_PER_MIN, "1h30m" },
                { "1d2h3m4s5ms",
                  USEC_PER_DAY + 2 * USEC_PER_HOUR + 3 * USEC_PER_MIN + 4 * USEC_PER_SEC +
                          5 * USEC_PER_MSEC,
                  "1d2h3m4s5ms" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                usec_t value, again;
                char text[DURATION_TEXT_SIZE];

                assert_case(duration_parse(cases[i].text, &value) == 0, "'%s'", cases[i].text);
                assert_int_equal(value, cases[i].value);
                assert_string_equal(duration_format(value, text), cases[i].shortest);
                assert_int_equal(duration_parse(text, &again), 0);
                assert_int_equal(again, value);
        }
}

static void test_what_is_no_duration_is_refused(void **state)
{
        static const char *const cases[] = { "",  "5",    "-5m", "+5m", "5 m",  " 5m", "5m ",
                                             "m", "1.5h", "5x",  "5mm", "0x5s", "5m3", "1s1m" };
        usec_t value;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(duration_parse(cases[i], &value) < 0, "'%s'", cases[i]);
        assert_int_equal(duration_parse("99999999999999999999d", &value), -ERANGE);
        assert_int_equal(duration_parse("300000000000d", &value), -ERANGE);
}

static void test_times_are_read_with_offset_and_fraction(void **state)
{
        static const struct {
                const char *text, *utc;
        } cases[] = {
                { "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
                { "2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z" },
                { "2026-11-23T18:00:00+01:00", "2026-11-23T17:00:00Z" },
                { "2026-11-23T11:30:00.123456789-05:30", "2026-11-23T17:00:00Z" },
                { "2024-02-29t23:59:59z", "2024-02-29T23:59:59Z" },
                { "2000-12-31T23:59:59Z", "2000-12-31T23:59:59Z" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                usec_t wall;
                char text[TIME_TEXT_SIZE];

                assert_case(time_parse(cases[i].text, &wall) == 0, "'%s'", cases[i].text);
                assert_string_equal(time_format(wall, text), cases[i].utc);
        }
}

static void test_what_is_no_time_is_refused(void **state)
{
        static const char *const cases[] = { "",
                                             "2026-11-23",
                                             "2026-11-23 17:00:00",
                                             "2026-02-29T00:00:00Z",
                                             "2026-13-01T00:00:00Z",
                                             "2026-11-23T24:00:00Z",
                                             "2026-11-23T17:60:00Z",
                                             "2026-11-23T17:00:00",
                                             "2026-11-23T17:00:00Zx",
                                             "2026-11-23T17:00:00.Z",
                                             "2026-11-23T17:00:00+25:00",
                                             "20261123T170000Z",
                                             "-026-11-23T17:00:00Z",
                                             "2026-11-23T17:00:00+0100" };
        usec_t wall;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(time_parse(cases[i], &wall) < 0, "'%s'", cases[i]);
}

static void test_every_day_of_four_centuries_is_written_and_read_back(void **state)
{
        (void)state;
        for (usec_t day = 0; day < 146097; day += 7) {
                usec_t again;
                char text[TIME_TEXT_SIZE];

                assert_int_equal(time_parse(time_format(day * USEC_PER_DAY, text), &again), 0);
                assert_int_equal(again, day * USEC_PER_DAY);
        }
}

static void test_times_are_read_as_people_write_them(void **state)
{
        static const struct {
                const char *text, *wanted; /* NULL: refused */
        } cases[] = {
                { "2026-11-28T12:00:00+01:00", "2026-11-28T11:00:00Z" },
                { "2026-11-28", "2026-11-28T00:00:00Z" },
                { "today", "2026-11-29T00:00:00Z" },
                { "yesterday", "2026-11-28T00:00:00Z" },
                { "1h", "2026-11-29T09:30:00Z" },
                { "1d12h", "2026-11-27T22:30:00Z" },
                { "0", "2026-11-29T10:30:00Z" },
                { "99999d", "1970-01-01T00:00:00Z" },
                { "2026-11-31", NULL },
                { "tomorrow", NULL },
                { "2026-1-1", NULL },
                { "28.11.2026", NULL },
                { "1 hour", NULL },
                { "-1h", NULL },
                { "", NULL },
        };
        usec_t now, wall;

        (void)state;
        assert_int_equal(time_parse("2026-11-29T10:30:00Z", &now), 0);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char text[TIME_TEXT_SIZE];
                int r = time_parse_past(cases[i].text, now, &wall);

                assert_case((r >= 0) == (cases[i].wanted != NULL), "'%s': %d", cases[i].text, r);
                if (r >= 0)
                        assert_case(streq(time_format(wall, text), cases[i].wanted), "'%s': %s",
                                    cases[i].text, text);
        }
}

static void test_dates_of_the_calendar(void **state)
{
        (void)state;
        assert_true(date_is_valid(2024, 2, 29));
        assert_true(date_is_valid(2000, 2, 29));
        assert_false(date_is_valid(1900, 2, 29));
        assert_false(date_is_valid(2026, 2, 29));
        assert_false(date_is_valid(2026, 0, 1));
        assert_false(date_is_valid(2026, 13, 1));
        assert_false(date_is_valid(2026, 4, 31));
        assert_false(date_is_valid(2026, 4, 0));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_duration_is_read_and_written_back_at_its_shortest),
        cmocka_unit_test(test_what_is_no_duration_is_refused),
        cmocka_unit_test(test_times_are_read_with_offset_and_fraction),
        cmocka_unit_test(test_what_is_no_time_is_refused),
        cmocka_unit_test(test_every_day_of_four_centuries_is_written_and_read_back),
        cmocka_unit_test(test_dates_of_the_calendar),
        cmocka_unit_test(test_times_are_read_as_people_write_them),
};
TEST_PROGRAM("time", tests, NULL, NULL)
