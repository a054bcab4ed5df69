#pragma once

/* What the files of http share. A call lives from http_start() until it was told or cancelled; an
 * easy handle belongs to a call only while a transfer runs, and goes back to the client's list
 * afterwards. */

#include <curl/curl.h>
#include <netinet/in.h>

#include "base/buffer.h"
#include "http/address.h"
#include "http/http.h"
#include "http/lazy-timer.h"
#include "http/sockets.h"

typedef struct HttpHeader {
        const char *name;
        const char *value;
} HttpHeader;

/* Headers of one answer, as text in one buffer. */
typedef struct HttpHeaders {
        Buffer text; /* "Name\0value\0" for each */
        size_t n;
} HttpHeaders;

struct HttpClient {
        sd_event *event;
        char *user_agent;
        CURLM *multi;
        Sockets watched;          /* libcurl's */
        sd_event_source *sockets; /* their epoll set */
        LazyTimer timer;          /* libcurl's */
        sd_event_source *now;     /* the same, for at once */
        sd_event_source
                *finished; /* defer: completions are told from here, never from inside libcurl */
        sd_event_source *rest; /* a timer that has run out: those that had to wait for a turn */
        bool lacked_memory;    /* libcurl, since completions were last told */
        struct HttpPool *pools;
        Budget *budget;
        bool is_broken; /* libcurl's handle is being replaced: nothing starts */
};

typedef enum CallState {
        CALL_QUEUED,  /* waits for its turn in the pool */
        CALL_RUNNING, /* a transfer is under way */
        CALL_WAITING, /* for its next try */
        CALL_DONE,    /* waits to be told */
} CallState;

struct HttpCall {
        HttpPool *pool;
        HttpCall *next, *previous; /* in the pool's list of its state */
        CallState state;
        HttpDone done;
        void *userdata;

        HttpMethod method;
        char *url; /* now: changes along redirects */
        char *origin_url;
        char *authorization;
        char *body;
        struct curl_slist *headers;       /* with Authorization */
        struct curl_slist *plain_headers; /* without: for another origin */
        size_t body_max;
        int body_fd; /* -1: none */
        bool same_origin, is_pull;

        CURL *easy;
        Buffer answer;
        HttpHeaders answer_headers;
        BudgetShare *share; /* NULL: it is not counted */
        size_t n_charged;   /* to the share, for answer */
        int over_budget;    /* why the transfer was ended: -EAGAIN or -EFBIG; 0: it was not */
        bool too_large, headers_too_large;
        bool headers_ended;             /* of the answer; false also while there is none */
        bool is_proxied;                /* this try goes through a proxy */
        char refused[INET6_ADDRSTRLEN]; /* an address it was led to and must not connect to */
        unsigned n_tries, n_redirects;
        usec_t not_before; /* monotonic, of the next try */
        usec_t deadline;   /* of the whole call, with its retries and waits */
        usec_t lost_at;    /* of this try: libcurl should have ended it long before */
        unsigned status;
        Error error;
        char curl_message[CURL_ERROR_SIZE];
};

typedef struct CallList {
        HttpCall *first, *last;
        unsigned n;
} CallList;

struct HttpPool {
        HttpClient *client;
        HttpPool *next;
        char *name;
        char *origin;
        AddressKind origin_kind; /* as last seen; public until then */
        char *unix_socket, *proxy, *ca_file, *cert_file, *key_file;
        unsigned concurrency, per_second, max_tries;
        usec_t timeout;
        bool allow_plain, hide_path;
        CallList queued, running, waiting, done;
        CURL **idle; /* easy handles with their connection settings made */
        size_t n_idle, idle_capacity;
        LazyTimer wake; /* the next call may start */
        double tokens;  /* of the bucket */
        usec_t tokens_at;
        usec_t paused_until;       /* Retry-After, X-RateLimit-Reset */
        usec_t pulls_paused_until; /* RateLimit-Remaining */
        unsigned n_failed_in_row;
        HttpPoolStats stats;
};

/* client.c: after a failure libcurl's handle may be in any state, and transfers in it lost: they
 * end, and another takes its place, if there is memory for one. */
void client_replace_multi(HttpClient *client);

/* call.c: NULL with the error set when memory ran out. */
HttpCall *http_call_new(HttpPool *pool, const HttpRequest *request, Error *err);
HttpCall *http_call_free(HttpCall *call);

/* The answer is no longer counted; the share is not used any more. */
void http_call_uncharge(HttpCall *call);

/* failure.c */
const char *call_method_name(const HttpCall *call);
int call_url_size(const HttpCall *call); /* without the query, which may hold what is secret */
bool failure_is_hostile(const HttpCall *call, CURLcode code); /* not worth another try */
void failure_tell(HttpCall *call, CURLcode code);             /* as call->error */

/* pool.c */
void pool_schedule(HttpPool *pool); /* starts what may start, arms the timer for the rest */
void pool_transfer_ended(HttpCall *call, CURLcode code);
void pool_end_running(HttpPool *pool);             /* memory ran out in the middle of them */
void pool_tell_done(HttpPool *pool, usec_t until); /* one at least, others until then */
bool pool_has_done(const HttpPool *pool);

/* transfer.c */
int transfer_begin(HttpCall *call, Error *err);
void transfer_end(
        HttpCall *call); /* takes the easy handle out of the multi handle, back to the pool */
void headers_clear(HttpHeaders *headers);

/* retry-after.c: how long an answer asks us to wait, a second at least; 0 if it does not say.
 * Seconds, also with a fraction, or an HTTP date (RFC 9110, 10.2.3), against now (wall). */
usec_t retry_after_parse(const char *text, usec_t now);
