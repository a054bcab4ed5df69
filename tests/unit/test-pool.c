/* Tests the order in which the calls of a pool start, calls that may wait, canceled calls, and
 * calls of a pool that is freed. */

#include "host.h"
#include "http/internal.h"
#include "unit.h"

#define CALLS_MAX   300
#define CONCURRENCY 8 /* limit of most pools here; calls that may wait leave one place free */

typedef struct Ended {
        unsigned n;
        unsigned calls[CALLS_MAX]; /* the calls in the order in which they ended */
        unsigned n_failed;
        char message[500]; /* message of the last call that failed */
} Ended;

typedef struct Asked {
        Ended *ended;
        unsigned at;
        HttpCall *call; /* NULL: the call has ended */
} Asked;

static Host *host;
static sd_event *event;
static HttpClient *http;
static Ended ended;
static Asked asked[CALLS_MAX];

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        host = host_start();
        host->n_tags = HOST_TAGS_MAX;
        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(http_client_new(event, "test", &http, &error), 0);
        ended = (Ended){ 0 };
        memset(asked, 0, sizeof(asked));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        http = http_client_free(http);
        event = sd_event_unref(event);
        host_stop(host);
        return 0;
}

static HttpPool *make_pool(unsigned concurrency)
{
        const HttpPoolOptions options = { .name = "registry 'test'",
                                          .concurrency = concurrency,
                                          .timeout = USEC_PER_MIN,
                                          .allow_plain = true,
                                          .max_tries = 1 };
        HttpPool *pool = NULL;
        Error error = { 0 };

        assert_int_equal(http_pool_new(http, &options, &pool, &error), 0);
        return pool;
}

static void on_end(const HttpResponse *response, const Error *error, void *userdata)
{
        Asked *call = userdata;

        call->call = NULL;
        call->ended->calls[call->ended->n++] = call->at;
        call->ended->n_failed += error || response->status != 200;
        if (error)
                (void)snprintf(call->ended->message, sizeof(call->ended->message), "%s",
                               error_message(error));
}

static void ask_path(HttpPool *pool, unsigned at, bool may_wait, const char *path)
{
        char url[200];
        const HttpRequest request = {
                .method = HTTP_HEAD, .url = url, .body_max = 500, .may_wait = may_wait
        };
        Error error = { 0 };

        (void)snprintf(url, sizeof(url), "http://%s%s", host->name, path);
        asked[at] = (Asked){ .ended = &ended, .at = at };
        assert_int_equal(http_start(pool, &request, on_end, &asked[at], &asked[at].call, &error),
                         0);
}

static void ask(HttpPool *pool, unsigned at, bool may_wait)
{
        char path[100];

        (void)snprintf(path, sizeof(path), "/v2/app/a/manifests/v1.%u.0", at);
        ask_path(pool, at, may_wait, path);
}

static void run_until_ended(unsigned n)
{
        while (ended.n < n)
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
}

/* Runs until the server has read n requests of a test. */
static void run_until_read(unsigned n)
{
        while (host->n_requests < n)
                assert_true(sd_event_run(event, USEC_PER_MSEC) >= 0);
}

/* Makes one call. libcurl opens more connections only when it knows that the server has no
 * HTTP/2. */
static void connect_first(HttpPool *pool)
{
        ask(pool, 0, false);
        run_until_ended(1);
        ended = (Ended){ 0 };
        host->n_requests = 0;
}

static unsigned count_active(const HttpPool *pool)
{
        HttpPoolStats stats;

        http_pool_stats(pool, &stats);
        return stats.n_active;
}

static unsigned count_waiting(const HttpPool *pool)
{
        HttpPoolStats stats;

        http_pool_stats(pool, &stats);
        return stats.n_waiting;
}

static void test_calls_start_in_order_and_those_that_may_wait_after_all_others(void **state)
{
        static const unsigned order[] = { 0, 3, 4, 7, 1, 2, 5, 6 };
        HttpPool *pool = make_pool(1);

        (void)state;
        for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
                ask(pool, i, i == 1 || i == 2 || i == 5 || i == 6);
        run_until_ended(ARRAY_SIZE(order));
        assert_memory_equal(ended.calls, order, sizeof(order));
        assert_int_equal(ended.n_failed, 0);
        http_pool_free(pool);
}

static void test_many_calls_keep_their_order(void **state)
{
        HttpPool *pool = make_pool(1);

        (void)state;
        for (unsigned i = 0; i < CALLS_MAX; i++)
                ask(pool, i, i % 2 > 0);
        run_until_ended(CALLS_MAX);
        for (unsigned i = 0; i < CALLS_MAX; i++)
                assert_int_equal(ended.calls[i],
                                 i < CALLS_MAX / 2 ? 2 * i : 2 * (i - CALLS_MAX / 2) + 1);
        http_pool_free(pool);
}

static void test_calls_that_may_wait_leave_places_free(void **state)
{
        HttpPool *pool = make_pool(CONCURRENCY);

        (void)state;
        connect_first(pool);
        host->holds_below = HOST_TAGS_MAX;
        for (unsigned i = 0; i < 2 * CONCURRENCY; i++)
                ask(pool, i, true);
        assert_int_equal(count_active(pool), CONCURRENCY - 1);
        assert_int_equal(count_waiting(pool), CONCURRENCY + 1);
        run_until_read(CONCURRENCY - 1);
        ask(pool, 2 * CONCURRENCY, false);
        ask(pool, 2 * CONCURRENCY + 1, false);
        assert_int_equal(count_active(pool), CONCURRENCY);
        run_until_read(CONCURRENCY);
        host->holds_below = 0;
        run_until_ended(2 * CONCURRENCY + 2);
        assert_int_equal(ended.n_failed, 0);
        assert_int_equal(count_active(pool) + count_waiting(pool), 0);
        http_pool_free(pool);
}

static void test_a_canceled_call_gives_its_place_and_never_ends(void **state)
{
        HttpPool *pool = make_pool(1);

        (void)state;
        connect_first(pool);
        host->holds_below = HOST_TAGS_MAX;
        for (unsigned i = 0; i < 6; i++)
                ask(pool, i, i >= 3);
        run_until_read(1);
        http_call_cancel(asked[0].call); /* this call is running */
        http_call_cancel(asked[2].call); /* the last calls of the two lists */
        http_call_cancel(asked[5].call);
        http_call_cancel(asked[3].call); /* the first call of its list */
        assert_int_equal(count_active(pool), 1);
        assert_int_equal(count_waiting(pool), 1);
        host->holds_below = 0;
        run_until_ended(2);
        assert_int_equal(ended.calls[0], 1);
        assert_int_equal(ended.calls[1], 4);
        assert_int_equal(count_active(pool) + count_waiting(pool), 0);
        http_pool_free(pool);
}

static void test_no_call_of_a_pool_ends_after_the_pool_is_freed(void **state)
{
        HttpPool *pool = make_pool(CONCURRENCY), *other = make_pool(1);

        (void)state;
        connect_first(pool);
        host->holds_below = HOST_TAGS_MAX;
        for (unsigned i = 0; i < 4 * CONCURRENCY; i++)
                ask(pool, i, i % 2 > 0);
        run_until_read(CONCURRENCY);
        host->holds_below = 0;
        http_pool_free(pool);
        ask(other, CALLS_MAX - 1, false);
        run_until_ended(1);
        assert_int_equal(ended.calls[0], CALLS_MAX - 1);
        http_pool_free(other);
        assert_int_equal(ended.n, 1);
}

static void test_all_calls_fail_if_the_server_asks_for_a_long_pause(void **state)
{
        HttpPool *pool = make_pool(1);

        (void)state;
        ask_path(pool, 0, false, "/busy");
        for (unsigned i = 1; i < 7; i++)
                ask(pool, i, i >= 4);
        run_until_ended(7);
        assert_int_equal(ended.n_failed, 7);
        assert_int_equal(host->n_requests, 1);
        assert_int_equal(count_active(pool) + count_waiting(pool), 0);
        http_pool_free(pool);
}

/* If libcurl loses a transfer, relman interrupts the other transfers. Their error must not be a
 * lack of memory. */
static void test_interrupted_calls_say_that_they_were_interrupted(void **state)
{
        HttpPool *pool = make_pool(1);

        (void)state;
        connect_first(pool);
        host->holds_below = HOST_TAGS_MAX;
        ask(pool, 0, false);
        run_until_read(1);
        http->on_lost(http);
        run_until_ended(1);
        assert_int_equal(ended.n_failed, 1);
        assert_non_null(strstr(ended.message, "interrupted: another transfer did not end"));
        host->holds_below = 0;
        ask(pool, 1, false);
        run_until_ended(2);
        assert_int_equal(ended.n_failed, 1);
        http_pool_free(pool);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_calls_start_in_order_and_those_that_may_wait_after_all_others),
        CASE(test_many_calls_keep_their_order),
        CASE(test_calls_that_may_wait_leave_places_free),
        CASE(test_a_canceled_call_gives_its_place_and_never_ends),
        CASE(test_no_call_of_a_pool_ends_after_the_pool_is_freed),
        CASE(test_interrupted_calls_say_that_they_were_interrupted),
        CASE(test_all_calls_fail_if_the_server_asks_for_a_long_pause),
};
TEST_PROGRAM("pool", tests, NULL, NULL)
