/* Tests that a load of the specs works in steps. The event loop runs between the steps, and the old
 * model stays active until the last step. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "failing.h"
#include "model/json.h"
#include "reconcile/command.h"
#include "reconcile/internal.h"
#include "unit.h"
#include "watch/watch.h"

enum {
        N_FILES = 50,
        N_DOCUMENTS = 100
}; /* more documents than one step can load */

#define TURNS_MAX 10000

static char folder[64];
static char specs[80], locks[80];
static sd_event *event;
static Store *store;
static HttpClient *http;
static Reconciler *reconciler;
static unsigned n_loaded;

static void on_loaded(void *userdata)
{
        (void)userdata;
        n_loaded++;
}

/* Lets each call take some microseconds, so that a load takes many steps on any machine. */
usec_t __real_time_monotonic(void);
usec_t __wrap_time_monotonic(void);
usec_t __wrap_time_monotonic(void)
{
        static usec_t skew;

        skew += 2;
        return __real_time_monotonic() + skew;
}

/* --- specs ------------------------------------------------------------------------------------ */

static const char *in(const char *name)
{
        static char paths[4][256];
        static unsigned next;
        char *path = paths[next++ % ARRAY_SIZE(paths)];

        (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
        return path;
}

/* Writes suspended components, so that relman sends no requests to a registry. */
static void write_components(const char *file, const char *prefix, size_t n)
{
        FILE *out = fopen(in(file), "we");

        assert_non_null(out);
        for (size_t i = 0; i < n; i++)
                fprintf(out,
                        "---\napiVersion: relman/v1\nkind: Component\nmetadata: {name: %s%zu}\n"
                        "spec: {imageRepository: 127.0.0.1:9/app, suspend: true}\n",
                        prefix, i);
        assert_int_equal(fclose(out), 0);
}

static const Object *find_component(const char *name)
{
        return model_find(reconciler->control.model, KIND_COMPONENT, DEFAULT_TENANT, name);
}

/* --- turns ------------------------------------------------------------------------------------ */

/* Runs turns of the event loop until a load is complete. Returns the number of turns. act is called
 * before each turn; may be NULL. */
static unsigned run_load(void (*act)(unsigned turn))
{
        unsigned n = 0, before = n_loaded;

        for (; n_loaded == before; n++) {
                assert_true(n < TURNS_MAX);
                if (act)
                        act(n);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        return n;
}

static void start_reconciler(void)
{
        Error error = { 0 };

        assert_int_equal(
                reconciler_new(event, store, http,
                               &(ReconcileOptions){ .specs_path = specs, .locks_path = locks },
                               &reconciler, &error),
                0);
        reconciler->watch = watch_free(reconciler->watch); /* only the test starts loads */
        assert_int_equal(reconciler_load_specs(reconciler, &error), 0);
        reconciler_watch_loads(reconciler, on_loaded, NULL);
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-load-XXXXXX");
        assert_non_null(mkdtemp(folder));
        (void)snprintf(specs, sizeof(specs), "%s/specs", folder);
        (void)snprintf(locks, sizeof(locks), "%s/locks", folder);
        assert_int_equal(mkdir(specs, 0755), 0);
        for (unsigned i = 0; i < N_FILES; i++) {
                char file[64], prefix[64];

                (void)snprintf(file, sizeof(file), "specs/%u.yaml", i);
                (void)snprintf(prefix, sizeof(prefix), "c%u-", i);
                write_components(file, prefix, N_DOCUMENTS);
        }
        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &store, &error), 0);
        assert_int_equal(http_client_new(event, "test", &http, &error), 0);
        start_reconciler();
        assert_int_equal(reconciler->control.model->components.n, N_FILES * N_DOCUMENTS);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        reconciler_free(reconciler);
        http_client_free(http);
        store_close(store);
        sd_event_unref(event);
        return test_remove_tree(folder);
}

/* --- a file that was truncated just before the start ------------------------------------------ */

static unsigned n_sleeps, n_sleeps_wanted; /* after so many, the editor writes the file */

int __wrap_usleep(useconds_t usec);
int __wrap_usleep(useconds_t usec)
{
        (void)usec;
        if (++n_sleeps == n_sleeps_wanted)
                write_components("specs/cut.yaml", "cut", 2);
        return 0;
}

static void set_changed(const char *file, time_t changed)
{
        const struct timespec times[] = { { .tv_sec = changed }, { .tv_sec = changed } };

        assert_int_equal(utimensat(AT_FDCWD, in(file), times, 0), 0);
}

static void start_again(void)
{
        reconciler = reconciler_free(reconciler);
        n_sleeps = 0;
        start_reconciler();
}

static void test_a_file_truncated_at_the_start_removes_nothing(void **state)
{
        time_t now = (time_t)(time_wall() / USEC_PER_SEC);

        (void)state;
        write_components("specs/cut.yaml", "cut", 2);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_non_null(find_component("cut1"));
        n_sleeps_wanted = 2;
        write_components("specs/cut.yaml", "", 0);
        set_changed("specs/cut.yaml", now + 3600); /* stays new, however long the test takes */
        start_again();
        assert_non_null(find_component("cut1"));
        assert_int_equal(n_sleeps, 2);
        n_sleeps_wanted = 0;
        write_components("specs/cut.yaml", "", 0);
        set_changed("specs/cut.yaml", now - 3600); /* an old change costs no time, and is loaded */
        start_again();
        assert_null(find_component("cut1"));
        assert_int_equal(n_sleeps, 0);
        set_changed("specs/cut.yaml", now + 3600); /* new, but nothing is removed */
        start_again();
        assert_int_equal(n_sleeps, 0);
        set_changed("specs/cut.yaml", now - 3600);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_the_loop_goes_on_while_specs_are_loaded(void **state)
{
        (void)state;
        write_components("specs/more.yaml", "more", 1);
        reconciler_reload(reconciler);
        assert_null(find_component("more0")); /* the load takes several steps */
        assert_true(run_load(NULL) > 3);
        assert_non_null(find_component("more0"));
        assert_int_equal(reconciler->control.model->components.n, N_FILES * N_DOCUMENTS + 1);
}

static void change_again(unsigned turn)
{
        if (turn != 3)
                return;
        assert_null(find_component("first0"));
        write_components("specs/second.yaml", "second", 1);
        reconciler_reload(reconciler);
}

static void test_a_change_during_a_load_starts_it_again(void **state)
{
        unsigned before = n_loaded;

        (void)state;
        write_components("specs/first.yaml", "first", 1);
        reconciler_reload(reconciler);
        run_load(change_again);
        assert_int_equal(n_loaded, before + 1);
        assert_non_null(find_component("first0"));
        assert_non_null(find_component("second0"));
}

static void test_specs_that_change_all_the_time_are_loaded_all_the_same(void **state)
{
        (void)state;
        write_components("specs/often.yaml", "often", 1);
        for (unsigned turn = 0; !find_component("often0"); turn++) {
                assert_true(turn < TURNS_MAX);
                reconciler_reload(reconciler);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
        run_load(NULL); /* the last change must be loaded too */
        assert_null(reconciler->load);
}

static void on_watch(void *userdata)
{
        (void)userdata;
        reconciler_reload(reconciler);
}

static bool is_written;

/* Truncates a file before the load reads it, and writes it again while the load waits. */
static void write_slowly(unsigned turn)
{
        int is_enabled = SD_EVENT_OFF;

        assert_non_null(find_component("slow0"));
        if (turn == 0)
                write_components("specs/slow.yaml", "slow", 0);
        assert_true(sd_event_source_get_enabled(reconciler->load_next, &is_enabled) >= 0);
        if (turn == 0 || is_enabled != SD_EVENT_OFF || is_written)
                return;
        write_components("specs/slow.yaml", "slow", 1);
        is_written = true;
}

static void test_a_file_that_is_being_written_removes_nothing(void **state)
{
        unsigned before;

        (void)state;
        assert_int_equal(watch_new(event, on_watch, NULL, &reconciler->watch, NULL), 0);
        write_components("specs/slow.yaml", "slow", 1);
        reconciler_reload(reconciler);
        run_load(NULL);
        before = n_loaded;
        reconciler_reload(reconciler);
        run_load(write_slowly);
        assert_int_equal(n_loaded, before + 1);
        assert_true(is_written);
        assert_non_null(find_component("slow0"));
}

static bool is_stored(const char *name)
{
        Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, name);
        _cleanup_(arena_done) Arena arena;
        _cleanup_(error_done) Error error = { 0 };
        const char *json;

        arena_init(&arena, SPEC_FILE_MAX);
        return store_document(store, KIND_COMPONENT, id.text, &arena, &json, &error) >= 0;
}

/* The component that the API creates in turn made_at of a load. */
static char made_name[32];
static unsigned made_at;
static bool is_made;

static void make_component(unsigned turn)
{
        ComponentSpec made = *(const ComponentSpec *)find_component("c0-0");
        Error error = { 0 };
        Changes changes;

        if (turn != made_at || is_stored(made_name)) /* the load has stored it already */
                return;
        is_made = true;
        made.object.managed_by = MANAGED_BY_API;
        made.object.id = uuid_new(time_wall());
        made.object.meta.name = made_name;
        changes_init(&changes);
        changes_put_component(&changes, &made, NULL, time_wall());
        assert_case(control_apply(&reconciler->control, &changes, &error) >= 0, "%s",
                    error_message(&error));
        changes_done(&changes);
}

/* A document with the name of the API's component must be refused, even if the load has already
 * read the stored objects. */
static void test_what_is_made_during_a_load_is_known_to_it(void **state)
{
        (void)state;
        for (made_at = 0; made_at < 12; made_at++) {
                char prefix[16];
                const Object *object;

                (void)snprintf(prefix, sizeof(prefix), "made%u-", made_at);
                (void)snprintf(made_name, sizeof(made_name), "%s0", prefix);
                write_components("specs/made.yaml", prefix, 1);
                is_made = false;
                reconciler_reload(reconciler);
                run_load(make_component);
                if (!is_made)
                        break;
                object = find_component(made_name);
                assert_non_null(object);
                assert_int_equal(object->managed_by, MANAGED_BY_API);
        }
        assert_true(made_at > 3);
}

static void change_rows(unsigned turn)
{
        Changes changes;

        (void)turn;
        changes_init(&changes);
        changes_set_status(&changes, "none", RELEASE_READY, 0);
        reconciler_committed(reconciler, &changes);
        changes_done(&changes);
}

static void test_a_load_ends_although_rows_change_at_every_turn(void **state)
{
        (void)state;
        write_components("specs/rows.yaml", "rows", 1);
        reconciler_reload(reconciler);
        run_load(change_rows);
        assert_non_null(find_component("rows0"));
}

static void test_a_load_that_fails_keeps_what_was_known(void **state)
{
        size_t n = reconciler->control.model->components.n;

        (void)state;
        assert_int_equal(rename(in("specs"), in("away")), 0);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_true(reconciler->report.specs_unreadable);
        assert_int_equal(reconciler->control.model->components.n, n);
        assert_int_equal(rename(in("away"), in("specs")), 0);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_false(reconciler->report.specs_unreadable);
}

/* --- large loads ------------------------------------------------------------------------------ */

static void write_large(unsigned n_files, const char *prefix)
{
        for (unsigned i = 0; i < n_files; i++) {
                char file[64], name[64];

                (void)snprintf(file, sizeof(file), "specs/%s%u.yaml", prefix, i);
                (void)snprintf(name, sizeof(name), "%s%u-", prefix, i);
                write_components(file, name, N_DOCUMENTS);
        }
}

static void remove_large(unsigned n_files, const char *prefix)
{
        for (unsigned i = 0; i < n_files; i++) {
                char file[64];

                (void)snprintf(file, sizeof(file), "specs/%s%u.yaml", prefix, i);
                assert_int_equal(unlink(in(file)), 0);
        }
}

static uint64_t n_transactions;
/* n_parts: number of transactions of the load. n_before: number of those transactions after whose
 * turn the object first_name is stored, but not in the active model. A fast machine may store
 * several parts in one turn. */
static uint64_t n_parts, n_before;
static const char *first_name;

static void watch_parts(unsigned turn)
{
        StoreStats stats;

        (void)turn;
        store_stats(store, &stats);
        n_parts += stats.n_transactions - n_transactions;
        if (is_stored(first_name) && !find_component(first_name))
                n_before += stats.n_transactions - n_transactions;
        n_transactions = stats.n_transactions;
}

static void begin_watching(const char *name)
{
        StoreStats stats;

        store_stats(store, &stats);
        n_transactions = stats.n_transactions;
        n_parts = n_before = 0;
        first_name = name;
}

static void test_a_large_load_is_stored_in_parts(void **state)
{
        (void)state;
        write_large(20, "a");
        begin_watching("a0-0");
        reconciler_reload(reconciler);
        run_load(watch_parts);
        assert_true(n_parts > 3);
        /* parts were stored before the model became active */
        assert_true(n_before > 3);
        assert_non_null(find_component("a0-0"));
        assert_non_null(find_component("a19-99"));
}

/* The rows of components are removed after the new model is active. So nothing polls the components
 * meanwhile. */
static void test_a_large_removal_is_stored_in_parts(void **state)
{
        (void)state;
        remove_large(20, "a");
        begin_watching("a0-0");
        reconciler_reload(reconciler);
        run_load(watch_parts);
        assert_true(n_parts > 3);
        assert_true(n_before > 0);
        assert_null(find_component("a0-0"));
        assert_false(is_stored("a0-0"));
        assert_false(is_stored("a19-99"));
}

static void make_between_parts(unsigned turn)
{
        if (!made_at && is_stored("b0-0") && !find_component("b0-0")) {
                made_at = turn;
                make_component(turn);
        }
}

static void test_what_is_made_between_parts_is_known_to_the_load(void **state)
{
        const Object *object;

        (void)state;
        write_large(20, "b");
        made_at = 0;
        (void)snprintf(made_name, sizeof(made_name), "z0");
        write_components("specs/z.yaml", "z", 1);
        reconciler_reload(reconciler);
        run_load(make_between_parts);
        assert_int_not_equal(made_at, 0);
        object = find_component("z0");
        assert_non_null(object);
        assert_int_equal(object->managed_by, MANAGED_BY_API);
        assert_non_null(find_component("b19-99"));
}

static unsigned reloaded_at;

static void reload_between_parts(unsigned turn)
{
        if (reloaded_at || is_stored("b0-0") == !find_component("b0-0"))
                return;
        reloaded_at = turn;
        reconciler_reload(reconciler);
}

static void test_a_reload_between_parts_loses_nothing(void **state)
{
        (void)state;
        remove_large(20, "b");
        write_large(5, "d");
        reloaded_at = 0;
        reconciler_reload(reconciler);
        run_load(reload_between_parts);
        assert_int_not_equal(reloaded_at, 0);
        assert_false(is_stored("b0-0"));
        assert_false(is_stored("b19-99"));
        assert_non_null(find_component("d4-99"));
}

/* Runs a load until only one of the database and the active model has the component. */
static void run_into_parts(const char *name)
{
        for (unsigned turn = 0; is_stored(name) == !!find_component(name); turn++) {
                assert_true(turn < TURNS_MAX);
                assert_non_null(reconciler->load);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

static void test_a_daemon_that_ends_between_parts_goes_on_after_its_start(void **state)
{
        (void)state;
        write_large(30, "e");
        reconciler_reload(reconciler);
        run_into_parts("e0-0");
        assert_false(is_stored("e29-99"));
        reconciler_free(reconciler);
        start_reconciler();
        assert_non_null(find_component("e0-0"));
        assert_non_null(find_component("e29-99"));
        assert_true(is_stored("e29-99"));

        remove_large(30, "e");
        reconciler_reload(reconciler);
        run_into_parts("e0-0");
        reconciler_free(reconciler);
        start_reconciler();
        assert_null(find_component("e0-0"));
        assert_false(is_stored("e0-0"));
        assert_false(is_stored("e29-99"));
}

static void run_with_full_disk(void)
{
        failing_arm(FAILING_STATEMENTS, 1, true);
        run_load(NULL);
        failing_disarm();
}

static void test_a_part_that_cannot_be_stored_is_tried_again(void **state)
{
        (void)state;
        write_large(8, "f");
        reconciler_reload(reconciler);
        run_into_parts("f0-0");
        run_with_full_disk();
        assert_null(find_component("f0-0")); /* the previous model stays active */
        assert_int_equal(reconciler->n_load_failures, 1);
        assert_true(reconciler->load_at < USEC_INFINITY);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(reconciler->n_load_failures, 0);
        assert_non_null(find_component("f0-0"));
        assert_true(is_stored("f7-99"));
}

static uint64_t count_transactions(void)
{
        StoreStats stats;

        store_stats(store, &stats);
        return stats.n_transactions;
}

/* Each failure is counted, to increase the pause before the next attempt. */
static void test_a_removal_that_cannot_be_stored_is_tried_again(void **state)
{
        (void)state;
        remove_large(8, "f");
        for (unsigned n = 1; n <= 2; n++) {
                uint64_t before = count_transactions();

                reconciler_reload(reconciler);
                for (unsigned turn = 0; count_transactions() == before || find_component("f0-0");
                     turn++) {
                        assert_true(turn < TURNS_MAX);
                        assert_true(sd_event_run(event, UINT64_MAX) >= 0);
                }
                run_with_full_disk();
                assert_null(find_component("f0-0"));
                assert_true(is_stored("f7-99"));
                assert_int_equal(reconciler->n_load_failures, n);
        }
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(reconciler->n_load_failures, 0);
        assert_false(is_stored("f7-99"));
}

/* The API refuses a name as soon as a part of the load has stored a spec with this name. */
static void test_the_api_takes_no_name_that_a_load_has_stored(void **state)
{
        static const char text[] = "{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\","
                                   "\"metadata\":{\"name\":\"g0-0\"},"
                                   "\"spec\":{\"imageRepository\":\"127.0.0.1:9/app\"}}";
        const Actor actor = { .tenant = DEFAULT_TENANT, .principal = "uid:0" };
        Error error = { 0 };
        DiagList diags;
        Arena arena;
        Node *node;
        Uuid id;

        (void)state;
        arena_init(&arena, SPEC_FILE_MAX);
        diag_list_init(&diags);
        write_large(8, "g");
        reconciler_reload(reconciler);
        run_into_parts("g0-0");
        assert_int_equal(json_to_node(text, strlen(text), &arena, &node, &error), 0);
        assert_int_equal(command_create_component(reconciler, node, &actor, &id, &diags, &error),
                         -EEXIST);
        assert_case(error.kind == ERROR_CONFLICT, "%s", error_message(&error));
        error_done(&error);
        run_load(NULL);
        assert_int_equal(find_component("g0-0")->managed_by, MANAGED_BY_SPEC);
        remove_large(8, "g");
        reconciler_reload(reconciler);
        run_load(NULL);
        diag_list_done(&diags);
        arena_done(&arena);
}

static size_t n_pruned;

static void on_pruned(size_t n_removed, void *userdata)
{
        (void)userdata;
        n_pruned = n_removed;
}

static PruneWaiter *confirm(void)
{
        Error error = { 0 };
        PruneWaiter *waiter = NULL;

        n_pruned = SIZE_MAX;
        assert_int_equal(reconciler_confirm_prune(reconciler, &(PruneCommand){ on_pruned, NULL },
                                                  &waiter, &error),
                         0);
        return waiter;
}

static void test_a_confirmed_prune_is_made_in_steps(void **state)
{
        size_t n_held;

        (void)state;
        assert_null(confirm()); /* nothing is held back */
        assert_int_equal(n_pruned, 0);
        for (unsigned i = 0; i < 40; i++) {
                char file[64];

                (void)snprintf(file, sizeof(file), "specs/%u.yaml", i);
                assert_int_equal(unlink(in(file)), 0);
        }
        reconciler_reload(reconciler);
        run_load(NULL);
        n_held = reconciler->report.n_prune_held;
        assert_int_equal(n_held, 40 * N_DOCUMENTS);
        assert_non_null(find_component("c0-0"));

        failing_arm(FAILING_ALLOCATIONS, 2, false); /* the load cannot begin */
        assert_null(confirm());
        failing_disarm();
        assert_int_equal(n_pruned, 0);
        assert_false(reconciler->control.options.confirm_prune);

        assert_null(prune_waiter_cancel(confirm())); /* the client has disconnected */
        assert_non_null(confirm());
        begin_watching("c0-0");
        assert_true(run_load(watch_parts) > 3);
        assert_true(n_before > 3);
        assert_int_equal(n_pruned, n_held);
        assert_null(find_component("c0-0"));
        assert_false(is_stored("c39-99"));
        assert_false(reconciler->control.options.confirm_prune);
}

static void change_rows_between_parts(unsigned turn)
{
        if (is_stored("r0-0"))
                change_rows(turn);
}

static void assert_held(const char *name, size_t n)
{
        assert_int_equal(reconciler->report.n_prune_held, n);
        assert_non_null(find_component(name));
        assert_true(is_stored(name));
        assert_non_null(find_component("r9-99"));
}

/* The new objects are stored first, so the removed objects become a smaller share of all objects.
 * They must be held back nevertheless. */
static void test_renamed_objects_are_held_until_it_is_confirmed(void **state)
{
        (void)state;
        for (unsigned i = 40; i < N_FILES; i++) {
                char file[64];

                (void)snprintf(file, sizeof(file), "specs/%u.yaml", i);
                assert_int_equal(unlink(in(file)), 0);
        }
        write_large(10, "r");
        reconciler_reload(reconciler);
        run_load(change_rows_between_parts);
        assert_held("c49-99", 10 * N_DOCUMENTS);

        reconciler_reload(reconciler);
        run_load(NULL);
        assert_held("c49-99", 10 * N_DOCUMENTS);

        reconciler_free(reconciler);
        start_reconciler();
        assert_held("c49-99", 10 * N_DOCUMENTS);
}

static void fail_load(void)
{
        assert_int_equal(rename(in("specs"), in("away")), 0);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(rename(in("away"), in("specs")), 0);
}

static void test_a_confirmation_ends_with_a_load_that_fails(void **state)
{
        bool *confirms = &reconciler->control.options.confirm_prune;

        (void)state;
        assert_null(prune_waiter_cancel(confirm())); /* the client does not wait for the load */
        assert_true(*confirms);
        fail_load();
        assert_false(*confirms);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_held("c49-99", 10 * N_DOCUMENTS);
        assert_int_equal(n_pruned, SIZE_MAX);

        *confirms = true; /* --confirm-prune applies to the first load that succeeds */
        fail_load();
        assert_true(*confirms);
        *confirms = false;
}

static void test_a_confirmed_removal_that_fails_is_still_confirmed(void **state)
{
        (void)state;
        assert_non_null(confirm());
        run_into_parts("c40-0");
        run_with_full_disk();
        assert_null(find_component("c40-0"));
        assert_true(is_stored("c49-99"));
        assert_int_equal(n_pruned, SIZE_MAX);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(n_pruned, 10 * N_DOCUMENTS);
        assert_false(reconciler->control.options.confirm_prune);
        assert_false(is_stored("c49-99"));
        assert_null(find_component("c49-99"));
        assert_non_null(find_component("r9-99"));
}

static void test_a_confirmed_removal_that_cannot_be_planned_again_is_still_confirmed(void **state)
{
        const size_t n = 25 * N_DOCUMENTS;

        (void)state;
        write_large(25, "t");
        reconciler_reload(reconciler);
        run_load(NULL);
        remove_large(25, "t");
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(reconciler->report.n_prune_held, n);

        assert_non_null(confirm());
        run_into_parts("t0-0");
        reconciler_load_is_stale(reconciler);
        run_with_full_disk(); /* fails, because the stale load has to read the rows again */
        assert_null(find_component("t0-0"));
        assert_true(is_stored("t24-99"));
        assert_int_equal(n_pruned, SIZE_MAX);
        assert_true(reconciler->control.options.confirm_prune);

        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(n_pruned, n);
        assert_false(reconciler->control.options.confirm_prune);
        assert_false(is_stored("t24-99"));
}

/* Removes components and an environment, and confirms the removal. Makes the n-th and all later
 * statements of that load fail. Returns the number of statements. */
static size_t remove_confirmed(size_t n)
{
        FILE *out;

        write_large(25, "u");
        out = fopen(in("specs/u25.yaml"), "we");
        assert_non_null(out);
        fputs("apiVersion: relman/v1\nkind: Environment\nmetadata: {name: u}\n", out);
        assert_int_equal(fclose(out), 0);
        reconciler_reload(reconciler);
        run_load(NULL);
        remove_large(26, "u");
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(reconciler->report.n_prune_held, 25 * N_DOCUMENTS + 1);
        assert_non_null(confirm());
        failing_arm(FAILING_STATEMENTS, n, true);
        run_load(NULL);
        return failing_disarm();
}

/* After an environment was removed, the load reads all rows and plans again. */
static void test_a_confirmation_ends_when_its_removals_are_stored(void **state)
{
        const size_t n = remove_confirmed(0);

        (void)state;
        assert_int_equal(n_pruned, 25 * N_DOCUMENTS + 1);
        assert_true(n > 200);
        (void)remove_confirmed(n - 200); /* the load reads the rows again */
        assert_false(is_stored("u0-0"));
        assert_false(is_stored("u24-99"));
        assert_true(reconciler->load_at < USEC_INFINITY);
        assert_int_equal(n_pruned, 25 * N_DOCUMENTS + 1);
        assert_false(reconciler->control.options.confirm_prune);
        reconciler_reload(reconciler);
        run_load(NULL);
        assert_int_equal(reconciler->n_load_failures, 0);
}

static void change_rows_between_removals(unsigned turn)
{
        if (!is_stored("s0-0"))
                change_rows(turn);
}

static void test_a_removal_that_is_planned_again_is_reported_as_a_whole(void **state)
{
        char log[4096] = "", wanted[64];
        int saved = dup(STDERR_FILENO), file;

        (void)state;
        write_large(10, "s");
        reconciler_reload(reconciler);
        run_load(NULL);
        remove_large(10, "s");
        file = open(in("log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_true(saved >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
        reconciler_reload(reconciler);
        run_load(change_rows_between_removals);
        assert_true(dup2(saved, STDERR_FILENO) >= 0);
        assert_true(pread(file, log, sizeof(log) - 1, 0) > 0);
        close(saved);
        close(file);
        (void)snprintf(wanted, sizeof(wanted), " %d deleted,", 10 * N_DOCUMENTS);
        assert_case(strstr(log, wanted), "%s", log);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_truncated_at_the_start_removes_nothing),
        cmocka_unit_test(test_the_loop_goes_on_while_specs_are_loaded),
        cmocka_unit_test(test_a_change_during_a_load_starts_it_again),
        cmocka_unit_test(test_specs_that_change_all_the_time_are_loaded_all_the_same),
        cmocka_unit_test(test_a_file_that_is_being_written_removes_nothing),
        cmocka_unit_test(test_what_is_made_during_a_load_is_known_to_it),
        cmocka_unit_test(test_a_load_ends_although_rows_change_at_every_turn),
        cmocka_unit_test(test_a_load_that_fails_keeps_what_was_known),
        cmocka_unit_test(test_a_large_load_is_stored_in_parts),
        cmocka_unit_test(test_a_large_removal_is_stored_in_parts),
        cmocka_unit_test(test_what_is_made_between_parts_is_known_to_the_load),
        cmocka_unit_test(test_a_reload_between_parts_loses_nothing),
        cmocka_unit_test(test_a_daemon_that_ends_between_parts_goes_on_after_its_start),
        cmocka_unit_test(test_a_part_that_cannot_be_stored_is_tried_again),
        cmocka_unit_test(test_a_removal_that_cannot_be_stored_is_tried_again),
        cmocka_unit_test(test_the_api_takes_no_name_that_a_load_has_stored),
        cmocka_unit_test(test_a_confirmed_prune_is_made_in_steps),
        cmocka_unit_test(test_renamed_objects_are_held_until_it_is_confirmed),
        cmocka_unit_test(test_a_confirmation_ends_with_a_load_that_fails),
        cmocka_unit_test(test_a_confirmed_removal_that_fails_is_still_confirmed),
        cmocka_unit_test(test_a_confirmed_removal_that_cannot_be_planned_again_is_still_confirmed),
        cmocka_unit_test(test_a_confirmation_ends_when_its_removals_are_stored),
        cmocka_unit_test(test_a_removal_that_is_planned_again_is_reported_as_a_whole),
};

TEST_PROGRAM("load", tests, set_up, tear_down)
