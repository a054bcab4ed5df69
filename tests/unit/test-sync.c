/* Tests polls of components: what a poll stores, when the next poll is due, and which loads of
 * specs cancel a poll. The registry is a folder of images. For passes in the background, it is a
 * server with many tags. */

#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "host.h"
#include "layout.h"
#include "reconcile/internal.h"
#include "store/events.h"
#include "store/version-pages.h"
#include "sync/pass.h"
#include "unit.h"

#define TURNS_MAX 20000

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

/* --- setup ------------------------------------------------------------------------------------ */

/* Loads the text as specs, after replacing each mark by the value. */
static void load_with(const char *text, const char *mark, const char *value)
{
        char path[100];
        Error error = { 0 };
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/all.yaml", specs);
        file = fopen(path, "we");
        assert_non_null(file);
        for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark))
                assert_true(fprintf(file, "%.*s%s", (int)(at - text), text, value) > 0);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_case(reconciler_load_specs(reconciler, &error) >= 0, "%s", error_message(&error));
}

static void load(const char *text)
{
        load_with(text, "FOLDER", folder);
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

/* Starts the due polls. Returns before any answer was read. */
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

/* Returns the reason of the condition Ready of a component. */
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
        /* without a timer, a loop with only idle sources would wait indefinitely */
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

static unsigned n_completed;
static ErrorKind completed_kind;

static void on_synced(const Error *error, void *userdata)
{
        (void)userdata;
        n_completed++;
        completed_kind = error ? error->kind : ERROR_NONE;
}

/* Starts a poll with a waiting client, then loads the text as specs during the poll. */
static void load_during_poll(const char *text)
{
        const SyncCommand command = { .done = on_synced };
        SyncWaiter *waiter;
        Error error = { 0 };

        load(REGISTRY("1") COMPONENT("api", "") COMPONENT("worker", ""));
        n_completed = 0;
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
        assert_int_equal(n_completed, 0);
        sync = component("api")->sync;
        assert_non_null(sync);
        assert_non_null(component("api")->kept);
        load(REGISTRY("1") "\n\n" COMPONENT("api", "") COMPONENT("worker", ""));
        assert_int_equal(n_completed, 0);
        assert_ptr_equal(component("api")->sync, sync);
        run_until_idle();
        assert_int_equal(n_completed, 1);
        assert_int_equal(completed_kind, ERROR_NONE);
        assert_string_equal(head_of("api"), "v1.1.0");

        component_state_due(component("api"), 0);
        run_until_idle();
        assert_null(component("api")->kept); /* the old copy was freed; the next poll uses the new
                                              * copy */
}

static void test_a_poll_restarts_when_its_document_changes(void **state)
{
        (void)state;
        load_during_poll(REGISTRY("1") COMPONENT("api", ", ignoreTags: ['^v1.1']")
                                 COMPONENT("worker", ""));
        assert_int_equal(n_completed, 1);
        assert_int_equal(completed_kind, ERROR_CONFLICT);
        run_until_idle();
        assert_string_equal(head_of("api"), "v1.0.0");
}

static void test_a_poll_restarts_when_its_registry_changes(void **state)
{
        (void)state;
        load_during_poll(REGISTRY("2") COMPONENT("api", "") COMPONENT("worker", ""));
        assert_int_equal(n_completed, 1);
        assert_int_equal(completed_kind, ERROR_CONFLICT);
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
        assert_int_equal(n_completed, 1);
        assert_int_equal(reconciler->poller.components.n, 1);
        run_until_idle();
}

/* --- passes in the background ----------------------------------------------------------------- */

#define HOST(concurrency)                                                                          \
        "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: files}, spec: {url: "       \
        "'http://r.example.com', limits: {concurrency: " concurrency "}}}\n"
#define N_TAGS 1200 /* more tags than one chunk of rows has */

static Host *host;

static int set_up_served(void **state)
{
        host = host_start();
        host->n_tags = N_TAGS;
        return set_up(state);
}

static int tear_down_served(void **state)
{
        host_stop(host);
        return tear_down(state);
}

static void load_served(const char *text)
{
        load_with(text, "r.example.com", host->name);
}

static unsigned count_backgrounds(void)
{
        unsigned n = 0;

        map_foreach (&reconciler->poller.components, entry)
                n += ((const ComponentState *)entry->value)->in_background;
        return n;
}

static void run_until_background(const char *name)
{
        for (unsigned n = 0; !component(name)->in_background; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

static size_t count_rows(const char *name)
{
        Error error = { 0 };
        size_t n;

        assert_true(store_count_tags(store, component(name)->id.text, HOST_TAGS_MAX, &n, &error) >=
                    0);
        return n;
}

static int64_t count_versions(const char *name)
{
        VersionCursor cursor = { .limit = HOST_TAGS_MAX };
        Error error = { 0 };
        int64_t n;

        assert_true(store_versions_count(store, component(name)->id.text, &cursor, &n, &error) >=
                    0);
        return n;
}

static unsigned count_events(EventType type)
{
        Error error = { 0 };
        Events events;
        unsigned n = 0;

        assert_true(store_events(store, 0, 10000, &arena, &events, &error) >= 0);
        for (size_t i = 0; i < events.n; i++)
                n += events.items[i].type == type;
        return n;
}

/* Runs the function; returns how many bytes it logged. */
static size_t count_logged(void (*run)(void))
{
        char path[100];
        struct stat st;
        int kept = dup(STDERR_FILENO), fd;

        (void)snprintf(path, sizeof(path), "%s/log", folder);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_true(kept >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
        run();
        assert_true(dup2(kept, STDERR_FILENO) >= 0 && close(kept) == 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(close(fd), 0);
        return (size_t)st.st_size;
}

static void test_new_heads_go_before_the_versions_of_a_background_that_was_cut(void **state)
{
        char newest[20];

        (void)state;
        load_served(HOST("4") COMPONENT("api", ""));
        run_until_background("api");
        while (host->n_heads < 300)
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        host->holds_below = host->n_tags - 1;
        (void)snprintf(newest, sizeof(newest), "v1.%zu.0", host->n_tags++);
        component_state_due(component("api"), 0);
        for (unsigned n = 0; !head_of("api") || !streq(head_of("api"), newest); n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        assert_int_equal(count_versions("api"), 2);
        /* the other versions follow in the background, although some requests have no answer */
        for (unsigned n = 0; count_versions("api") < 250; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        host->holds_below = 0;
        run_until_idle();
        assert_int_equal(count_versions("api"), N_TAGS + 1);
        assert_int_equal(count_events(EVENT_VERSION_RESOLVED), 2);
        assert_int_equal(count_events(EVENT_VERSIONS_RESOLVED), 1);
}

/* A hook starts a poll, which ends the background work of the previous poll. That work has not
 * compared all versions. The next background work must not be ended again. */
static void test_a_comparison_that_was_cut_is_completed_by_the_next_background(void **state)
{
        (void)state;
        load_served(HOST("4") COMPONENT("api", ""));
        for (unsigned i = 0; i < 2; i++) {
                run_until_background("api");
                assert_true(component("api")->owes_versions);
                /* the background work has run for a second */
                component("api")->background_since = 0;
                component_state_due(component("api"), 0);
                /* the next poll begins outside of the background */
                for (unsigned n = 0; i == 0 && component("api")->in_background; n++) {
                        assert_true(n < TURNS_MAX);
                        assert_true(sd_event_run(event, UINT64_MAX) >= 0);
                }
        }
        for (unsigned n = 0; component("api")->owes_versions; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(component("api")->in_background);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        run_until_idle();
        assert_int_equal(count_versions("api"), N_TAGS);
}

static void test_new_rules_rename_all_versions_before_their_head(void **state)
{
        char newest[20];
        NewestCursor old = { .channel = "stable", .limit = 10, .arena = &arena };
        VersionMaps versions;
        Error error = { 0 };

        (void)state;
        load_served(HOST("4") COMPONENT("api", ""));
        run_until_idle();
        host->n_tags += 40; /* so many new tags need several rounds */
        (void)snprintf(newest, sizeof(newest), "v1.%zu.0", host->n_tags - 1);
        load_served(HOST("4") COMPONENT("api", ", defaultChannel: edge"));
        component_state_due(component("api"), 0);
        for (unsigned i = 0; !head_of("api") || !streq(head_of("api"), newest); i++) {
                assert_true(i < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        assert_true(store_versions_newest(store, component("api")->id.text, &old, &arena, &versions,
                                          &error) >= 0);
        assert_int_equal(versions.n, 0);
        run_until_idle();
}

static void delete_api(void)
{
        load_served(HOST("4") COMPONENT("worker", ", suspend: true"));
}

static void test_a_deleted_component_ends_its_background_without_an_error(void **state)
{
        (void)state;
        load_served(HOST("4") COMPONENT("api", "") COMPONENT("worker", ", suspend: true"));
        do /* runs until some answers are not stored yet */
                run_until_background("api");
        while (component("api")->sync->changes.n == 0 && sd_event_run(event, UINT64_MAX) >= 0);
        log_set_level(LOG_LEVEL_WARNING);
        assert_int_equal(count_logged(delete_api), 0);
        log_set_level(LOG_LEVEL_INFO);
        assert_int_equal(reconciler->poller.components.n, 1);
}

static void
test_history_is_one_event_if_the_specs_are_loaded_before_all_rows_are_stored(void **state)
{
        (void)state;
        load_served(HOST("4") COMPONENT("api", "") COMPONENT("worker", ", suspend: true"));
        run_until_background("api");
        assert_in_range(count_rows("api"), 1, N_TAGS - 1);
        host->n_tags++; /* a newer head */
        load_served(HOST("4") COMPONENT("api", "")
                            COMPONENT("worker", ", suspend: true, allowDowngrade: true"));
        run_until_idle();
        assert_int_equal(count_rows("api"), N_TAGS + 1);
        assert_int_equal(count_events(EVENT_VERSIONS_RESOLVED), 1);
        assert_int_equal(count_events(EVENT_VERSION_RESOLVED), 2); /* one event for each head */
        host->n_tags++;
        component_state_due(component("api"), 0);
        run_until_idle();
        assert_int_equal(count_events(EVENT_VERSION_RESOLVED), 3);
}

#define FIVE                                                                                       \
        COMPONENT("a", "")                                                                         \
        COMPONENT("b", "") COMPONENT("c", "") COMPONENT("d", "") COMPONENT("e", "")

/* Runs until the background has the maximum number of passes and n_waiting passes wait. */
static void run_until_background_is_full(size_t n_waiting)
{
        for (unsigned n = 0, waiting = 0; waiting < n_waiting; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
                waiting = 0;
                map_foreach (&reconciler->poller.components, entry) {
                        const ComponentState *state = entry->value;

                        waiting += state->background.waiting && !state->sync;
                }
        }
        assert_int_equal(count_backgrounds(), BACKGROUND_PASSES_MAX);
}

static void test_few_passes_of_a_registry_are_in_the_background(void **state)
{
        static const char *const names[] = { "a", "b", "c", "d", "e" };
        HttpPoolStats stats;

        (void)state;
        host->n_tags = 100;
        host->holds_below = host->n_tags - 1;
        load_served(HOST("4") FIVE);
        run_until_background_is_full(ARRAY_SIZE(names) - BACKGROUND_PASSES_MAX);
        registry_stats(component("a")->registry->client, &stats);
        assert_in_range(stats.n_active + stats.n_waiting, 1, BACKGROUND_PASSES_MAX * SYNC_WINDOW);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                assert_string_equal(head_of(names[i]), "v1.99.0");
                assert_int_equal(count_rows(names[i]), 100);
        }
        host->holds_below = 0;
        run_until_idle();
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                assert_int_equal(component(names[i])->n_pending, 0);
                assert_false(component(names[i])->background.holds);
        }
        assert_int_equal(count_events(EVENT_VERSIONS_RESOLVED), ARRAY_SIZE(names));
        assert_int_equal(component("a")->registry->backgrounds.n, 0);
        assert_int_equal(component("a")->registry->n_syncs, 0);
}

static void test_a_place_in_the_background_is_free_when_its_component_goes(void **state)
{
        (void)state;
        host->n_tags = 100;
        host->holds_below = host->n_tags - 1;
        load_served(HOST("4") FIVE);
        run_until_background_is_full(3);
        /* components d and e are deleted, b is suspended */
        load_served(HOST("4") COMPONENT("a", "") COMPONENT("b", ", suspend: true")
                            COMPONENT("c", ""));
        run_until_background("a");
        run_until_background("c");
        host->holds_below = 0;
        run_until_idle();
        assert_int_equal(component("a")->n_pending, 0);
        assert_int_equal(component("c")->n_pending, 0);
        assert_int_equal(component("a")->registry->backgrounds.n, 0);
}

static unsigned count_with_tags(void)
{
        unsigned n = 0;

        map_foreach (&reconciler->poller.components, entry) {
                const Sync *sync = ((const ComponentState *)entry->value)->sync;

                n += sync && (sync->listed.n > 0 || sync->tags.n > 0);
        }
        return n;
}

static void test_passes_wait_until_there_is_room_for_their_tags(void **state)
{
        Poller *poller = &reconciler->poller;
        static const char *const names[] = { "a", "b", "c", "d", "e" };
        unsigned most = 0;

        (void)state;
        poller->shares.max = 2 * N_TAGS;
        load_served(HOST("4") FIVE);
        for (unsigned n = 0;
             !poller_is_idle(poller) || queue_is_due(reconciler->queue, time_monotonic()); n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
                assert_in_range(poller->shares.n, 0, poller->shares.max);
                most = MAX(most, count_with_tags());
                assert_in_range(most, 0, 2);
        }
        assert_int_equal(most, 2);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                assert_int_equal(count_versions(names[i]), N_TAGS);
        assert_int_equal(poller->shares.n, 0);
}

static void test_a_component_waits_for_its_turn_without_a_share(void **state)
{
        Poller *poller = &reconciler->poller;
        ComponentState *a, *b;

        (void)state;
        host->n_tags = 10;
        load_served(HOST("4") COMPONENT("a", "") COMPONENT("b", ""));
        run_until_idle();
        a = component("a");
        b = component("b");
        poller->shares.max = SYNC_LARGE;
        assert_true(schedule_take_turn(a, SYNC_LARGE));
        assert_true(schedule_take_turn(b, SYNC_LARGE + 1));
        assert_false(schedule_take_turn(a, SYNC_LARGE + 1));
        assert_int_equal(poller->shares.n, 0);
        assert_true(schedule_take_turn(b, SYNC_LARGE));
        assert_false(b->turn.holds);
        assert_true(a->turn.holds);
        assert_true(queue_is_due(reconciler->queue, time_monotonic())); /* component a is polled
                                                                         * again */
        assert_true(schedule_take_turn(a, SYNC_SMALL));
        assert_int_equal(poller->large_turns.n, 0);
        assert_true(schedule_take_turn(b, SYNC_SMALL));
        assert_int_equal(poller->shares.n, 0);
        run_until_idle();
}

static void test_a_large_pass_keeps_its_turn_when_its_list_has_shrunk(void **state)
{
        Poller *poller = &reconciler->poller;
        ComponentState *api;
        unsigned n_turns = 0;

        (void)state;
        host->n_tags = 100;
        load_served(HOST("4") COMPONENT("api", ""));
        run_until_idle();
        api = component("api");
        api->n_gone = SYNC_LARGE - 50;
        api->force_refresh = true;
        host->n_tags = 10;
        component_state_due(api, 0);
        for (unsigned n = 0;
             !poller_is_idle(poller) || queue_is_due(reconciler->queue, time_monotonic()); n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
                n_turns += api->turn.holds && api->sync && api->sync->have_tags;
                assert_int_equal(poller->shares.n, 0);
        }
        assert_true(n_turns > 0);
        assert_int_equal(poller->large_turns.n, 0);
}

static void test_a_background_that_has_become_large_waits_without_tags(void **state)
{
        Poller *poller = &reconciler->poller;
        TurnItem other = { 0 };
        ComponentState *api;

        (void)state;
        host->holds_below = N_TAGS - 1;
        load_served(HOST("4") COMPONENT("api", ""));
        api = component("api");
        for (unsigned n = 0; !api->in_background || api->has_place; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        assert_true(api->share.holds);
        assert_true(turns_take(&poller->large_turns, &other, 1));
        api->n_gone = SYNC_LARGE;
        api->background_since = 0;
        api->owes_again = false;
        component_state_due(api, 0);
        for (unsigned n = 0; !api->turn.waiting; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        assert_null(api->sync);
        assert_int_equal(poller->shares.n, 0);
        assert_int_equal(api->registry->backgrounds.n, 0);
        host->holds_below = 0;
        turns_leave(&poller->large_turns, &other);
        component_state_due(api, 0);
        run_until_idle();
        assert_int_equal(count_versions("api"), N_TAGS);
        assert_int_equal(poller->large_turns.n, 0);
}

static void read_tag(const char *tag, TagRecord *ret)
{
        Error error = { 0 };

        assert_true(store_tag(store, component("api")->id.text, tag, &arena, ret, &error) > 0);
}

/* Stores a wrong digest, as if the tag had moved since. */
static void change_digest(const char *tag, const char *digest)
{
        _cleanup_(changes_done) Changes changes = { 0 };
        Error error = { 0 };
        TagRecord record;

        read_tag(tag, &record);
        record.digest = digest;
        record.checked_at =
                time_wall(); /* the oldest check comes first, so this tag is requested last */
        changes_init(&changes);
        changes_put_tag(&changes, component("api")->id.text, &record);
        assert_true(control_apply(&reconciler->control, &changes, &error) >= 0);
}

static void test_a_pass_that_begins_to_wait_for_a_share_keeps_its_answers(void **state)
{
        Poller *poller = &reconciler->poller;
        TagRecord moved, head, now;
        TurnItem other = { 0 };
        ComponentState *api;

        (void)state;
        host->n_tags = 100;
        load_served(HOST("4") COMPONENT("api", ""));
        run_until_idle();
        api = component("api");
        read_tag("v1.50.0", &moved);
        read_tag("v1.99.0", &head);
        change_digest("v1.50.0", head.digest);
        reconciler->control.options.recheck_interval = 1;
        api->rechecked_at = 1;
        api->n_gone = SYNC_LARGE / 2;
        assert_true(turns_take(&poller->shares, &other, poller->shares.max));
        component_state_due(api, 0);
        for (unsigned n = 0; !api->share.waiting; n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        assert_null(api->sync);
        assert_int_equal(api->rechecked_at, 1);
        read_tag("v1.99.0", &now);
        assert_true(now.checked_at > head.checked_at);
        turns_leave(&poller->shares, &other);
        component_state_due(api, 0);
        run_until_idle();
        read_tag("v1.50.0", &now);
        assert_string_equal(now.digest, moved.digest);
}

/* A registry that lists its tags slowly must not delay the polls of other registries. */
static void test_a_share_ends_if_its_list_is_late_while_others_wait(void **state)
{
        Poller *poller = &reconciler->poller;
        TurnItem other = { 0 };
        ComponentState *api, *web;

        (void)state;
        load_served(HOST("4") COMPONENT("api", "") COMPONENT("web", ""));
        run_until_idle();
        api = component("api");
        web = component("web");
        api->n_gone = web->n_gone = SYNC_LARGE / 2;
        assert_true(turns_take(&poller->shares, &other, poller->shares.max));
        assert_false(schedule_take_turn(api, 0));
        turns_leave(&poller->shares, &other);
        schedule_leave_turn(web); /* gives the free share to api */
        assert_true(api->share.given);
        assert_false(turns_take(&poller->shares, &web->share, poller->shares.max));
        schedule_end_late_shares(poller);
        assert_true(api->share.holds); /* api keeps its share, because its list is not late */
        api->share_given_at = 1;
        schedule_end_late_shares(poller);
        assert_false(api->share.holds);
        assert_true(web->share.holds);
        run_until_idle();
        assert_int_equal(poller->shares.n, 0);
        assert_int_equal(api->n_lost_shares, 0);
        assert_int_equal(count_versions("api"), N_TAGS);
        assert_int_equal(count_versions("web"), N_TAGS);
}

#define HOST_CASE(test) cmocka_unit_test_setup_teardown(test, set_up_served, tear_down_served)
#define CASE(test)      cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_a_poll_stores_heads_and_says_when_the_next_is_due),
        CASE(test_a_failed_poll_keeps_the_heads_and_is_tried_again),
        CASE(test_a_suspended_component_is_not_polled),
        CASE(test_a_key_during_a_poll_starts_another_after_it),
        CASE(test_a_poll_continues_when_another_document_of_its_file_changes),
        CASE(test_a_poll_restarts_when_its_document_changes),
        CASE(test_a_poll_restarts_when_its_registry_changes),
        CASE(test_a_component_may_go_while_a_copy_of_its_document_is_kept),
        HOST_CASE(test_a_deleted_component_ends_its_background_without_an_error),
        HOST_CASE(test_history_is_one_event_if_the_specs_are_loaded_before_all_rows_are_stored),
        HOST_CASE(test_new_heads_go_before_the_versions_of_a_background_that_was_cut),
        HOST_CASE(test_a_comparison_that_was_cut_is_completed_by_the_next_background),
        HOST_CASE(test_new_rules_rename_all_versions_before_their_head),
        HOST_CASE(test_few_passes_of_a_registry_are_in_the_background),
        HOST_CASE(test_passes_wait_until_there_is_room_for_their_tags),
        HOST_CASE(test_a_component_waits_for_its_turn_without_a_share),
        HOST_CASE(test_a_large_pass_keeps_its_turn_when_its_list_has_shrunk),
        HOST_CASE(test_a_background_that_has_become_large_waits_without_tags),
        HOST_CASE(test_a_share_ends_if_its_list_is_late_while_others_wait),
        HOST_CASE(test_a_pass_that_begins_to_wait_for_a_share_keeps_its_answers),
        HOST_CASE(test_a_place_in_the_background_is_free_when_its_component_goes),
};
TEST_PROGRAM("sync", tests, NULL, NULL)
