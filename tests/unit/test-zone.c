/* Tests time zones. Compares every zone of this system with the C library. */

#include <errno.h>
#include <ftw.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "calendar/civil.h"
#include "calendar/zone.h"
#include "unit.h"

#define YEAR_SECONDS INT64_C(31556952)

/* A xorshift generator. It returns the same values in each run. */
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
                skip(); /* the package tzdata is missing */
        assert_true(n_zones > 100);
        assert_int_equal(unsetenv("TZ"), 0);
        tzset();
}

/* Checks each second around a change. zone_instant() returns the first instant at which the local
 * clock has reached a time. zone_reached() returns the latest local time that the clock has reached
 * at an instant. */
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

/* --- files made by the tests ------------------------------------------------------------------ */

static char folder[] = "/tmp/relman-test-zone-XXXXXX";

/* Makes the file of a zone that has an offset and a rule. Returns its size. */
static size_t make_zone(const char *rule, int hours, char data[200])
{
        static const char header[44] = "TZif2";
        char *p = data;

        for (int block = 0; block < 2; block++) {
                memcpy(p, header, sizeof(header));
                p[20 + 19] = 1; /* number of types */
                p[20 + 23] = 4; /* number of characters of abbreviations */
                p += sizeof(header);
                memcpy(p, "\0\0\0\0\0\0LMT", 10);
                p[2] = (char)(hours * 3600 >> 8);
                p[3] = (char)(hours * 3600 & 0xff);
                p += 10;
        }
        return (size_t)(p - data) + (size_t)snprintf(p, 200 - 108, "\n%s\n", rule);
}

static void write_zone(const char *name, const char *rule, int hours)
{
        char data[200], path[128], made[160];
        size_t size = make_zone(rule, hours, data);
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        (void)snprintf(made, sizeof(made), "%s.new", path);
        file = fopen(made, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(rename(made, path), 0);
}

static int make_folder(void **state)
{
        (void)state;
        return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

/* Summer time is permanent if it ends at the instant at which it begins again (RFC 9636,
 * section 3.3.1). */
static void test_summer_time_may_be_permanent(void **state)
{
        static const struct {
                const char *rule;
                int64_t offset;
        } cases[] = {
                { "EST5EDT,0/0,J365/25", -4 * 3600 },
                { "XXX3EDT4,0/0,J365/23", -4 * 3600 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Zone zone = { 0 };
                Error error = { 0 };
                char data[200];
                size_t size = make_zone(cases[i].rule, 0, data);

                if (zone_read(data, size, &zone, &error) < 0)
                        fail_msg("'%s': %s", cases[i].rule, error_message(&error));
                for (int64_t instant = YEAR_SECONDS; instant < 200 * YEAR_SECONDS;
                     instant += YEAR_SECONDS / 37)
                        assert_int_equal(zone_local(&zone, instant), instant + cases[i].offset);
                zone_done(&zone);
        }
}

/* A changed file of the zone database is used at once. A zone that was returned before stays valid.
 * A file that is missing or invalid for a moment changes nothing. */
static void test_a_zone_whose_file_changes_is_read_again(void **state)
{
        Zones zones = { .folder = folder };
        const Zone *before, *after;
        Error error = { 0 };
        char path[128];

        (void)state;
        write_zone("Old", "AAA-1", 1);
        assert_int_equal(zones_get(&zones, "Old", &before, &error), 0);
        assert_int_equal(zones_get(&zones, "Old", &after, &error), 0);
        assert_ptr_equal(before, after);
        write_zone("Old", "AAA-2", 2);
        assert_int_equal(zones_get(&zones, "Old", &after, &error), 0);
        assert_int_equal(zone_local(after, 0), 7200);
        assert_int_equal(zone_local(before, 0), 3600);
        write_zone("Old", "no rule", 3);
        assert_int_equal(zones_get(&zones, "Old", &after, &error), 0);
        assert_int_equal(zone_local(after, 0), 7200);
        (void)snprintf(path, sizeof(path), "%s/Old", folder);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(zones_get(&zones, "Old", &after, &error), 0);
        assert_int_equal(zone_local(after, 0), 7200);
        zones_done(&zones);
}

/* The number of suggestions is limited, because each suggestion reads the folders of the zone
 * database. */
static void test_suggestions_for_unknown_zones_are_limited(void **state)
{
        Zones zones = { .folder = folder };
        size_t n_suggested = 0;

        (void)state;
        write_zone("Berlin", "AAA-1", 1);
        for (int i = 0; i < 20; i++) {
                Error error = { 0 };
                const Zone *zone;

                assert_int_equal(zones_get(&zones, "Berln", &zone, &error), -ENOENT);
                n_suggested += strstr(error_message(&error), "did you mean") != NULL;
                error_done(&error);
        }
        assert_int_equal(n_suggested, ZONE_SUGGESTIONS_MAX);
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
                cmocka_unit_test(test_summer_time_may_be_permanent),
                cmocka_unit_test(test_a_zone_whose_file_changes_is_read_again),
                cmocka_unit_test(test_suggestions_for_unknown_zones_are_limited),
        };

        return cmocka_run_group_tests_name("zone", tests, make_folder, remove_folder);
}
