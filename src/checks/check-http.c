/* Runs a check as an HTTP request. The request is sent again until an answer decides.
 *
 *   sent --an expected status--> passed
 *    |  \--any other status--> failed
 *    |  \--no answer, 408, 429, 5xx--> pause, longer each time --> sent
 *    `--timeout, also in a pause--> failed, with the last problem */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "base/text.h"
#include "checks/check-runs.h"
#include "lock/format.h"

#define REQUEST_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define ANSWER_ARENA_MAX  ((size_t)1024 * 1024)
#define RETRY_FIRST       USEC_PER_SEC
#define RETRY_MAX         (30 * USEC_PER_SEC)

struct CheckHttp {
        CheckRun *run;
        HttpPool *pool;
        Arena arena;            /* holds headers and body */
        const char *headers[9]; /* ends with NULL */
        const char *body;
        HttpCall *call;         /* NULL during a pause */
        sd_event_source *timer; /* the end of the pause, or the deadline */
        usec_t deadline;        /* monotonic */
        unsigned n_tries;
        Arena answer;                 /* holds problem and output */
        const char *problem, *output; /* of the last attempt; NULL: none */
};

/* The connection pool for one check of the configuration. */
struct CheckPool {
        CheckPool *next;
        const CheckRunSpec *spec;
        HttpPool *pool;
};

/* --- the result ------------------------------------------------------------------------------- */

static const char *method_of(const CheckHttp *http)
{
        return check_method_names[http->run->spec->http.method];
}

/* Returns the size of the URL without its query, which may contain a secret. */
static int url_size(const CheckHttp *http)
{
        return (int)strcspn(http->run->spec->http.url, "?#");
}

static bool is_expected(const CheckHttp *http, unsigned status)
{
        const Strings *expected = &http->run->spec->http.statuses;
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", status);
        return expected->n == 0 ? status == 200 : strings_has(expected, text);
}

static bool is_temporary(unsigned status)
{
        return status == 408 || status == 429 || status >= 500;
}

/* Returns the output if it is one line, to add it to a message about the status. Otherwise returns
 * "". */
static const char *only_line(const char *output, Arena *arena)
{
        const char *end = output ? strchr(output, '\n') : NULL;
        const char *line = "";

        if (output && (!end || !end[strspn(end, " \t\n")]))
                line = check_output_line(output, arena);
        return line ? line : "";
}

static const char *describe_status(CheckHttp *http, unsigned status)
{
        const char *line = only_line(http->output, &http->answer);
        bool is_redirect = status >= 300 && status < 400;

        return arena_printf(&http->answer, "%s %.*s answered with status %u%s%s%s", method_of(http),
                            url_size(http), http->run->spec->http.url, status,
                            is_redirect ? " (redirects are not followed)" : "", line[0] ? ": " : "",
                            line);
}

/* Ends the run, which frees http. Then the runner can start a waiting run. */
static void end(CheckHttp *http, const CheckEnd *ret)
{
        const Programs *programs = &http->run->runner->programs;

        http->run->ended(http->run, ret);
        programs->turned(programs->userdata);
}

static void end_late(CheckHttp *http)
{
        char limit[DURATION_TEXT_SIZE];
        CheckEnd ret = { .output = http->output };

        (void)duration_format(http->run->spec->timeout, limit);
        ret.message = http->problem
                              ? arena_printf(&http->answer, "no answer that decides within %s: %s",
                                             limit, http->problem)
                              : arena_printf(&http->answer, "%s %.*s: no answer within %s",
                                             method_of(http), url_size(http),
                                             http->run->spec->http.url, limit);
        end(http, &ret);
}

/* --- attempts --------------------------------------------------------------------------------- */

/* Sends the request again after a pause, but not after the deadline. */
static void pause_after(CheckHttp *http, const char *problem)
{
        usec_t wait = MIN(RETRY_FIRST << MIN(http->n_tries, 8U), RETRY_MAX);
        usec_t at = time_monotonic() + wait;

        http->n_tries++;
        http->problem = problem;
        /* if this fails, relmand sends no more requests, and the check times out by its spec */
        (void)sd_event_source_set_time(http->timer, MIN(at, http->deadline));
        (void)sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        CheckHttp *http = userdata;
        CheckOutput body = { 0 };
        CheckEnd ret = { 0 };

        http->call = NULL;
        arena_clear(&http->answer);
        http->problem = http->output = NULL;
        if (error) {
                pause_after(http, arena_strdup(&http->answer, error_message(error)));
                return;
        }
        body = (CheckOutput){ .data = response->body, .size = response->body_size };
        /* if memory ran out, the result has no output */
        http->output = body.size > 0 ? check_output_text(&body, &http->answer) : NULL;
        ret.passed = is_expected(http, response->status);
        ret.output = http->output;
        if (!ret.passed)
                ret.message = describe_status(http, response->status);
        if (!ret.passed && is_temporary(response->status))
                pause_after(http, ret.message);
        else
                end(http, &ret);
}

/* Reads the token for each request, so that a changed token applies without a restart. */
static int read_authorization(const CheckHttp *http, char **ret, Error *err)
{
        const CheckHttpSpec *spec = &http->run->spec->http;
        _cleanup_(secret_forget) char *token = NULL;
        int r;

        r = secret_read(&(SecretPlace){ .file = spec->token_file,
                                        .credential = spec->token_credential,
                                        .folder = http->run->runner->control->options.credentials },
                        &token, err);
        if (r < 0 || !token)
                return r;
        *ret = text_printf("Bearer %s", token);
        return *ret ? 0 : error_oom(err);
}

static int send_once(CheckHttp *http, Error *err)
{
        static const HttpMethod methods[CHECK_METHOD_MAX_] = {
                [CHECK_GET] = HTTP_GET, [CHECK_POST] = HTTP_POST
        };
        const CheckHttpSpec *spec = &http->run->spec->http;
        _cleanup_(secret_forget) char *authorization = NULL;
        HttpRequest request = { .method = methods[spec->method],
                                .url = spec->url,
                                .headers = http->headers,
                                .body = http->body,
                                .content_type = http->body ? "application/json" : NULL,
                                .body_max = CHECK_OUTPUT_MAX,
                                .cut_body = true,
                                .no_redirect = true };
        int r = read_authorization(http, &authorization, err);

        if (r < 0)
                return r;
        request.authorization = authorization;
        return http_start(http->pool, &request, on_answer, http, &http->call, err);
}

/* Sends the request. If that fails, for example because the token cannot be read, tries again after
 * a pause: the problem may disappear before the deadline. */
static void attempt(CheckHttp *http)
{
        _cleanup_(error_done) Error error = { 0 };

        if (send_once(http, &error) < 0) {
                arena_clear(&http->answer);
                http->output = NULL;
                pause_after(http, arena_strdup(&http->answer, error_message(&error)));
                return;
        }
        (void)sd_event_source_set_time(http->timer, http->deadline);
        (void)sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        CheckHttp *http = userdata;

        (void)source, (void)usec;
        if (time_monotonic() < http->deadline)
                attempt(http);
        else
                end_late(http);
        return 0;
}

/* --- the start -------------------------------------------------------------------------------- */

static int make_headers(CheckHttp *http, const Lock *lock)
{
        const CheckRun *run = http->run;
        const char *promotion = run->promotion_id.text;
        const struct {
                const char *name, *value;
        } all[] = {
                { "Tenant", run->tenant },
                { "Environment", lock->environment },
                { "Release", lock->release.name },
                { "Release-Id", run->release_id.text },
                { "Lock-Digest", lock->lock_digest },
                { "Check", run->name },
                { "Check-When", promotion[0] ? "after" : "before" },
                { "Promotion-Id", promotion },
        };
        size_t n = 0;

        _Static_assert(ARRAY_SIZE(all) < ARRAY_SIZE(http->headers), "");
        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
                if (!all[i].value[0])
                        continue;
                http->headers[n] =
                        arena_printf(&http->arena, "Relman-%s: %s", all[i].name, all[i].value);
                if (!http->headers[n++])
                        return -ENOMEM;
        }
        return 0;
}

static int make_request(CheckHttp *http, Error *err)
{
        Lock lock = { 0 };
        LockFiles files;
        int r;

        r = check_lock(http->run, &http->arena, &lock, err);
        if (r < 0)
                return r;
        if (make_headers(http, &lock) < 0)
                return error_oom(err);
        if (http->run->spec->http.method == CHECK_GET)
                return 0;
        r = lock_format_write(&lock, LOCK_JSON, &http->arena, &files, err);
        if (r < 0)
                return r;
        http->body = arena_strndup(&http->arena, files.items[0].data, files.items[0].size);
        return http->body ? 0 : error_oom(err);
}

static int pool_new(CheckRunner *runner, const CheckRunSpec *spec, CheckPool **ret, Error *err)
{
        _cleanup_(freep) char *name = text_printf("the server of check '%s'", spec->name);
        CheckPool *pool = calloc(1, sizeof(*pool));
        int r;

        if (!name || !pool) {
                free(pool);
                return error_oom(err);
        }
        /* the time limits of the pool must be longer than the deadline of the check */
        r = http_pool_new(
                runner->control->http,
                &(HttpPoolOptions){ .name = name,
                                    .concurrency = CHECK_RUNS_MAX,
                                    .timeout = spec->timeout + USEC_PER_MIN,
                                    .silence = (unsigned)(spec->timeout / USEC_PER_SEC) + 60,
                                    .allow_plain = true,
                                    .ca_file = spec->http.ca_file,
                                    .ca_option = "caFile of the check",
                                    .max_tries = 1 },
                &pool->pool, err);
        if (r < 0) {
                free(pool);
                return r;
        }
        pool->spec = spec;
        pool->next = runner->pools;
        *ret = runner->pools = pool;
        return 0;
}

static int find_pool(CheckRunner *runner, const CheckRunSpec *spec, HttpPool **ret, Error *err)
{
        CheckPool *pool = runner->pools;
        int r;

        while (pool && pool->spec != spec)
                pool = pool->next;
        r = pool ? 0 : pool_new(runner, spec, &pool, err);
        if (r >= 0)
                *ret = pool->pool;
        return r;
}

int check_http_start(CheckRun *run, Error *err)
{
        CheckHttp *http = calloc(1, sizeof(*http));
        int r;

        if (!http)
                return error_oom(err);
        http->run = run;
        http->deadline = time_monotonic() + run->spec->timeout;
        arena_init(&http->arena, REQUEST_ARENA_MAX);
        arena_init(&http->answer, ANSWER_ARENA_MAX);
        r = make_request(http, err);
        if (r >= 0)
                r = find_pool(run->runner, run->spec, &http->pool, err);
        if (r >= 0) {
                r = sd_event_add_time(run->runner->control->event, &http->timer, CLOCK_MONOTONIC,
                                      http->deadline, USEC_PER_SEC / 10, on_timer, http);
                if (r < 0)
                        (void)error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        if (r < 0) {
                check_http_leave(http);
                return r;
        }
        run->http = http;
        attempt(http);
        return 0;
}

CheckHttp *check_http_leave(CheckHttp *http)
{
        if (!http)
                return NULL;
        http->call = http_call_cancel(http->call);
        sd_event_source_disable_unref(http->timer);
        arena_done(&http->arena);
        arena_done(&http->answer);
        free(http);
        return NULL;
}

void check_pools_free(CheckRunner *runner)
{
        for (CheckPool *pool = runner->pools, *next; pool; pool = next) {
                next = pool->next;
                http_pool_free(pool->pool);
                free(pool);
        }
        runner->pools = NULL;
}
