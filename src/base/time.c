#include "base/time.h"

#include <errno.h>
#include <stdio.h>

static usec_t clock_now(clockid_t clock)
{
        struct timespec ts = { 0 };

        (void)clock_gettime(clock, &ts); /* these clocks always exist */
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

usec_t time_wall(void)
{
        return clock_now(CLOCK_REALTIME);
}

usec_t time_monotonic(void)
{
        return clock_now(CLOCK_BOOTTIME);
}

/* --- dates ------------------------------------------------------------------------------------ */

bool date_is_valid(long year, unsigned month, unsigned day)
{
        static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        return month >= 1 && month <= 12 && day >= 1 &&
               day <= days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/* Converts a date to days since 1970-01-01. date_from_days() does the reverse. Years begin in March
 * here, so that the leap day is the last one (Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
static int64_t days_from_date(long year, unsigned month, unsigned day)
{
        long y = year - (month <= 2);
        long era = (y >= 0 ? y : y - 399) / 400;
        long year_of_era = y - era * 400;
        long day_of_year = (long)((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1);
        long day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

        return (int64_t)era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, long *ret_year, unsigned *ret_month, unsigned *ret_day)
{
        int64_t shifted = days + 719468;
        int64_t era = shifted / 146097;
        int64_t day_of_era = shifted - era * 146097;
        int64_t year_of_era =
                (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year =
                day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        int64_t month = (5 * day_of_year + 2) / 153;

        *ret_day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
        *ret_month = (unsigned)(month < 10 ? month + 3 : month - 9);
        *ret_year = (long)(year_of_era + era * 400 + (*ret_month <= 2));
}

static char *put_two(char *to, unsigned n)
{
        *to++ = (char)('0' + n / 10 % 10);
        *to++ = (char)('0' + n % 10);
        return to;
}

/* Does not use strftime(), which is slower: relmand formats times for every stored row. */
const char *time_format(usec_t wall, char ret_text[TIME_TEXT_SIZE])
{
        static const usec_t last = 253402300799; /* 9999-12-31T23:59:59Z */
        usec_t seconds = wall / USEC_PER_SEC;
        unsigned month, day, in_day;
        char *p = ret_text;
        long year;

        if (seconds > last)
                seconds = last;
        date_from_days((int64_t)(seconds / 86400), &year, &month, &day);
        in_day = (unsigned)(seconds % 86400);
        p = put_two(p, (unsigned)year / 100);
        p = put_two(p, (unsigned)year);
        *p++ = '-';
        p = put_two(p, month);
        *p++ = '-';
        p = put_two(p, day);
        *p++ = 'T';
        p = put_two(p, in_day / 3600);
        *p++ = ':';
        p = put_two(p, in_day / 60 % 60);
        *p++ = ':';
        p = put_two(p, in_day % 60);
        *p++ = 'Z';
        *p = '\0';
        return ret_text;
}

/* Reads exactly n digits. */
static int read_digits(const char **text, int n, unsigned *ret)
{
        unsigned value = 0;

        for (int i = 0; i < n; i++) {
                if ((*text)[i] < '0' || (*text)[i] > '9')
                        return -EINVAL;
                value = value * 10 + (unsigned)((*text)[i] - '0');
        }
        *text += n;
        *ret = value;
        return 0;
}

static int read_char(const char **text, const char *allowed)
{
        if (!**text || !strchr(allowed, **text))
                return -EINVAL;
        return *(*text)++;
}

/* Reads a fraction of a second into microseconds. *ret is 0 if there is none. Ignores digits after
 * the sixth. */
static int read_fraction(const char **text, unsigned *ret)
{
        unsigned value = 0, n = 0;

        *ret = 0;
        if (**text != '.')
                return 0;
        for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, n++)
                if (n < 6)
                        value = value * 10 + (unsigned)(**text - '0');
        if (n == 0)
                return -EINVAL;
        for (; n < 6; n++)
                value *= 10;
        *ret = value;
        return 0;
}

/* Reads "Z" or "+02:00". Sets *ret to seconds east of UTC. */
static int read_offset(const char **text, int *ret)
{
        unsigned hours, minutes;
        int sign;

        sign = read_char(text, "Zz+-");
        if (sign < 0)
                return sign;
        *ret = 0;
        if (sign == 'Z' || sign == 'z')
                return 0;
        if (read_digits(text, 2, &hours) < 0 || read_char(text, ":") < 0 ||
            read_digits(text, 2, &minutes) < 0 || hours > 23 || minutes > 59)
                return -EINVAL;
        *ret = (int)(hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
        return 0;
}

int time_parse(const char *text, usec_t *ret_wall)
{
        unsigned year, month, day, hour, minute, second, fraction;
        int64_t seconds;
        int offset;

        if (read_digits(&text, 4, &year) < 0 || read_char(&text, "-") < 0 ||
            read_digits(&text, 2, &month) < 0 || read_char(&text, "-") < 0 ||
            read_digits(&text, 2, &day) < 0 || read_char(&text, "Tt ") < 0 ||
            read_digits(&text, 2, &hour) < 0 || read_char(&text, ":") < 0 ||
            read_digits(&text, 2, &minute) < 0 || read_char(&text, ":") < 0 ||
            read_digits(&text, 2, &second) < 0 || read_fraction(&text, &fraction) < 0 ||
            read_offset(&text, &offset) < 0 || *text)
                return -EINVAL;
        if (!date_is_valid(year, month, day) || hour > 23 || minute > 59 || second > 60)
                return -EINVAL;
        seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
                  offset;
        if (seconds < 0)
                return -EINVAL;
        *ret_wall = (usec_t)seconds * USEC_PER_SEC + fraction;
        return 0;
}

/* --- durations -------------------------------------------------------------------------------- */

static const struct {
        const char *name;
        usec_t usec;
} duration_units[] = {
        { "d", USEC_PER_DAY }, { "h", USEC_PER_HOUR },  { "m", USEC_PER_MIN },
        { "s", USEC_PER_SEC }, { "ms", USEC_PER_MSEC }, { "us", 1 },
};

static int read_unit(const char **text, usec_t *ret)
{
        size_t size = strspn(*text, "abcdefghijklmnopqrstuvwxyz");

        for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++) {
                if (strlen(duration_units[i].name) != size ||
                    strncmp(*text, duration_units[i].name, size) != 0)
                        continue;
                *text += size;
                *ret = duration_units[i].usec;
                return 0;
        }
        return -EINVAL;
}

int duration_parse(const char *text, usec_t *ret)
{
        usec_t total = 0, unit = USEC_INFINITY;

        if (streq(text, "0")) {
                *ret = 0;
                return 0;
        }
        do {
                usec_t value = 0, before = unit;
                size_t n = strspn(text, "0123456789");

                if (n == 0)
                        return -EINVAL;
                for (; n > 0; n--, text++)
                        if (__builtin_mul_overflow(value, (usec_t)10, &value) ||
                            __builtin_add_overflow(value, (usec_t)(*text - '0'), &value))
                                return -ERANGE;
                /* units must descend, so each is used once: 1h30m */
                if (read_unit(&text, &unit) < 0 || unit >= before)
                        return -EINVAL;
                if (__builtin_mul_overflow(value, unit, &value) ||
                    __builtin_add_overflow(total, value, &total) || total == USEC_INFINITY)
                        return -ERANGE;
        } while (*text);
        *ret = total;
        return 0;
}

const char *duration_format(usec_t duration, char ret_text[DURATION_TEXT_SIZE])
{
        size_t size = 0;

        if (duration == 0)
                return memcpy(ret_text, "0", 2);
        for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++) {
                usec_t n = duration / duration_units[i].usec;

                if (n == 0)
                        continue;
                duration -= n * duration_units[i].usec;
                size += (size_t)snprintf(ret_text + size, DURATION_TEXT_SIZE - size, "%llu%s",
                                         (unsigned long long)n, duration_units[i].name);
        }
        return ret_text;
}

int time_parse_past(const char *text, usec_t now, usec_t *ret_wall)
{
        usec_t midnight = now - now % USEC_PER_DAY, duration;
        char date[sizeof("2026-11-28T00:00:00Z")];

        if (streq(text, "today") || streq(text, "yesterday")) {
                *ret_wall = midnight - (text[0] == 'y' ? USEC_PER_DAY : 0);
                return 0;
        }
        if (duration_parse(text, &duration) >= 0) {
                *ret_wall = now - MIN(duration, now);
                return 0;
        }
        if (strlen(text) != strlen("2026-11-28"))
                return time_parse(text, ret_wall);
        (void)snprintf(date, sizeof(date), "%sT00:00:00Z", text);
        return time_parse(date, ret_wall);
}
