#pragma once

/* Reads rate limits from successful answers, so that relmand pauses before it gets a 429. Pure.
 *
 * RateLimit-Remaining (Docker Hub: "0;w=21600", a sliding window) counts pulls: GETs of manifests.
 * X-RateLimit-Remaining with X-RateLimit-Reset counts every request to an API. */

#include "base/time.h"

typedef struct RateHeaders { /* values, NULL if absent */
        const char *remaining, *reset;
        const char *x_remaining, *x_reset;
} RateHeaders;

typedef struct RatePause { /* 0: none */
        usec_t all;        /* pause for every request */
        usec_t counted;    /* pause for pulls only */
} RatePause;

/* Returns the remaining requests of the narrowest limit; -1: none was sent. */
int64_t rate_limit_remaining(const RateHeaders *headers);

/* now: wall. */
RatePause rate_limit_read(const RateHeaders *headers, usec_t now);

/* Reads X-Retry-After of Docker Hub's API: a unix time. Returns the time until then; 0 if it is
 * invalid. */
usec_t rate_limit_retry_at(const char *text, usec_t now);
