/* Tests calls to a registry. Their completions cancel other calls or start new calls. There is no
 * server: nothing listens at the address of the registry. */

#include <sys/stat.h>
#include <unistd.h>

#include "registry/internal.h"
#include "unit.h"

#define N_ASKED 4

typedef struct Asked {
        struct World *world;
        RegistryCall *call;
        unsigned n_completed;
        ErrorKind kind;        /* kind of the error that the completion got */
        uint64_t completed_in; /* iteration of the event loop */
        void (*then)(struct World *world);
} Asked;

typedef struct World {
        sd_event *event;
        HttpClient *http;
        Registry *registry;
        Asked asked[N_ASKED];
        ErrorKind refused; /* kind of the error of the call that was started too late */
} World;

static uint64_t iteration_of(const World *world)
{
        uint64_t iteration = 0;

        assert_true(sd_event_get_iteration(world->event, &iteration) >= 0);
        return iteration;
}

static void complete(Asked *asked, const Error *error)
{
        asked->call = NULL;
        asked->n_completed++;
        asked->kind = error->kind;
        asked->completed_in = iteration_of(asked->world);
        if (asked->then)
                asked->then(asked->world);
}

static void on_tags(const TagList *list, const Error *error, void *userdata)
{
        assert_null(list);
        complete(userdata, error);
}

static void on_manifest(const Manifest *manifest, const Error *error, void *userdata)
{
        assert_null(manifest);
        complete(userdata, error);
}

static int resolve(World *world, Asked *asked, Error *err)
{
        asked->world = world;
        return registry_resolve(world->registry, "app/api", "v1.0.0",
                                (ManifestReceiver){ on_manifest, asked }, &asked->call, err);
}

static World world_of(const char *url, const char *helper)
{
        const RegistrySpec spec = { .object = { .meta = { .tenant = "default", .name = "r" } },
                                    .url = url,
                                    .auth = { .helper = helper },
                                    .limits = { .concurrency = 16, .timeout = USEC_PER_SEC } };
        _cleanup_(error_done) Error error = { 0 };
        World world = { 0 };

        assert_true(sd_event_new(&world.event) >= 0);
        assert_int_equal(http_client_new(world.event, "test", &world.http, &error), 0);
        assert_int_equal(registry_new(world.http, &spec, NULL, NULL, &world.registry, &error), 0);
        return world;
}

static void world_done(World *world)
{
        registry_free(world->registry);
        http_client_free(world->http);
        sd_event_unref(world->event);
}

/* --- a registry that is freed ----------------------------------------------------------------- */

static void cancel_and_begin(World *world)
{
        _cleanup_(error_done) Error error = { 0 };

        world->asked[1].call = registry_call_cancel(world->asked[1].call);
        assert_true(resolve(world, &world->asked[3], &error) < 0);
        world->refused = error.kind;
}

static void test_a_freed_registry_completes_its_calls(void **state)
{
        World world = world_of("oci-layout:/nowhere", NULL);
        Asked *asked = world.asked;
        Error error = { 0 };

        (void)state;
        for (size_t i = 0; i < N_ASKED; i++)
                asked[i].world = &world;
        assert_int_equal(registry_list_tags(world.registry, "app/api", NULL,
                                            (TagsReceiver){ on_tags, &asked[0] }, &asked[0].call,
                                            &error),
                         0);
        assert_int_equal(resolve(&world, &asked[1], &error), 0);
        assert_int_equal(resolve(&world, &asked[2], &error), 0);
        asked[2].then = cancel_and_begin;
        world.registry = registry_free(world.registry);
        assert_int_equal(asked[0].n_completed, 1);
        assert_int_equal(asked[0].kind, ERROR_CANCELED);
        assert_int_equal(asked[1].n_completed, 0);
        assert_int_equal(asked[2].n_completed, 1);
        assert_int_equal(asked[2].kind, ERROR_CANCELED);
        assert_int_equal(asked[3].n_completed, 0);
        assert_int_equal(world.refused, ERROR_CANCELED);
        world_done(&world);
}

/* --- calls that wait for the same login ------------------------------------------------------- */

/* The completion of the first call cancels the last waiting call and starts a new one. */
static void replace_last(World *world)
{
        Error error = { 0 };

        world->asked[2].call = registry_call_cancel(world->asked[2].call);
        assert_int_equal(resolve(world, &world->asked[3], &error), 0);
}

/* Three calls wait for one login, which fails. A call that is started by a completion waits for the
 * next login. */
static void check_rounds(World *world)
{
        Asked *asked = world->asked;
        Error error = { 0 };

        for (size_t i = 0; i < 3; i++)
                assert_int_equal(resolve(world, &asked[i], &error), 0);
        asked[0].then = replace_last;
        while (asked[3].n_completed == 0)
                assert_true(sd_event_run(world->event, UINT64_MAX) >= 0);
        assert_int_equal(asked[0].n_completed, 1);
        assert_int_equal(asked[1].n_completed, 1);
        assert_int_equal(asked[1].completed_in, asked[0].completed_in);
        assert_int_equal(asked[2].n_completed, 0);
        assert_int_equal(asked[3].n_completed, 1);
        assert_true(asked[3].completed_in > asked[0].completed_in);
}

static void test_a_call_that_begins_while_others_fail_waits_for_its_own_token(void **state)
{
        World world = world_of("http://127.0.0.1:1", NULL);

        (void)state;
        world.registry->scheme = AUTH_BEARER;
        world.registry->realm = strdup("http://127.0.0.1:1/token");
        assert_non_null(world.registry->realm);
        check_rounds(&world);
        world_done(&world);
}

static void test_a_call_that_begins_while_others_fail_waits_for_its_own_helper(void **state)
{
        char folder[] = "/tmp/relman-calls-XXXXXX", path[sizeof(folder) + 64];
        char *before = strdup(getenv("PATH"));
        World world = world_of("http://127.0.0.1:1", "fails");
        FILE *file;

        (void)state;
        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/docker-credential-fails", folder);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs("#!/bin/sh\nread -r server; echo broken; exit 1\n", file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(setenv("PATH", folder, 1), 0);
        check_rounds(&world);
        assert_int_equal(setenv("PATH", before, 1), 0);
        free(before);
        world_done(&world);
        assert_int_equal(test_remove_tree(folder), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_freed_registry_completes_its_calls),
        cmocka_unit_test(test_a_call_that_begins_while_others_fail_waits_for_its_own_token),
        cmocka_unit_test(test_a_call_that_begins_while_others_fail_waits_for_its_own_helper),
};
TEST_PROGRAM("calls", tests, NULL, NULL)
