#pragma once

/* What an answer that went well says of the limits to come, so that the 429 never comes. Pure.
 *
 * RateLimit-Remaining (Docker Hub: "0;w=21600", a sliding window) counts pulls: GETs of manifests.
 * X-RateLimit-Remaining with X-RateLimit-Reset counts every request to an API. */

#include "base/time.h"

typedef struct RateHeaders { /* values, NULL if absent */
        const char *remaining, *reset;
        const char *x_remaining, *x_reset;
} RateHeaders;

typedef struct RatePause { /* 0: none */
        usec_t all;        /* of every request */
        usec_t counted;    /* of those that count as a pull */
} RatePause;

/* How many are left, of what counts most narrowly; -1: no number. */
int64_t rate_limit_remaining(const RateHeaders *headers);

/* now: wall. */
RatePause rate_limit_read(const RateHeaders *headers, usec_t now);

/* X-Retry-After as Docker Hub's API gives it: a unix time. How long from now; 0 if it is none. */
usec_t rate_limit_retry_at(const char *text, usec_t now);
