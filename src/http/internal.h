#pragma once

/* Shared declarations of the files of http. A call lives from http_start() until it completed or
 * was canceled. An easy handle belongs to a call only during a transfer, and then returns to the
 * client's list. */

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
        Sockets watched;           /* sockets that libcurl watches */
        sd_event_source *sockets;  /* their epoll set */
        LazyTimer timer;           /* libcurl's timer */
        sd_event_source *now;      /* libcurl's timer, if it is due now */
        sd_event_source *finished; /* defer: calls completions outside of libcurl */
        sd_event_source *rest; /* an expired timer: continues work that did not fit into a turn */
        bool lacked_memory;    /* libcurl ran out of memory since the last completions */
        struct HttpPool *pools;
        Budget *budget;
        bool is_broken; /* libcurl's handle is being replaced: no transfer starts */
        void (*on_lost)(HttpClient *client); /* libcurl lost a transfer: replaces its handle */
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
        char *authorization;
        char *body;
        struct curl_slist *headers;       /* with Authorization */
        struct curl_slist *plain_headers; /* without Authorization: for other origins */
        size_t body_max;
        int body_fd; /* -1: none */
        bool same_origin, is_pull, may_wait;

        CURL *easy;
        Buffer answer;
        HttpHeaders answer_headers;
        BudgetShare *share; /* NULL: memory is not counted */
        size_t n_charged;   /* bytes of answer counted to the share */
        int over_budget;    /* why the transfer was stopped: -EAGAIN or -EFBIG; 0: it was not */
        bool too_large, headers_too_large;
        bool headers_ended;             /* of the answer; false before it begins */
        bool is_proxied;                /* this attempt uses a proxy */
        bool is_interrupted;            /* another transfer was lost, and libcurl started again */
        char refused[INET6_ADDRSTRLEN]; /* an address it must not connect to */
        unsigned n_tries, n_redirects;
        usec_t not_before; /* monotonic, of the next attempt */
        usec_t deadline;   /* of the complete call, with retries and pauses */
        usec_t lost_at;    /* when libcurl should have ended this attempt at the latest */
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
        AddressKind origin_kind; /* last seen address of the origin; before the first it counts as
                                    public */
        char *unix_socket, *proxy, *ca_file, *cert_file, *key_file;
        const char *ca_option;
        unsigned concurrency, per_second, max_tries;
        usec_t timeout;
        unsigned silence; /* seconds */
        bool allow_plain, hide_path;
        CallList queued, later; /* to start; later: those that may wait */
        CallList running, waiting, done;
        CURL **idle; /* idle easy handles, which keep the settings of connections */
        size_t n_idle, idle_capacity;
        LazyTimer wake; /* time when the next call may start */
        double tokens;  /* tokens left in the bucket */
        usec_t tokens_at;
        usec_t paused_until;       /* Retry-After, X-RateLimit-Reset */
        usec_t pulls_paused_until; /* RateLimit-Remaining */
        unsigned n_failed_in_row;
        HttpPoolStats stats;
};

/* call.c: returns NULL with the error set when memory ran out. */
HttpCall *http_call_new(HttpPool *pool, const HttpRequest *request, Error *err);
HttpCall *http_call_free(HttpCall *call);

/* No longer counts the answer, and drops the share. */
void http_call_uncharge(HttpCall *call);

/* failure.c */
const char *call_method_name(const HttpCall *call);
int call_url_size(const HttpCall *call); /* without the query, which may contain a secret */
bool failure_is_hostile(const HttpCall *call, CURLcode code); /* True if a retry is useless. */
void failure_describe(HttpCall *call,
                      CURLcode code); /* Sets call->error to the reason of the failure. */

/* pool.c */
void pool_schedule(
        HttpPool *pool); /* Starts all calls that may start, and arms the timer for the others. */
void pool_transfer_ended(HttpCall *call, CURLcode code);
void pool_end_running(HttpPool *pool); /* after memory ran out, or a transfer was lost */
/* Completes at least one finished call; more until the monotonic time until. */
void pool_complete_done(HttpPool *pool, usec_t until);
bool pool_has_done(const HttpPool *pool);

/* transfer.c */
int transfer_begin(HttpCall *call, Error *err);
void transfer_end(HttpCall *call); /* removes the easy handle and returns it to the pool */
void headers_clear(HttpHeaders *headers);

/* retry-after.c: returns how long the answer asks the client to wait, at least a second; 0 if it
 * does not. Reads seconds, with or without a fraction, or an HTTP date (RFC 9110, 10.2.3), relative
 * to now (wall). */
usec_t retry_after_parse(const char *text, usec_t now);
