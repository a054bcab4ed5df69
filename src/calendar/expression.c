#include "calendar/expression.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <strings.h>

#include "base/macros.h"

/* The values of one part of an expression: bit i is value i; for years, bit i is CIVIL_YEAR_MIN +
 * i. */
typedef struct ValueSet {
        uint64_t words[CALENDAR_YEAR_WORDS];
} ValueSet;

typedef struct ValueRange {
        const char *noun; /* "month", for messages */
        int min, max;
} ValueRange;

static const ValueRange year_range = { "year", CIVIL_YEAR_MIN, CIVIL_YEAR_MAX };
static const ValueRange month_range = { "month", 1, 12 };
static const ValueRange day_range = { "day", 1, 31 };
static const ValueRange last_day_range = { "day before the end of a month", 1, 28 };
static const ValueRange hour_range = { "hour", 0, 23 };
static const ValueRange minute_range = { "minute", 0, 59 };
static const ValueRange second_range = { "second", 0, 59 };

static const struct {
        const char *word, *expression;
} shorthands[] = {
        { "minutely", "*-*-* *:*:00" },
        { "hourly", "*-*-* *:00:00" },
        { "daily", "*-*-* 00:00:00" },
        { "weekly", "Mon *-*-* 00:00:00" },
        { "monthly", "*-*-01 00:00:00" },
        { "quarterly", "*-01,04,07,10-01 00:00:00" },
        { "semiannually", "*-01,07-01 00:00:00" },
        { "semi-annually", "*-01,07-01 00:00:00" },
        { "biannually", "*-01,07-01 00:00:00" },
        { "bi-annually", "*-01,07-01 00:00:00" },
        { "yearly", "*-01-01 00:00:00" },
        { "annually", "*-01-01 00:00:00" },
        { "anually", "*-01-01 00:00:00" }, /* systemd accepts this spelling too */
};

static const char *const weekday_names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                             "Friday", "Saturday", "Sunday" };

typedef struct ExpressionReader {
        const char *p;
        Error *err;
} ExpressionReader;

static void set_add(ValueSet *set, int bit)
{
        set->words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void set_fill(ValueSet *set, const ValueRange *range)
{
        int base = range == &year_range ? CIVIL_YEAR_MIN : 0;

        for (int value = range->min; value <= range->max; value++)
                set_add(set, value - base);
}

/* --- values ----------------------------------------------------------------------------------- */

static int read_value(ExpressionReader *reader, const ValueRange *range, int *ret)
{
        const char *begin = reader->p;
        int value = 0;

        if (!isdigit((unsigned char)*begin))
                return error_set(reader->err, ERROR_INVALID, -EINVAL, "the %s is missing",
                                 range->noun);
        for (; isdigit((unsigned char)*reader->p) && value <= CIVIL_YEAR_MAX; reader->p++)
                value = value * 10 + (*reader->p - '0');
        if (range == &year_range && value < 100 && reader->p - begin <= 2)
                value += value < 70 ? 2000 : 1900;
        if (value < range->min || value > range->max)
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "the %s must be %d to %d, not %.*s", range->noun, range->min,
                                 range->max, (int)MIN(reader->p - begin, 9), begin);
        *ret = value;
        return 0;
}

/* Reads "/" and a positive step. */
static int read_step(ExpressionReader *reader, const ValueRange *range, int *ret)
{
        const ValueRange steps = { "step", 1, range->max };

        reader->p++;
        return read_value(reader, &steps, ret);
}

/* Reads one item: "5", "5..9", "5/2" or "5..9/2". */
static int read_item(ExpressionReader *reader, const ValueRange *range, bool from_end,
                     ValueSet *ret)
{
        int base = range == &year_range ? CIVIL_YEAR_MIN : 0, first, last, step = 0, r;

        r = read_value(reader, range, &first);
        last = first;
        if (r == 0 && strncmp(reader->p, "..", 2) == 0) {
                reader->p += 2;
                r = read_value(reader, range, &last);
                if (r == 0 && last < first)
                        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                         "the range of %ss %d..%d ends before it begins",
                                         range->noun, first, last);
                step = 1;
        }
        if (r == 0 && *reader->p == '/') {
                r = read_step(reader, range, &step);
                if (last == first)
                        last = from_end ? range->min : range->max;
        }
        if (r < 0)
                return r;
        if (step == 0)
                set_add(ret, first - base);
        else if (from_end) /* "~01..05/2" goes from the fifth last day to the last day */
                for (int value = MAX(first, last); value >= MIN(first, last); value -= step)
                        set_add(ret, value);
        else
                for (int value = first; value <= last; value += step)
                        set_add(ret, value - base);
        return 0;
}

/* Reads a set: "*", or items with commas between them. */
static int read_set(ExpressionReader *reader, const ValueRange *range, bool from_end, ValueSet *ret)
{
        int r;

        *ret = (ValueSet){ 0 };
        if (*reader->p == '*') {
                set_fill(ret, range);
                reader->p++;
                if (*reader->p == '/')
                        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                         "'*/' is not possible: write '%d/' for every so many %ss",
                                         range->min, range->noun);
                return 0;
        }
        for (;;) {
                r = read_item(reader, range, from_end, ret);
                if (r < 0 || *reader->p != ',')
                        return r;
                reader->p++;
        }
}

/* --- weekdays --------------------------------------------------------------------------------- */

/* Reads "Mon" or "Monday". Returns 0 for Monday to 6 for Sunday; -1 if there is no weekday. */
static int read_weekday(ExpressionReader *reader)
{
        size_t n = 0;

        while (isalpha((unsigned char)reader->p[n]))
                n++;
        for (int i = 0; i < (int)ARRAY_SIZE(weekday_names); i++)
                if ((n == 3 || n == strlen(weekday_names[i])) &&
                    strncasecmp(reader->p, weekday_names[i], n) == 0) {
                        reader->p += n;
                        return i;
                }
        return -1;
}

static int weekday_unknown(const ExpressionReader *reader)
{
        size_t n = 0;

        while (isalpha((unsigned char)reader->p[n]))
                n++;
        if (n == 0)
                return error_set(reader->err, ERROR_INVALID, -EINVAL, "the weekday is missing");
        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                         "'%.*s' is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun",
                         (int)MIN(n, 20U), reader->p);
}

/* Reads "Mon", "Mon..Fri" or "Mon-Fri". */
static int read_weekday_item(ExpressionReader *reader, uint8_t *weekdays)
{
        int first = read_weekday(reader), last = first;
        bool is_range = strncmp(reader->p, "..", 2) == 0 || *reader->p == '-';

        if (first < 0)
                return weekday_unknown(reader);
        if (is_range) {
                reader->p += *reader->p == '-' ? 1 : 2;
                last = read_weekday(reader);
                if (last < 0)
                        return weekday_unknown(reader);
        }
        if (last < first)
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "%.3s..%.3s ends before it begins: a week begins on Monday; "
                                 "write %.3s..Sun,Mon..%.3s",
                                 weekday_names[first], weekday_names[last], weekday_names[first],
                                 weekday_names[last]);
        for (int i = first; i <= last; i++)
                *weekdays |= (uint8_t)(1U << i);
        return 0;
}

static int read_weekdays(ExpressionReader *reader, CalendarDays *days)
{
        int r;

        days->weekdays = 0x7f;
        if (!isalpha((unsigned char)*reader->p))
                return 0;
        for (days->weekdays = 0;;) {
                r = read_weekday_item(reader, &days->weekdays);
                if (r < 0 || *reader->p != ',')
                        return r;
                reader->p++;
                if (*reader->p == ' ' || *reader->p == '\0') /* systemd allows "Mon, 09:00" */
                        return 0;
        }
}

/* --- dates and times -------------------------------------------------------------------------- */

static void skip_blanks(ExpressionReader *reader)
{
        reader->p += strspn(reader->p, " ");
}

static void days_set_month(CalendarDays *days, const ValueSet *set)
{
        days->months = (uint16_t)set->words[0];
}

static int read_month_day(ExpressionReader *reader, CalendarDays *days)
{
        bool from_end = *reader->p++ == '~';
        ValueSet set;
        int r;

        r = read_set(reader, from_end ? &last_day_range : &day_range, from_end, &set);
        if (r < 0)
                return r;
        days->days = from_end ? 0 : (uint32_t)set.words[0];
        days->last_days = from_end ? (uint32_t)set.words[0] : 0;
        return 0;
}

/* Reads year-month-day or month-day. "~" may stand before the day. */
static int read_date(ExpressionReader *reader, CalendarDays *days)
{
        const char *begin = reader->p;
        size_t first = strcspn(begin, " -~"), second = 0;
        ValueSet set;
        int r;

        if (begin[first] == '-')
                second = strcspn(begin + first + 1, " -~");
        if (begin[first] == '-' &&
            (begin[first + 1 + second] == '-' || begin[first + 1 + second] == '~')) {
                r = read_set(reader, &year_range, false, &set);
                if (r < 0)
                        return r;
                memcpy(days->years, set.words, sizeof(days->years));
                if (*reader->p++ != '-')
                        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                         "a year must be followed by '-' and a month");
        }
        r = read_set(reader, &month_range, false, &set);
        if (r < 0)
                return r;
        days_set_month(days, &set);
        if (*reader->p != '-' && *reader->p != '~')
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "a month must be followed by '-' or '~' and a day");
        return read_month_day(reader, days);
}

static int read_times(ExpressionReader *reader, CalendarTimes *times)
{
        ValueSet set;
        int r;

        r = read_set(reader, &hour_range, false, &set);
        if (r < 0)
                return r;
        times->hours = (uint32_t)set.words[0];
        if (*reader->p++ != ':')
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "an hour must be followed by ':' and a minute");
        r = read_set(reader, &minute_range, false, &set);
        if (r < 0)
                return r;
        times->minutes = set.words[0];
        times->seconds = 1;
        if (*reader->p != ':')
                return 0;
        reader->p++;
        r = read_set(reader, &second_range, false, &set);
        times->seconds = set.words[0];
        if (r == 0 && *reader->p == '.')
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "a fraction of a second is not possible");
        return r;
}

static int expression_end(ExpressionReader *reader)
{
        skip_blanks(reader);
        if (*reader->p == '\0')
                return 0;
        if (isalpha((unsigned char)*reader->p))
                return error_set(reader->err, ERROR_INVALID, -EINVAL,
                                 "'%.*s' is not expected here; a time zone has a field 'zone'",
                                 (int)MIN(strcspn(reader->p, " "), 40U), reader->p);
        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                         "'%.*s' is not expected here; see CALENDAR EVENTS in systemd.time(7)",
                         (int)MIN(strcspn(reader->p, " "), 40U), reader->p);
}

/* Returns the expression for a word such as "daily"; otherwise text itself. */
static const char *expand_shorthand(const char *text)
{
        for (size_t i = 0; i < ARRAY_SIZE(shorthands); i++)
                if (strcasecmp(text, shorthands[i].word) == 0)
                        return shorthands[i].expression;
        return text;
}

static int expression_check_text(const char *text, Error *err)
{
        for (const char *p = text; *p; p++)
                if (!isalnum((unsigned char)*p) && !strchr(" *,-.:/~@_+", *p))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "byte %zu is not possible in a calendar",
                                         (size_t)(p - text) + 1);
        return text[strspn(text, " ")]
                       ? 0
                       : error_set(err, ERROR_INVALID, -EINVAL, "the text is empty");
}

/* Returns true if a time of day follows, and not a date. */
static bool time_follows(const ExpressionReader *reader)
{
        const char *p = reader->p + strcspn(reader->p, ":-~ ");

        return *p == ':';
}

int calendar_expression_parse(const char *text, CalendarExpression *ret, Error *err)
{
        CalendarExpression expression = { .times = { .hours = 1, .minutes = 1, .seconds = 1 } };
        ExpressionReader reader = { .p = expand_shorthand(text), .err = err };
        ValueSet set = { 0 };
        size_t work = 0;
        int64_t day;
        int r;

        r = expression_check_text(reader.p, err);
        if (r < 0)
                return r;
        set_fill(&set, &year_range);
        memcpy(expression.days.years, set.words, sizeof(expression.days.years));
        expression.days.months = 0x1ffe;
        expression.days.days = 0xfffffffe;
        skip_blanks(&reader);
        r = read_weekdays(&reader, &expression.days);
        skip_blanks(&reader);
        if (r == 0 && *reader.p && !time_follows(&reader))
                r = read_date(&reader, &expression.days);
        skip_blanks(&reader);
        if (r == 0 && !isalpha((unsigned char)*reader.p) && time_follows(&reader)) {
                expression.has_times = true;
                r = read_times(&reader, &expression.times);
        }
        if (r == 0)
                r = expression_end(&reader);
        if (r == 0 && !calendar_days_find(&expression.days, 0, 1, &day, &work))
                r = error_set(err, ERROR_INVALID, -EINVAL, "no day has such a date");
        if (r < 0)
                return r;
        *ret = expression;
        return 0;
}

/* --- matching --------------------------------------------------------------------------------- */

static bool days_have_year(const CalendarDays *days, int year)
{
        int bit = year - CIVIL_YEAR_MIN;

        return year >= CIVIL_YEAR_MIN && year <= CIVIL_YEAR_MAX &&
               days->years[bit / 64] >> (bit % 64) & 1;
}

/* Finds a matching day of one month. Starts at `day`, in the direction of step. Returns 0 if there
 * is none. */
static int month_find(const CalendarDays *days, int year, int month, int day, int step,
                      size_t *work)
{
        int last = month_days(year, month);
        int weekday = days_weekday(date_to_days((Date){ year, month, 1 }));

        for (; day >= 1 && day <= last; day += step, (*work)++)
                if ((days->days >> day & 1 || days->last_days >> (last + 1 - day) & 1) &&
                    days->weekdays >> ((weekday + day - 1) % 7) & 1)
                        return day;
        return 0;
}

/* Finds a matching day of one year. Starts at the date `from`, in the direction of step. */
static bool year_find(const CalendarDays *days, Date from, int step, int64_t *ret, size_t *work)
{
        for (int month = from.month; month >= 1 && month <= 12; month += step) {
                int day = step > 0 ? 1 : month_days(from.year, month);

                if (month == from.month)
                        day = from.day;
                (*work)++;
                if (!(days->months >> month & 1))
                        continue;
                day = month_find(days, from.year, month, day, step, work);
                if (day == 0)
                        continue;
                *ret = date_to_days((Date){ from.year, month, day });
                return true;
        }
        return false;
}

bool calendar_days_find(const CalendarDays *days, int64_t day, int step, int64_t *ret, size_t *work)
{
        const int64_t first = 0, last = date_to_days((Date){ CIVIL_YEAR_MAX, 12, 31 });
        Date date;

        if (step > 0 ? day > last : day < first)
                return false;
        date = date_from_days(step > 0 ? MAX(day, first) : MIN(day, last));
        while (date.year >= CIVIL_YEAR_MIN && date.year <= CIVIL_YEAR_MAX) {
                (*work)++;
                if (days_have_year(days, date.year) && year_find(days, date, step, ret, work))
                        return true;
                date = step > 0 ? (Date){ date.year + 1, 1, 1 } : (Date){ date.year - 1, 12, 31 };
        }
        return false;
}

bool calendar_days_match(const CalendarDays *days, int64_t day)
{
        Date date = date_from_days(day);
        int last = month_days(date.year, date.month);

        return days_have_year(days, date.year) && days->months >> date.month & 1 &&
               (days->days >> date.day & 1 || days->last_days >> (last + 1 - date.day) & 1) &&
               days->weekdays >> days_weekday(day) & 1;
}

/* Returns the first bit that is set. Starts at the bit `from`, in the direction of step. -1 if
 * there is none. */
static int bits_find(uint64_t bits, int from, int step, int max)
{
        for (int bit = from; bit >= 0 && bit <= max; bit += step)
                if (bits >> bit & 1)
                        return bit;
        return -1;
}

/* Returns the first matching time of a day. Starts at `seconds`, in the direction of step. -1 if
 * there is none. */
static int64_t times_find(const CalendarTimes *times, int64_t seconds, int step)
{
        int hour = (int)(seconds / 3600), minute = (int)(seconds / 60 % 60);
        int second = (int)(seconds % 60), first = step > 0 ? 0 : 59;

        for (int h = hour; (h = bits_find(times->hours, h, step, 23)) >= 0; h += step) {
                for (int m = h == hour ? minute : first;
                     (m = bits_find(times->minutes, m, step, 59)) >= 0; m += step) {
                        int s = h == hour && m == minute ? second : first;

                        s = bits_find(times->seconds, s, step, 59);
                        if (s >= 0)
                                return (int64_t)h * 3600 + m * 60 + s;
                }
        }
        return -1;
}

static bool calendar_find(const CalendarExpression *expression, int64_t local, int step,
                          int64_t *ret, size_t *work)
{
        int64_t day = local_days(local), found, seconds = local_seconds(local);

        if (!calendar_days_find(&expression->days, day, step, &found, work))
                return false;
        if (found == day) {
                seconds = times_find(&expression->times, seconds, step);
                if (seconds >= 0) {
                        *ret = day * CIVIL_DAY + seconds;
                        return true;
                }
                if (!calendar_days_find(&expression->days, day + step, step, &found, work))
                        return false;
        }
        *ret = found * CIVIL_DAY +
               times_find(&expression->times, step > 0 ? 0 : CIVIL_DAY - 1, step);
        return true;
}

bool calendar_next(const CalendarExpression *expression, int64_t local, int64_t *ret, size_t *work)
{
        return calendar_find(expression, local, 1, ret, work);
}

bool calendar_previous(const CalendarExpression *expression, int64_t local, int64_t *ret,
                       size_t *work)
{
        return calendar_find(expression, local, -1, ret, work);
}
