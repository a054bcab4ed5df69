#include "http/rate-limit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parse.h"

/* pause for 1/8 of a sliding window, after which the server probably allows some pulls again */
#define WINDOW_SHARE 8
#define PAUSE_SHORT  (60 * USEC_PER_SEC)
#define PAUSE_LONG   (15 * 60 * USEC_PER_SEC)
/* numbers from this on are unix times, smaller ones are seconds from now */
#define UNIX_TIMES 1000000000

/* Reads the number at the beginning of a header such as "0" or "0;w=21600". */
static int leading_number(const char *text, int64_t *ret)
{
        char number[24];
        size_t n = strspn(text, "0123456789");

        if (n == 0 || n >= sizeof(number) || (text[n] != '\0' && !strchr("; ,", text[n])))
                return -EINVAL;
        memcpy(number, text, n);
        number[n] = '\0';
        return parse_int64(number, ret);
}

/* Returns the time until a reset; 0 if the header is missing or the time is past. */
static usec_t until_reset(const char *text, usec_t now)
{
        int64_t value;

        if (!text || leading_number(text, &value) < 0 || value <= 0)
                return 0;
        if (value < UNIX_TIMES)
                return (usec_t)value * USEC_PER_SEC;
        if (value > INT32_MAX || (usec_t)value * USEC_PER_SEC <= now)
                return 0;
        return (usec_t)value * USEC_PER_SEC - now;
}

static bool is_used_up(const char *remaining)
{
        int64_t value;

        return remaining && leading_number(remaining, &value) >= 0 && value == 0;
}

int64_t rate_limit_remaining(const RateHeaders *headers)
{
        const char *text = headers->remaining ? headers->remaining : headers->x_remaining;
        int64_t value;

        return text && leading_number(text, &value) >= 0 ? value : -1;
}

static usec_t window_of(const char *remaining)
{
        const char *window = strstr(remaining, "w=");
        int64_t seconds;

        if (!window || leading_number(window + 2, &seconds) < 0 || seconds <= 0 ||
            seconds > INT32_MAX)
                return 0;
        return (usec_t)seconds * USEC_PER_SEC;
}

RatePause rate_limit_read(const RateHeaders *headers, usec_t now)
{
        RatePause pause = { 0 };

        if (is_used_up(headers->x_remaining))
                pause.all = until_reset(headers->x_reset, now);
        if (is_used_up(headers->remaining)) {
                usec_t reset = until_reset(headers->reset, now);
                usec_t share = window_of(headers->remaining) / WINDOW_SHARE;

                pause.counted = reset > 0   ? reset
                                : share > 0 ? MIN(MAX(share, PAUSE_SHORT), PAUSE_LONG)
                                            : PAUSE_SHORT;
        }
        return pause;
}

usec_t rate_limit_retry_at(const char *text, usec_t now)
{
        int64_t value;

        return leading_number(text, &value) >= 0 && value >= UNIX_TIMES ? until_reset(text, now)
                                                                        : 0;
}
