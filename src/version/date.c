/* The strategy date (calver) reads YYYY.MM.DD, YYYY-MM-DD, YYYYMMDD, YYYY.MM, YYYY-MM and YY.MM.
 * Each may be followed by a part that orders the versions of one day:
 * - a time: T1530, T153000, T15-30-00, or YYYYMMDD1530 without the T; a Z may follow;
 * - counters: -2, .2, _2. Months and days may have one digit if there are separators. A two-digit
 *   year is in this century. A date that does not exist is not a version. */

#include "version/date.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/time.h"
#include "version/date-format.h"
#include "version/modifier.h"
#include "version/sort-key.h"
#include "version/strategy.h"

#define COUNTERS_MAX 4
#define TIME_DIGITS  9 /* HHMMSS and three digits of milliseconds */

typedef struct Date {
        unsigned year;
        unsigned month;
        unsigned day; /* 0: none */
        bool is_year_short;
        Digits counters[COUNTERS_MAX]; /* a time is stored as a counter too: HHMMSS */
        size_t n_counters;
        char time[TIME_DIGITS]; /* digits of a time; the counters of the time point here */
} Date;

typedef struct Cursor {
        const char *at;
        const char *end;
} Cursor;

static const char is_no_date[] =
        "no date: expected YYYY.MM.DD, YYYY-MM-DD, YYYYMMDD, YYYY.MM or YY.MM";

static unsigned number_of(const char *digits, size_t n)
{
        unsigned number = 0;

        for (size_t i = 0; i < n; i++)
                number = number * 10 + (unsigned)(digits[i] - '0');
        return number;
}

static bool is_at(const Cursor *cursor, const char *set)
{
        return cursor->at < cursor->end && *cursor->at && strchr(set, *cursor->at);
}

/* Reads the number at the cursor if it has min to max digits. */
static bool take_field(Cursor *cursor, size_t min, size_t max, unsigned *ret)
{
        size_t n = digits_span(cursor->at, cursor->end);

        if (n < min || n > max)
                return false;
        *ret = number_of(cursor->at, n);
        cursor->at += n;
        return true;
}

static bool add_counter(Date *date, const char *digits, size_t n)
{
        if (n == 0 || date->n_counters == COUNTERS_MAX)
                return false;
        date->counters[date->n_counters++] = digits_of(digits, n);
        return true;
}

/* Adds a time: HHMM, HHMMSS or HHMMSSmmm. */
static bool add_time(Date *date, const char *digits, size_t n)
{
        if (date->time[0] || (n != 4 && n != 6 && n != TIME_DIGITS))
                return false; /* a version has at most one time */
        memset(date->time, '0', sizeof(date->time));
        memcpy(date->time, digits, n);
        if (number_of(date->time, 2) > 23 || number_of(date->time + 2, 2) > 59 ||
            number_of(date->time + 4, 2) > 60)
                return false;
        return add_counter(date, date->time, 6) &&
               (n < TIME_DIGITS || add_counter(date, date->time + 6, 3));
}

static bool take_time(Cursor *cursor, Date *date)
{
        size_t n = digits_span(cursor->at, cursor->end);
        char digits[6];
        size_t size = 0;
        char separator;

        if (n != 2) {
                cursor->at += n;
                return add_time(date, cursor->at - n, n);
        }
        separator = cursor->at + n < cursor->end ? cursor->at[n] : 0;
        for (;;) {
                memcpy(digits + size, cursor->at, 2);
                size += 2;
                cursor->at += 2;
                if (size == sizeof(digits) || !is_at(cursor, "-._") || *cursor->at != separator ||
                    digits_span(cursor->at + 1, cursor->end) != 2)
                        break;
                cursor->at++;
        }
        return add_time(date, digits, size);
}

static bool take_suffix(Cursor *cursor, Date *date)
{
        while (cursor->at < cursor->end) {
                char mark = *cursor->at++;
                size_t n = digits_span(cursor->at, cursor->end);

                if (mark == 'T' || mark == 't') {
                        if (n == 0 || !take_time(cursor, date))
                                return false;
                        if (is_at(cursor, "Zz"))
                                cursor->at++;
                } else if (mark == '-' || mark == '.' || mark == '_') {
                        if (!add_counter(date, cursor->at, n))
                                return false;
                        cursor->at += n;
                } else {
                        return false;
                }
        }
        return true;
}

/* Reads YYYYMMDD with an optional time directly after it. n is the number of digits. */
static bool take_compact(Cursor *cursor, size_t n, Date *date)
{
        const char *digits = cursor->at;

        cursor->at += n;
        date->year = number_of(digits, 4);
        date->month = number_of(digits + 4, 2);
        date->day = number_of(digits + 6, 2);
        return n == 8 || add_time(date, digits + 8, n - 8);
}

static bool take_long_year(Cursor *cursor, Date *date)
{
        char separator;

        if (!take_field(cursor, 4, 4, &date->year) || !is_at(cursor, ".-"))
                return false;
        separator = *cursor->at++;
        if (!take_field(cursor, 1, 2, &date->month))
                return false;
        /* after the same separator a day must follow; a different separator begins a counter */
        if (!is_at(cursor, ".-") || *cursor->at != separator)
                return true;
        cursor->at++;
        return take_field(cursor, 1, 2, &date->day) && date->day > 0;
}

static bool take_short_year(Cursor *cursor, Date *date)
{
        if (!take_field(cursor, 2, 2, &date->year) || !is_at(cursor, "."))
                return false;
        cursor->at++;
        date->year += 2000;
        date->is_year_short = true;
        return take_field(cursor, 1, 2, &date->month);
}

static bool take_date(Cursor *cursor, Date *date)
{
        size_t n = digits_span(cursor->at, cursor->end);

        switch (n) {
        case 2: return take_short_year(cursor, date);
        case 4: return take_long_year(cursor, date);
        case 8:
        case 8 + 4:
        case 8 + 6:
        case 8 + TIME_DIGITS: return take_compact(cursor, n, date);
        default: return false;
        }
}

static bool is_possible(const Date *date)
{
        return date->year > 0 &&
               date_is_valid((long)date->year, date->month, date->day > 0 ? date->day : 1);
}

static int make_key(const Date *date, size_t text_size, Arena *arena, SortKey *ret)
{
        char digits[9];
        KeyWriter writer;
        int r;

        /* all dates have 8 digits, so the order of their digits is that of the dates */
        snprintf(digits, sizeof(digits), "%04u%02u%02u", date->year % 10000, date->month % 100,
                 date->day % 100);
        r = key_begin(&writer, arena, sizeof(digits) + text_size);
        if (r < 0)
                return r;
        key_number(&writer, (Digits){ .data = digits, .n = 8 });
        for (size_t i = 0; i < date->n_counters; i++) {
                key_mark(&writer, KEY_NUMBER);
                key_number(&writer, date->counters[i]);
        }
        key_mark(&writer, KEY_END);
        *ret = key_finish(&writer);
        return 0;
}

/* Returns the separator before the first counter. After YYYY.MM it is '-', because a number after
 * '.' would be a day. */
static char first_separator(const Date *date)
{
        return date->day == 0 && !date->is_year_short ? '-' : '.';
}

static const char *make_text(const Date *date, size_t text_size, Arena *arena)
{
        size_t capacity = text_size + 32;
        char *text = arena_alloc(arena, capacity);
        char separator = first_separator(date);
        char *to = text;

        if (!text)
                return NULL;
        if (date->is_year_short)
                to += snprintf(to, capacity, "%02u.%u", date->year % 100, date->month);
        else
                to += snprintf(to, capacity, "%04u.%u", date->year, date->month);
        if (date->day > 0)
                to += snprintf(to, capacity - (size_t)(to - text), ".%u", date->day);
        for (size_t i = 0; i < date->n_counters; i++) {
                Digits counter = date->counters[i];

                to += snprintf(to, capacity - (size_t)(to - text), "%c%.*s", separator,
                               counter.n > 0 ? (int)counter.n : 1,
                               counter.n > 0 ? counter.data : "0");
                separator = '.';
        }
        return text;
}

static int make_version(const Date *date, size_t text_size, Arena *arena, Version *ret)
{
        Version version = { .specificity = 2 + (date->day > 0) + (unsigned)date->n_counters };
        int r;

        version.text = make_text(date, text_size, arena);
        if (!version.text)
                return -ENOMEM;
        r = make_key(date, text_size, arena, &version.sort_key);
        if (r < 0)
                return r;
        *ret = version;
        return 0;
}

bool date_has_counter_for_day(const char *text, size_t size)
{
        Cursor cursor = { .at = text, .end = text + size };
        unsigned year, month;

        if (*text == 'v' && size > 1)
                cursor.at++;
        if (!take_field(&cursor, 4, 4, &year) || !is_at(&cursor, "."))
                return false;
        cursor.at++;
        if (!take_field(&cursor, 1, 2, &month) || !is_at(&cursor, ".") || month < 1 || month > 12)
                return false;
        cursor.at++;
        return digits_span(cursor.at, cursor.end) > 0 &&
               cursor.at + digits_span(cursor.at, cursor.end) == cursor.end;
}

static const char *counter_hint(const char *text, size_t size)
{
        return date_has_counter_for_day(text, size)
                       ? "; if the last number is a counter: dateFormat: 'YYYY.MM.MICRO'"
                       : "";
}

static int refuse_date(const char *text, size_t size, const char *why, Arena *arena,
                       const char **ret_reason)
{
        char quoted[REASON_QUOTE_SIZE];

        return refuse(ret_reason, arena_printf(arena, "'%s' is %s%s",
                                               escape_text(text, size, quoted, sizeof(quoted)), why,
                                               counter_hint(text, size)));
}

/* Reads a date without dateFormat. The caller must not copy *ret, because the counters may point
 * into *ret. */
static int read_plain(const char *text, size_t size, Arena *arena, Date *ret,
                      const char **ret_reason)
{
        Cursor cursor = { .at = text, .end = text + size };

        if (*text == 'v' && size > 1)
                cursor.at++;
        if (!take_date(&cursor, ret))
                return refuse_date(text, size, is_no_date, arena, ret_reason);
        if (!is_possible(ret))
                return refuse_date(text, size, "an impossible date", arena, ret_reason);
        if (!take_suffix(&cursor, ret))
                return refuse_date(text, size, "a date with neither a time nor a counter behind it",
                                   arena, ret_reason);
        return 0;
}

int date_parse(const char *text, size_t size, Arena *arena, Version *ret, const char **ret_reason)
{
        Date date = { 0 };
        int r;

        r = read_plain(text, size, arena, &date, ret_reason);
        return r < 0 ? r : make_version(&date, size, arena, ret);
}

/* --- by dateFormat ---------------------------------------------------------------------------- */

static int parse_format(const VersionStrategy *strategy, Arena *arena, DateFormat *ret,
                        const char **ret_reason)
{
        _cleanup_(error_done) Error error = { 0 };

        if (date_format_parse(strategy->date_format, ret, &error) < 0)
                return refuse(ret_reason, arena_strdup(arena, error_message(&error)));
        return 0;
}

static int read_format(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                       DateText *ret, const char **ret_reason)
{
        DateFormat format;
        int r;

        r = parse_format(strategy, arena, &format, ret_reason);
        return r < 0 ? r : date_format_read(&format, text, size, arena, ret, ret_reason);
}

static int read_format_bound(const VersionStrategy *strategy, const char *text, size_t size,
                             Arena *arena, DateText *ret, const char **ret_reason)
{
        DateFormat format;
        int r;

        r = parse_format(strategy, arena, &format, ret_reason);
        format.is_bound = true;
        return r < 0 ? r : date_format_read(&format, text, size, arena, ret, ret_reason);
}

static int make_format_key(const DateText *date, size_t text_size, Arena *arena, SortKey *ret)
{
        KeyWriter writer;
        int r;

        r = key_begin(&writer, arena, 2 * text_size);
        if (r < 0)
                return r;
        for (size_t i = 0; i < date->n_fields; i++)
                key_number(&writer, date_digits(date, i));
        if (date->modifier)
                modifier_put_key(&writer, date->modifier, date->modifier_size);
        else
                key_mark(&writer, KEY_RELEASE);
        *ret = key_finish(&writer);
        return 0;
}

/* Version.text is the text without a leading v. */
int date_parse_format(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                      Version *ret, const char **ret_reason)
{
        size_t n_prefix = *text == 'v' && size > 1;
        Version version = { 0 };
        DateText date;
        int r;

        r = read_format(strategy, text, size, arena, &date, ret_reason);
        if (r < 0)
                return r;
        version.specificity = (unsigned)date.n_written;
        version.text = arena_strndup(arena, text + n_prefix, size - n_prefix);
        if (!version.text)
                return -ENOMEM;
        if (date.modifier)
                version.prerelease = version.text + (date.modifier - text) - n_prefix;
        r = make_format_key(&date, size, arena, &version.sort_key);
        if (r < 0)
                return r;
        *ret = version;
        return 0;
}

/* --- reading without allocation --------------------------------------------------------------- */

static void convert(const Date *date, DateText *ret)
{
        const char *time_end = date->time + sizeof(date->time);

        *ret = (DateText){ .n_complete = 3 };
        date_add_number(ret, date->year);
        date_add_number(ret, date->month);
        ret->n_written = date->day > 0 || date->n_counters > 0 ? 3 : 2;
        date_add_number(ret, date->day);
        for (size_t i = 0; i < date->n_counters; i++) {
                Digits counter = date->counters[i];

                if (counter.data >= date->time && counter.data <= time_end)
                        date_add_number(ret, number_of(counter.data, counter.n));
                else
                        date_add_written(ret, counter.data, counter.n);
        }
}

int date_read(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
              DateText *ret, const char **ret_reason)
{
        Date date = { 0 };
        int r;

        if (strategy->date_format)
                return read_format(strategy, text, size, arena, ret, ret_reason);
        r = read_plain(text, size, arena, &date, ret_reason);
        if (r < 0)
                return r;
        convert(&date, ret);
        return 0;
}

static bool is_year(const char *text, size_t size)
{
        return (size == 2 || size == 4) && digits_span(text, text + size) == size;
}

int date_read_bound(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                    DateText *ret, const char **ret_reason)
{
        const char *year = *text == 'v' && size > 1 ? text + 1 : text;
        size_t n = size - (size_t)(year - text);

        if (strategy->date_format)
                return read_format_bound(strategy, text, size, arena, ret, ret_reason);
        if (!is_year(year, n))
                return date_read(strategy, text, size, arena, ret, ret_reason);
        *ret = (DateText){ .n_written = 1, .n_complete = 3 };
        date_add_number(ret, number_of(year, n) + (n == 2 ? 2000 : 0));
        return 0;
}

static bool read_part(DatePart part, size_t min, size_t max, unsigned *ret)
{
        Cursor cursor = { .at = part.data, .end = part.data + part.size };

        return take_field(&cursor, min, max, ret) && cursor.at == cursor.end;
}

static bool read_parts(const DateParts *parts, Date *date)
{
        if (!parts->year.data || !read_part(parts->year, 2, 4, &date->year) ||
            parts->year.size == 3)
                return false;
        if (parts->year.size == 2) {
                date->year += 2000;
                date->is_year_short = !parts->day.data;
        }
        if (!parts->month.data || !read_part(parts->month, 1, 2, &date->month))
                return false;
        if (parts->day.data && (!read_part(parts->day, 1, 2, &date->day) || date->day == 0))
                return false;
        return !parts->seq.data ||
               (digits_span(parts->seq.data, parts->seq.data + parts->seq.size) ==
                        parts->seq.size &&
                add_counter(date, parts->seq.data, parts->seq.size));
}

int date_parse_parts(const DateParts *parts, Arena *arena, Version *ret, const char **ret_reason)
{
        Date date = { 0 };

        if (!read_parts(parts, &date))
                return refuse(
                        ret_reason,
                        "the groups year, month, day and seq hold no date: expected 2 or 4, 1 or 2, 1 or 2, and any number of digits");
        if (!is_possible(&date))
                return refuse(ret_reason, arena_printf(arena, "%u-%02u-%02u is an impossible date",
                                                       date.year, date.month, date.day));
        return make_version(&date, parts->seq.size, arena, ret);
}
