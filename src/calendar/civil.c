#include "calendar/civil.h"

/* In these computations years begin in March, so that the leap day is the last day of a year. An
 * era is 400 years or 146,097 days, after which the calendar repeats. */
#define ERA_YEARS   400
#define ERA_DAYS    INT64_C(146097)
#define EPOCH_SHIFT INT64_C(719468) /* days from 0000-03-01 to 1970-01-01 */

static int64_t divide_down(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

int64_t date_to_days(Date date)
{
        int64_t year = date.year - (date.month <= 2);
        int64_t era = divide_down(year, ERA_YEARS), of_era = year - era * ERA_YEARS;
        int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;

        return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_SHIFT;
}

Date date_from_days(int64_t days)
{
        int64_t shifted = days + EPOCH_SHIFT, era = divide_down(shifted, ERA_DAYS);
        int64_t day = shifted - era * ERA_DAYS;
        int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
        int64_t of_year = day - (365 * year + year / 4 - year / 100);
        int64_t month = (5 * of_year + 2) / 153;
        Date date = { .day = (int)(of_year - (153 * month + 2) / 5 + 1),
                      .month = (int)(month < 10 ? month + 3 : month - 9) };

        date.year = (int)(year + era * ERA_YEARS + (date.month <= 2));
        return date;
}

int month_days(int year, int month)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        return days[month - 1] + (month == 2 && is_leap);
}

int days_weekday(int64_t days)
{
        int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */

        return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int64_t local_days(int64_t local)
{
        return divide_down(local, CIVIL_DAY);
}

int64_t local_seconds(int64_t local)
{
        return local - local_days(local) * CIVIL_DAY;
}
