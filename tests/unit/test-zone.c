/* Time zones: every zone of this system against the C library. */

#include <ftw.h>
#include <time.h>

#include "base/limits.h"
#include "calendar/civil.h"
#include "calendar/zone.h"
#include "unit.h"

#define YEAR_SECONDS INT64_C(31556952)

/* A xorshift generator: the same values in each run. */
static uint64_t random_state = 88172645463325252ULL;

static uint64_t random_below(uint64_t n)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return random_state % n;
}

static int64_t clock_of_libc(int64_t instant)
{
        time_t time = instant;
        struct tm tm;

        assert_non_null(localtime_r(&time, &tm));
        return instant + tm.tm_gmtoff;
}

static void test_dates_and_days_are_inverse(void **state)
{
        (void)state;
        for (int64_t days = -200000; days < 200000; days++) {
                Date date = date_from_days(days);

                assert_int_equal(date_to_days(date), days);
                assert_true(date.day >= 1 && date.day <= month_days(date.year, date.month));
        }
        assert_int_equal(date_to_days((Date){ 2026, 11, 29 }), 20786);
        assert_int_equal(days_weekday(20786), 6);
        assert_int_equal(month_days(2100, 2), 28);
        assert_int_equal(month_days(2000, 2), 29);
}

static void check_zone(const Zone *zone)
{
        assert_int_equal(setenv("TZ", zone->name, 1), 0);
        tzset();
        for (int i = 0; i < 40; i++) {
                int64_t instant = (int64_t)random_below(229 * (uint64_t)YEAR_SECONDS);

                if (zone_local(zone, instant) != clock_of_libc(instant))
                        fail_msg("%s at %lld: %lld, not %lld", zone->name, (long long)instant,
                                 (long long)zone_local(zone, instant),
                                 (long long)clock_of_libc(instant));
        }
        for (size_t i = 1; i < zone->n; i++) {
                int64_t at = zone->shifts[i].at;

                if (at > 0)
                        assert_int_equal(zone_local(zone, at), clock_of_libc(at));
                if (at > 0)
                        assert_int_equal(zone_local(zone, at - 1), clock_of_libc(at - 1));
        }
}

static size_t n_zones;

static int on_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
        const char *name = path + strlen(ZONE_FOLDER) + 1;
        Zone *zone;
        Error error = { 0 };

        (void)st, (void)where;
        if (type == FTW_D &&
            (streq(path, ZONE_FOLDER "/right") || streq(path, ZONE_FOLDER "/posix")))
                return FTW_SKIP_SUBTREE;
        if (type != FTW_F || name[0] < 'A' || name[0] > 'Z' || streq(name, "Factory"))
                return FTW_CONTINUE;
        if (zone_load(ZONE_FOLDER, name, &zone, &error) < 0)
                fail_msg("%s", error_message(&error));
        check_zone(zone);
        zone_free(zone);
        n_zones++;
        return FTW_CONTINUE;
}

static void test_each_zone_has_the_clock_of_the_c_library(void **state)
{
        (void)state;
        assert_int_equal(nftw(ZONE_FOLDER, on_file, 8, FTW_ACTIONRETVAL), 0);
        if (n_zones == 0)
                skip(); /* no tzdata */
        assert_true(n_zones > 100);
        assert_int_equal(unsetenv("TZ"), 0);
        tzset();
}

/* zone_instant() is the first instant at which the clock shows that time or a later one, and
 * zone_reached() the latest such time: compared second by second around each change. */
static void test_skipped_and_repeated_times(void **state)
{
        static const char *const names[] = { "Europe/Berlin", "America/New_York",
                                             "Australia/Lord_Howe", "Africa/Casablanca" };
        Error error = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                Zone *zone;

                if (zone_load(ZONE_FOLDER, names[i], &zone, &error) < 0) {
                        error_done(&error);
                        skip();
                }
                for (size_t k = zone->n - 4; k < zone->n; k++) {
                        int64_t shift = zone->shifts[k].at, reached = INT64_MIN;

                        for (int64_t t = shift - 2 * 3600; t < shift + 2 * 3600; t++) {
                                int64_t local = zone_local(zone, t);

                                for (int64_t l = reached + 1; reached > 0 && l <= local; l++)
                                        assert_int_equal(zone_instant(zone, l), t);
                                reached = MAX(reached, local);
                                assert_int_equal(zone_reached(zone, t), reached);
                        }
                }
                zone_free(zone);
        }
}

static void test_a_wrong_zone_is_an_error_with_a_suggestion(void **state)
{
        static const struct {
                const char *name, *message;
        } cases[] = {
                { "Europe/Berln", "unknown zone 'Europe/Berln'; did you mean 'Europe/Berlin'?" },
                { "europe/berlin", "unknown zone 'europe/berlin'; did you mean 'Europe/Berlin'?" },
                { "Berlin", "unknown zone 'Berlin'; did you mean 'Europe/Berlin'?" },
                { "Europe", "unknown zone 'Europe'; did you mean 'Europe/Amsterdam'?" },
                { "../../../etc/passwd", "unknown zone '../../../etc/passwd'; write its IANA name, "
                                         "such as Europe/Berlin" },
                { "/etc/localtime",
                  "unknown zone '/etc/localtime'; write its IANA name, such as Europe/Berlin" },
                { "", "unknown zone ''; write its IANA name, such as Europe/Berlin" },
                { "\x1b[2J",
                  "unknown zone '\\x1B[2J'; write its IANA name, such as Europe/Berlin" },
        };
        Zone *zone;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };

                assert_true(zone_load(ZONE_FOLDER, cases[i].name, &zone, &error) < 0);
                assert_string_equal(error_message(&error), cases[i].message);
                error_done(&error);
        }
}

static void test_utc_needs_no_database(void **state)
{
        Zones zones = { .folder = "/nonexistent" };
        const Zone *zone, *again;
        Error error = { 0 };

        (void)state;
        assert_int_equal(zones_get(&zones, "UTC", &zone, &error), 0);
        assert_int_equal(zones_get(&zones, "UTC", &again, &error), 0);
        assert_ptr_equal(zone, again);
        assert_int_equal(zone_local(zone, 1234567890), 1234567890);
        assert_int_equal(zone_instant(zone, 1234567890), 1234567890);
        assert_int_equal(zone_reached(zone, 1234567890), 1234567890);
        assert_int_equal(zone_next_shift(zone, 0), INT64_MAX);
        assert_true(zones_get(&zones, "Europe/Berlin", &zone, &error) < 0);
        assert_string_equal(error_message(&error), "unknown zone 'Europe/Berlin'; write its IANA "
                                                   "name, such as Europe/Berlin");
        error_done(&error);
        zones_done(&zones);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_dates_and_days_are_inverse),
                cmocka_unit_test(test_each_zone_has_the_clock_of_the_c_library),
                cmocka_unit_test(test_skipped_and_repeated_times),
                cmocka_unit_test(test_a_wrong_zone_is_an_error_with_a_suggestion),
                cmocka_unit_test(test_utc_needs_no_database),
        };

        return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
