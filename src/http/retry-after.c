#include <curl/curl.h>
#include <stdlib.h>

#include "http/internal.h"

#define WAIT_MIN USEC_PER_SEC

usec_t retry_after_parse(const char *text, usec_t now)
{
        size_t digits = strspn(text, "0123456789"), size = strlen(text);
        usec_t wait = 0;
        time_t date;

        if (digits > 0 && (digits == size || text[digits] == '.')) {
                for (size_t i = 0; i < digits && wait < USEC_PER_DAY; i++)
                        wait = wait * 10 + (usec_t)(text[i] - '0');
                if (digits < size && strspn(text + digits + 1, "0123456789") != size - digits - 1)
                        return 0;
                wait += digits < size; /* round a fraction up */
                wait = MIN(wait, USEC_PER_DAY / USEC_PER_SEC) * USEC_PER_SEC;
                return MAX(wait, WAIT_MIN);
        }
        date = curl_getdate(text, NULL);
        if (date <= 0 || (usec_t)date * USEC_PER_SEC <= now)
                return 0; /* invalid or past: the caller uses its own back-off */
        return MAX((usec_t)date * USEC_PER_SEC - now, WAIT_MIN);
}
