#pragma once

/* HTTP requests on the event loop: libcurl's multi interface on sd-event.
 *
 * Guarantees: a completion is never told from inside the call that started it, nor from inside a
 * libcurl callback; exactly once, unless the call is cancelled first. Bodies, headers and time are
 * bounded. Redirects are followed by us, at most HTTP_REDIRECT_MAX, GET and HEAD only, never from
 * https to http, and with no Authorization beyond the origin (scheme, host, port) it was given for.
 * .netrc and cookies are not used.
 *
 * Where others than the pool's origin are asked (redirects, token servers), a connection to a
 * link-local address is never made or used, and none to a private one if the origin is public.
 * Through a proxy that is the proxy's matter: only a URL that names a link-local address is
 * refused.
 *
 * A pool is one party's manners towards one host: requests under way, requests per second, pauses
 * asked for by Retry-After and rate-limit headers, back-off after failures, circuit breaker.
 * Requests of one pool start in the order of their start calls. One pool's trouble never delays
 * another. Idempotent requests (all here are) that meet a transport failure, 408, 429 or 5xx are
 * tried again up to three times with jittered back-off; once five in a row could not be reached,
 * each has one try until one succeeds.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"
#include "http/budget.h"

typedef struct HttpClient HttpClient;
typedef struct HttpPool HttpPool;
typedef struct HttpCall HttpCall;

int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret, Error *err);
HttpClient *http_client_free(HttpClient *client); /* after its pools */
DEFINE_FREEP(HttpClient, http_client_free)

typedef struct HttpPoolOptions {
        const char *name;     /* for messages: "registry 'example'" */
        unsigned concurrency; /* requests under way at once */
        unsigned per_second;  /* 0: no limit */
        usec_t timeout;       /* of one request, whole */
        bool allow_plain;     /* http: URLs too */
        bool hide_path;       /* of URLs in messages: it may hold what is secret */
        const char *origin; /* the URL of whom the pool speaks to; NULL: of whom a request names */
        const char *unix_socket;          /* all goes there; NULL: TCP */
        const char *proxy;                /* wins over the environment (proxy.h); NULL: by that */
        const char *ca_file;              /* NULL: the system's */
        const char *cert_file, *key_file; /* a client certificate; NULL: none */
        unsigned max_tries;               /* 0: 4 */
} HttpPoolOptions;

int http_pool_new(HttpClient *client, const HttpPoolOptions *options, HttpPool **ret, Error *err);
HttpPool *http_pool_free(HttpPool *pool); /* cancels its calls; not from within a completion */
DEFINE_FREEP(HttpPool, http_pool_free)

typedef enum HttpMethod {
        HTTP_GET,
        HTTP_HEAD,
        HTTP_POST
} HttpMethod;

typedef struct HttpRequest {
        HttpMethod method;
        const char *url;
        const char *const *headers; /* "Name: value", NULL-ended; without Authorization */
        const char *authorization;  /* value of that header; NULL: none */
        const char *body;           /* POST */
        const char *content_type;   /* POST */
        size_t body_max;            /* of the answer; more is ERROR_HOSTILE */
        const int *body_fd;         /* where a body of 200 goes instead; NULL: nowhere else */
        bool same_origin;           /* redirects to another origin are refused */
        BudgetShare *share; /* what its answer is counted to, until it is told; lives longer than
                               the call. NULL: it is not counted */
        bool is_pull;       /* counts against a limit on pulls (rate-limit.h) */
} HttpRequest;

typedef struct HttpResponse {
        unsigned status;
        const char *url;  /* that answered, after redirects */
        const char *body; /* NUL after it */
        size_t body_size;
        const struct HttpHeaders *headers;
} HttpResponse;

/* The value of a header of the final answer, NULL if absent; the nth of several. Names without
 * case. */
const char *http_header(const HttpResponse *response, const char *name, size_t nth);

/* The code of an error (ERROR_UNREACHABLE) that only says: there was no room for the answer in the
 * budget. Wait for it with budget_wait(), then ask again. */
#define HTTP_NO_ROOM (-ENOBUFS)

/* error is NULL if there was an answer, whatever its status; the response is borrowed. */
typedef void (*HttpDone)(const HttpResponse *response, const Error *error, void *userdata);

int http_start(HttpPool *pool, const HttpRequest *request, HttpDone done, void *userdata,
               HttpCall **ret, Error *err);

/* Ends a call without telling; NULL-safe; returns NULL. Not for a call that was told already. */
HttpCall *http_call_cancel(HttpCall *call);
DEFINE_FREEP(HttpCall, http_call_cancel)

/* The memory for answers; borrowed. */
Budget *http_client_budget(const HttpClient *client);

/* The loop it runs on; borrowed. */
sd_event *http_client_event(const HttpClient *client);

/* How long transfers took: how many at most as long as each bound, in all, and together. */
#define HTTP_LATENCY_BOUNDS 11
extern const usec_t http_latency_bounds[HTTP_LATENCY_BOUNDS];
typedef struct HttpLatency {
        uint64_t at_most[HTTP_LATENCY_BOUNDS];
        uint64_t n;
        usec_t sum;
} HttpLatency;
void http_latency_note(HttpLatency *latency, usec_t took);
void http_latency_add(HttpLatency *to, const HttpLatency *from);

/* What a pool has done since it was made. */
typedef struct HttpPoolStats {
        uint64_t n_requests; /* tries count */
        uint64_t n_failures;
        unsigned n_active;
        unsigned n_waiting;
        usec_t paused_until; /* monotonic; 0: not paused */
        int64_t remaining;   /* of a rate limit, as last said; -1: it never was */
        HttpLatency latency;
} HttpPoolStats;
void http_pool_stats(const HttpPool *pool, HttpPoolStats *ret);

/* Parts of URLs, malloc()ed, NULL if there is none or the URL is none. */
char *url_host(const char *url);
char *url_port(const char *url); /* the default one of the scheme filled in */
/* What reference (relative or absolute) means at base; NULL also if it brings a user. */
char *url_resolve(const char *base, const char *reference);
char *url_escape(const char *text); /* for a query's value */

/* Scheme, host and port are equal (default ports filled in). */
bool url_same_origin(const char *a, const char *b);
