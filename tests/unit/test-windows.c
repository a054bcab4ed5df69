/* Tests the gate of windows. */

#include "base/limits.h"
#include "base/time.h"
#include "release/promotion.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

static Zones zones = { .folder = ZONE_FOLDER };

static int clean_up(void **state)
{
        zones_done(&zones);
        return tear_down(state);
}

#define CLOSED    "release 'one' is not promoted: environment 'prod' is closed until "
#define BY_FREEZE "2027-01-03T00:00:00Z by freeze (deny '2026-12-20..2027-01-02' UTC)"
#define RESTORE                                                                                    \
        "; the release was deployed there before and can be restored now: relmanctl promote one "  \
        "prod --reason TEXT"

static WindowSpec hours = { .allow = "Mon..Fri 09:00..16:00", .zone = "UTC" };
static WindowSpec named = { .allow = "Sat 10:00..11:00", .zone = "UTC", .name = "maintenance" };
static WindowSpec freeze = { .deny = "2026-12-20..2027-01-02", .zone = "UTC", .reason = "freeze" };
static WindowSpec past = { .allow = "2026-01-01..2026-01-31", .zone = "UTC", .name = "move" };

static const struct {
        const WindowSpec *windows[2];
        const char *now;
        bool was_here;
        const char *reason;
        const char *message; /* NULL: the gate is open */
        const char *opens_at;
        bool needs_action;
} cases[] = {
        { { &hours }, "2026-11-30T10:00:00Z", .was_here = false },
        { { &hours },
          "2026-11-29T10:00:00Z",
          .message = CLOSED "2026-11-30T09:00:00Z by allow 'Mon..Fri 09:00..16:00' UTC",
          .opens_at = "2026-11-30T09:00:00Z" },
        { { &named, &hours },
          "2026-11-29T10:00:00Z",
          .message = CLOSED
          "2026-11-30T09:00:00Z by maintenance (allow 'Sat 10:00..11:00' UTC) and 1 other",
          .opens_at = "2026-11-30T09:00:00Z" },
        { { &freeze }, "2026-12-19T10:00:00Z", .was_here = false },
        { { &freeze },
          "2026-12-20T00:00:00Z",
          .message = CLOSED BY_FREEZE,
          .opens_at = "2027-01-03T00:00:00Z" },
        /* the gate opens at the first time that is allowed and not denied */
        { { &hours, &freeze },
          "2026-12-21T10:00:00Z",
          .message = CLOSED "2027-01-04T09:00:00Z by freeze (deny '2026-12-20..2027-01-02' UTC)",
          .opens_at = "2027-01-04T09:00:00Z" },
        /* only a release that the environment had before may pass, and only with a reason */
        { { &freeze },
          "2026-12-20T00:00:00Z",
          .was_here = true,
          .message = CLOSED BY_FREEZE RESTORE,
          .opens_at = "2027-01-03T00:00:00Z" },
        { { &freeze },
          "2026-12-20T00:00:00Z",
          .reason = "INC-17",
          .message = CLOSED BY_FREEZE,
          .opens_at = "2027-01-03T00:00:00Z" },
        { { &freeze }, "2026-12-20T00:00:00Z", .was_here = true, .reason = "INC-17" },
        { { &past },
          "2026-12-20T00:00:00Z",
          .message = "release 'one' is not promoted: environment 'prod' is closed by move (allow "
                     "'2026-01-01..2026-01-31' UTC), "
                     "and no window opens again",
          .needs_action = true },
};

static usec_t at(const char *text)
{
        usec_t time = 0;

        if (text)
                assert_int_equal(time_parse(text, &time), 0);
        return time;
}

static void window_of(const WindowSpec *text, Window *ret)
{
        Error error = { 0 };
        WindowField field;

        assert_int_equal(window_parse(text, &zones, ret, &field, &error), 0);
}

/* Compiles the environment's windows into `windows`. Returns their calendar. */
static Calendar calendar_of(const EnvironmentSpec *environment, Window windows[2])
{
        for (size_t i = 0; i < environment->windows.n; i++)
                window_of(&environment->windows.items[i], &windows[i]);
        return (Calendar){ windows, environment->windows.n };
}

/* Returns a list of one calendar: the windows of the environment. */
static PromotionCalendars calendars_of(const EnvironmentSpec *environment, const Calendar *calendar,
                                       PromotionCalendar *of)
{
        *of = (PromotionCalendar){ .specs = &environment->windows };
        return (PromotionCalendars){ calendar, of, 1 };
}

static void test_windows_open_and_close(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                WindowSpec specs[2];
                Window windows[2];
                EnvironmentSpec environment = { .object.meta.name = "prod",
                                                .windows = { .items = specs } };
                Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
                PromotionInput input = { .environment = &environment,
                                         .release = &release,
                                         .now = at(cases[i].now),
                                         .was_here = cases[i].was_here,
                                         .reason = cases[i].reason };
                PromotionCalendar of;
                Calendar calendar;
                Promotion got;

                for (size_t w = 0; w < 2 && cases[i].windows[w]; w++)
                        specs[environment.windows.n++] = *cases[i].windows[w];
                calendar = calendar_of(&environment, windows);
                input.calendars = calendars_of(&environment, &calendar, &of);
                assert_int_equal(promotion_decide(&input, &arena, &got), 0);
                if (!cases[i].message) {
                        assert_int_equal(got.decision, PROMOTION_GO);
                        continue;
                }
                assert_int_equal(got.decision, PROMOTION_WAIT);
                assert_string_equal(got.reason, cases[i].opens_at ? "WindowClosed" : "NeverOpens");
                assert_string_equal(got.message, cases[i].message);
                assert_int_equal(got.opens_at, at(cases[i].opens_at));
                assert_int_equal(got.needs_action, cases[i].needs_action);
        }
}

static void test_a_release_waits_for_a_window(void **state)
{
        Window windows[2];
        EnvironmentSpec environment = { .object.meta.name = "prod", .windows = { &freeze, 1 } };
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        Calendar calendar = calendar_of(&environment, windows);
        PromotionCalendar of;
        PromotionInput input = { .environment = &environment,
                                 .release = &release,
                                 .calendars = calendars_of(&environment, &calendar, &of),
                                 .now = at("2026-12-24T12:00:00Z") };
        Promotion got;

        (void)state;
        assert_string_equal(promotion_gate_to_string(GATE_WINDOWS), "windows");
        assert_int_equal(promotion_gate(GATE_WINDOWS, &input, &arena, &got), 0);
        assert_string_equal(got.waits_for, "a window: closed until " BY_FREEZE);
        assert_null(got.opened_by);
        input.was_here = true;
        assert_int_equal(promotion_gate(GATE_WINDOWS, &input, &arena, &got), 0);
        assert_string_equal(got.opened_by, "a person who may promote, with a reason");
        /* after the clock was set back, the gate is closed again */
        input.now = at("2027-01-03T00:00:00Z");
        assert_int_equal(promotion_gate(GATE_WINDOWS, &input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_GO);
        input.now--;
        assert_int_equal(promotion_gate(GATE_WINDOWS, &input, &arena, &got), 0);
        assert_int_equal(got.opens_at, input.now + 1);
}

/* Missing approvals are reported before soak and windows, because persons can approve while these
 * gates are closed. */
static void test_missing_approvals_are_reported_before_what_needs_time(void **state)
{
        const char *staging = "staging";
        Window windows[2];
        EnvironmentSpec environment = { .object.meta.name = "prod",
                                        .promotes_from.environments = { &staging, 1 },
                                        .soak = USEC_PER_HOUR,
                                        .approvals.count = 1,
                                        .windows = { &freeze, 1 } };
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        Calendar calendar = calendar_of(&environment, windows);
        PromotionCalendar of;
        DeploymentRun run = { .since = at("2026-12-24T11:30:00Z") };
        PromotionSource source = { .was_deployed = true, .runs = { &run, 1 } };
        PromotionInput input = { .environment = &environment,
                                 .release = &release,
                                 .sources = &source,
                                 .calendars = calendars_of(&environment, &calendar, &of),
                                 .now = at("2026-12-24T12:00:00Z") };
        Approval approval = { .person = "anna", .by = "token:anna" };
        Promotion got;

        (void)state;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "ApprovalsMissing");
        assert_true(got.needs_action);
        input.approvals = &(Approvals){ &approval, 1 };
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "Soaking");
        assert_int_equal(got.opens_at, at("2026-12-24T12:30:00Z"));
        input.now = got.opens_at;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "WindowClosed");
}

static void test_windows_that_cannot_be_read_are_closed(void **state)
{
        EnvironmentSpec environment = { .object.meta.name = "prod", .windows = { &freeze, 1 } };
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        PromotionInput input = { .environment = &environment,
                                 .release = &release,
                                 .windows_problem = "windows[0]: unknown zone 'Old/Zone'",
                                 .reason = "INC-17",
                                 .now = at("2026-12-24T12:00:00Z") };
        Promotion got;

        (void)state;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_WAIT);
        assert_string_equal(got.reason, "WindowsUnreadable");
        assert_string_equal(got.message,
                            "release 'one' is not promoted: environment 'prod' is closed: its "
                            "windows cannot be read: windows[0]: unknown zone 'Old/Zone'");
        assert_string_equal(got.waits_for,
                            "windows that can be read (windows[0]: unknown zone 'Old/Zone')");
        assert_true(got.needs_action);
        assert_int_equal(got.opens_at, 0);
        input.was_here = true; /* a release that the environment had before passes, as through any
                                * closed window */
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_GO);
}

static WindowSpec office = { .allow = "Mon..Fri 08:00..12:00", .zone = "UTC" };
static WindowSpec audit = { .deny = "2026-12-20..2027-01-02", .zone = "UTC", .reason = "audit" };

/* Windows of an environment and of the calendars that apply to it. All must be open. If several are
 * closed, the message names one that denies, wherever it is in the list. */
static const struct {
        const WindowSpec *own, *one, *two;
        const char *now, *until, *by; /* until: NULL if open */
} calendar_cases[] = {
        { &hours, &office, NULL, "2026-11-30T10:00:00Z", NULL, NULL },
        { &hours, &office, NULL, "2026-11-30T12:00:00Z", "2026-12-01T09:00:00Z",
          "calendar 'one': allow 'Mon..Fri 08:00..12:00' UTC" },
        { &hours, &office, NULL, "2026-11-30T08:00:00Z", "2026-11-30T09:00:00Z",
          "allow 'Mon..Fri 09:00..16:00' UTC" },
        { &hours, &office, &audit, "2026-12-20T08:00:00Z", "2027-01-04T09:00:00Z",
          "calendar 'two': audit (deny '2026-12-20..2027-01-02' UTC)" },
        { &freeze, &audit, NULL, "2026-12-20T08:00:00Z", "2027-01-03T00:00:00Z",
          "freeze (deny '2026-12-20..2027-01-02' UTC)" },
        { NULL, &office, &audit, "2026-12-22T10:00:00Z", "2027-01-04T08:00:00Z",
          "calendar 'two': audit (deny '2026-12-20..2027-01-02' UTC)" },
        { NULL, &office, &audit, "2026-12-18T10:00:00Z", NULL, NULL },
        { NULL, &named, &office, "2026-12-18T10:00:00Z", "",
          "closed by calendar 'one' and calendar 'two'; when all are open together is not known" },
};

static void test_all_calendars_must_be_open(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(calendar_cases); i++) {
                const WindowSpec *each[] = { calendar_cases[i].own, calendar_cases[i].one,
                                             calendar_cases[i].two };
                static const char *const names[] = { NULL, "one", "two" };
                EnvironmentSpec environment = { .object.meta.name = "prod" };
                Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
                PromotionInput input = { .environment = &environment,
                                         .release = &release,
                                         .now = at(calendar_cases[i].now) };
                EnvironmentSpec holders[3];
                Window windows[3][2];
                WindowSpec specs[3];
                PromotionCalendar of[3];
                Calendar compiled[3];
                size_t n = 0;
                Promotion got;

                for (size_t j = 0; j < 3; j++) {
                        if (!each[j])
                                continue;
                        specs[n] = *each[j];
                        holders[n] = (EnvironmentSpec){ .windows = { &specs[n], 1 } };
                        compiled[n] = calendar_of(&holders[n], windows[n]);
                        of[n] = (PromotionCalendar){ names[j], &holders[n].windows };
                        n++;
                }
                input.calendars = (PromotionCalendars){ compiled, of, n };
                assert_int_equal(promotion_decide(&input, &arena, &got), 0);
                if (!calendar_cases[i].until) {
                        assert_case(got.decision == PROMOTION_GO, "%zu: closed", i);
                        continue;
                }
                assert_case(got.decision == PROMOTION_WAIT, "%zu: open", i);
                assert_int_equal(got.opens_at,
                                 at(calendar_cases[i].until[0] ? calendar_cases[i].until : NULL));
                assert_case(strstr(got.message, calendar_cases[i].by), "%zu: %s", i, got.message);
                /* the windows never open together, but the search ends before it knows this */
                assert_int_equal(got.again_at > 0, !calendar_cases[i].until[0]);
        }
}

/* If windows change each second, the search ends before it finds an opening. The message then has
 * no time. */
static void test_an_estimate_is_no_time_of_opening(void **state)
{
        WindowSpec specs[] = {
                { .allow = "*:*:0/2", .zone = "UTC", .duration = USEC_PER_SEC },
                { .deny = "*:*:0/2", .zone = "UTC", .duration = USEC_PER_SEC, .reason = "never" },
        };
        EnvironmentSpec environment = { .object.meta.name = "prod", .windows = { specs, 2 } };
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        PromotionCalendar of;
        Window windows[2];
        Calendar calendar = calendar_of(&environment, windows);
        PromotionInput input = { .environment = &environment,
                                 .release = &release,
                                 .calendars = calendars_of(&environment, &calendar, &of),
                                 .now = at("2026-12-24T12:00:00Z") };
        Promotion got, later;

        (void)state;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_WAIT);
        assert_non_null(
                strstr(got.message, "is closed by its windows; when they open is not known yet"));
        assert_int_equal(got.opens_at, 0);
        assert_true(got.again_at > input.now);
        /* the message must stay the same, because a new message would be stored and logged each
         * minute */
        input.now = got.again_at;
        assert_int_equal(promotion_decide(&input, &arena, &later), 0);
        assert_true(later.again_at > got.again_at);
        assert_string_equal(later.message, got.message);
        assert_string_equal(later.waits_for, got.waits_for);
}

#define N_CALENDARS 20

/* If a search ends early, the next search starts at least a minute later. */
static void test_a_search_that_ends_early_is_not_repeated_at_once(void **state)
{
        static const WindowSpec even = { .allow = "*:*:0/2", .duration = USEC_PER_SEC };
        static const WindowSpec odd = { .allow = "*:*:1/2", .duration = USEC_PER_SEC };
        static const WindowSpec rare = {
                .deny = "Sun 1970..1975,1977..1981,1983..1986,1988..1992,1994..1997,1999..2003,"
                        "2005..2008,2010..2014,2016..2020,2022..2025,2027..2030,2198,2199-01,02,"
                        "04,06,09,11-31 00:00",
                .duration = USEC_PER_SEC
        };
        EnvironmentSpec environment = { .object.meta.name = "prod", .windows = { &hours, 1 } };
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        Window first, last, denials[WINDOWS_MAX];
        Calendar calendars[N_CALENDARS];
        PromotionCalendar of[N_CALENDARS];
        PromotionInput input = { .environment = &environment,
                                 .release = &release,
                                 .calendars = { calendars, of, N_CALENDARS },
                                 .now = at("2026-11-30T10:00:01Z") };
        CalendarAnswer answer;
        Promotion got;

        (void)state;
        window_of(&even, &first);
        window_of(&odd, &last);
        for (size_t i = 0; i < WINDOWS_MAX; i++)
                window_of(&rare, &denials[i]);
        for (size_t i = 0; i < N_CALENDARS; i++) {
                calendars[i] = (Calendar){ denials, WINDOWS_MAX };
                of[i] = (PromotionCalendar){ .specs = &environment.windows };
        }
        calendars[0] = (Calendar){ &first, 1 };
        calendars[N_CALENDARS - 1] = (Calendar){ &last, 1 };
        answer = calendar_evaluate(calendars, N_CALENDARS, input.now);
        assert_true(answer.is_estimate && answer.opens_at < input.now + USEC_PER_MIN);
        assert_int_equal(promotion_gate(GATE_WINDOWS, &input, &arena, &got), 0);
        assert_int_equal(got.again_at, input.now + USEC_PER_MIN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_windows_open_and_close),
                cmocka_unit_test(test_a_release_waits_for_a_window),
                cmocka_unit_test(test_missing_approvals_are_reported_before_what_needs_time),
                cmocka_unit_test(test_windows_that_cannot_be_read_are_closed),
                cmocka_unit_test(test_all_calendars_must_be_open),
                cmocka_unit_test(test_an_estimate_is_no_time_of_opening),
                cmocka_unit_test(test_a_search_that_ends_early_is_not_repeated_at_once),
        };

        return cmocka_run_group_tests_name("windows", tests, set_up, clean_up);
}
