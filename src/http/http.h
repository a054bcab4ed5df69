#pragma once

/* HTTP requests on the event loop: libcurl's multi interface on sd-event.
 *
 * Guarantees:
 * - A completion is called exactly once, unless the call is canceled first. It is never called
 *   from inside the call that started it, nor from inside a libcurl callback.
 * - Bodies, headers and time are bounded.
 * - relman, not libcurl, follows redirects: at most HTTP_REDIRECT_MAX, only for GET and HEAD, never
 *   from https to http. Authorization is sent only to the origin of the request (scheme, host,
 *   port).
 * - .netrc and cookies are not used.
 *
 * Requests to other hosts than the pool's origin (redirects, token servers) never use a connection
 * to a link-local address. If the origin is public, they never use one to a private address either.
 * With a proxy, relman refuses only URLs that contain a link-local address; the proxy decides about
 * all others.
 *
 * A pool holds the limits for one host: concurrent requests, requests per second, pauses by
 * Retry-After and rate-limit headers, back-off after failures, circuit breaker. Requests of a pool
 * start in the order of http_start(); those with may_wait start after all others. A failing pool
 * does not delay others. A request is retried up to three times (max_tries) with jittered back-off
 * after a transport failure, 408, 429, 500, 502, 503 or 504. So all requests must be idempotent.
 * After five failures to connect in a row each request has one attempt, until one succeeds.
 *
 * Pauses and failures of another host, to which a redirect led, do not count for the pool. A pause
 * of that host applies only to requests that are redirected to it. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/time.h"
#include "http/budget.h"

typedef struct HttpClient HttpClient;
typedef struct HttpPool HttpPool;
typedef struct HttpCall HttpCall;

int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret, Error *err);
HttpClient *http_client_free(HttpClient *client); /* the caller frees the pools first */
DEFINE_FREEP(HttpClient, http_client_free)

typedef struct HttpPoolOptions {
        const char *name;     /* for messages: "registry 'example'" */
        unsigned concurrency; /* maximum number of concurrent requests */
        unsigned per_second;  /* 0: no limit */
        usec_t timeout;       /* maximum duration of one attempt */
        unsigned silence;     /* seconds in which a server may send nothing; 0: 20 */
        bool allow_plain;     /* also allow http: URLs */
        /* messages do not show the path of URLs, which may contain a secret */
        bool hide_path;
        const char *origin;      /* URL of the pool's host; NULL: the host of each request's URL */
        const char *unix_socket; /* used for all requests; NULL: TCP */
        const char *proxy;       /* NULL: the proxy of the environment (proxy.h) */
        const char *ca_file;     /* NULL: the certificates of the system */
        const char *ca_option;   /* the setting that names ca_file, for messages; static text */
        const char *cert_file, *key_file; /* a client certificate; NULL: none */
        unsigned max_tries;               /* 0: 4 */
} HttpPoolOptions;

int http_pool_new(HttpClient *client, const HttpPoolOptions *options, HttpPool **ret, Error *err);
/* cancels the calls of the pool; must not be called from a completion */
HttpPool *http_pool_free(HttpPool *pool);
DEFINE_FREEP(HttpPool, http_pool_free)

typedef enum HttpMethod {
        HTTP_GET,
        HTTP_HEAD,
        HTTP_POST,
        HTTP_PUT,
        HTTP_PATCH,
        HTTP_DELETE,
} HttpMethod;

typedef struct HttpRequest {
        HttpMethod method;
        const char *url;
        const char *const *headers; /* "Name: value", NULL-ended; without Authorization */
        const char *authorization;  /* value of the Authorization header; NULL: none */
        const char *body;           /* body of a POST, PUT or PATCH */
        const char *content_type;   /* content type of that body */
        size_t body_max;            /* maximum size of the body; a larger one is ERROR_HOSTILE */
        const int *body_fd;         /* descriptor to which a body with status 200 is written; NULL:
                                     * none */
        bool cut_body;              /* a body is cut at body_max, which is no error */
        bool same_origin;           /* redirects to another origin are refused */
        bool no_redirect;           /* a redirect is not followed but returned as the answer */
        /* counts the memory of the answer until done is called; must outlive the call; NULL: none
         */
        BudgetShare *share;
        bool is_pull; /* counts against a limit on pulls (rate-limit.h) */
        /* starts after all other requests of the pool, and never uses all of its concurrency */
        bool may_wait;
} HttpRequest;

typedef struct HttpResponse {
        unsigned status;
        const char *url;  /* final URL, after redirects */
        const char *body; /* followed by a NUL */
        size_t body_size;
        const Buffer *headers; /* for http_header() */
} HttpResponse;

/* Returns the value of a header of the final answer. Ignores case. after NULL: the first header of
 * that name. Otherwise `after` is a result of an earlier call, and the next header of that name is
 * returned. Returns NULL if there is none. */
const char *http_header(const HttpResponse *response, const char *name, const char *after);

/* The code of an ERROR_UNREACHABLE which only means that the budget has no room for the answer. The
 * caller calls budget_wait(), and sends the request again when the share is ready. */
#define HTTP_NO_ROOM (-ENOBUFS)

/* The code of an ERROR_UNREACHABLE that is a failure of another host, to which a redirect led. */
#define HTTP_ELSEWHERE (-EREMOTE)

/* Called when a request is complete. After an answer, of any status, error is NULL; otherwise
 * response is NULL. Both are borrowed. */
typedef void (*HttpDone)(const HttpResponse *response, const Error *error, void *userdata);

int http_start(HttpPool *pool, const HttpRequest *request, HttpDone done, void *userdata,
               HttpCall **ret, Error *err);

/* Cancels a call; its completion is not called. Safe on NULL. Returns NULL. The completion must not
 * have been called yet. */
HttpCall *http_call_cancel(HttpCall *call);
DEFINE_FREEP(HttpCall, http_call_cancel)

/* Returns the memory budget for answers; borrowed. */
Budget *http_client_budget(const HttpClient *client);

/* Returns the event loop of the client; borrowed. */
sd_event *http_client_event(const HttpClient *client);

/* A histogram of transfer times. at_most[i] counts the transfers that took http_latency_bounds[i]
 * or less. */
#define HTTP_LATENCY_BOUNDS 11
extern const usec_t http_latency_bounds[HTTP_LATENCY_BOUNDS];
typedef struct HttpLatency {
        uint64_t at_most[HTTP_LATENCY_BOUNDS];
        uint64_t n;
        usec_t sum;
} HttpLatency;
void http_latency_note(HttpLatency *latency, usec_t took);
void http_latency_add(HttpLatency *to, const HttpLatency *from);

/* Statistics of a pool since its creation. */
typedef struct HttpPoolStats {
        uint64_t n_requests; /* number of attempts, retries included */
        uint64_t n_failures;
        unsigned n_active;
        unsigned n_waiting;
        usec_t paused_until; /* monotonic; 0: not paused */
        int64_t remaining;   /* remaining requests, as last reported; -1: not reported */
        HttpLatency latency;
} HttpPoolStats;
void http_pool_stats(const HttpPool *pool, HttpPoolStats *ret);

/* These functions return malloc()ed text, or NULL if the URL is invalid, if the part is missing,
 * or if memory ran out. */
char *url_host(const char *url);
char *url_port(const char *url); /* the default port of the scheme if the URL has none */
/* Resolves a reference, relative or absolute, against base. NULL also if the result contains a
 * user. */
char *url_resolve(const char *base, const char *reference);
char *url_escape(const char *text); /* escapes text for the value of a query parameter */

/* True if scheme, host and port are equal. A missing port is the default one. */
bool url_same_origin(const char *a, const char *b);
