#include "calendar/zone-rule.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "calendar/civil.h"

#define RULE_TIME_HOURS_MAX 167 /* a week (RFC 9636) */
#define SUMMER_SHIFT        3600
#define SUMMER_TIME         7200 /* default time of day at which summer time begins and ends */

static int rule_number(const char **p, int max, int *ret)
{
        int value = 0;

        if (!isdigit((unsigned char)**p))
                return -EINVAL;
        for (; isdigit((unsigned char)**p); (*p)++) {
                value = value * 10 + (**p - '0');
                if (value > max)
                        return -EINVAL;
        }
        *ret = value;
        return 0;
}

/* Reads [+-]hh[:mm[:ss]] as seconds. */
static int rule_time(const char **p, int64_t *ret)
{
        int64_t seconds = 0;
        bool is_negative = **p == '-';
        int part;

        *p += **p == '-' || **p == '+';
        for (int unit = 3600; unit > 0; unit /= 60) {
                if (rule_number(p, unit == 3600 ? RULE_TIME_HOURS_MAX : 59, &part) < 0)
                        return -EINVAL;
                seconds += (int64_t)part * unit;
                if (**p != ':' || unit == 1)
                        break;
                (*p)++;
        }
        *ret = is_negative ? -seconds : seconds;
        return 0;
}

/* Skips "CET" or "<+0330>". */
static int rule_name(const char **p)
{
        size_t n;

        if (**p == '<') {
                n = strcspn(*p, ">");
                if ((*p)[n] != '>')
                        return -EINVAL;
                *p += n + 1;
                return 0;
        }
        for (n = 0; isalpha((unsigned char)**p); n++)
                (*p)++;
        return n > 0 ? 0 : -EINVAL;
}

/* Reads an offset in the form of POSIX, which is positive west of Greenwich. */
static int rule_offset(const char **p, int64_t *ret)
{
        int64_t west;

        if (rule_time(p, &west) < 0)
                return -EINVAL;
        *ret = -west;
        return 0;
}

static int rule_month_day(const char **p, ZoneDay *ret)
{
        ret->form = ZONE_DAY_MONTH;
        if (rule_number(p, 12, &ret->month) < 0 || ret->month < 1 || *(*p)++ != '.' ||
            rule_number(p, 5, &ret->week) < 0 || ret->week < 1 || *(*p)++ != '.')
                return -EINVAL;
        return rule_number(p, 6, &ret->weekday);
}

static int rule_day(const char **p, ZoneDay *ret)
{
        int r;

        *ret = (ZoneDay){ .seconds = SUMMER_TIME };
        if (**p == 'M') {
                (*p)++;
                r = rule_month_day(p, ret);
        } else {
                ret->form = **p == 'J' ? ZONE_DAY_JULIAN : ZONE_DAY_OF_YEAR;
                *p += **p == 'J';
                r = rule_number(p, 365, &ret->day);
                if (r == 0 && ret->form == ZONE_DAY_JULIAN && ret->day == 0)
                        r = -EINVAL;
        }
        if (r < 0 || **p != '/')
                return r;
        (*p)++;
        return rule_time(p, &ret->seconds);
}

static int rule_summer(const char **p, ZoneRule *ret)
{
        ret->has_summer = true;
        ret->summer_offset = ret->offset + SUMMER_SHIFT;
        if (rule_name(p) < 0 || (**p != ',' && rule_offset(p, &ret->summer_offset) < 0))
                return -EINVAL;
        if (*(*p)++ != ',' || rule_day(p, &ret->begin) < 0)
                return -EINVAL;
        return *(*p)++ == ',' ? rule_day(p, &ret->end) : -EINVAL;
}

int zone_rule_parse(const char *text, ZoneRule *ret)
{
        const char *p = text;

        *ret = (ZoneRule){ 0 };
        if (rule_name(&p) < 0 || rule_offset(&p, &ret->offset) < 0 ||
            (*p && rule_summer(&p, ret) < 0))
                return -EINVAL;
        return *p ? -EINVAL : 0;
}

/* Returns the midnight at which a day of a rule begins in a year, as a local time. */
static int64_t rule_day_of(const ZoneDay *day, int year)
{
        int64_t first, days = date_to_days((Date){ year, 1, 1 });
        int into;

        switch (day->form) {
        case ZONE_DAY_MONTH:
                first = date_to_days((Date){ year, day->month, 1 });
                /* days_weekday() counts from Monday */
                into = (day->weekday + 6 - days_weekday(first) + 7) % 7 + (day->week - 1) * 7;
                days = first + into - (into >= month_days(year, day->month) ? 7 : 0);
                break;
        case ZONE_DAY_JULIAN:
                days += day->day - 1;
                if (day->day >= 60 && month_days(year, 2) == 29)
                        days++;
                break;
        case ZONE_DAY_OF_YEAR: days += day->day; break;
        }
        return days * CIVIL_DAY;
}

int64_t zone_rule_begin(const ZoneRule *rule, int year)
{
        return rule_day_of(&rule->begin, year) + rule->begin.seconds - rule->offset;
}

int64_t zone_rule_end(const ZoneRule *rule, int year)
{
        return rule_day_of(&rule->end, year) + rule->end.seconds - rule->summer_offset;
}
