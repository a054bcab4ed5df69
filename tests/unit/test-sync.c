/* Polls of components: what they store, when the next is due, and which loads of specs end one that
 * is in progress. The registry is a folder of images. */

#include <sys/stat.h>

#include "layout.h"
#include "reconcile/internal.h"
#include "store/events.h"
#include "sync/state.h"
#include "unit.h"

#define TURNS_MAX 2000

#define REGISTRY(concurrency)                                                                      \
        "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: files}, spec: {url: "       \
        "'oci-layout:FOLDER/images', type: oci-layout, limits: {concurrency: " concurrency "}}}\n"
#define COMPONENT(name, more)                                                                      \
        "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: " name "}, spec: "         \
        "{imageRepository: r.example.com/app/" name ", registry: files" more "}}\n"

static const char *const images[] = { "app/api:v1.0.0", "app/api:v1.1.0", "app/api:nonsense",
                                      "app/worker:v1.0.0" };
static char folder[64], specs[80], locks[80];
static sd_event *event;
static Store *store;
static HttpClient *http;
static Reconciler *reconciler;
static Arena arena;

/* --- the world -------------------------------------------------------------------------------- */

static void load(const char *text)
{
        const char *mark = strstr(text, "FOLDER");
        char path[100];
        Error error = { 0 };
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/all.yaml", specs);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "%.*s%s%s", (int)(mark - text), text, folder,
                            mark + strlen("FOLDER")) > 0);
        assert_int_equal(fclose(file), 0);
        assert_case(reconciler_load_specs(reconciler, &error) >= 0, "%s", error_message(&error));
}

static ComponentState *component(const char *name)
{
        const Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, name);
        ComponentState *state = map_get(&reconciler->poller.components, id.text);

        assert_non_null(state);
        return state;
}

static int on_end(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source, (void)at, (void)userdata;
        return 0;
}

static void run_until_idle(void)
{
        for (unsigned n = 0; !poller_is_idle(&reconciler->poller) ||
                             queue_is_due(reconciler->queue, time_monotonic());
             n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

/* Starts polls, and returns before an answer was read. */
static void start_polls(void)
{
        while (queue_is_due(reconciler->queue, time_monotonic()))
                queue_turn(reconciler->queue, USEC_INFINITY);
        assert_non_null(component("api")->sync);
}

static const char *head_of(const char *name)
{
        Error error = { 0 };
        Channels channels;

        assert_true(store_channels(store, component(name)->id.text, &arena, &channels, &error) >=
                    0);
        return channels.n == 1 ? channels.items[0].tag : NULL;
}

/* The reason of the condition Ready. */
static const char *reason_of(const char *name)
{
        Error error = { 0 };
        Conditions conditions;

        assert_true(store_conditions(store, KIND_COMPONENT, component(name)->id.text, &arena,
                                     &conditions, &error) >= 0);
        for (size_t i = 0; i < conditions.n; i++)
                if (conditions.items[i].type == CONDITION_READY)
                        return conditions.items[i].reason;
        return NULL;
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-sync-XXXXXX");
        assert_non_null(mkdtemp(folder));
        (void)snprintf(specs, sizeof(specs), "%s/specs", folder);
        (void)snprintf(locks, sizeof(locks), "%s/locks", folder);
        assert_int_equal(mkdir(specs, 0755), 0);
        layout_write(folder, images, ARRAY_SIZE(images));
        assert_true(sd_event_new(&event) >= 0);
        /* a loop whose sources are all idle would wait indefinitely */
        assert_true(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, USEC_PER_MIN, 0,
                                               on_end, NULL) >= 0);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &store, &error), 0);
        assert_int_equal(http_client_new(event, "test", &http, &error), 0);
        assert_int_equal(reconciler_new(event, store, http,
                                        &(ReconcileOptions){ .specs_path = specs,
                                                             .locks_path = locks,
                                                             .poll_interval = USEC_PER_HOUR },
                                        &reconciler, &error),
                         0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        reconciler_free(reconciler);
        http_client_free(http);
        store_close(store);
        sd_event_unref(event);
        arena_done(&arena);
        return test_remove_tree(folder);
}

/* --- polls ------------------------------------------------------------------------------------ */

static void test_a_poll_stores_heads_and_says_when_the_next_is_due(void **state)
{
        const ComponentState *api;

        (void)state;
        load(REGISTRY("1") COMPONENT("api", "") COMPONENT("worker", ""));
        run_until_idle();
        assert_string_equal(head_of("api"), "v1.1.0");
        assert_string_equal(head_of("worker"), "v1.0.0");
        api = component("api");
        assert_int_equal(api->n_failures, 0);
        assert_true(api->attempted_at > 0);
        assert_true(queue_at(reconciler->queue, KEY_COMPONENT, api->id.text) <
                    time_monotonic() + 2 * USEC_PER_HOUR);
        assert_false(api->registry->unreachable);
        assert_int_equal(api->registry->n_syncs, 0);
}

static void test_a_failed_poll_keeps_the_heads_and_is_tried_again(void **state)
{
        ComponentState *api;

        (void)state;
        load(REGISTRY("1") COMPONENT("api", ""));
        run_until_idle();
        layout_write_file(folder, "index.json", "not JSON");
        api = component("api");
        component_state_due(api, 0);
        run_until_idle();
        assert_string_equal(head_of("api"), "v1.1.0");
        assert_int_equal(api->n_failures, 1);
        assert_true(queue_at(reconciler->queue, KEY_COMPONENT, api->id.text) < USEC_INFINITY);
        assert_string_not_equal(reason_of("api"), "Synced");
        layout_write(folder, images, 1);
        component_state_due(api, 0);
        run_until_idle();
        assert_int_equal(api->n_failures, 0);
}

static void test_a_suspended_component_is_not_polled(void **state)
{
        (void)state;
        load(REGISTRY("1") COMPONENT("api", ", suspend: true"));
        run_until_idle();
        assert_null(head_of("api"));
        assert_int_equal(component("api")->succeeded_at, 0);
}

static void test_a_key_during_a_poll_starts_another_after_it(void **state)
{
        ComponentState *api;

        (void)state;
        load(REGISTRY("1") COMPONENT("api", ""));
        start_polls();
        api = component("api");
        assert_int_equal(poller_reconcile(&reconciler->poller, api->id.text), QUEUE_DONE);
        assert_true(api->again);
        run_until_idle();
        assert_false(api->again);
        assert_true(queue_n_runs(reconciler->queue, KEY_COMPONENT) >= 2);
}

/* --- loads of specs during a poll ------------------------------------------------------------- */

static unsigned n_told;
static ErrorKind told_kind;

static void on_synced(const Error *error, void *userdata)
{
        (void)userdata;
        n_told++;
        told_kind = error ? error->kind : ERROR_NONE;
}

/* Starts a poll for which somebody waits, and loads the text meanwhile. */
static void load_during_poll(const char *text)
{
        const SyncCommand command = { .done = on_synced };
        SyncWaiter *waiter;
        Error error = { 0 };

        load(REGISTRY("1") COMPONENT("api", "") COMPONENT("worker", ""));
        n_told = 0;
        assert_int_equal(poller_sync(&reconciler->poller, component("api")->id.text, &command,
                                     &waiter, &error),
                         0);
        start_polls();
        load(text);
}

static void test_a_poll_continues_when_another_document_of_its_file_changes(void **state)
{
        const Sync *sync;

        (void)state;
        load_during_poll(REGISTRY("1") COMPONENT("api", "")
                                 COMPONENT("worker", ", allowDowngrade: true"));
        assert_int_equal(n_told, 0);
        sync = component("api")->sync;
        assert_non_null(sync);
        assert_non_null(component("api")->kept);
        load(REGISTRY("1") "\n\n" COMPONENT("api", "") COMPONENT("worker", ""));
        assert_int_equal(n_told, 0);
        assert_ptr_equal(component("api")->sync, sync);
        run_until_idle();
        assert_int_equal(n_told, 1);
        assert_int_equal(told_kind, ERROR_NONE);
        assert_string_equal(head_of("api"), "v1.1.0");

        component_state_due(component("api"), 0);
        run_until_idle();
        assert_null(component("api")->kept); /* the next poll uses the new copy */
}

static void test_a_poll_restarts_when_its_document_changes(void **state)
{
        (void)state;
        load_during_poll(REGISTRY("1") COMPONENT("api", ", ignoreTags: ['^v1.1']")
                                 COMPONENT("worker", ""));
        assert_int_equal(n_told, 1);
        assert_int_equal(told_kind, ERROR_CONFLICT);
        run_until_idle();
        assert_string_equal(head_of("api"), "v1.0.0");
}

static void test_a_poll_restarts_when_its_registry_changes(void **state)
{
        (void)state;
        load_during_poll(REGISTRY("2") COMPONENT("api", "") COMPONENT("worker", ""));
        assert_int_equal(n_told, 1);
        assert_int_equal(told_kind, ERROR_CONFLICT);
        run_until_idle();
        assert_string_equal(head_of("api"), "v1.1.0");
}

static void test_a_component_may_go_while_a_copy_of_its_document_is_kept(void **state)
{
        (void)state;
        load_during_poll(REGISTRY("1") COMPONENT("api", "")
                                 COMPONENT("worker", ", allowDowngrade: true"));
        assert_non_null(component("api")->kept);
        load(REGISTRY("1") COMPONENT("worker", ""));
        assert_int_equal(n_told, 1);
        assert_int_equal(reconciler->poller.components.n, 1);
        run_until_idle();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_a_poll_stores_heads_and_says_when_the_next_is_due),
        CASE(test_a_failed_poll_keeps_the_heads_and_is_tried_again),
        CASE(test_a_suspended_component_is_not_polled),
        CASE(test_a_key_during_a_poll_starts_another_after_it),
        CASE(test_a_poll_continues_when_another_document_of_its_file_changes),
        CASE(test_a_poll_restarts_when_its_document_changes),
        CASE(test_a_poll_restarts_when_its_registry_changes),
        CASE(test_a_component_may_go_while_a_copy_of_its_document_is_kept),
};
TEST_PROGRAM("sync", tests, NULL, NULL)
