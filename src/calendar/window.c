#include "calendar/window.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/limits.h"

#define SHOWN_SIZE    (WINDOW_TEXT_MAX + 64)
#define DAYS_TOGETHER 366             /* maximum number of complete days in one interval */
#define SHIFT_MAX     (3 * CIVIL_DAY) /* larger than any change of a clock */
#define WORK_EACH     100             /* cost of an evaluation, in compared days */

/* --- parsing ---------------------------------------------------------------------------------- */

/* Reads a number of min to max digits. */
static bool parse_digits(const char **p, size_t min, size_t max, int *ret)
{
        size_t n = strspn(*p, "0123456789");

        if (n < min || n > max)
                return false;
        for (*ret = 0; n > 0; n--)
                *ret = *ret * 10 + (*(*p)++ - '0');
        return true;
}

/* Reads hh:mm[:ss], up to 24:00. Returns false if the text has another form. */
static bool parse_clock(const char **p, int64_t *ret)
{
        int hour, minute, second = 0;

        if (!parse_digits(p, 1, 2, &hour) || *(*p)++ != ':' || !parse_digits(p, 2, 2, &minute))
                return false;
        if (**p == ':') {
                (*p)++;
                if (!parse_digits(p, 2, 2, &second))
                        return false;
        }
        *ret = (int64_t)hour * 3600 + minute * 60 + second;
        return minute < 60 && second < 60 && *ret <= CIVIL_DAY;
}

/* Reads YYYY-MM-DD[ hh:mm[:ss]] as a local time. */
static bool parse_local(const char **p, int64_t *ret, bool *ret_has_clock)
{
        int64_t clock = 0;
        Date date;

        if (!parse_digits(p, 4, 4, &date.year) || *(*p)++ != '-' ||
            !parse_digits(p, 1, 2, &date.month) || *(*p)++ != '-' ||
            !parse_digits(p, 1, 2, &date.day) ||
            !date_is_valid(date.year, (unsigned)date.month, (unsigned)date.day))
                return false;
        *ret_has_clock = **p == ' ' && isdigit((unsigned char)(*p)[strspn(*p, " ")]);
        if (*ret_has_clock) {
                *p += strspn(*p, " ");
                if (!parse_clock(p, &clock))
                        return false;
        }
        *ret = date_to_days(date) * CIVIL_DAY + clock;
        return true;
}

/* Returns true if the text begins with the form of a date with a year. The date need not exist. */
static bool text_begins_with_date(const char *text)
{
        int part;

        return parse_digits(&text, 4, 4, &part) && *text++ == '-' &&
               parse_digits(&text, 1, 2, &part) && *text++ == '-' &&
               parse_digits(&text, 1, 2, &part);
}

/* Returns true for two dates with years and ".." between them, such as "2026-12-20..2027-01-02". */
static bool text_is_dates(const char *text)
{
        const char *dots = strstr(text, "..");
        const char *second = dots ? dots + 2 + strspn(dots + 2, " ") : "";

        return text_begins_with_date(text) && strspn(second, "0123456789") == 4 && second[4] == '-';
}

static int window_parse_dates(const char *text, Window *ret, Error *err)
{
        const char *p = text;
        bool has_clock, last_has_clock;

        ret->form = WINDOW_DATES;
        if (!parse_local(&p, &ret->from, &has_clock))
                p = "";
        p += strspn(p, " ");
        p += strncmp(p, "..", 2) == 0 ? 2 : 0;
        p += strspn(p, " ");
        if (!parse_local(&p, &ret->to, &last_has_clock) || p[strspn(p, " ")])
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "a range of dates is YYYY-MM-DD..YYYY-MM-DD, with days that "
                                 "exist, or with times: 'YYYY-MM-DD 18:00..YYYY-MM-DD 08:00'");
        if (!last_has_clock)
                ret->to += CIVIL_DAY;
        if (ret->to <= ret->from)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the range ends before it begins; exchange the two dates");
        return 0;
}

/* Returns the range of clock times at the end of the text, such as "09:00..16:00"; NULL if there is
 * none. */
static const char *text_clocks(const char *text)
{
        const char *blank = strrchr(text, ' '), *last = blank ? blank + 1 : text;
        const char *dots = strstr(last, ".."), *colon = strchr(last, ':');

        if (!isdigit((unsigned char)*last) || strchr(last, ','))
                return NULL;
        return dots && colon && colon < dots && strchr(dots, ':') ? last : NULL;
}

static int window_parse_times(const char *text, const char *clocks, Window *ret, Error *err)
{
        char days[WINDOW_TEXT_MAX + 1], duration[DURATION_TEXT_SIZE];
        const char *p = clocks;
        int n = (int)(clocks - text);

        ret->form = WINDOW_TIMES;
        if (!parse_clock(&p, &ret->from) || strncmp(p, "..", 2) != 0)
                p = "";
        p += *p ? 2 : 0;
        if (!parse_clock(&p, &ret->to) || *p)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "a range of times is HH:MM..HH:MM, up to 24:00");
        if (ret->to == ret->from)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the range is empty; a complete day is 00:00..24:00");
        if (ret->to < ret->from)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "the range ends before it begins; for one past midnight write "
                        "'%.*s' with 'for: %s'",
                        n + (int)strcspn(clocks, "."), text,
                        duration_format((usec_t)(ret->to + CIVIL_DAY - ret->from) * USEC_PER_SEC,
                                        duration));
        (void)snprintf(days, sizeof(days), "%.*s", n, text);
        if (days[strspn(days, " ")] == '\0')
                (void)snprintf(days, sizeof(days), "*-*-*");
        if (calendar_expression_parse(days, &ret->expression, err) < 0)
                return -EINVAL;
        if (ret->expression.has_times)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "there is a time before the range of times");
        return 0;
}

/* Parses starts with a duration, or complete days. */
static int window_parse_starts(const WindowSpec *spec, const char *calendar, Window *ret,
                               WindowField *ret_field, Error *err)
{
        int r;

        r = calendar_expression_parse(calendar, &ret->expression, err);
        if (r < 0)
                return r;
        if (spec->duration > 0) {
                ret->form = WINDOW_STARTS;
                ret->duration = (int64_t)(spec->duration / USEC_PER_SEC);
                *ret_field = WINDOW_FIELD_FOR;
                return ret->duration > 0 ? 0
                                         : error_set(err, ERROR_INVALID, -EINVAL,
                                                     "'for' must be at least 1s");
        }
        if (ret->expression.has_times)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "it says when the window begins, but not how long it lasts; add "
                                 "'for: 8h', or write a range of times such as 09:00..17:00");
        ret->form = WINDOW_TIMES;
        ret->from = 0;
        ret->to = CIVIL_DAY;
        return 0;
}

/* Copies the text without leading and trailing blanks. Returns the copy. */
static const char *text_strip(const char *text, char copy[WINDOW_TEXT_MAX + 1])
{
        size_t n;

        text += strspn(text, " ");
        for (n = strlen(text); n > 0 && text[n - 1] == ' ';)
                n--;
        memcpy(copy, text, n);
        copy[n] = '\0';
        return copy;
}

static int window_parse_calendar(const WindowSpec *spec, const char *calendar, Window *ret,
                                 WindowField *ret_field, Error *err)
{
        char stripped[WINDOW_TEXT_MAX + 1];
        const char *clocks;
        bool is_dates;

        if (strlen(calendar) > WINDOW_TEXT_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL, "more than %d bytes",
                                 WINDOW_TEXT_MAX);
        calendar = text_strip(calendar, stripped);
        clocks = text_clocks(calendar);
        is_dates = text_is_dates(calendar);
        if (spec->duration > 0 && (clocks || is_dates)) {
                *ret_field = WINDOW_FIELD_FOR;
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'for' belongs to a start such as 'Mon..Fri 09:00', and this is "
                                 "a range; remove 'for'");
        }
        if (is_dates)
                return window_parse_dates(calendar, ret, err);
        if (clocks)
                return window_parse_times(calendar, clocks, ret, err);
        return window_parse_starts(spec, calendar, ret, ret_field, err);
}

int window_parse(const WindowSpec *spec, Zones *zones, Window *ret, WindowField *ret_field,
                 Error *err)
{
        const char *calendar = spec->allow ? spec->allow : spec->deny;
        Window window = { .denies = !spec->allow };
        char shown[SHOWN_SIZE];
        int r;

        *ret_field = WINDOW_FIELD_CALENDAR;
        if (!calendar || (spec->allow && spec->deny))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 calendar ? "a window has 'allow' or 'deny', not both; write two "
                                            "windows"
                                          : "a window needs 'allow' or 'deny'");
        r = window_parse_calendar(spec, calendar, &window, ret_field, err);
        if (r < 0) {
                (void)escape_text(calendar, strlen(calendar), shown, sizeof(shown));
                return error_prefix(err, r, "%s: '%s'", spec->allow ? "allow" : "deny", shown);
        }
        *ret_field = WINDOW_FIELD_ZONE;
        r = zones_get(zones, spec->zone ? spec->zone : ZONE_UTC, &window.zone, err);
        if (r < 0)
                return r;
        *ret = window;
        return 0;
}

/* --- times ------------------------------------------------------------------------------------ */

/* For WINDOW_TIMES and WINDOW_DATES, whose intervals are in local time. If an interval contains the
 * time `local`, returns true and sets *ret to the end of the interval. Otherwise returns false and
 * sets *ret to the begin of the next interval (INT64_MAX: there is none). */
static bool window_covers_local(const Window *window, int64_t local, int64_t *ret, size_t *work)
{
        int64_t day = local_days(local), seconds = local_seconds(local);
        const CalendarDays *days = &window->expression.days;

        if (window->form == WINDOW_DATES) {
                bool covers = local >= window->from && local < window->to;

                *ret = covers ? window->to : local < window->from ? window->from : INT64_MAX;
                return covers;
        }
        if (seconds < window->to && calendar_days_match(days, day)) {
                bool covers = seconds >= window->from;

                /* consecutive complete days are one interval */
                for (int i = 0; covers && window->to - window->from == CIVIL_DAY &&
                                i < DAYS_TOGETHER && calendar_days_match(days, day + 1);
                     i++, (*work)++)
                        day++;
                *ret = day * CIVIL_DAY + (covers ? window->to : window->from);
                return covers;
        }
        *ret = calendar_days_find(days, day + 1, 1, &day, work) ? day * CIVIL_DAY + window->from
                                                                : INT64_MAX;
        return false;
}

bool window_covers(const Window *window, int64_t instant, int64_t *ret_end, size_t *work)
{
        int64_t local, start, now;

        *work += WORK_EACH;
        if (window->form != WINDOW_STARTS) {
                now = zone_local(window->zone, instant);
                if (!window_covers_local(window, now, &local, work))
                        return false;
                /* a change of the clock may end the interval earlier */
                *ret_end = MIN(zone_next_shift(window->zone, instant), instant + (local - now));
                return true;
        }
        if (!calendar_previous(&window->expression, zone_reached(window->zone, instant), &local,
                               work))
                return false;
        start = zone_instant(window->zone, local);
        *ret_end = start + window->duration;
        return instant < *ret_end;
}

/* For WINDOW_TIMES and WINDOW_DATES. Sets *ret to the latest instant to which the search can jump:
 * the window contains no instant between the given one and *ret. local is the begin of the next
 * interval in local time, or INT64_MAX. Returns false if the window has no further interval. */
static bool window_skip(const Window *window, int64_t instant, int64_t local, int64_t *ret)
{
        int64_t shift = zone_next_shift(window->zone, instant), next;

        if (local == INT64_MAX) { /* a clock that is set back may show the last day again */
                *ret = shift;
                return shift - instant <= SHIFT_MAX;
        }
        next = instant + (local - zone_local(window->zone, instant));
        /* A change of the clock is skipped if it is more than SHIFT_MAX after the instant and more
         * than SHIFT_MAX before the next start. Around such a change the clock shows only times
         * between the instant and that start, which no interval contains. */
        *ret = next <= shift                                               ? next
               : shift - instant <= SHIFT_MAX || next - SHIFT_MAX <= shift ? shift
                                                                           : next - SHIFT_MAX;
        return true;
}

bool window_next(const Window *window, int64_t instant, int64_t *ret, size_t *work)
{
        int64_t local;

        *work += WORK_EACH;
        if (window->form == WINDOW_STARTS) {
                if (!calendar_next(&window->expression, zone_reached(window->zone, instant) + 1,
                                   &local, work))
                        return false;
                *ret = zone_instant(window->zone, local);
                return true;
        }
        while (!window_covers_local(window, zone_local(window->zone, instant), &local, work)) {
                *work += WORK_EACH;
                if (!window_skip(window, instant, local, &instant))
                        return false;
        }
        *ret = instant;
        return true;
}
