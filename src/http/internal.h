#pragma once

/* Declarations that the files of this folder share. A call lives from http_start() until its
 * completion or cancellation. It has an easy handle only during a transfer. After the transfer, the
 * handle returns to the idle handles of the pool. */

#include <curl/curl.h>
#include <netinet/in.h>

#include "base/buffer.h"
#include "http/address.h"
#include "http/http.h"
#include "http/lazy-timer.h"
#include "http/sockets.h"

struct HttpClient {
        sd_event *event;
        char *user_agent;
        CURLM *multi;
        Sockets watched;           /* sockets that libcurl watches */
        sd_event_source *sockets;  /* event source of the epoll set of watched */
        LazyTimer timer;           /* libcurl's timer */
        sd_event_source *now;      /* defer source: libcurl's timer is due now */
        sd_event_source *finished; /* defer source: calls completions outside of libcurl */
        sd_event_source *rest;     /* an expired timer: continues completions in the next turn */
        bool lacked_memory;        /* libcurl ran out of memory since the last completions */
        struct HttpPool *pools;
        Budget *budget;
        bool is_broken;                      /* multi is being replaced: no transfer may start */
        void (*on_lost)(HttpClient *client); /* called after libcurl lost a transfer; replaces
                                              * multi */
};

typedef enum CallState {
        CALL_QUEUED,  /* waits to start */
        CALL_RUNNING, /* its transfer is in progress */
        CALL_WAITING, /* waits for its next attempt */
        CALL_DONE,    /* waits for its completion */
} CallState;

struct HttpCall {
        HttpPool *pool;
        HttpCall *next, *previous; /* neighbours in the list of its state */
        CallState state;
        HttpDone done;
        void *userdata;

        HttpMethod method;
        char *url; /* current URL: changes with redirects */
        char *origin_url;
        char *other_host; /* the host of url if a redirect led to another host; NULL: none did */
        char *authorization;
        char *body;
        struct curl_slist *headers;       /* headers of the request, with Authorization */
        struct curl_slist *plain_headers; /* the part without it, for other origins */
        size_t body_max;
        int body_fd; /* -1: none */
        bool cut_body, same_origin, no_redirect, is_pull, may_wait;

        CURL *easy;
        Buffer answer;
        Buffer answer_headers; /* "Name\0value\0" for each */
        BudgetShare *share;    /* NULL: memory is not counted */
        size_t n_charged;      /* bytes of answer that were taken from the share */
        /* -EAGAIN or -EFBIG of budget_take(), which stopped the transfer; 0: none */
        int over_budget;
        bool too_large, headers_too_large;
        bool is_cut;                    /* the transfer was ended because the body reached
                                         * body_max */
        bool headers_ended;             /* all headers of the answer were read */
        bool is_proxied;                /* this attempt uses a proxy */
        AddressKind origin_kind;        /* copied from the pool, or from the connection of this
                                         * call */
        bool is_interrupted;            /* relman ended the transfer because libcurl lost another
                                         * one */
        char refused[INET6_ADDRSTRLEN]; /* address to which relman refused to connect; "": none */
        unsigned n_tries, n_redirects;
        usec_t not_before; /* monotonic: earliest time of the next attempt */
        usec_t deadline;   /* monotonic: time after which the call is not retried */
        usec_t lost_at;    /* monotonic: if the attempt has not ended at this time, libcurl has lost
                            * it */
        unsigned status;
        Error error;
        char curl_message[CURL_ERROR_SIZE];
};

typedef struct CallList {
        HttpCall *first, *last;
        unsigned n;
} CallList;

/* A host that redirects lead to, and the end of its pause. */
typedef struct HostPause {
        char *host; /* NULL: unused */
        usec_t until;
} HostPause;
#define HOST_PAUSES_MAX 8 /* of one pool; then the pause that ends first is forgotten */

struct HttpPool {
        HttpClient *client;
        HttpPool *next;
        char *name;
        char *origin;
        AddressKind origin_kind; /* kind of the address of the last connection to the origin;
                                  * initially public */
        char *unix_socket, *proxy, *ca_file, *cert_file, *key_file;
        const char *ca_option;
        unsigned concurrency, per_second, max_tries;
        usec_t timeout;
        unsigned silence; /* seconds without data before the transfer fails */
        bool allow_plain, hide_path;
        CallList queued, later; /* calls that have not started; those with may_wait are in later */
        CallList running, waiting, done;
        CURL **idle; /* easy handles without a transfer, with the options of the pool */
        size_t n_idle, idle_capacity;
        LazyTimer wake; /* fires when the next call may start */
        double tokens;  /* requests that may start now, by per_second (token bucket) */
        usec_t tokens_at;
        usec_t paused_until;       /* end of the pause by Retry-After and X-RateLimit-Reset */
        usec_t pulls_paused_until; /* end of the pause by RateLimit-Remaining */
        HostPause host_pauses[HOST_PAUSES_MAX];
        unsigned n_failed_in_row;
        HttpPoolStats stats;
};

/* call.c: http_call_new() returns NULL and sets the error if memory ran out. */
HttpCall *http_call_new(HttpPool *pool, const HttpRequest *request, Error *err);
HttpCall *http_call_free(HttpCall *call);

/* Returns the memory of the answer to the share, and detaches the call from the share. */
void http_call_uncharge(HttpCall *call);

/* failure.c */
const char *call_method_name(const HttpCall *call);
/* Returns the size of the part of the URL that messages show, without secrets. */
int call_url_size(const HttpCall *call);
bool failure_is_hostile(const HttpCall *call, CURLcode code); /* a retry would not help */
/* Sets call->error to the reason of the failure. */
void failure_describe(HttpCall *call, CURLcode code);

/* host-pause.c */
usec_t host_paused_until(const HttpPool *pool, const char *host); /* 0: it has no pause */
void host_pause(HttpPool *pool, const char *host, usec_t until);
void host_pauses_done(HttpPool *pool);

/* pool.c */
/* Starts all calls that may start, and arms the timer for the others. */
void pool_schedule(HttpPool *pool);
void pool_transfer_ended(HttpCall *call, CURLcode code);
void pool_end_running(HttpPool *pool); /* ends all transfers, before multi is replaced */
/* Calls the completion of at least one finished call, and of more until the monotonic time `until`.
 */
void pool_complete_done(HttpPool *pool, usec_t until);
bool pool_has_done(const HttpPool *pool);

/* redirect.c: makes the target of a redirect the URL of the call. If the redirect must not be
 * followed, sets call->error and returns a negative errno. */
int redirect_take(HttpCall *call, const char *location);

/* transfer.c */
int transfer_begin(HttpCall *call, Error *err);
void transfer_end(HttpCall *call); /* removes the easy handle and returns it to the pool */

/* retry-after.c: reads a Retry-After header: seconds, with or without a fraction, or an HTTP date
 * (RFC 9110, 10.2.3). Returns the time to wait from now (wall), at least a second. Returns 0 if the
 * text is invalid or the date is past. */
usec_t retry_after_parse(const char *text, usec_t now);
