/* Tests that each published file, link and output has its own key. So a failure of one does not
 * delay the others. The tests count calls of handlers; they measure no time. */

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/streams.h"
#include "fixture.h"
#include "publish/output-hook.h"
#include "reconcile/internal.h"
#include "unit.h"

#define N_OUTPUTS 3
#define PROMOTION "0198c000-0000-7000-8000-000000000001"

static Reconciler reconciler;
static EnvironmentSpec environment;
static EnvironmentSpec other;
static ReleaseSpec document;
static OutputSpec output_specs[N_OUTPUTS];
static OutputSpecs outputs = { output_specs, 0 };
static char folder[64];

/* --- setup ------------------------------------------------------------------------------------ */

static const char *path_of(const char *name)
{
        static char path[4][256];
        static size_t i;

        i = (i + 1) % ARRAY_SIZE(path);
        (void)snprintf(path[i], sizeof(path[i]), "%s/%s", folder, name);
        return path[i];
}

static bool is_there(const char *name)
{
        struct stat st;

        return lstat(path_of(name), &st) == 0;
}

/* Returns the path of output i. The text stays valid, unlike the result of path_of(). */
static const char *out_path(size_t i, const char *name)
{
        static char path[N_OUTPUTS][256];

        (void)snprintf(path[i], sizeof(path[i]), "%s/out/%s", folder, name);
        return path[i];
}

static void write_file(const char *name, const char *text)
{
        FILE *file = fopen(path_of(name), "w");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void commit(Changes *changes)
{
        Error error = { 0 };

        assert_case(control_apply(&reconciler.control, changes, &error) >= 0, "%s",
                    error_message(&error));
        changes_done(changes);
}

static void put_release(const char *name)
{
        Release release = fixture_release();
        Changes changes;

        release.name = name;
        release.id = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        changes_init(&changes);
        changes_put_release(&changes, &release, &document);
        commit(&changes);
}

static void set_status(const char *name, ReleaseStatus status)
{
        const Uuid id = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        Changes changes;

        changes_init(&changes);
        changes_set_status(&changes, id.text, status, FIXTURE_TIME);
        commit(&changes);
}

static Deployment deployment_of(const char *name)
{
        static Uuid release, tenant;

        release = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        tenant = tenant_id(DEFAULT_TENANT);
        return (Deployment){ .tenant_id = tenant.text,
                             .environment_id = environment.object.id.text,
                             .release_id = release.text,
                             .release_name = name,
                             .status = DEPLOYMENT_PROMOTING,
                             .at = FIXTURE_TIME,
                             .by = "test",
                             .promotion_id = PROMOTION };
}

static void promote(const char *name)
{
        const Deployment deployment = deployment_of(name);
        Changes changes;

        changes_init(&changes);
        changes_put_deployment(&changes, &deployment);
        commit(&changes);
}

static void name_object(Object *object, ObjectKind kind, const char *name)
{
        object->kind = kind;
        object->meta.tenant = DEFAULT_TENANT;
        object->meta.name = name;
        object->id = object_id(kind, DEFAULT_TENANT, name);
        object->place = (Place){ .file = "all.yaml", .line = 1 };
        (void)snprintf(object->digest, sizeof(object->digest), "%s", DIGEST_A);
}

static void put_rows(void)
{
        Changes changes;

        changes_init(&changes);
        changes_put_tenant(&changes, DEFAULT_TENANT, FIXTURE_TIME);
        changes_put_environment(&changes, &environment, FIXTURE_TIME);
        commit(&changes);
}

static int set_up(void **state)
{
        const QueueOptions options = { .kinds = reconciler_keys,
                                       .n_kinds = KEY_MAX_,
                                       .add_all = reconciler_add_all,
                                       .userdata = &reconciler };
        Control *control = &reconciler.control;
        Error error = { 0 };

        (void)state;
        memset(&reconciler, 0, sizeof(reconciler));
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-publish-XXXXXX");
        assert_non_null(mkdtemp(folder));
        assert_int_equal(mkdir(path_of("out"), 0755), 0);
        name_object(&environment.object, KIND_ENVIRONMENT, "prod");
        name_object(&other.object, KIND_ENVIRONMENT, "other");
        name_object(&document.object, KIND_RELEASE, "one");
        environment.confirm = CONFIRM_MANUAL;
        outputs.n = 0;
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &control->store, &error),
                         0);
        control->calls = &reconciler_calls;
        control->userdata = &reconciler;
        control->dependents = &reconciler.dependents;
        control->options.locks_path = folder;
        control->options.outputs = &outputs;
        assert_true(sd_event_new(&control->event) >= 0);
        assert_int_equal(queue_new(control->event, &options, &reconciler.queue, &error), 0);
        control->queue = reconciler.queue;
        poller_init(&reconciler.poller, control);
        composer_init(&reconciler.composer, control);
        deployer_init(&reconciler.deployer, control);
        assert_int_equal(publisher_init(&reconciler.publisher, control, NULL), 0);
        assert_int_equal(model_new(2, &control->model), 0);
        assert_int_equal(model_add(control->model, &environment.object), 0);
        put_rows();
        return 0;
}

static int tear_down(void **state)
{
        Control *control = &reconciler.control;

        (void)state;
        deployer_done(&reconciler.deployer);
        composer_done(&reconciler.composer);
        publisher_done(&reconciler.publisher);
        queue_free(reconciler.queue);
        dependents_done(&reconciler.dependents);
        model_unref(control->model);
        store_close(control->store);
        sd_event_unref(control->event);
        return test_remove_tree(folder);
}

static void adopt(void)
{
        Error error = { 0 };

        assert_int_equal(publisher_adopt(&reconciler.publisher, reconciler.control.model, &error),
                         0);
}

static void turn(void)
{
        while (queue_is_due(reconciler.queue, time_monotonic()))
                queue_turn(reconciler.queue, USEC_INFINITY);
}

static uint64_t n_runs(ControlKey kind)
{
        return queue_n_runs(reconciler.queue, kind);
}

static const char *output_key(size_t i)
{
        static char key[64];

        (void)snprintf(key, sizeof(key), "%s/%zu", environment.object.id.text, i);
        return key;
}

/* --- a release's lockfile --------------------------------------------------------------------- */

static void test_a_release_gets_its_lockfile_from_a_committed_change(void **state)
{
        (void)state;
        put_release("one");
        turn();
        assert_true(is_there("default/releases/one.lock.yaml"));
        assert_int_equal(n_runs(KEY_RELEASE_LOCK), 1);
        assert_int_equal(reconciler.publisher.n_locks_written, 1);
        set_status("one", RELEASE_ARCHIVED);
        turn();
        assert_false(is_there("default/releases/one.lock.yaml"));
}

/* Limits the number of open files, to make opening another file fail. */
static void set_files_max(rlim_t n)
{
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = n;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void test_a_lockfile_that_could_not_be_removed_is_removed_later(void **state)
{
        const Uuid id = object_id(KIND_RELEASE, DEFAULT_TENANT, "one");

        (void)state;
        put_release("one");
        turn();
        set_status("one", RELEASE_ARCHIVED);
        set_files_max(3);
        turn();
        set_files_max(256);
        assert_true(is_there("default/releases/one.lock.yaml"));
        assert_true(queue_at(reconciler.queue, KEY_RELEASE_LOCK, id.text) < USEC_INFINITY);
        queue_add(reconciler.queue, KEY_RELEASE_LOCK, id.text, 0, "test");
        turn();
        assert_false(is_there("default/releases/one.lock.yaml"));
        assert_int_equal(queue_at(reconciler.queue, KEY_RELEASE_LOCK, id.text), USEC_INFINITY);
}

static void test_one_lockfile_that_cannot_be_written_is_tried_again_alone(void **state)
{
        (void)state;
        assert_int_equal(mkdir(path_of("default"), 0755), 0);
        assert_int_equal(mkdir(path_of("default/releases"), 0755), 0);
        assert_int_equal(mkdir(path_of("default/releases/two.lock.yaml"), 0755), 0);
        put_release("one");
        put_release("two");
        put_release("three");
        turn();
        assert_true(is_there("default/releases/one.lock.yaml"));
        assert_true(is_there("default/releases/three.lock.yaml"));
        assert_int_equal(n_runs(KEY_RELEASE_LOCK), 3);
        assert_int_equal(reconciler.publisher.n_locks_failed, 1);
        assert_int_equal(rmdir(path_of("default/releases/two.lock.yaml")), 0);
        queue_add(reconciler.queue, KEY_RELEASE_LOCK,
                  object_id(KIND_RELEASE, DEFAULT_TENANT, "two").text, 0, "test");
        turn();
        assert_true(is_there("default/releases/two.lock.yaml"));
        assert_int_equal(n_runs(KEY_RELEASE_LOCK), 4);
}

static void test_all_that_is_published_is_compared_when_asked_for(void **state)
{
        (void)state;
        adopt();
        put_release("one");
        put_release("two");
        put_release("old");
        set_status("old", RELEASE_ARCHIVED);
        promote("one");
        turn();
        assert_int_equal(unlink(path_of("default/releases/one.lock.yaml")), 0);
        write_file("default/releases/two.lock.yaml", "changed");
        assert_int_equal(unlink(path_of("default/environments/prod.lock.yaml")), 0);
        reconciler.publisher.n_locks_written = 0;
        publisher_start(&reconciler.publisher);
        turn();
        assert_int_equal(reconciler.publisher.n_locks_written, 3);
        assert_true(is_there("default/environments/prod.lock.yaml"));
        assert_false(is_there("default/releases/old.lock.yaml"));
}

static void test_a_lost_key_makes_all_that_is_published_due(void **state)
{
        (void)state;
        adopt();
        put_release("one");
        promote("one");
        turn();
        for (ControlKey kind = KEY_LOCKS; kind < KEY_MAX_; kind++) {
                assert_int_equal(rename(path_of("default/releases/one.lock.yaml"),
                                        path_of("default/releases/old.lock.yaml")),
                                 0);
                assert_int_equal(unlink(path_of("default/environments/prod.lock.yaml")), 0);
                reconciler_add_all(&reconciler, kind);
                turn();
                assert_true(is_there("default/releases/one.lock.yaml"));
                assert_true(is_there("default/environments/prod.lock.yaml"));
                assert_false(is_there("default/releases/old.lock.yaml"));
        }
}

/* --- an environment and its outputs ----------------------------------------------------------- */

static void test_an_output_that_fails_delays_no_other(void **state)
{
        const Deployment deployment = deployment_of("one");
        const char *problem = NULL;

        (void)state;
        outputs.n = N_OUTPUTS;
        for (size_t i = 0; i < N_OUTPUTS; i++)
                output_specs[i] = (OutputSpec){ .environment = "prod",
                                                .format = LOCK_JSON,
                                                .access = *FILE_ACCESS(0644) };
        output_specs[0].path = out_path(0, "zero.json");
        output_specs[1].path = out_path(1, "in-the-way/one.json");
        output_specs[2].path = out_path(2, "two.json");
        write_file("out/in-the-way", "");
        adopt();
        put_release("one");
        promote("one");
        turn();
        assert_true(is_there("default/environments/prod.lock.yaml"));
        assert_true(is_there("out/zero.json"));
        assert_true(is_there("out/two.json"));
        assert_int_equal(publisher_files_state(&reconciler.publisher, &deployment, &problem),
                         FILES_FAILED);
        assert_non_null(strstr(problem, "one.json"));
        assert_int_equal(queue_at(reconciler.queue, KEY_OUTPUT, output_key(0)), USEC_INFINITY);
        assert_true(queue_at(reconciler.queue, KEY_OUTPUT, output_key(1)) < USEC_INFINITY);
        assert_int_equal(queue_at(reconciler.queue, KEY_OUTPUT, output_key(2)), USEC_INFINITY);

        assert_int_equal(unlink(path_of("out/in-the-way")), 0);
        queue_add(reconciler.queue, KEY_OUTPUT, output_key(1), 0, "test");
        turn();
        assert_true(is_there("out/in-the-way/one.json"));
        assert_int_equal(publisher_files_state(&reconciler.publisher, &deployment, &problem),
                         FILES_WRITTEN);
        assert_int_equal(n_runs(KEY_OUTPUT), N_OUTPUTS + 1); /* only the output that failed */
}

static void test_an_output_waits_for_the_lockfile(void **state)
{
        const Deployment deployment = deployment_of("one");
        const char *problem = NULL;

        (void)state;
        outputs.n = 1;
        output_specs[0] = (OutputSpec){ .environment = "prod",
                                        .format = LOCK_JSON,
                                        .path = out_path(0, "zero.json"),
                                        .access = *FILE_ACCESS(0644) };
        assert_int_equal(mkdir(path_of("default"), 0755), 0);
        write_file("default/environments", "");
        adopt();
        put_release("one");
        promote("one");
        queue_add(reconciler.queue, KEY_OUTPUT, output_key(0), 0, "test");
        turn();
        assert_false(is_there("out/zero.json"));
        assert_int_equal(publisher_files_state(&reconciler.publisher, &deployment, &problem),
                         FILES_FAILED);
        assert_int_equal(unlink(path_of("default/environments")), 0);
        queue_add(reconciler.queue, KEY_ENVIRONMENT_LOCK, environment.object.id.text, 0, "test");
        turn();
        assert_true(is_there("out/zero.json"));
}

static void test_the_files_of_a_canceled_first_promotion_are_removed(void **state)
{
        static char paths[LOCK_FORMAT_MAX_][128];
        static OutputSpec each[LOCK_FORMAT_MAX_];
        Deployment deployment = deployment_of("one");
        Changes changes;

        (void)state;
        outputs = (OutputSpecs){ each, LOCK_FORMAT_MAX_ };
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++) {
                (void)snprintf(paths[format], sizeof(paths[format]), "%s/out/%d", folder,
                               (int)format);
                each[format] = (OutputSpec){ .environment = "prod",
                                             .format = format,
                                             .path = paths[format],
                                             .access = *FILE_ACCESS(0644) };
        }
        adopt();
        put_release("one");
        promote("one");
        turn();
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++)
                assert_case(access(paths[format], F_OK) == 0, "%s", paths[format]);
        deployment.status = DEPLOYMENT_CANCELED;
        deployment.at += USEC_PER_SEC;
        changes_init(&changes);
        changes_put_deployment(&changes, &deployment);
        changes_delete_deployment(&changes, environment.object.id.text);
        commit(&changes);
        publisher_publish_now(&reconciler.publisher, environment.object.id.text);
        assert_false(is_there("default/environments/prod.lock.yaml"));
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++)
                assert_case(access(paths[format], F_OK) < 0, "%s is there", paths[format]);
        outputs.items = output_specs;
}

static void test_a_document_that_did_not_change_is_not_published_again(void **state)
{
        (void)state;
        adopt();
        turn();
        adopt();
        turn();
        assert_int_equal(n_runs(KEY_ENVIRONMENT_LOCK), 1);
        (void)snprintf(environment.object.digest, sizeof(environment.object.digest), "%s",
                       DIGEST_B);
        adopt();
        turn();
        assert_int_equal(n_runs(KEY_ENVIRONMENT_LOCK), 2);
}

/* --- left-over files -------------------------------------------------------------------------- */

enum {
        N_LEFT = 200
};

static void make_left_overs(void)
{
        char name[64];

        for (size_t i = 0; i < N_LEFT; i++) {
                (void)snprintf(name, sizeof(name), "default/releases/left-%zu.lock.yaml", i);
                assert_int_equal(link(path_of("default/releases/one.lock.yaml"), path_of(name)), 0);
        }
        write_file("default/releases/foreign.lock.yaml", "of somebody else");
        write_file("default/releases/.one.lock.yaml.tmp.123456", "");
}

static size_t n_left(void)
{
        char name[64];
        size_t n = 0;

        for (size_t i = 0; i < N_LEFT; i++) {
                (void)snprintf(name, sizeof(name), "default/releases/left-%zu.lock.yaml", i);
                n += is_there(name);
        }
        return n;
}

static void test_left_over_lockfiles_are_removed_in_slices(void **state)
{
        (void)state;
        put_release("one");
        turn();
        make_left_overs();
        publisher_sweep_soon(&reconciler.publisher);
        /* handles one key at a time until the sweep reaches the folder: the order of folders is
         * unknown */
        for (size_t i = 0; i < 8 && n_left() == N_LEFT; i++)
                queue_turn(reconciler.queue, 0);
        assert_in_range(n_left(), N_LEFT - 64, N_LEFT - 60);
        turn();
        assert_int_equal(n_left(), 0);
        assert_true(n_runs(KEY_SWEEP) > N_LEFT / 64);
        assert_true(is_there("default/releases/one.lock.yaml"));
        assert_true(is_there("default/releases/foreign.lock.yaml"));
        assert_false(is_there("default/releases/.one.lock.yaml.tmp.123456"));
        assert_int_equal(queue_at(reconciler.queue, KEY_SWEEP, ""), USEC_INFINITY);
}

static void test_what_is_deleted_during_a_sweep_is_swept_too(void **state)
{
        (void)state;
        put_release("one");
        turn();
        publisher_sweep_soon(&reconciler.publisher);
        queue_turn(reconciler.queue, 0);
        make_left_overs();
        publisher_sweep_soon(&reconciler.publisher);
        turn();
        assert_int_equal(n_left(), 0);
}

static void test_a_sweep_that_failed_is_tried_again(void **state)
{
        (void)state;
        put_release("one");
        turn();
        make_left_overs();
        set_files_max(3);
        publisher_sweep_soon(&reconciler.publisher);
        turn();
        set_files_max(256);
        assert_int_equal(n_left(), N_LEFT);
        assert_true(queue_at(reconciler.queue, KEY_SWEEP, "") < USEC_INFINITY);
        queue_add(reconciler.queue, KEY_SWEEP, "", 0, "test");
        turn();
        assert_int_equal(n_left(), 0);
}

static void test_sweeps_that_fail_are_tried_again_after_a_growing_pause(void **state)
{
        (void)state;
        put_release("one");
        turn();
        for (unsigned i = 0; i < 4; i++) {
                const usec_t before = time_monotonic();

                queue_add(reconciler.queue, KEY_SWEEP, "", 0, "test");
                queue_turn(reconciler.queue, 0); /* sweeps the first folder; the others fail */
                set_files_max(3);
                turn();
                set_files_max(256);
                assert_in_range(queue_at(reconciler.queue, KEY_SWEEP, ""),
                                before + (PUBLISH_RETRY_MIN << i), USEC_INFINITY - 1);
        }
        queue_add(reconciler.queue, KEY_SWEEP, "", 0, "test");
        turn();
        assert_int_equal(queue_at(reconciler.queue, KEY_SWEEP, ""), USEC_INFINITY);
        assert_int_equal(reconciler.publisher.n_sweeps_failed, 0);
}

static void copy_lock(const char *to)
{
        assert_case(link(path_of("default/releases/one.lock.yaml"), path_of(to)) == 0, "%s", to);
}

static void test_a_stream_without_a_release_keeps_only_the_releases_of_its_tenant(void **state)
{
        static StreamSpec stream;
        StreamState *made = calloc(1, sizeof(*made));

        (void)state;
        assert_non_null(made);
        put_release("one");
        turn();
        name_object(&stream.object, KIND_STREAM, "nightly");
        assert_int_equal(model_add(reconciler.control.model, &stream.object), 0);
        made->composer = &reconciler.composer;
        made->id = stream.object.id;
        assert_true(map_put(&reconciler.composer.streams, made->id.text, made, NULL) >= 0);
        assert_int_equal(mkdir(path_of("default/environments"), 0755), 0);
        assert_int_equal(mkdir(path_of("second"), 0755), 0);
        assert_int_equal(mkdir(path_of("second/releases"), 0755), 0);
        copy_lock("default/releases/left.lock.yaml");
        copy_lock("default/environments/left.lock.yaml");
        copy_lock("second/releases/left.lock.yaml");
        publisher_sweep_soon(&reconciler.publisher);
        turn();
        assert_true(is_there("default/releases/left.lock.yaml"));
        assert_false(is_there("default/environments/left.lock.yaml"));
        assert_false(is_there("second/releases/left.lock.yaml"));
        assert_true(reconciler.publisher.sweep_later);
        made->has_made = true;
        publisher_sweep_soon(&reconciler.publisher);
        turn();
        assert_false(is_there("default/releases/left.lock.yaml"));
        assert_false(reconciler.publisher.sweep_later);
}

static unsigned n_asked;

static bool awaits_later(const void *userdata, const char *tenant)
{
        (void)userdata;
        /* true from the second call on, for any order of folders */
        return streq(tenant, DEFAULT_TENANT) && n_asked++ > 0;
}

static bool no_draft(const void *userdata, const char *tenant, const char *name)
{
        (void)userdata;
        (void)tenant;
        (void)name;
        return false;
}

static bool no_document(const void *userdata, ObjectKind kind, const char *tenant, const char *name)
{
        (void)kind;
        return no_draft(userdata, tenant, name);
}

static void test_a_stream_that_comes_between_two_pages_keeps_the_others(void **state)
{
        static const PublisherSweep input = { .awaits_release = awaits_later,
                                              .is_drafted = no_draft,
                                              .may_be_declared = no_document };
        unsigned n_left = 0;
        char name[48];

        (void)state;
        put_release("one");
        turn();
        for (unsigned i = 0; i < 100; i++) { /* more files than one page */
                (void)snprintf(name, sizeof(name), "default/releases/left%u.lock.yaml", i);
                copy_lock(name);
        }
        n_asked = 0;
        do
                publisher_reconcile_sweep(&reconciler.publisher, &input);
        while (reconciler.publisher.sweep);
        for (unsigned i = 0; i < 100; i++) {
                (void)snprintf(name, sizeof(name), "default/releases/left%u.lock.yaml", i);
                n_left += is_there(name);
        }
        assert_in_range(n_left, 30, 99);
        assert_true(reconciler.publisher.sweep_later);
}

/* Documents with errors, and the left-over files that each document protects from removal. */
static const struct {
        Broken broken;
        bool keeps_release, keeps_environment, keeps_output;
} broken_cases[] = {
        { { .kind = OBJECT_KIND_MAX_ }, true, true, true },
        { { .kind = KIND_ENVIRONMENT }, false, true, true },
        { { .kind = KIND_ENVIRONMENT, .tenant = DEFAULT_TENANT, .name = "prod" },
          false,
          true,
          true },
        { { .kind = KIND_ENVIRONMENT, .tenant = "second", .name = "prod" }, false, false, false },
        { { .kind = KIND_ENVIRONMENT, .tenant = DEFAULT_TENANT, .name = "it" },
          false,
          false,
          false },
        { { .kind = KIND_RELEASE, .tenant = DEFAULT_TENANT, .name = "left" }, true, false, false },
        { { .kind = KIND_STREAM, .tenant = DEFAULT_TENANT, .name = "any" }, true, false, false },
        { { .kind = KIND_STREAM, .tenant = "second", .name = "any" }, false, false, false },
        { { .kind = KIND_COMPONENT, .tenant = DEFAULT_TENANT, .name = "left" },
          false,
          false,
          false },
};

static void lose_database(void)
{
        Control *control = &reconciler.control;
        Error error = { 0 };

        store_close(control->store);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &control->store, &error),
                         0);
        model_unref(control->model);
        assert_int_equal(model_new(1, &control->model), 0);
        adopt();
}

static void test_what_a_document_with_an_error_may_declare_is_kept(void **state)
{
        Broken broken;

        (void)state;
        outputs.n = 1;
        output_specs[0] = (OutputSpec){ .environment = "prod",
                                        .format = LOCK_DOTENV,
                                        .path = out_path(0, "prod.env"),
                                        .access = *FILE_ACCESS(0644) };
        for (size_t i = 0; i < ARRAY_SIZE(broken_cases); i++) {
                tear_down(state);
                assert_int_equal(set_up(state), 0);
                outputs.n = 1;
                output_specs[0].path = out_path(0, "prod.env");
                adopt();
                put_release("one");
                promote("one");
                turn();
                copy_lock("default/releases/left.lock.yaml");
                lose_database();
                broken = broken_cases[i].broken;
                reconciler.control.model->brokens = (Brokens){ .items = &broken, .n = 1 };
                publisher_sweep_soon(&reconciler.publisher);
                turn();
                assert_case(is_there("default/releases/left.lock.yaml") ==
                                    broken_cases[i].keeps_release,
                            "release in case %zu", i);
                assert_case(is_there("default/environments/prod.lock.yaml") ==
                                    broken_cases[i].keeps_environment,
                            "environment in case %zu", i);
                assert_case(is_there("out/prod.env") == broken_cases[i].keeps_output,
                            "output in case %zu", i);
                assert_case(reconciler.publisher.sweep_later == (broken_cases[i].keeps_release ||
                                                                 broken_cases[i].keeps_environment),
                            "later in case %zu", i);
                reconciler.control.model->brokens.n = 0;
                adopt(); /* the document has no error any more and does not declare the object */
                turn();
                assert_false(is_there("default/releases/left.lock.yaml"));
                assert_false(is_there("default/environments/prod.lock.yaml"));
                assert_false(is_there("out/prod.env"));
        }
}

static void test_an_environment_that_the_database_knew_goes_despite_errors(void **state)
{
        Broken broken = { .kind = OBJECT_KIND_MAX_ };
        Model *model;
        Changes changes;

        (void)state;
        adopt();
        put_release("one");
        promote("one");
        turn();
        changes_init(&changes);
        changes_delete_object(&changes, KIND_ENVIRONMENT, environment.object.id.text);
        commit(&changes);
        assert_int_equal(model_new(1, &model), 0);
        model->brokens = (Brokens){ .items = &broken, .n = 1 };
        model_unref(reconciler.control.model);
        reconciler.control.model = model;
        adopt();
        turn();
        assert_false(is_there("default/environments/prod.lock.yaml"));
}

static void test_files_of_an_environment_that_was_deleted_are_removed(void **state)
{
        Model *model;
        Changes changes;

        (void)state;
        outputs.n = 2;
        for (size_t i = 0; i < 2; i++)
                output_specs[i] = (OutputSpec){ .environment = i == 0 ? "prod" : "default/other",
                                                .format = LOCK_DOTENV,
                                                .access = *FILE_ACCESS(0644) };
        output_specs[0].path = out_path(0, "prod.env");
        output_specs[1].path = out_path(1, "other.env");
        adopt();
        put_release("one");
        promote("one");
        turn();
        assert_true(is_there("default/environments/prod.lock.yaml"));
        assert_true(is_there("out/prod.env"));
        write_file("out/other.env", "A=1"); /* a file of another program */
        changes_init(&changes);
        changes_delete_object(&changes, KIND_ENVIRONMENT, environment.object.id.text);
        commit(&changes);
        assert_int_equal(model_new(1, &model), 0);
        assert_int_equal(model_add(model, &other.object), 0);
        model_unref(reconciler.control.model);
        reconciler.control.model = model;
        adopt();
        turn();
        assert_false(is_there("default/environments/prod.lock.yaml"));
        assert_false(is_there("out/prod.env"));
        assert_true(is_there("out/other.env"));
}

static void test_outputs_of_no_environment_stay_if_another_one_wrote_them(void **state)
{
        (void)state;
        outputs.n = 1;
        output_specs[0] = (OutputSpec){ .environment = "prod",
                                        .format = LOCK_DOTENV,
                                        .path = out_path(0, "it.env"),
                                        .access = *FILE_ACCESS(0644) };
        adopt();
        put_release("one");
        promote("one");
        turn();
        assert_true(is_there("out/it.env"));
        output_specs[0].environment = "gone";
        publisher_start(&reconciler.publisher);
        turn();
        assert_true(is_there("out/it.env"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
        CASE(test_a_release_gets_its_lockfile_from_a_committed_change),
        CASE(test_a_lockfile_that_could_not_be_removed_is_removed_later),
        CASE(test_one_lockfile_that_cannot_be_written_is_tried_again_alone),
        CASE(test_all_that_is_published_is_compared_when_asked_for),
        CASE(test_a_lost_key_makes_all_that_is_published_due),
        CASE(test_an_output_that_fails_delays_no_other),
        CASE(test_an_output_waits_for_the_lockfile),
        CASE(test_the_files_of_a_canceled_first_promotion_are_removed),
        CASE(test_a_document_that_did_not_change_is_not_published_again),
        CASE(test_left_over_lockfiles_are_removed_in_slices),
        CASE(test_what_is_deleted_during_a_sweep_is_swept_too),
        CASE(test_a_sweep_that_failed_is_tried_again),
        CASE(test_sweeps_that_fail_are_tried_again_after_a_growing_pause),
        CASE(test_a_stream_without_a_release_keeps_only_the_releases_of_its_tenant),
        CASE(test_a_stream_that_comes_between_two_pages_keeps_the_others),
        CASE(test_what_a_document_with_an_error_may_declare_is_kept),
        CASE(test_an_environment_that_the_database_knew_goes_despite_errors),
        CASE(test_files_of_an_environment_that_was_deleted_are_removed),
        CASE(test_outputs_of_no_environment_stay_if_another_one_wrote_them),
};
TEST_PROGRAM("publish", tests, NULL, NULL)
