#pragma once

/* Reads the rate limits of a server from its answers, so that relmand pauses before it gets a 429.
 * Pure.
 *
 * RateLimit-Remaining (Docker Hub: "0;w=21600", a sliding window) counts pulls: GETs of manifests.
 * X-RateLimit-Remaining and X-RateLimit-Reset count every request. */

#include "base/time.h"

typedef struct RateHeaders { /* values of headers; NULL: absent */
        const char *remaining, *reset;
        const char *x_remaining, *x_reset;
} RateHeaders;

typedef struct RatePause { /* 0: none */
        usec_t all;        /* pause of all requests */
        usec_t counted;    /* pause of pulls */
} RatePause;

/* Returns RateLimit-Remaining, or else X-RateLimit-Remaining; -1 if there is none. */
int64_t rate_limit_remaining(const RateHeaders *headers);

/* Returns the pauses that the headers require. now is the wall clock. */
RatePause rate_limit_read(const RateHeaders *headers, usec_t now);

/* Reads X-Retry-After, a unix time that Docker Hub's API sends. Returns the time from now (wall)
 * until then; 0 if the text is invalid or the time is past. */
usec_t rate_limit_retry_at(const char *text, usec_t now);
