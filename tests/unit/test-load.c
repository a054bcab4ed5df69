/* A load of the specs works in steps. The event loop continues between them, and the old model
 * stays active until the last step. */

#include <sys/stat.h>
#include <unistd.h>

#include "reconcile/internal.h"
#include "reconcile/watch.h"
#include "unit.h"

enum {
        N_FILES = 50,
        N_DOCUMENTS = 100
}; /* objects of each kind: too many for one step on any machine */

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

/* --- specs ------------------------------------------------------------------------------------ */

static const char *in(const char *name)
{
        static char paths[4][256];
        static unsigned next;
        char *path = paths[next++ % ARRAY_SIZE(paths)];

        (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
        return path;
}

/* Suspended, so that no registry is asked. */
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

/* Returns how many turns it took. act is called before each; may be NULL. */
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
        assert_int_equal(
                reconciler_new(event, store, http,
                               &(ReconcileOptions){ .specs_path = specs, .locks_path = locks },
                               &reconciler, &error),
                0);
        reconciler->watch =
                watch_free(reconciler->watch); /* a load begins when the test requests it */
        assert_int_equal(reconciler_load_specs(reconciler, &error), 0);
        reconciler_watch_loads(reconciler, on_loaded, NULL);
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

/* --- tests ------------------------------------------------------------------------------------ */

static void test_the_loop_goes_on_while_specs_are_loaded(void **state)
{
        (void)state;
        write_components("specs/more.yaml", "more", 1);
        reconciler_reload(reconciler);
        assert_null(find_component("more0")); /* not yet: the load takes several steps */
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
        run_load(NULL); /* the last change is loaded too */
        assert_null(reconciler->load);
}

/* The API makes a component while a load is in progress. */
static char made_name[32];
static unsigned made_at;

static void make_component(unsigned turn)
{
        ComponentSpec made = *(const ComponentSpec *)find_component("c0-0");
        Error error = { 0 };
        Changes changes;

        if (turn != made_at)
                return;
        made.object.managed_by = MANAGED_BY_API;
        made.object.id = uuid_new(time_wall());
        made.object.meta.name = made_name;
        changes_init(&changes);
        changes_put_component(&changes, &made, NULL, time_wall());
        assert_case(control_apply(&reconciler->control, &changes, &error) >= 0, "%s",
                    error_message(&error));
        changes_done(&changes);
}

/* A document of that name must be refused, no matter how much the load has read before. */
static void test_what_is_made_during_a_load_is_known_to_it(void **state)
{
        (void)state;
        for (made_at = 0; made_at < 12; made_at++) {
                char prefix[16];
                const Object *object;

                (void)snprintf(prefix, sizeof(prefix), "made%u-", made_at);
                (void)snprintf(made_name, sizeof(made_name), "%s0", prefix);
                write_components("specs/made.yaml", prefix, 1);
                reconciler_reload(reconciler);
                if (run_load(make_component) <= made_at)
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

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loop_goes_on_while_specs_are_loaded),
        cmocka_unit_test(test_a_change_during_a_load_starts_it_again),
        cmocka_unit_test(test_specs_that_change_all_the_time_are_loaded_all_the_same),
        cmocka_unit_test(test_what_is_made_during_a_load_is_known_to_it),
        cmocka_unit_test(test_a_load_ends_although_rows_change_at_every_turn),
        cmocka_unit_test(test_a_load_that_fails_keeps_what_was_known),
};

TEST_PROGRAM("load", tests, set_up, tear_down)
