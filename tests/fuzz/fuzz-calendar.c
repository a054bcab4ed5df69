/* Fuzzes calendar expressions, windows and files of the zone database. */

#include "calendar/calendar.h"
#include "fuzz.h"

#define FUZZ_NOW INT64_C(1790000000)

static void fuzz_expression(const char *text)
{
        CalendarExpression expression;
        Error error = { 0 };
        int64_t next, previous;
        size_t work = 0;

        if (calendar_expression_parse(text, &expression, &error) < 0)
                require(error.message != NULL);
        else if (calendar_next(&expression, FUZZ_NOW, &next, &work)) {
                require(next >= FUZZ_NOW);
                require(calendar_days_match(&expression.days, local_days(next)));
                require(calendar_previous(&expression, next, &previous, &work) && previous == next);
                require(!calendar_previous(&expression, next - 1, &previous, &work) ||
                        previous < FUZZ_NOW);
        }
        error_done(&error);
}

/* Checks an allow window together with a deny window. If calendar_evaluate() returns a time of
 * opening, the calendar must be open at that time. */
static void fuzz_windows(const char *allow, const char *deny, usec_t duration)
{
        const WindowSpec texts[] = {
                { .allow = allow, .duration = duration },
                { .deny = deny, .duration = duration },
        };
        Zones zones = { .folder = ZONE_FOLDER };
        const usec_t now = (usec_t)FUZZ_NOW * USEC_PER_SEC;
        Window windows[2];
        WindowField field;
        CalendarAnswer answer;
        size_t n = 0;

        for (size_t i = 0; i < 2; i++) {
                Error error = { 0 };

                if (window_parse(&texts[i], &zones, &windows[n], &field, &error) == 0)
                        n++;
                else
                        require(error.message != NULL);
                error_done(&error);
        }
        answer = calendar_evaluate(&(Calendar){ windows, n }, 1, now);
        if (!answer.never && !answer.is_estimate) {
                require(answer.opens_at >= now && answer.is_open == (answer.opens_at == now));
                require(calendar_evaluate(&(Calendar){ windows, n }, 1, answer.opens_at).is_open);
        }
        zones_done(&zones);
}

static void fuzz_zone(const uint8_t *data, size_t size)
{
        Zone zone;
        Error error = { 0 };

        if (zone_read(data, size, &zone, &error) == 0) {
                for (int64_t t = FUZZ_NOW; t < FUZZ_NOW + 366 * CIVIL_DAY; t += 7 * CIVIL_DAY) {
                        int64_t reached = zone_reached(&zone, t);

                        require(reached >= zone_local(&zone, t));
                        require(zone_instant(&zone, reached) <= t);
                        require(zone_instant(&zone, reached + 1) > t);
                        require(zone_next_shift(&zone, t) > t);
                }
                zone_done(&zone);
        }
        error_done(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Arena arena;
        char *text, *second;

        if (size > 8192)
                return 0;
        fuzz_zone(data, size);
        arena_init(&arena, FUZZ_ARENA_MAX);
        text = fuzz_text(&arena, data, size);
        fuzz_expression(text);
        second = strchr(text, '\n');
        if (second)
                *second++ = '\0';
        fuzz_windows(text, second ? second : "Sat,Sun", 0);
        fuzz_windows(text, second ? second : "Sat,Sun", 90 * USEC_PER_MIN);
        arena_done(&arena);
        return 0;
}
