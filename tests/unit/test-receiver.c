/* Tests one receiver of events: the events that it gets, their order, and retries after a failed
 * request. The receiver is a child process, and the test sets its answers. */

#include <arpa/inet.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/internal.h"
#include "unit.h"

#define TURNS_MAX    20000
#define REQUESTS_MAX 20
#define BODY_MAX     4000
#define AT           (1795453200 * USEC_PER_SEC)

/* Memory that the test and the child process share. */
typedef struct Site {
        volatile unsigned status; /* status of the answers */
        volatile unsigned n;      /* number of requests that were read */
        char bodies[REQUESTS_MAX][BODY_MAX];
} Site;

static Site *site;
static pid_t process;
static char url[64];
static ReceiverSpec spec;
static const ReceiverSpecs specs = { &spec, 1 };
static sd_event *event;
static HttpClient *http;
static Store *store;
static EventPump *pump;
static Arena arena;

/* --- the receiving server --------------------------------------------------------------------- */

/* Reads a request up to the end of its body. */
static bool read_request(int fd, char *ret_body)
{
        char text[BODY_MAX] = "";
        size_t size = 0, length;
        const char *body, *header;

        for (;;) {
                ssize_t n = read(fd, text + size, sizeof(text) - 1 - size);

                if (n <= 0)
                        return false;
                size += (size_t)n;
                text[size] = '\0';
                body = strstr(text, "\r\n\r\n");
                header = body ? strcasestr(text, "content-length:") : NULL;
                length = header ? strtoul(header + strlen("content-length:"), NULL, 10) : 0;
                if (body && size >= (size_t)(body + 4 - text) + length)
                        break;
        }
        (void)snprintf(ret_body, BODY_MAX, "%s", body + 4);
        return true;
}

/* Serves one connection at a time. Closes each connection after the answer. */
static void serve(int listener)
{
        for (;;) {
                int fd = accept(listener, NULL, NULL);

                if (fd < 0)
                        _exit(1);
                if (site->n < REQUESTS_MAX && read_request(fd, site->bodies[site->n])) {
                        /* counted before the answer is sent, because the test reads the count when
                         * it has the answer */
                        site->n++;
                        (void)dprintf(fd,
                                      "HTTP/1.1 %u X\r\nContent-Length: 0\r\nConnection: "
                                      "close\r\n\r\n",
                                      site->status);
                }
                (void)close(fd);
        }
}

static void start_site(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0 && bind(fd, (const struct sockaddr *)&address, size) == 0 &&
                    listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook",
                       (unsigned)ntohs(address.sin_port));
        process = fork();
        if (process == 0)
                serve(fd);
        assert_true(process > 0);
        (void)close(fd);
}

/* --- setup ------------------------------------------------------------------------------------ */

static int on_end(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source, (void)at, (void)userdata;
        return 0;
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        site = mmap(NULL, sizeof(*site), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_true(site != MAP_FAILED);
        site->status = 204;
        start_site();
        spec = (ReceiverSpec){ .name = "ci",
                               .url = url,
                               .first_sync = true,
                               .timeout = USEC_PER_MIN,
                               .retry_interval = USEC_PER_HOUR,
                               .give_up_after = 24 * USEC_PER_HOUR };
        assert_true(sd_event_new(&event) >= 0);
        /* without a timer, an event loop with only idle sources would wait indefinitely */
        assert_true(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, USEC_PER_MIN, 0,
                                               on_end, NULL) >= 0);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &store, &error), 0);
        assert_int_equal(http_client_new(event, "test", &http, &error), 0);
        pump = NULL;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        event_pump_free(pump);
        http_client_free(http);
        store_close(store);
        sd_event_unref(event);
        (void)kill(process, SIGKILL);
        (void)waitpid(process, NULL, 0);
        (void)munmap(site, sizeof(*site));
        arena_done(&arena);
        return 0;
}

static Receiver *start(void)
{
        const EventPumpOptions options = { .receivers = &specs };
        Error error = { 0 };

        assert_case(event_pump_new(event, store, http, &options, &pump, &error) >= 0, "%s",
                    error_message(&error));
        return &pump->receivers[0];
}

static void add(EventType type, const char *name)
{
        const Event added = { .id = uuid_new(AT),
                              .type = type,
                              .tenant = DEFAULT_TENANT,
                              .kind = KIND_COMPONENT,
                              .object_id = "id",
                              .object_name = name,
                              .data = "{}",
                              .at = time_wall() };
        Changes changes;
        Error error = { 0 };

        changes_init(&changes);
        changes_add_event(&changes, &added);
        assert_case(store_apply(store, &changes, &error) >= 0, "%s", error_message(&error));
        changes_done(&changes);
}

/* Runs until the receiver has nothing to send, or waits after a failure. */
static void run(const Receiver *receiver)
{
        for (unsigned n = 0;
             receiver->call || (!receiver->idle && receiver->retry_at <= time_monotonic()); n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

/* Ends the pause after a failure and runs until the next request is complete. */
static void try_again(Receiver *receiver)
{
        const uint64_t n = receiver->n_delivered + receiver->n_failed;

        receiver->retry_at = 0;
        event_pump_kick(pump);
        for (unsigned i = 0; receiver->n_delivered + receiver->n_failed == n; i++) {
                assert_true(i < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

static ReceiverStatus status(void)
{
        ReceiverStatus status;
        Error error = { 0 };

        assert_true(event_pump_status(pump, 0, &arena, &status, &error) >= 0);
        return status;
}

/* Returns the names of the objects of all received events, such as "a b". */
static const char *got(void)
{
        const char *all = "";

        for (size_t i = 0; i < site->n; i++)
                for (const char *at = site->bodies[i]; (at = strstr(at, "\"subject\":\""));) {
                        const char *name;

                        at += strlen("\"subject\":\"");
                        name = at + strcspn(at, "\"");
                        while (name > at && name[-1] != '/')
                                name--;
                        all = arena_printf(&arena, "%s%s%.*s", all, all[0] ? " " : "",
                                           (int)strcspn(name, "\""), name);
                }
        return all;
}

/* --- cases ------------------------------------------------------------------------------------ */

static void test_events_are_delivered_in_order_and_once(void **state)
{
        Receiver *receiver;

        (void)state;
        /* a new receiver gets only events that are added after it */
        add(EVENT_COMPONENT_CREATED, "before");
        receiver = start();
        run(receiver);
        add(EVENT_COMPONENT_CREATED, "a");
        add(EVENT_COMPONENT_UPDATED, "b");
        run(receiver);
        assert_string_equal(got(), "a b");
        assert_int_equal(site->n, 2);
        assert_int_equal(receiver->n_delivered, 2);
        assert_int_equal(receiver->position, receiver->stored_position);
        /* after a restart, delivery continues at the stored position */
        pump = event_pump_free(pump);
        add(EVENT_COMPONENT_UPDATED, "c");
        run(start());
        assert_string_equal(got(), "a b c");
}

static void test_a_failed_request_is_repeated_after_growing_pauses(void **state)
{
        Receiver *receiver = start();
        int64_t position = receiver->position;

        (void)state;
        site->status = 500;
        add(EVENT_COMPONENT_CREATED, "a");
        for (unsigned i = 0; i < 4; i++) {
                const usec_t before = time_monotonic();

                try_again(receiver);
                assert_int_equal(receiver->n_attempts, i + 1);
                assert_true(receiver->retry_at >= before + (USEC_PER_SEC << i));
                assert_int_equal(receiver->position, position);
        }
        assert_non_null(strstr(receiver->problem, "status 500"));
        assert_true(status().state.failing_since > 0);
        add(EVENT_COMPONENT_UPDATED, "b");
        site->status = 200;
        try_again(receiver);
        run(receiver);
        assert_string_equal(got(), "a a a a a b");
        assert_null(receiver->problem);
        assert_int_equal(receiver->failing_since, 0);
        assert_int_equal(receiver->n_attempts, 0);
}

static void test_a_pause_is_no_longer_than_its_limit(void **state)
{
        Receiver *receiver;

        (void)state;
        spec.retry_interval = 2 * USEC_PER_SEC;
        site->status = 503;
        receiver = start();
        add(EVENT_COMPONENT_CREATED, "a");
        for (unsigned i = 0; i < 4; i++)
                try_again(receiver);
        assert_true(receiver->retry_at <= time_monotonic() + 2 * USEC_PER_SEC);
}

static void test_events_that_fail_for_too_long_are_given_up(void **state)
{
        Receiver *receiver;
        DeadLetters dead;
        Error error = { 0 };

        (void)state;
        spec.give_up_after = 0;
        site->status = 410;
        receiver = start();
        add(EVENT_COMPONENT_CREATED, "a");
        run(receiver);
        assert_true(store_dead_letters(store, "ci", 10, &arena, &dead, &error) >= 0);
        assert_int_equal(dead.n, 1);
        assert_int_equal(dead.items[0].sequence, receiver->position);
        assert_int_equal(receiver->position, receiver->stored_position);
        site->status = 200;
        add(EVENT_COMPONENT_UPDATED, "b");
        try_again(receiver);
        assert_string_equal(got(), "a b");
}

static void test_events_that_are_not_selected_move_the_position(void **state)
{
        const char *types[] = { "component.deleted" };
        Receiver *receiver;
        int64_t last;
        Error error = { 0 };

        (void)state;
        spec.types = (Strings){ types, 1 };
        receiver = start();
        add(EVENT_COMPONENT_CREATED, "a");
        add(EVENT_COMPONENT_DELETED, "b");
        add(EVENT_COMPONENT_CREATED, "c");
        run(receiver);
        assert_string_equal(got(), "b");
        assert_int_equal(store_last_event(store, &last, &error), 0);
        assert_int_equal(receiver->position, last);
}

static void test_a_batch_waits_for_its_time_and_is_sent_at_once(void **state)
{
        Receiver *receiver;

        (void)state;
        spec.batch = USEC_PER_HOUR;
        receiver = start();
        add(EVENT_COMPONENT_CREATED, "a");
        add(EVENT_COMPONENT_UPDATED, "b");
        run(receiver);
        assert_int_equal(site->n, 0);
        assert_true(receiver->retry_at > time_monotonic());
        spec.batch = 1; /* the maximum time of a batch has passed */
        try_again(receiver);
        assert_int_equal(site->n, 1);
        assert_string_equal(got(), "a b");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_events_are_delivered_in_order_and_once),
        CASE(test_a_failed_request_is_repeated_after_growing_pauses),
        CASE(test_a_pause_is_no_longer_than_its_limit),
        CASE(test_events_that_fail_for_too_long_are_given_up),
        CASE(test_events_that_are_not_selected_move_the_position),
        CASE(test_a_batch_waits_for_its_time_and_is_sent_at_once),
};
TEST_PROGRAM("receiver", tests, NULL, NULL)
