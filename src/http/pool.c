/* Applies the limits for one host: decides when a call may start, and whether a call is retried
 * after its transfer.
 *
 *   QUEUED --> RUNNING --> DONE --> completed
 *                |  ^
 *     try again, |  | at its time
 *      redirect  v  |
 *              WAITING
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/limits.h"
#include "http/internal.h"
#include "http/rate-limit.h"

#define SILENCE_DEFAULT 20 /* seconds without data after which a transfer fails */
#define TRIES_DEFAULT   4
#define RETRY_MIN       (200 * USEC_PER_MSEC)
#define RETRY_MAX       (5 * USEC_PER_SEC)
#define PAUSE_MAX       USEC_PER_DAY
/* if libcurl has not ended a transfer this long after its timeout, it has lost the transfer */
#define LOST_AFTER (5 * USEC_PER_SEC)
/* a call that would have to wait longer than this fails at once */
#define PATIENCE (60 * USEC_PER_SEC)
/* failed connections in a row, after which each request has one attempt */
#define BREAKER_FAILURES 5

/* --- lists ------------------------------------------------------------------------------------ */

static CallList *list_of(const HttpCall *call)
{
        HttpPool *pool = call->pool;

        switch (call->state) {
        case CALL_QUEUED: return call->may_wait ? &pool->later : &pool->queued;
        case CALL_RUNNING: return &pool->running;
        case CALL_WAITING: return &pool->waiting;
        case CALL_DONE: break;
        }
        return &pool->done;
}

static void list_remove(HttpCall *call)
{
        CallList *list = list_of(call);

        if (call->previous)
                call->previous->next = call->next;
        else
                list->first = call->next;
        if (call->next)
                call->next->previous = call->previous;
        else
                list->last = call->previous;
        call->next = call->previous = NULL;
        list->n--;
}

static void list_append(HttpCall *call, CallState state)
{
        CallList *list;

        call->state = state;
        list = list_of(call);
        call->next = NULL;
        call->previous = list->last;
        if (list->last)
                list->last->next = call;
        else
                list->first = call;
        list->last = call;
        list->n++;
}

static void move(HttpCall *call, CallState state)
{
        list_remove(call);
        list_append(call, state);
        if (state == CALL_DONE)
                (void)sd_event_source_set_enabled(call->pool->client->finished, SD_EVENT_ONESHOT);
}

HttpCall *http_call_cancel(HttpCall *call)
{
        HttpPool *pool;

        if (!call)
                return NULL;
        pool = call->pool;
        transfer_end(call);
        list_remove(call);
        pool_schedule(pool);
        return http_call_free(call);
}

/* --- starting --------------------------------------------------------------------------------- */

/* Takes a token (per_second) and returns 0. If there is no token, returns the time until the next
 * one. */
static usec_t wait_for_token(HttpPool *pool, usec_t now)
{
        double rate = pool->per_second;

        if (pool->per_second == 0)
                return 0;
        pool->tokens += (double)(now - pool->tokens_at) / (double)USEC_PER_SEC * rate;
        pool->tokens_at = now;
        if (pool->tokens > rate)
                pool->tokens = rate;
        if (pool->tokens >= 1.0) {
                pool->tokens -= 1.0;
                return 0;
        }
        return (usec_t)((1.0 - pool->tokens) / rate * (double)USEC_PER_SEC) + 1;
}

static void start(HttpCall *call)
{
        call->lost_at = time_monotonic() + call->pool->timeout + LOST_AFTER;
        move(call, CALL_RUNNING);
        call->n_tries++;
        if (transfer_begin(call, &call->error) < 0)
                move(call, CALL_DONE);
}

/* Fails a call that would have to wait longer than PATIENCE. */
static void give_up(HttpCall *call, const char *what, usec_t pause)
{
        error_done(&call->error);
        (void)error_set(&call->error, ERROR_UNREACHABLE, -EAGAIN, "%s %s %llu seconds",
                        call->pool->name, what, (unsigned long long)(pause / USEC_PER_SEC));
        move(call, CALL_DONE);
}

/* While the host that a redirect led to is paused, moves the call to the end of the waiting calls,
 * or fails it. Returns true if the call must not start. */
static bool put_off_redirected(HttpCall *call, usec_t now)
{
        usec_t until = call->other_host ? host_paused_until(call->pool, call->other_host) : 0;

        if (until <= now)
                return false;
        call->not_before = until;
        if (until - now <= PATIENCE) {
                move(call, CALL_WAITING);
                return true;
        }
        error_done(&call->error);
        (void)error_set(&call->error, ERROR_UNREACHABLE, HTTP_ELSEWHERE,
                        "%s: host '%s', to which a redirect led, asked for a pause of %llu seconds",
                        call->pool->name, call->other_host,
                        (unsigned long long)((until - now) / USEC_PER_SEC));
        move(call, CALL_DONE);
        return true;
}

static void give_up_waiting(HttpPool *pool, usec_t now)
{
        usec_t pause = pool->paused_until - now;

        if (pause <= PATIENCE)
                return;
        while (pool->queued.first)
                give_up(pool->queued.first, "asked for a pause of", pause);
        while (pool->later.first)
                give_up(pool->later.first, "asked for a pause of", pause);
        while (pool->waiting.first)
                give_up(pool->waiting.first, "asked for a pause of", pause);
}

/* While the rate limit allows no pulls, moves a pull to the waiting calls, or fails it. Other calls
 * continue. Returns true if the call left the queue. */
static bool put_off_pull(HttpCall *call, usec_t now)
{
        HttpPool *pool = call->pool;
        usec_t pause = pool->pulls_paused_until - MIN(now, pool->pulls_paused_until);

        if (!call->is_pull || pause == 0)
                return false;
        if (pause > PATIENCE)
                give_up(call, "has no pull left in its rate limit; next attempt in", pause);
        else {
                call->not_before = pool->pulls_paused_until;
                move(call, CALL_WAITING);
        }
        return true;
}

/* Returns the first call that has not started. Calls with may_wait come last, and do not use all of
 * the concurrency. Otherwise they would delay other calls at a slow server. */
static HttpCall *next_queued(const HttpPool *pool)
{
        unsigned n_free = pool->concurrency > 1 ? MAX(pool->concurrency / 8, 1U) : 0;

        if (pool->queued.first)
                return pool->queued.first;
        return pool->running.n < pool->concurrency - n_free ? pool->later.first : NULL;
}

static HttpCall *next_call(HttpPool *pool, usec_t now, usec_t *ret_wait)
{
        HttpCall *queued, *next;

        while ((queued = next_queued(pool)) && put_off_pull(queued, now))
                ;
        for (HttpCall *call = pool->waiting.first; call; call = next) {
                next = call->next;
                if (call->not_before <= now && !put_off_redirected(call, now))
                        return call;
                if (call->state == CALL_WAITING)
                        *ret_wait = MIN(*ret_wait, call->not_before - now);
        }
        return queued;
}

void pool_schedule(HttpPool *pool)
{
        usec_t now = time_monotonic(), wait = USEC_INFINITY;

        if (pool->client->is_broken)
                return; /* replace_multi() calls pool_schedule() later */
        if (sd_event_get_state(pool->client->event) == SD_EVENT_FINISHED)
                return; /* the event loop has ended: no transfer can complete */
        if (pool->paused_until > now) {
                give_up_waiting(pool, now);
                if (pool->queued.first || pool->later.first || pool->waiting.first)
                        wait = pool->paused_until - now;
        }
        while (pool->paused_until <= now && pool->running.n < pool->concurrency) {
                HttpCall *call = next_call(pool, now, &wait);
                usec_t token;

                if (!call)
                        break;
                token = wait_for_token(pool, now);
                if (token > 0) {
                        wait = MIN(wait, token);
                        break;
                }
                start(call);
        }
        if (pool->running.first) /* the first one started first */
                wait = MIN(wait,
                           pool->running.first->lost_at - MIN(now, pool->running.first->lost_at));
        /* if the timer cannot be set, the next pool_schedule() starts the calls */
        (void)lazy_timer_set(&pool->wake, wait == USEC_INFINITY ? wait : now + wait);
}

/* --- ending ----------------------------------------------------------------------------------- */

static void finish(HttpCall *call)
{
        transfer_end(call);
        move(call, CALL_DONE);
        pool_schedule(call->pool);
}

static bool may_retry(const HttpCall *call)
{
        const HttpPool *pool = call->pool;

        return call->n_tries < pool->max_tries && pool->n_failed_in_row < BREAKER_FAILURES &&
               time_monotonic() < call->deadline;
}

static void retry(HttpCall *call, usec_t wait)
{
        uint32_t chance = 0;

        if (wait == 0) {
                wait = RETRY_MIN << MIN(call->n_tries - 1, 8U);
                wait = MIN(wait, RETRY_MAX);
                /* if getrandom() fails, there is no jitter */
                (void)!getrandom(&chance, sizeof(chance), GRND_NONBLOCK);
                wait = wait / 2 + wait * (chance % 1000) / 1000;
        }
        transfer_end(call);
        call->not_before = time_monotonic() + wait;
        move(call, CALL_WAITING);
        pool_schedule(call->pool);
}

static void transfer_failed(HttpCall *call, CURLcode code)
{
        bool over_budget = call->over_budget < 0; /* not a fault of the server */

        if (!over_budget) {
                call->pool->stats.n_failures++;
                if (!failure_is_hostile(call, code)) {
                        /* not a fault of the server */
                        call->pool->n_failed_in_row +=
                                code != CURLE_OUT_OF_MEMORY && !call->other_host;
                        if (code != CURLE_PEER_FAILED_VERIFICATION && may_retry(call)) {
                                retry(call, 0);
                                return;
                        }
                }
        }
        failure_describe(call, code);
        finish(call);
}

static bool is_redirect(unsigned status)
{
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_temporary(unsigned status)
{
        return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
               status == 504;
}

static void redirect(HttpCall *call, const char *location)
{
        if (redirect_take(call, location) < 0) {
                finish(call);
                return;
        }
        transfer_end(call);
        call->not_before = 0;
        move(call, CALL_WAITING);
        pool_schedule(call->pool);
}

/* Pauses the host of the last answer, for all calls of the pool. */
static void pause_host(HttpCall *call, usec_t until)
{
        HttpPool *pool = call->pool;

        if (call->other_host)
                host_pause(pool, call->other_host, until);
        else
                pool->paused_until = MAX(pool->paused_until, until);
}

/* After a temporary failure, schedules a retry at the time that the answer names. Returns false if
 * the call must not be retried. */
static bool try_later(HttpCall *call, const HttpResponse *response)
{
        const char *text = http_header(response, "Retry-After", NULL);
        const char *at = http_header(response, "X-Retry-After", NULL);
        usec_t wait = text ? retry_after_parse(text, time_wall())
                      : at ? rate_limit_retry_at(at, time_wall())
                           : 0;
        usec_t now = time_monotonic();

        if (wait > 0) {
                wait = MIN(wait, PAUSE_MAX);
                pause_host(call, now + wait);
        }
        if (!may_retry(call) || wait > PATIENCE)
                return false;
        retry(call, wait);
        return true;
}

/* Applies the rate limits in an answer to later requests. */
static void apply_rate_limits(HttpCall *call, const HttpResponse *response)
{
        HttpPool *pool = call->pool;
        RateHeaders headers = {
                .remaining = http_header(response, "RateLimit-Remaining", NULL),
                .x_remaining = http_header(response, "X-RateLimit-Remaining", NULL),
        };
        RatePause pause;

        if (!headers.remaining && !headers.x_remaining)
                return;
        headers.reset = http_header(response, "RateLimit-Reset", NULL);
        headers.x_reset = http_header(response, "X-RateLimit-Reset", NULL);
        pause = rate_limit_read(&headers, time_wall());
        if (pause.all > 0)
                pause_host(call, time_monotonic() + MIN(pause.all, PAUSE_MAX));
        if (call->other_host)
                return;
        pool->stats.remaining = rate_limit_remaining(&headers);
        if (pause.counted > 0)
                pool->pulls_paused_until = time_monotonic() + MIN(pause.counted, PAUSE_MAX);
}

void pool_transfer_ended(HttpCall *call, CURLcode code)
{
        HttpResponse response = { .headers = &call->answer_headers };
        const char *location = NULL;
        curl_off_t took = 0;
        long status = 0;

        (void)curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &took);
        http_latency_note(&call->pool->stats.latency, (usec_t)took);
        if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && call->is_cut)) {
                transfer_failed(call, code);
                return;
        }
        (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        call->status = (unsigned)status;
        apply_rate_limits(call, &response);
        if (is_temporary(call->status)) {
                call->pool->stats.n_failures++;
                if (try_later(call, &response))
                        return;
        } else if (!call->other_host)
                call->pool->n_failed_in_row = 0;
        if (is_redirect(call->status) && call->method < HTTP_POST && !call->no_redirect)
                location = http_header(&response, "Location", NULL);
        if (location)
                redirect(call, location);
        else
                finish(call);
}

void pool_end_running(HttpPool *pool)
{
        while (pool->running.first) {
                pool->running.first->is_interrupted = !pool->client->lacked_memory;
                pool_transfer_ended(pool->running.first, CURLE_OUT_OF_MEMORY);
        }
}

/* Ends a transfer that libcurl lost because memory ran out. If there is none, starts the next
 * calls. */
static void on_wake(void *userdata)
{
        HttpPool *pool = userdata;

        if (pool->running.first && pool->running.first->lost_at <= time_monotonic()) {
                pool_transfer_ended(pool->running.first, CURLE_OPERATION_TIMEDOUT);
                pool->client->on_lost(pool->client);
        } else
                pool_schedule(pool);
}

bool pool_has_done(const HttpPool *pool)
{
        return pool->done.first != NULL;
}

/* Calls the completions of finished calls. Calls that finish in the meantime wait for the next
 * turn. */
void pool_complete_done(HttpPool *pool, usec_t until)
{
        bool is_first = true;

        for (unsigned n = pool->done.n; n > 0 && pool->done.first; n--) {
                HttpCall *call = pool->done.first;
                HttpResponse response = { .status = call->status,
                                          .url = call->url,
                                          .body = call->answer.data,
                                          .body_size = call->answer.size,
                                          .headers = &call->answer_headers };

                if (!is_first && time_monotonic() >= until)
                        return;
                is_first = false;
                list_remove(call);
                http_call_uncharge(call);
                if (call->error.kind != ERROR_NONE)
                        call->done(NULL, &call->error, call->userdata);
                else
                        call->done(&response, NULL, call->userdata);
                http_call_free(call);
        }
}

/* --- calls and pools -------------------------------------------------------------------------- */

int http_start(HttpPool *pool, const HttpRequest *request, HttpDone done, void *userdata,
               HttpCall **ret, Error *err)
{
        HttpCall *call = http_call_new(pool, request, err);

        if (!call)
                return -ENOMEM;
        call->done = done;
        call->userdata = userdata;
        call->deadline = time_monotonic() + 3 * pool->timeout + PATIENCE;
        list_append(call, CALL_QUEUED);
        *ret = call;
        pool_schedule(pool);
        return 0;
}

int http_pool_new(HttpClient *client, const HttpPoolOptions *options, HttpPool **ret, Error *err)
{
        HttpPool *pool = calloc(1, sizeof(*pool));
        int r;

        if (!pool)
                return error_oom(err);
        pool->stats.remaining = -1;
        pool->client = client;
        pool->next = client->pools;
        client->pools = pool;
        pool->concurrency = MAX(options->concurrency, 1U);
        pool->per_second = options->per_second;
        pool->tokens = options->per_second;
        pool->tokens_at = time_monotonic();
        pool->timeout = options->timeout;
        pool->silence = options->silence > 0 ? options->silence : SILENCE_DEFAULT;
        pool->max_tries = options->max_tries > 0 ? options->max_tries : TRIES_DEFAULT;
        pool->allow_plain = options->allow_plain;
        pool->hide_path = options->hide_path;
        pool->ca_option = options->ca_option;
        pool->name = strdup(options->name);
        pool->origin = options->origin ? strdup(options->origin) : NULL;
        pool->unix_socket = options->unix_socket ? strdup(options->unix_socket) : NULL;
        pool->proxy = options->proxy ? strdup(options->proxy) : NULL;
        pool->ca_file = options->ca_file ? strdup(options->ca_file) : NULL;
        pool->cert_file = options->cert_file ? strdup(options->cert_file) : NULL;
        pool->key_file = options->key_file ? strdup(options->key_file) : NULL;
        r = lazy_timer_init(&pool->wake, client->event, on_wake, pool);
        if (r < 0 || !pool->name || (options->origin && !pool->origin) ||
            (options->unix_socket && !pool->unix_socket) || (options->proxy && !pool->proxy) ||
            (options->ca_file && !pool->ca_file) || (options->cert_file && !pool->cert_file) ||
            (options->key_file && !pool->key_file)) {
                http_pool_free(pool);
                return error_oom(err);
        }
        *ret = pool;
        return 0;
}

static void cancel_all(CallList *list)
{
        while (list->first) {
                HttpCall *call = list->first;

                transfer_end(call);
                list_remove(call);
                http_call_free(call);
        }
}

HttpPool *http_pool_free(HttpPool *pool)
{
        if (!pool)
                return NULL;
        cancel_all(&pool->queued);
        cancel_all(&pool->later);
        cancel_all(&pool->waiting);
        cancel_all(&pool->running);
        cancel_all(&pool->done);
        for (size_t i = 0; i < pool->n_idle; i++)
                curl_easy_cleanup(pool->idle[i]);
        free(pool->idle);
        for (HttpPool **at = &pool->client->pools; *at; at = &(*at)->next)
                if (*at == pool) {
                        *at = pool->next;
                        break;
                }
        lazy_timer_done(&pool->wake);
        host_pauses_done(pool);
        free(pool->name);
        free(pool->origin);
        free(pool->unix_socket);
        free(pool->proxy);
        free(pool->ca_file);
        free(pool->cert_file);
        free(pool->key_file);
        free(pool);
        return NULL;
}

void http_pool_stats(const HttpPool *pool, HttpPoolStats *ret)
{
        *ret = pool->stats;
        ret->n_active = pool->running.n;
        ret->n_waiting = pool->queued.n + pool->later.n + pool->waiting.n;
        ret->paused_until = pool->paused_until > time_monotonic() ? pool->paused_until : 0;
}
