/* Tests the work queue and the dependents of subjects. */

#include "failing.h"
#include "queue/dependents.h"
#include "queue/queue.h"
#include "unit.h"

enum {
        KIND_PLAIN,
        KIND_FAILING,
        KIND_LATER,
        KIND_SLOW,
        N_KINDS,
};

#define RETRY_MIN USEC_PER_HOUR
#define RETRY_MAX (4 * USEC_PER_HOUR)

typedef struct Seen {
        char order[64]; /* ids of the handled keys, in order */
        size_t n;
        size_t n_turns;
        usec_t (*then)(const char *id);
} Seen;

static sd_event *event;
static Queue *queue;
static Seen seen;

static usec_t on_key(void *userdata, const char *id, usec_t now)
{
        assert_ptr_equal(userdata, &seen);
        assert_true(now <= time_monotonic());
        seen.order[seen.n++] = id[0];
        return seen.then ? seen.then(id) : QUEUE_DONE;
}

static usec_t on_failing(void *userdata, const char *id, usec_t now)
{
        (void)on_key(userdata, id, now);
        return QUEUE_FAILED;
}

static usec_t on_later(void *userdata, const char *id, usec_t now)
{
        (void)on_key(userdata, id, now);
        return now + USEC_PER_HOUR;
}

static void add_all(void *userdata, unsigned kind)
{
        assert_ptr_equal(userdata, &seen);
        assert_int_equal(kind, KIND_PLAIN);
        queue_add(queue, KIND_PLAIN, "a", 0, "all");
        queue_add(queue, KIND_PLAIN, "b", 0, "all");
}

static const QueueKind kinds[N_KINDS] = {
        [KIND_PLAIN] = { .name = "plain", .reconcile = on_key },
        [KIND_FAILING] = { .name = "failing",
                           .reconcile = on_failing,
                           .retry_min = RETRY_MIN,
                           .retry_max = RETRY_MAX },
        [KIND_LATER] = { .name = "later", .reconcile = on_later },
        [KIND_SLOW] = { .name = "slow", .reconcile = on_key, .is_slow = true },
};

static void on_turned(void *userdata)
{
        assert_ptr_equal(userdata, &seen);
        seen.n_turns++;
}

static int set_up(void **state)
{
        const QueueOptions options = { .kinds = kinds,
                                       .n_kinds = N_KINDS,
                                       .add_all = add_all,
                                       .turned = on_turned,
                                       .userdata = &seen };
        Error error = { 0 };

        (void)state;
        memset(&seen, 0, sizeof(seen));
        return sd_event_new(&event) < 0 || queue_new(event, &options, &queue, &error) < 0;
}

static int tear_down(void **state)
{
        (void)state;
        queue = queue_free(queue);
        event = sd_event_unref(event);
        return 0;
}

static void add_kind(unsigned kind, const char *id)
{
        queue_add(queue, kind, id, 0, "test");
        while (time_monotonic() == queue_at(queue, kind, id))
                ; /* waits for the next microsecond, to give each key another time */
}

static void add(const char *id)
{
        add_kind(KIND_PLAIN, id);
}

static void turn(void)
{
        queue_turn(queue, USEC_INFINITY);
}

/* --- the queue -------------------------------------------------------------------------------- */

static void test_a_key_is_handled_once_however_often_it_was_added(void **state)
{
        (void)state;
        add("b");
        add("a");
        add("b");
        add("c");
        turn();
        assert_string_equal(seen.order, "bac");
        turn();
        assert_int_equal(seen.n, 3);
        assert_int_equal(queue_n_runs(queue, KIND_PLAIN), 3);
        assert_int_equal(queue_at(queue, KIND_PLAIN, "b"), USEC_INFINITY);
}

static void test_keys_of_two_kinds_are_two(void **state)
{
        (void)state;
        add("a");
        queue_add(queue, KIND_LATER, "a", 0, "test");
        turn();
        assert_int_equal(queue_n_runs(queue, KIND_PLAIN), 1);
        assert_int_equal(queue_n_runs(queue, KIND_LATER), 1);
}

static void test_the_earliest_time_counts(void **state)
{
        usec_t now = time_monotonic(), later = now + USEC_PER_HOUR;

        (void)state;
        queue_add(queue, KIND_PLAIN, "a", later, "test");
        turn();
        assert_int_equal(seen.n, 0);
        assert_false(queue_is_due(queue, now));
        queue_add(queue, KIND_PLAIN, "a", later + 1, "test");
        assert_int_equal(queue_at(queue, KIND_PLAIN, "a"), later);
        queue_add(queue, KIND_PLAIN, "a", later - 1, "test");
        assert_int_equal(queue_at(queue, KIND_PLAIN, "a"), later - 1);
        assert_true(queue_is_due(queue, later));
        queue_add(queue, KIND_PLAIN, "a", 0, "test");
        turn();
        assert_int_equal(seen.n, 1);
        assert_int_equal(queue_at(queue, KIND_PLAIN, "a"), USEC_INFINITY);
}

static void test_a_handler_says_when_its_key_is_due_again(void **state)
{
        usec_t now = time_monotonic();

        (void)state;
        queue_add(queue, KIND_LATER, "a", 0, "test");
        turn();
        assert_true(queue_at(queue, KIND_LATER, "a") >= now + USEC_PER_HOUR);
        assert_true(queue_at(queue, KIND_LATER, "a") <= time_monotonic() + USEC_PER_HOUR);
}

static void test_the_pause_doubles_with_each_failure(void **state)
{
        usec_t pause[4];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(pause); i++) {
                usec_t before = time_monotonic();

                queue_add(queue, KIND_FAILING, "a", 0, "test");
                turn();
                pause[i] = (queue_at(queue, KIND_FAILING, "a") - before) / RETRY_MIN;
        }
        assert_int_equal(pause[0], 1);
        assert_int_equal(pause[1], 2);
        assert_int_equal(pause[2], 4);
        assert_int_equal(pause[3], 4); /* the longest pause */
        queue_remove(queue, KIND_FAILING, "a");
        queue_add_failed(queue, KIND_FAILING, "a", "test");
        assert_true(queue_at(queue, KIND_FAILING, "a") <= time_monotonic() + RETRY_MIN);
}

static usec_t add_itself(const char *id)
{
        if (seen.n < 3)
                queue_add(queue, KIND_PLAIN, id, 0, "test");
        return QUEUE_DONE;
}

static void test_a_handler_may_add_its_own_key(void **state)
{
        (void)state;
        seen.then = add_itself;
        add("a");
        turn();
        turn();
        turn();
        assert_int_equal(seen.n, 3);
}

static usec_t remove_all(const char *id)
{
        queue_remove(queue, KIND_PLAIN, id);
        queue_remove(queue, KIND_PLAIN, "b");
        return time_monotonic() + 1; /* the key was removed: it must not become due again */
}

static void test_a_handler_may_remove_keys_its_own_too(void **state)
{
        (void)state;
        seen.then = remove_all;
        add("a");
        add("b");
        turn();
        assert_string_equal(seen.order, "a");
        assert_int_equal(queue_at(queue, KIND_PLAIN, "a"), USEC_INFINITY);
        assert_false(queue_is_due(queue, USEC_INFINITY - 1));
}

static usec_t remove_and_add(const char *id)
{
        queue_remove(queue, KIND_PLAIN, id);
        if (seen.n == 1)
                queue_add(queue, KIND_PLAIN, id, 0, "test");
        return QUEUE_DONE;
}

static void test_a_key_that_was_removed_may_be_added_in_one_handler(void **state)
{
        (void)state;
        seen.then = remove_and_add;
        add("a");
        turn();
        turn();
        assert_int_equal(seen.n, 2);
}

static void test_a_turn_ends_when_its_time_is_over(void **state)
{
        (void)state;
        add("a");
        add("b");
        /* a turn without time calls one handler, to make progress */
        queue_turn(queue, 0);
        assert_string_equal(seen.order, "a");
        /* the loop gives the queue another turn */
        assert_true(sd_event_run(event, USEC_PER_SEC) > 0);
        assert_string_equal(seen.order, "ab");
}

static void test_slow_keys_wait_for_the_turn_after_quick_ones(void **state)
{
        (void)state;
        add("q");
        add_kind(KIND_SLOW, "s");
        add_kind(KIND_SLOW, "t");
        turn();
        assert_string_equal(seen.order, "q");
        assert_true(queue_is_due(queue, time_monotonic()));
        turn();
        assert_string_equal(seen.order, "qst");
        assert_int_equal(seen.n_turns, 2);
}

static void test_the_loop_gives_turns(void **state)
{
        (void)state;
        assert_int_equal(sd_event_run(event, 0), 0); /* nothing is due */
        queue_add(queue, KIND_PLAIN, "a", time_monotonic() + USEC_PER_HOUR, "test");
        assert_int_equal(sd_event_run(event, 0), 0);
        queue_kick(queue);
        assert_true(sd_event_run(event, USEC_PER_SEC) > 0);
        assert_int_equal(seen.n_turns, 1);
        assert_int_equal(seen.n, 0);
        add("b");
        assert_true(sd_event_run(event, USEC_PER_SEC) > 0);
        assert_string_equal(seen.order, "b");
        assert_int_equal(queue_at(queue, KIND_PLAIN, "b"), USEC_INFINITY);
        /* the key that is due in an hour is not handled */
        assert_int_equal(sd_event_run(event, 0), 0);
}

/* Adding two keys fails for lack of memory. The first attempt to find the lost keys fails too. */
static void test_keys_that_there_was_no_memory_for_are_handled_later(void **state)
{
        (void)state;
        failing_arm(FAILING_ALLOCATIONS, 1, true);
        queue_add(queue, KIND_PLAIN, "a", 0, "test");
        /* lost keys do not count as due */
        assert_false(queue_is_due(queue, USEC_INFINITY - 1));
        assert_true(sd_event_run(event, 2 * QUEUE_LOST_WAIT) > 0);
        (void)failing_disarm();
        assert_int_equal(seen.n, 0);
        assert_true(sd_event_run(event, 2 * QUEUE_LOST_WAIT) > 0);
        assert_string_equal(seen.order, "ab");
        assert_false(queue_is_due(queue, USEC_INFINITY - 1));
        assert_int_equal(sd_event_run(event, 0), 0);
}

/* --- dependents ------------------------------------------------------------------------------- */

static void wake(const Dependents *dependents, const char *subject)
{
        memset(seen.order, 0, sizeof(seen.order));
        seen.n = 0;
        dependents_wake(dependents, subject, queue, "test");
        turn();
}

static void test_only_what_depends_on_a_subject_is_woken(void **state)
{
        Dependents dependents = { 0 };

        (void)state;
        assert_int_equal(dependents_add(&dependents, "x", KIND_PLAIN, "a"), 0);
        /* the key depends on the subject already */
        assert_int_equal(dependents_add(&dependents, "x", KIND_PLAIN, "a"), 0);
        assert_int_equal(dependents_add(&dependents, "y", KIND_PLAIN, "a"), 0);
        assert_int_equal(dependents_add(&dependents, "y", KIND_PLAIN, "b"), 0);
        wake(&dependents, "x");
        assert_string_equal(seen.order, "a");
        wake(&dependents, "y");
        assert_int_equal(seen.n, 2);
        wake(&dependents, "z");
        assert_int_equal(seen.n, 0);
        dependents_remove(&dependents, KIND_PLAIN, "a");
        wake(&dependents, "x");
        assert_int_equal(seen.n, 0);
        wake(&dependents, "y");
        assert_string_equal(seen.order, "b");
        /* the key depends on no subject any more */
        dependents_remove(&dependents, KIND_PLAIN, "a");
        dependents_remove(&dependents, KIND_PLAIN, "b");
        assert_int_equal(dependents.subjects.n + dependents.keys.n, 0);
        dependents_done(&dependents);
}

/* Counts the calls for each key. The test compares the counts with a table. */
static void count(unsigned kind, const char *id, void *userdata)
{
        size_t *n = userdata;

        assert_int_equal(kind, KIND_PLAIN);
        n[strtoul(id, NULL, 10)]++;
}

static void test_dependents_are_those_of_the_table_under_any_order_of_calls(void **state)
{
        enum {
                N = 12
        };
        static bool depends[N][N]; /* indexes: key, subject */
        Dependents dependents = { 0 };
        uint64_t seed = 7;

        (void)state;
        for (size_t step = 0; step < 5000; step++) {
                size_t key = test_random(&seed) % N, subject = test_random(&seed) % N;
                size_t n[N] = { 0 };
                char id[4], text[4];

                (void)snprintf(id, sizeof(id), "%zu", key);
                (void)snprintf(text, sizeof(text), "%zu", subject);
                if (test_random(&seed) % 4) {
                        assert_int_equal(dependents_add(&dependents, text, KIND_PLAIN, id), 0);
                        depends[key][subject] = true;
                } else {
                        dependents_remove(&dependents, KIND_PLAIN, id);
                        memset(depends[key], 0, sizeof(depends[key]));
                }
                dependents_find(&dependents, text, count, n);
                for (size_t i = 0; i < N; i++)
                        assert_int_equal(n[i], depends[i][subject]);
        }
        dependents_done(&dependents);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_a_key_is_handled_once_however_often_it_was_added),
        CASE(test_keys_of_two_kinds_are_two),
        CASE(test_the_earliest_time_counts),
        CASE(test_a_handler_says_when_its_key_is_due_again),
        CASE(test_the_pause_doubles_with_each_failure),
        CASE(test_a_handler_may_add_its_own_key),
        CASE(test_a_handler_may_remove_keys_its_own_too),
        CASE(test_a_key_that_was_removed_may_be_added_in_one_handler),
        CASE(test_a_turn_ends_when_its_time_is_over),
        CASE(test_slow_keys_wait_for_the_turn_after_quick_ones),
        CASE(test_the_loop_gives_turns),
        CASE(test_keys_that_there_was_no_memory_for_are_handled_later),
        CASE(test_only_what_depends_on_a_subject_is_woken),
        CASE(test_dependents_are_those_of_the_table_under_any_order_of_calls),
};
#undef CASE

TEST_PROGRAM("queue", tests, NULL, NULL)
