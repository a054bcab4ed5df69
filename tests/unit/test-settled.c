/* Property: a load that reads only the rows of components that are not settled has the result of a
 * load that reads all rows. Two reconcilers load the same specs after the same random edits,
 * commands and conditions; one of them settles nothing. */

#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "control/report.h"
#include "reconcile/internal.h"
#include "store/events.h"
#include "store/pages.h"
#include "unit.h"
#include "watch/watch.h"

enum {
        N_ROUNDS = 160,
        N_FILES = 12,
        N_NAMES = 60,
        N_EDITS = 3,
        TURNS_MAX = 10000
};

typedef struct Side {
        char locks[80];
        sd_event *event;
        Store *store;
        HttpClient *http;
        Reconciler *reconciler;
        unsigned n_loaded;
} Side;

static char folder[64], specs[80];
static Side sides[2]; /* the second reads all rows */
static uint64_t seed = 1;
static usec_t now;
static usec_t skew;     /* each call takes longer than a slice of a load */
static bool has_errors; /* files are written with duplicates and errors */

usec_t __real_time_monotonic(void);
usec_t __wrap_time_monotonic(void);
usec_t __wrap_time_monotonic(void)
{
        skew += 6 * USEC_PER_MSEC;
        return __real_time_monotonic() + skew;
}

static unsigned choose(unsigned n)
{
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return (unsigned)(seed >> 33) % n;
}

/* --- edits ------------------------------------------------------------------------------------ */

static void write_file(unsigned file)
{
        char path[128];
        FILE *out;

        (void)snprintf(path, sizeof(path), "%s/%u.yaml", specs, file);
        if (choose(8) == 0) {
                (void)unlink(path);
                return;
        }
        out = fopen(path, "we");
        assert_non_null(out);
        for (unsigned i = choose(3); i > 0; i--)
                fprintf(out, "# a line that moves the documents\n");
        for (unsigned i = 0; i < N_NAMES / N_FILES; i++) {
                /* most names belong to the file; others are duplicates of another one */
                unsigned name = has_errors && choose(20) == 0 ? choose(N_NAMES)
                                                              : file * (N_NAMES / N_FILES) + i;

                if (choose(10) == 0)
                        continue;
                fprintf(out,
                        "---\napiVersion: relman/v1\nkind: Component\nmetadata: {name: c%u}\n"
                        "spec: {imageRepository: 127.0.0.1:9/app, suspend: true, interval: %uh%s}\n",
                        name, 1 + choose(3), has_errors && choose(20) == 0 ? ", wrong: true" : "");
        }
        if (choose(2) == 0)
                fprintf(out,
                        "---\napiVersion: relman/v1\nkind: Registry\nmetadata: {name: r%u}\n"
                        "spec: {url: 'https://r%u.example'}\n",
                        file, choose(3));
        assert_int_equal(fclose(out), 0);
}

static const Object *find(const Side *side, unsigned name)
{
        char text[16];

        (void)snprintf(text, sizeof(text), "c%u", name);
        return model_find(side->reconciler->control.model, KIND_COMPONENT, DEFAULT_TENANT, text);
}

/* Stores a component of the API, deletes one, or sets or clears a condition. */
static void change_rows(Side *side, unsigned what, unsigned name, Uuid id)
{
        const Object *object = find(side, name);
        const Subject subject = { .kind = KIND_COMPONENT,
                                  .id = object ? object->id.text : "",
                                  .tenant = DEFAULT_TENANT,
                                  .name = "c" };
        char text[16];
        ComponentSpec made = { .object.kind = KIND_COMPONENT };
        Changes changes;
        Error error = { 0 };
        bool is_api = object && object->managed_by == MANAGED_BY_API;

        changes_init(&changes);
        (void)snprintf(text, sizeof(text), "c%u", name);
        if (what == 0 && !object && find(side, 0)) {
                made = *(const ComponentSpec *)find(side, 0);
                made.object.managed_by = MANAGED_BY_API;
                made.object.id = id;
                made.object.meta.name = text;
                changes_put_component(&changes, &made, NULL, now);
        } else if (what == 1 && is_api)
                changes_delete_object(&changes, KIND_COMPONENT, object->id.text);
        else if (what == 2 && object)
                report_condition(&changes, subject,
                                 (Told){ CONDITION_STALLED, CONDITION_TRUE, "Test", now }, "test");
        else if (what == 3 && object)
                changes_clear_condition(&changes, KIND_COMPONENT, object->id.text,
                                        CONDITION_STALLED);
        assert_case(changes.n == 0 ||
                            control_apply(&side->reconciler->control, &changes, &error) >= 0,
                    "%s", error_message(&error));
        changes_done(&changes);
}

/* --- comparison ------------------------------------------------------------------------------- */

static void print_conditions(Store *store, const StoredObject *object, Arena *arena, Buffer *out)
{
        Conditions conditions;
        Error error = { 0 };

        assert_int_equal(
                store_conditions(store, object->kind, object->id, arena, &conditions, &error), 0);
        for (size_t i = 0; i < conditions.n; i++)
                assert_true(buffer_printf(out, "  %u %u %s %s\n", conditions.items[i].type,
                                          conditions.items[i].status, conditions.items[i].reason,
                                          conditions.items[i].message) >= 0);
}

/* Prints the stored objects with their documents and conditions, the active model and the report.
 */
static void print_state(const Side *side, Arena *arena, Buffer *out)
{
        const Reconciler *reconciler = side->reconciler;
        const Model *model = reconciler->control.model;
        ObjectWalk walk = { 0 };
        StoredObjects page;
        int64_t last_event;
        Error error = { 0 };

        while (store_objects_next(side->store, &walk, 100, arena, &page, &error) > 0)
                for (size_t i = 0; i < page.n; i++) {
                        const StoredObject *o = &page.items[i];
                        const char *json;

                        assert_int_equal(
                                store_document(side->store, o->kind, o->id, arena, &json, &error),
                                0);
                        assert_true(buffer_printf(out, "%u %s %s %s %u %s:%u %d%d\n  %s\n", o->kind,
                                                  o->id, o->name, o->spec_digest, o->managed_by,
                                                  o->declared_file ? o->declared_file : "",
                                                  o->declared_line, o->stalled, o->prune_held,
                                                  json) >= 0);
                        print_conditions(side->store, o, arena, out);
                }
        for (size_t i = 0; i < model_n_objects(model); i++) {
                const Object *object = model_object(model, i);

                assert_true(buffer_printf(out, "%s %s\n", object->meta.name, object->digest) >= 0);
        }
        assert_int_equal(store_last_event(side->store, &last_event, &error), 0);
        assert_true(buffer_printf(out, "%zu held, %zu refused, %zu errors, %" PRId64 " events\n",
                                  reconciler->report.n_prune_held, reconciler->report.n_refused,
                                  reconciler->report.n_spec_errors, last_event) >= 0);
}

static void compare(unsigned round)
{
        _cleanup_(arena_done) Arena arena;
        Buffer texts[2];

        arena_init(&arena, TEST_ARENA_MAX);
        for (size_t i = 0; i < 2; i++) {
                buffer_init(&texts[i], (size_t)1024 * 1024);
                print_state(&sides[i], &arena, &texts[i]);
        }
        assert_case(streq(texts[0].data, texts[1].data), "round %u\n%s\n---\n%s", round,
                    texts[0].data, texts[1].data);
        for (size_t i = 0; i < 2; i++)
                buffer_done(&texts[i]);
}

/* --- test ------------------------------------------------------------------------------------- */

static void on_loaded(void *userdata)
{
        ((Side *)userdata)->n_loaded++;
}

static void side_open(Side *side, unsigned number)
{
        const ReconcileOptions options = { .specs_path = specs, .locks_path = side->locks };
        Error error = { 0 };

        (void)snprintf(side->locks, sizeof(side->locks), "%s/locks%u", folder, number);
        assert_true(sd_event_new(&side->event) >= 0);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &side->store, &error),
                         0);
        assert_int_equal(http_client_new(side->event, "test", &side->http, &error), 0);
        assert_int_equal(reconciler_new(side->event, side->store, side->http, &options,
                                        &side->reconciler, &error),
                         0);
        side->reconciler->watch = watch_free(side->reconciler->watch); /* only the test reloads */
        assert_int_equal(reconciler_load_specs(side->reconciler, &error), 0);
        reconciler_watch_loads(side->reconciler, on_loaded, side);
}

static void side_close(Side *side)
{
        reconciler_free(side->reconciler);
        http_client_free(side->http);
        store_close(side->store);
        sd_event_unref(side->event);
}

/* When a test changes rows. */
typedef enum Moment {
        BEFORE,
        AT_THE_START,
        AFTER_ADOPTION,
        MOMENT_MAX_
} Moment;

/* Loads the specs in small steps, and changes rows once. */
static void side_load(Side *side, Moment moment, unsigned what, unsigned name, Uuid id)
{
        Reconciler *reconciler = side->reconciler;
        const Model *model = reconciler->control.model;
        unsigned before = side->n_loaded;
        bool is_done = moment == BEFORE;

        if (moment == BEFORE)
                change_rows(side, what, name, id);
        if (side == &sides[1])
                settled_forget(&reconciler->settled);
        reconciler->control.options.confirm_prune = what == 4;
        reconciler_reload(reconciler);
        for (unsigned n = 0; side->n_loaded == before; n++) {
                assert_true(n < TURNS_MAX);
                if (!is_done && (moment == AT_THE_START || reconciler->control.model != model)) {
                        change_rows(side, what, name, id);
                        is_done = true;
                }
                assert_true(sd_event_run(side->event, UINT64_MAX) >= 0);
        }
        assert_true(is_done);
}

static void test_a_load_of_what_is_not_settled_has_the_same_result(void **state)
{
        unsigned n_partial = 0;

        (void)state;
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-settled-XXXXXX");
        assert_non_null(mkdtemp(folder));
        (void)snprintf(specs, sizeof(specs), "%s/specs", folder);
        assert_int_equal(mkdir(specs, 0755), 0);
        now = time_wall();
        for (unsigned i = 0; i < N_FILES; i++)
                write_file(i);
        for (unsigned i = 0; i < 2; i++)
                side_open(&sides[i], i);
        for (unsigned round = 0; round < N_ROUNDS; round++) {
                unsigned what = choose(10), name = choose(N_NAMES);
                Moment moment = choose(MOMENT_MAX_);
                Uuid id = uuid_new(now);
                Arena arena;
                Unsettled unsettled;

                has_errors = round % 8 == 0;
                for (unsigned i = round % 8 == 4 ? N_FILES : choose(N_EDITS); i > 0; i--)
                        write_file(round % 8 == 4 ? i - 1 : choose(N_FILES));
                for (unsigned i = 0; i < 2; i++)
                        side_load(&sides[i], moment, what, name, id);
                compare(round);
                arena_init(&arena, TEST_ARENA_MAX);
                assert_int_equal(settled_select(&sides[0].reconciler->settled,
                                                sides[0].reconciler->loaded, false, &arena,
                                                &unsettled),
                                 0);
                n_partial += !unsettled.is_complete;
                arena_done(&arena);
        }
        assert_true(n_partial > N_ROUNDS / 4);
        for (unsigned i = 0; i < 2; i++)
                side_close(&sides[i]);
        assert_int_equal(test_remove_tree(folder), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_load_of_what_is_not_settled_has_the_same_result),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
