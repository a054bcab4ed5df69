/* Tests calendars. Compares expressions with systemd-analyze. Compares times of opening with a
 * reference that evaluates each minute with the C library. */

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/process.h"
#include "calendar/calendar.h"
#include "unit.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static Zones zones = { .folder = ZONE_FOLDER };

static int tear_down(void **state)
{
        (void)state;
        zones_done(&zones);
        return 0;
}

/* A xorshift generator. It returns the same values in each run. */
static uint64_t random_state = 88172645463325252ULL;

static int random_below(int n)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (int)(random_state % (uint64_t)n);
}

static bool has_zone(const char *name)
{
        const Zone *zone;
        Error error = { 0 };
        int r = zones_get(&zones, name, &zone, &error);

        error_done(&error);
        return r == 0;
}

static usec_t at(const char *text)
{
        usec_t time;

        assert_int_equal(time_parse(text, &time), 0);
        return time;
}

/* --- expressions ------------------------------------------------------------------------------ */

static const char *const expressions[] = {
        "Mon..Fri 09:00",
        "Sat,Sun 12:30:15",
        "Mon..Wed,Sat 10:0",
        "Mon-Wed 10:00",
        "monday",
        "daily",
        "hourly",
        "weekly",
        "monthly",
        "quarterly",
        "semiannually",
        "yearly",
        "annually",
        "minutely",
        "*-*-* 1/2:00",
        "*:0/15",
        "*:0..30/15",
        "12-24",
        "*-02~1",
        "*-02-29",
        "*-*~01..03",
        "*-*~07/2",
        "Mon *-05~07/1",
        "Mon *-*-1..7 18:00:00",
        "2027-01-01",
        "27-1-2 3:4:5",
        "*-1/3-1",
        "*-*-13 17:00",
        "Fri *-*-13",
        "2027..2029-06-01",
        "*-01,07-01 00:00:00",
        "*-*-31 23:59:59",
        "Sun *-02-29",
        "*-*-* *:*:0/20",
        "2028/4-2-29",
        "Mon,Tue *-*-* 8..17/3:30",
        "Thu,Fri *-1..3-11,12",
        "2026-11-29 23:59",
        "*-3-31 1:59",
        "Sun *-10~7/1 3:00",
};

/* Reads the time in a line of the output of systemd-analyze, such as "Mon 2026-11-30 09:00:00 CET".
 * Returns false if the line has no time. */
static bool read_elapse(const char *line, int64_t *ret_local)
{
        const char *text = strstr(line, "elapse: ");
        struct tm tm = { 0 };

        if (!text)
                text = strstr(line, "Iter") ? strstr(line, "#") : NULL;
        text = text ? strchr(text, ':') : NULL;
        if (!text || !strptime(text + 1, " %a %Y-%m-%d %H:%M:%S", &tm))
                return false;
        *ret_local = timegm(&tm);
        return true;
}

/* Starts systemd-analyze calendar in UTC. Returns its output and sets *ret_pid. */
static FILE *systemd_begin(const char *expression, pid_t *ret_pid)
{
        const char *const arguments[] = { "systemd-analyze", "calendar",
                                          "--iterations=12", "--base-time=2026-11-29 12:00:00",
                                          expression,        NULL };
        const char *const environment[] = { "TZ=UTC", "LC_ALL=C", "PATH=/usr/bin:/bin", NULL };
        Error error = { 0 };
        int ends[2];
        FILE *output;
        int r;

        assert_int_equal(pipe(ends), 0);
        r = process_start(&(ProcessPlan){ .arguments = arguments,
                                          .environment = environment,
                                          .input = -1,
                                          .output = ends[1],
                                          .error = -1 },
                          ret_pid, &error);
        error_done(&error);
        (void)close(ends[1]);
        if (r < 0) {
                (void)close(ends[0]);
                return NULL;
        }
        output = fdopen(ends[0], "r");
        assert_non_null(output);
        return output;
}

/* Waits for the end of the program. Returns true if it succeeded. */
static bool systemd_end(FILE *output, pid_t pid)
{
        int status = 0;

        (void)fclose(output);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool has_systemd(void)
{
        char line[400];
        pid_t pid;
        FILE *output = systemd_begin("daily", &pid);

        if (!output)
                return false;
        while (fgets(line, sizeof(line), output))
                ;
        return systemd_end(output, pid);
}

static size_t compare_with_systemd(const char *expression)
{
        CalendarExpression parsed;
        Error error = { 0 };
        int64_t theirs, ours = (int64_t)(at("2026-11-29T12:00:00Z") / USEC_PER_SEC);
        char line[400];
        size_t n = 0, work = 0;
        FILE *output;
        pid_t pid;

        if (calendar_expression_parse(expression, &parsed, &error) < 0)
                fail_msg("'%s': %s", expression, error_message(&error));
        output = systemd_begin(expression, &pid);
        assert_non_null(output);
        while (fgets(line, sizeof(line), output)) {
                if (!read_elapse(line, &theirs))
                        continue;
                if (!calendar_next(&parsed, ours + 1, &ours, &work) || ours != theirs)
                        fail_msg("'%s': %lld, but systemd has %s", expression, (long long)ours,
                                 line);
                assert_true(calendar_previous(&parsed, ours, &theirs, &work));
                assert_int_equal(theirs, ours);
                n++;
        }
        if (!systemd_end(output, pid))
                fail_msg("systemd-analyze refuses '%s'", expression);
        if (n < 12 && calendar_next(&parsed, ours + 1, &ours, &work))
                fail_msg("'%s': %lld, but systemd has no more than %zu", expression,
                         (long long)ours, n);
        return n;
}

static void test_expressions_elapse_as_those_of_systemd(void **state)
{
        size_t n = 0;

        (void)state;
        if (!has_systemd())
                skip(); /* systemd-analyze is missing or too old */
        for (size_t i = 0; i < ARRAY_SIZE(expressions); i++)
                n += compare_with_systemd(expressions[i]);
        assert_true(n > 300);
}

static void test_a_wrong_expression_is_an_error(void **state)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "the text is empty" },
                { "Mo 09:00", "'Mo' is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun" },
                { "Fri..Mon", "Fri..Mon ends before it begins: a week begins on Monday; write "
                              "Fri..Sun,Mon..Mon" },
                { "*:*/5", "'*/' is not possible: write '0/' for every so many minutes" },
                { "25:00", "the hour must be 0 to 23, not 25" },
                { "09:60", "the minute must be 0 to 59, not 60" },
                { "09:00:00.5", "a fraction of a second is not possible" },
                { "2026-13-01", "the month must be 1 to 12, not 13" },
                { "2026-12-32", "the day must be 1 to 31, not 32" },
                { "2200-01-01", "the year must be 1970 to 2199, not 2200" },
                { "99999999999999999999-01-01", "the year must be 1970 to 2199, not 9999" },
                { "*-*~30", "the day before the end of a month must be 1 to 28, not 30" },
                { "2026-12", "the month must be 1 to 12, not 2026" },
                { "*-12-27..20", "the range of days 27..20 ends before it begins" },
                { "09:00/0", "the step must be 1 to 59, not 0" },
                { "09:00 Europe/Berlin",
                  "'Europe/Berlin' is not expected here; a time zone has a field 'zone'" },
                { "09:00 10:00", "'10:00' is not expected here; see CALENDAR EVENTS in "
                                 "systemd.time(7)" },
                { "9", "a month must be followed by '-' or '~' and a day" },
                { "@100", "the month is missing" },
                { "*-02-30", "no day has such a date" },
                { "*-02,04,06,09,11-31 00:00", "no day has such a date" },
                { "Mon 2026-12-01", "no day has such a date" },
                { "Mon\n", "byte 4 is not possible in a calendar" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                CalendarExpression expression;
                Error error = { 0 };

                if (calendar_expression_parse(cases[i].text, &expression, &error) == 0)
                        fail_msg("'%s' is no error", cases[i].text);
                assert_string_equal(error_message(&error), cases[i].message);
                error_done(&error);
        }
}

/* --- windows ---------------------------------------------------------------------------------- */

static void test_a_wrong_window_is_an_error_at_its_field(void **state)
{
        static const struct {
                WindowSpec text;
                WindowField field;
                const char *message;
        } cases[] = {
                { { .allow = NULL }, WINDOW_FIELD_CALENDAR, "a window needs 'allow' or 'deny'" },
                { { .allow = "Mon", .deny = "Tue" },
                  WINDOW_FIELD_CALENDAR,
                  "a window has 'allow' or 'deny', not both; write two windows" },
                { { .allow = "16:00..09:00" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: '16:00..09:00': the range ends before it begins; for one past midnight "
                  "write '16:00' with 'for: 17h'" },
                { { .deny = "Mon..Fri 22:30..06:00" },
                  WINDOW_FIELD_CALENDAR,
                  "deny: 'Mon..Fri 22:30..06:00': the range ends before it begins; for one past "
                  "midnight write 'Mon..Fri 22:30' with 'for: 7h30m'" },
                { { .allow = "09:00..09:00" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: '09:00..09:00': the range is empty; a complete day is 00:00..24:00" },
                { { .allow = "09:00..24:01" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: '09:00..24:01': a range of times is HH:MM..HH:MM, up to 24:00" },
                { { .allow = "Mon 08:00 09:00..10:00" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: 'Mon 08:00 09:00..10:00': there is a time before the range of times" },
                { { .deny = "2027-01-02..2026-12-20" },
                  WINDOW_FIELD_CALENDAR,
                  "deny: '2027-01-02..2026-12-20': the range ends before it begins; exchange the "
                  "two dates" },
                { { .deny = "2026-02-30..2026-12-20" },
                  WINDOW_FIELD_CALENDAR,
                  "deny: '2026-02-30..2026-12-20': a range of dates is YYYY-MM-DD..YYYY-MM-DD, "
                  "with days that exist, or with times: 'YYYY-MM-DD 18:00..YYYY-MM-DD 08:00'" },
                { { .allow = "Mon 09:00" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: 'Mon 09:00': it says when the window begins, but not how long it lasts; "
                  "add 'for: 8h', or write a range of times such as 09:00..17:00" },
                { { .allow = "daily" },
                  WINDOW_FIELD_CALENDAR,
                  "allow: 'daily': it says when the window begins, but not how long it lasts; add "
                  "'for: 8h', or write a range of times such as 09:00..17:00" },
                { { .allow = "Mon..Fri 09:00..16:00", .duration = USEC_PER_HOUR },
                  WINDOW_FIELD_FOR,
                  "allow: 'Mon..Fri 09:00..16:00': 'for' belongs to a start such as 'Mon..Fri "
                  "09:00', and this is a range; remove 'for'" },
                { { .allow = "Mon..Fri 09:00..16:00 ", .duration = USEC_PER_HOUR },
                  WINDOW_FIELD_FOR,
                  "allow: 'Mon..Fri 09:00..16:00 ': 'for' belongs to a start such as 'Mon..Fri "
                  "09:00', and this is a range; remove 'for'" },
                { { .deny = "2026-12-20..2027-01-02", .duration = USEC_PER_HOUR },
                  WINDOW_FIELD_FOR,
                  "deny: '2026-12-20..2027-01-02': 'for' belongs to a start such as 'Mon..Fri "
                  "09:00', and this is a range; remove 'for'" },
                { { .allow = "09:00", .duration = USEC_PER_SEC - 1 },
                  WINDOW_FIELD_FOR,
                  "allow: '09:00': 'for' must be at least 1s" },
                { { .allow = "09:00..16:00", .zone = "Mars/Olympus" },
                  WINDOW_FIELD_ZONE,
                  "unknown zone 'Mars/Olympus'; write its IANA name, such as Europe/Berlin" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                WindowField field;
                Window window;

                assert_true(window_parse(&cases[i].text, &zones, &window, &field, &error) < 0);
                assert_string_equal(error_message(&error), cases[i].message);
                assert_int_equal(field, cases[i].field);
                error_done(&error);
        }
}

static Window window_of(const WindowSpec *text)
{
        Error error = { 0 };
        WindowField field;
        Window window;

        if (window_parse(text, &zones, &window, &field, &error) < 0)
                fail_msg("%s", error_message(&error));
        return window;
}

static void test_a_calendar_opens_when_it_says(void **state)
{
#define BERLIN .zone = "Europe/Berlin"
#define FOR(t) .duration = (t)*USEC_PER_MIN
        static const struct {
                WindowSpec windows[2];
                const char *now, *opens_at; /* opens_at: NULL if never; equal to now if open */
        } cases[] = {
                { { { .allow = "Mon..Fri 09:00..16:00", BERLIN } },
                  "2026-11-27T15:30:00Z",
                  "2026-11-30T08:00:00Z" },
                { { { .allow = "Mon..Fri 09:00..16:00", BERLIN } },
                  "2026-11-27T14:59:59Z",
                  "2026-11-27T14:59:59Z" },
                { { { .allow = "Mon..Fri 09:00", BERLIN, FOR(420) } },
                  "2026-11-27T15:00:00Z",
                  "2026-11-30T08:00:00Z" },
                { { { .deny = "2026-12-20..2027-01-02", BERLIN } },
                  "2026-12-19T22:59:59Z",
                  "2026-12-19T22:59:59Z" },
                { { { .deny = "2026-12-20..2027-01-02", BERLIN } },
                  "2026-12-19T23:00:00Z",
                  "2027-01-02T23:00:00Z" },
                { { { .deny = "2026-12-20 18:00 .. 2027-01-02 08:00:30" } },
                  "2026-12-20T18:00:00Z",
                  "2027-01-02T08:00:30Z" },
                { { { .allow = "00:00..24:00" }, { .deny = "Sat,Sun" } },
                  "2026-11-28T00:00:00Z",
                  "2026-11-30T00:00:00Z" },
                /* ranges of years and of minutes, and blanks at both ends */
                { { { .allow = "2020..2026-*-* 00:00", FOR(24 * 60) } },
                  "2019-11-28T00:00:00Z",
                  "2020-01-01T00:00:00Z" },
                { { { .allow = "Mon 2026..2027-12-* 08:00..11:00" } },
                  "2026-11-28T00:00:00Z",
                  "2026-12-07T08:00:00Z" },
                { { { .allow = "*:00..30:00", FOR(1) } },
                  "2026-11-28T10:31:00Z",
                  "2026-11-28T11:00:00Z" },
                { { { .allow = " Mon..Fri 09:00..16:00  " } },
                  "2026-11-28T10:31:00Z",
                  "2026-11-30T09:00:00Z" },
                { { { .deny = " 2026-12-20..2027-01-02 " } },
                  "2026-12-20T10:31:00Z",
                  "2027-01-03T00:00:00Z" },
                { { { .allow = "daily ", FOR(1) } },
                  "2026-12-20T10:31:00Z",
                  "2026-12-21T00:00:00Z" },
                /* leap day */
                { { { .allow = "*-02-29" } }, "2026-11-28T00:00:00Z", "2028-02-29T00:00:00Z" },
                { { { .allow = "Tue *-02-29", FOR(1) } },
                  "2026-11-28T00:00:00Z",
                  "2028-02-29T00:00:00Z" },
                /* 02:30 is skipped: the window starts at the skip, and the range does not occur */
                { { { .allow = "02:30", BERLIN, FOR(60) } },
                  "2027-03-28T00:59:59Z",
                  "2027-03-28T01:00:00Z" },
                { { { .allow = "02:15..02:45", BERLIN } },
                  "2027-03-28T00:00:00Z",
                  "2027-03-29T00:15:00Z" },
                { { { .allow = "01:00..02:30", BERLIN } },
                  "2027-03-28T01:00:00Z",
                  "2027-03-28T23:00:00Z" },
                /* 02:30 is repeated: the window starts at the first 02:30, and the range occurs
                 * twice */
                { { { .allow = "02:30", BERLIN, FOR(10) } },
                  "2026-10-25T00:40:00Z",
                  "2026-10-26T01:30:00Z" },
                { { { .allow = "02:15..02:45", BERLIN } },
                  "2026-10-25T00:45:00Z",
                  "2026-10-25T01:15:00Z" },
                /* windows that continue after midnight and after the end of the year */
                { { { .allow = "*-12-31 22:00", FOR(240) } },
                  "2027-01-01T01:59:59Z",
                  "2027-01-01T01:59:59Z" },
                { { { .allow = "*-12-31 22:00", FOR(240) } },
                  "2027-01-01T02:00:00Z",
                  "2027-12-31T22:00:00Z" },
                /* a window in the past, and a window that is always denied */
                { { { .allow = "2026-01-01..2026-01-31" } }, "2026-11-28T00:00:00Z", NULL },
                { { { .allow = "Mon 09:00..10:00" }, { .deny = "Mon..Wed" } },
                  "1970-01-01T00:00:00Z",
                  NULL },
        };
#undef BERLIN
#undef FOR

        (void)state;
        if (!has_zone("Europe/Berlin"))
                skip();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Window windows[2];
                char text[TIME_TEXT_SIZE];
                size_t n = 0;

                for (; n < 2 && (cases[i].windows[n].allow || cases[i].windows[n].deny); n++)
                        windows[n] = window_of(&cases[i].windows[n]);
                CalendarAnswer answer =
                        calendar_evaluate(&(Calendar){ windows, n }, 1, at(cases[i].now));
                (void)time_format(answer.opens_at, text);
                answer.never = answer.never || answer.is_estimate;
                if (answer.never != !cases[i].opens_at ||
                    (cases[i].opens_at && strcmp(text, cases[i].opens_at) != 0))
                        fail_msg("case %zu: %s%s, not %s", i, answer.never ? "never, " : "", text,
                                 cases[i].opens_at);
                assert_int_equal(answer.is_open,
                                 cases[i].opens_at && streq(cases[i].now, cases[i].opens_at));
        }
}

static void test_the_answer_names_the_window_that_denies(void **state)
{
        Window windows[] = { window_of(&(WindowSpec){ .allow = "Mon..Fri 09:00..16:00" }),
                             window_of(&(WindowSpec){ .deny = "2026-11-30" }) };
        Calendar calendars[] = { { NULL, 0 }, { windows, 2 } };
        CalendarAnswer answer;

        (void)state;
        answer = calendar_evaluate(calendars, 2, at("2026-11-30T10:00:00Z"));
        assert_false(answer.is_open);
        assert_int_equal(answer.calendar, 1);
        assert_int_equal(answer.window, 1);
        assert_int_equal(answer.opens_at, at("2026-12-01T09:00:00Z"));
        answer = calendar_evaluate(calendars, 2, at("2026-11-29T10:00:00Z"));
        assert_int_equal(answer.window, 2);
        assert_int_equal(answer.opens_at, at("2026-12-01T09:00:00Z"));
        assert_true(calendar_evaluate(calendars, 1, 0).is_open);
        assert_true(calendar_evaluate(NULL, 0, 0).is_open);
}

/* The search ends early if the windows change each second and never open together. */
static void test_windows_that_change_each_second_end_with_an_estimate(void **state)
{
        Window windows[] = {
                window_of(&(WindowSpec){ .allow = "*:*:0/2", .duration = USEC_PER_SEC }),
                window_of(&(WindowSpec){ .deny = "*:*:0/2", .duration = USEC_PER_SEC })
        };
        CalendarAnswer answer;

        (void)state;
        answer = calendar_evaluate(&(Calendar){ windows, 2 }, 1, at("2026-11-30T10:00:00Z"));
        assert_false(answer.is_open);
        assert_true(answer.is_estimate);
        assert_false(answer.never);
        assert_true(answer.opens_at > at("2026-11-30T10:30:00Z"));
}

/* The search keeps the result for windows on rare days when other windows change often. */
static void test_rare_windows_are_searched_once(void **state)
{
        static const char *const zone_names[] = { "UTC", "Europe/Berlin" };
        const WindowSpec rare[] = {
                { .allow = "Sun *-02-29 00:00", .duration = USEC_PER_SEC },
                { .deny = "2199-12-31 00:00", .duration = USEC_PER_SEC },
                { .allow = "Sun *-02-29 00:00..01:00" },
                { .deny = "Sun 1972..2199-02,04,06,09,11-31,29 00:00..01:00" },
        };
        const WindowSpec often[] = {
                { .allow = "*:0/2", .duration = USEC_PER_MIN },
                { .deny = "2026-11-30..2026-12-01" },
                { .deny = "*:0/2", .duration = USEC_PER_MIN },
                { .allow = "2026-12-03 18:01", .duration = USEC_PER_MIN },
        };
        Window windows[WINDOWS_MAX];
        CalendarAnswer answer;

        (void)state;
        for (size_t k = 0; k < 2; k++) {
                if (!has_zone(zone_names[k]))
                        skip();
                for (size_t i = 0; i < WINDOWS_MAX; i++) {
                        WindowSpec text = i < 4 ? often[i] : rare[i % 4];

                        text.zone = i < 4 ? NULL : zone_names[k];
                        windows[i] = window_of(&text);
                }
                answer = calendar_evaluate(&(Calendar){ windows, WINDOWS_MAX }, 1,
                                           at("2026-11-30T10:00:00Z"));
                assert_false(answer.is_estimate);
                assert_int_equal(answer.opens_at, at("2026-12-03T18:01:00Z"));
                assert_true(answer.work < WINDOW_WORK_MAX / 2);
        }
}

/* The work is limited even if the search finds the days of a window late. */
static void test_the_work_of_an_evaluation_is_limited(void **state)
{
        static const char rare[] = "Sun 1970..1975,1977..1981,1983..1986,1988..1992,1994..1997,"
                                   "1999..2003,2005..2008,2010..2014,2016..2020,2022..2025,"
                                   "2027..2030,2198,2199-01,02,04,06,09,11-31 00:00";
        Window windows[WINDOWS_MAX];
        CalendarAnswer answer;

        (void)state;
        for (size_t i = 0; i < WINDOWS_MAX; i++)
                windows[i] = window_of(&(WindowSpec){ .allow = i > 0 ? rare : "*:*:0/2",
                                                      .duration = USEC_PER_SEC });
        windows[1] = window_of(&(WindowSpec){ .deny = "*:*:0/2", .duration = USEC_PER_SEC });
        answer = calendar_evaluate(&(Calendar){ windows, WINDOWS_MAX }, 1,
                                   at("2026-11-30T10:00:00Z"));
        assert_false(answer.is_open);
        assert_true(answer.is_estimate);
        assert_true(answer.opens_at > at("2026-11-30T10:30:00Z"));
        assert_true(answer.work < 2 * WINDOW_WORK_MAX);
}

/* --- comparison with a reference -------------------------------------------------------------- */

#define SPAN_BEFORE 3000 /* minutes before now in which windows may start */
#define SPAN        (9 * 24 * 60)

/* A random window. The reference uses its fields; it does not parse its text. */
typedef struct RandomWindow {
        bool denies, is_range;
        unsigned weekdays; /* bit 0: Monday */
        int first_day, last_day;
        int from, to; /* minutes of the day */
        int duration; /* minutes */
        char text[200];
} RandomWindow;

/* The local time of each minute of the span, computed by the C library. */
typedef struct LocalMinute {
        int64_t local;
        struct tm tm;
} LocalMinute;

static LocalMinute span[SPAN];

static void span_fill(const char *zone, int64_t begin)
{
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
        for (int i = 0; i < SPAN; i++) {
                time_t time = begin + i * MINUTE;

                assert_non_null(localtime_r(&time, &span[i].tm));
                span[i].local = time + span[i].tm.tm_gmtoff;
        }
        assert_int_equal(unsetenv("TZ"), 0);
        tzset();
}

static void random_window(RandomWindow *window)
{
        static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
        char weekdays[40] = "", days[40] = "*-*-*";

        *window = (RandomWindow){ .denies = random_below(3) == 0, .is_range = random_below(2) };
        window->weekdays = 1U << random_below(7) | (unsigned)random_below(128);
        for (int i = 0; i < 7; i++)
                if (window->weekdays >> i & 1)
                        (void)snprintf(weekdays + strlen(weekdays),
                                       sizeof(weekdays) - strlen(weekdays), "%s%s",
                                       weekdays[0] ? "," : "", names[i]);
        window->first_day = 1;
        window->last_day = 31;
        if (random_below(3) == 0) {
                window->first_day = 1 + random_below(28);
                window->last_day = window->first_day + 1 + random_below(31 - window->first_day);
                (void)snprintf(days, sizeof(days), "*-*-%d..%d", window->first_day,
                               window->last_day);
        }
        window->from = random_below(2) ? random_below(4 * 60) : random_below(24 * 60);
        window->to = window->from + 1 + random_below(24 * 60 - window->from);
        window->duration = 1 + random_below(random_below(4) ? 180 : SPAN_BEFORE - 1600);
        if (window->is_range)
                (void)snprintf(window->text, sizeof(window->text), "%s %s %02d:%02d..%02d:%02d",
                               weekdays, days, window->from / 60, window->from % 60,
                               window->to / 60, window->to % 60);
        else
                (void)snprintf(window->text, sizeof(window->text), "%s %s %02d:%02d", weekdays,
                               days, window->from / 60, window->from % 60);
}

static bool reference_day(const RandomWindow *window, const struct tm *tm)
{
        return window->weekdays >> ((tm->tm_wday + 6) % 7) & 1 &&
               tm->tm_mday >= window->first_day && tm->tm_mday <= window->last_day;
}

/* True if the window starts at a local time after `after`, up to `until`. */
static bool reference_starts(const RandomWindow *window, int64_t after, int64_t until)
{
        for (int64_t local = after + MINUTE; local <= until; local += MINUTE) {
                time_t time = local;
                struct tm tm;

                assert_non_null(gmtime_r(&time, &tm));
                if (reference_day(window, &tm) && tm.tm_hour * 60 + tm.tm_min == window->from)
                        return true;
        }
        return false;
}

static void reference_covers(const RandomWindow *window, bool *covers)
{
        int64_t reached = span[0].local;
        int left = 0;

        for (int i = 1; i < SPAN; i++) {
                const struct tm *tm = &span[i].tm;
                int minute = tm->tm_hour * 60 + tm->tm_min;

                if (window->is_range) {
                        covers[i] = reference_day(window, tm) && minute >= window->from &&
                                    minute < window->to;
                        continue;
                }
                if (span[i].local > reached) {
                        if (reference_starts(window, reached, span[i].local))
                                left = window->duration;
                        reached = span[i].local;
                }
                covers[i] = left > 0;
                left -= left > 0;
        }
}

/* Returns the first open minute from now on; SPAN if there is none. */
static int reference_open(const RandomWindow *windows, size_t n, int now)
{
        static bool covers[4][SPAN];
        bool allows = true;

        for (size_t w = 0; w < n; w++) {
                reference_covers(&windows[w], covers[w]);
                allows = allows && windows[w].denies;
        }
        for (int i = now; i < SPAN; i++) {
                bool is_allowed = allows, is_denied = false;

                for (size_t w = 0; w < n; w++)
                        if (windows[w].denies)
                                is_denied = is_denied || covers[w][i];
                        else
                                is_allowed = is_allowed || covers[w][i];
                if (is_allowed && !is_denied)
                        return i;
        }
        return SPAN;
}

/* Returns the minute at which the tested code says that the calendar opens; SPAN if later or
 * never. */
static int answer_open(const RandomWindow *random, size_t n, const char *zone, int64_t begin,
                       int now)
{
        Window windows[4];
        CalendarAnswer answer;
        int64_t minute;

        for (size_t w = 0; w < n; w++)
                windows[w] = window_of(&(WindowSpec){
                        .allow = random[w].denies ? NULL : random[w].text,
                        .deny = random[w].denies ? random[w].text : NULL,
                        .zone = zone,
                        .duration = random[w].is_range
                                            ? 0
                                            : (usec_t)random[w].duration * USEC_PER_MIN });
        answer = calendar_evaluate(&(Calendar){ windows, n }, 1,
                                   (usec_t)(begin + now * MINUTE) * USEC_PER_SEC);
        if (answer.never || answer.is_estimate)
                return SPAN;
        minute = ((int64_t)(answer.opens_at / USEC_PER_SEC) - begin) / MINUTE;
        assert_int_equal(answer.opens_at % USEC_PER_MIN, 0);
        assert_int_equal(answer.is_open, minute == now);
        return (int)MIN(minute, SPAN);
}

static void test_the_next_opening_is_the_first_open_minute(void **state)
{
        static const char *const names[] = { "Europe/Berlin", "America/New_York",
                                             "Australia/Lord_Howe" };
        static const char *const begins[] = {
                "2026-10-22T00:00:00Z", "2027-03-25T00:00:00Z", "2026-10-29T00:00:00Z",
                "2027-03-11T00:00:00Z", "2026-10-01T00:00:00Z", "2027-04-01T00:00:00Z",
                "2028-02-26T00:00:00Z", "2026-12-29T00:00:00Z", "2100-02-25T00:00:00Z",
        };
        int n_compared = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(begins); i++) {
                const char *zone = names[i / ARRAY_SIZE(begins)];
                int64_t begin = (int64_t)(at(begins[i % ARRAY_SIZE(begins)]) / USEC_PER_SEC);

                if (!has_zone(zone))
                        skip();
                span_fill(zone, begin);
                for (int k = 0; k < 30; k++) {
                        RandomWindow windows[4];
                        size_t n = (size_t)(1 + random_below(4));
                        int now = SPAN_BEFORE + random_below(4 * 24 * 60), ours, theirs;

                        for (size_t w = 0; w < n; w++)
                                random_window(&windows[w]);
                        ours = answer_open(windows, n, zone, begin, now);
                        theirs = reference_open(windows, n, now);
                        if (ours != theirs) {
                                for (size_t w = 0; w < n; w++)
                                        print_message("%s '%s' for %dm\n",
                                                      windows[w].denies ? "deny" : "allow",
                                                      windows[w].text, windows[w].duration);
                                fail_msg("%s from %s, minute %d: minute %d, not %d", zone,
                                         begins[i % ARRAY_SIZE(begins)], now, ours, theirs);
                        }
                        n_compared += theirs < SPAN;
                }
        }
        assert_true(n_compared > 500);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_expressions_elapse_as_those_of_systemd),
                cmocka_unit_test(test_a_wrong_expression_is_an_error),
                cmocka_unit_test(test_a_wrong_window_is_an_error_at_its_field),
                cmocka_unit_test(test_a_calendar_opens_when_it_says),
                cmocka_unit_test(test_the_answer_names_the_window_that_denies),
                cmocka_unit_test(test_windows_that_change_each_second_end_with_an_estimate),
                cmocka_unit_test(test_rare_windows_are_searched_once),
                cmocka_unit_test(test_the_work_of_an_evaluation_is_limited),
                cmocka_unit_test(test_the_next_opening_is_the_first_open_minute),
        };

        return cmocka_run_group_tests_name("calendar", tests, NULL, tear_down);
}
