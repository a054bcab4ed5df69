/* Tests that drafts and streams use a fixed number of SQL statements for any number of components.
 * The registry is a folder of images. */

#include "compose/release-task.h"
#include "compose/streams.h"
#include "world.h"

static World world;

static uint64_t n_statements(void)
{
        StoreStats stats;

        store_stats(world.store, &stats);
        return stats.n_statements;
}

static const char *head_digest(void)
{
        const Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "c0");
        Channels channels;
        Error error = { 0 };

        assert_true(store_channels(world.store, id.text, &world.arena, &channels, &error) >= 0);
        assert_int_equal(channels.n, 1);
        return channels.items[0].digest;
}

static void assert_made(const char *name, size_t n_components)
{
        const Uuid id = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        Release release;
        Error error = { 0 };

        assert_int_equal(store_release(world.store, id.text, &world.arena, &release, &error), 1);
        assert_int_equal(release.status, RELEASE_READY);
        assert_int_equal(release.components.n, n_components);
        for (size_t i = 0; i < n_components; i++) {
                assert_string_equal(release.components.items[i].digest, head_digest());
                assert_string_equal(release.components.items[i].tag, "v1.1.0");
        }
}

/* --- drafts ----------------------------------------------------------------------------------- */

/* Checks the parts of a draft. Each part has picked the head. Returns the number of statements. */
static uint64_t check_parts(ReleaseTask *task)
{
        uint64_t before;

        for (size_t i = 0; i < task->wants.n; i++)
                task->parts[i].picked = (Picked){ .tag = "v1.1.0", .digest = head_digest() };
        before = n_statements();
        /* ignores the result: there may be problems while requests have no answer */
        (void)release_task_problems(task);
        return n_statements() - before;
}

/* Resolves a draft of n components up to its requests. Returns the number of statements. Sets
 * *ret_check, unless it is NULL, to the number of statements of check_parts(). */
static uint64_t resolve_draft(size_t n, const char *document, uint64_t *ret_check)
{
        const Uuid id = object_id(KIND_RELEASE, DEFAULT_TENANT, "r");
        DraftState *draft;
        uint64_t before;

        world_init(&world);
        world_load(&world, n, "");
        world_run(&world);
        world_load(&world, n, document);
        draft = map_get(&world.reconciler->composer.drafts, id.text);
        assert_non_null(draft);
        draft->since = 0; /* so that the polls above are recent enough */
        before = n_statements();
        (void)composer_reconcile_draft(&world.reconciler->composer, id.text);
        before = n_statements() - before;
        assert_non_null(draft->task);
        if (ret_check)
                *ret_check = check_parts(draft->task);
        world_run(&world);
        assert_made("r", n);
        world_done(&world);
        return before;
}

static void test_a_release_reads_its_heads_at_once(void **state)
{
        static const char full[] =
                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: r}, spec: {mode: "
                "full}}\n";

        (void)state;
        assert_int_equal(resolve_draft(40, full, NULL), resolve_draft(2, full, NULL));
}

static const char *pinned(size_t n, const char *key, const char *value)
{
        static char text[16 * 1024];
        size_t size;

        size = (size_t)snprintf(text, sizeof(text),
                                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: r}, "
                                "spec: {mode: pinned, components: [");
        for (size_t i = 0; i < n; i++)
                size += (size_t)snprintf(text + size, sizeof(text) - size,
                                         "%s{name: c%zu, %s: '%s'}", i > 0 ? ", " : "", i, key,
                                         value);
        (void)snprintf(text + size, sizeof(text) - size, "]}}\n");
        return text;
}

/* The digest of an image does not depend on its folder. So two worlds have the same digests. */
static void test_a_release_reads_its_digests_at_once(void **state)
{
        char digest[DIGEST_SIZE_MAX];
        uint64_t few;

        (void)state;
        world_init(&world);
        world_load(&world, 1, "");
        world_run(&world);
        (void)snprintf(digest, sizeof(digest), "%s", head_digest());
        world_done(&world);
        few = resolve_draft(2, pinned(2, "digest", digest), NULL);
        assert_int_equal(resolve_draft(40, pinned(40, "digest", digest), NULL), few);
}

static void test_the_tags_of_a_release_are_checked_at_once(void **state)
{
        uint64_t few = 0, many = 0;

        (void)state;
        (void)resolve_draft(2, pinned(2, "tag", "v1.1.0"), &few);
        (void)resolve_draft(40, pinned(40, "tag", "v1.1.0"), &many);
        assert_true(few > 0);
        assert_int_equal(many, few);
}

/* --- streams ---------------------------------------------------------------------------------- */

#define STREAM                                                                                     \
        "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: "            \
        "{nameTemplate: 's-{seq}', settle: 0s}}\n"

/* Evaluates a stream of n components that all have heads. Returns the number of statements. */
static uint64_t evaluate_stream(size_t n)
{
        const Uuid id = object_id(KIND_STREAM, DEFAULT_TENANT, "s");
        StreamState *stream;
        uint64_t before;

        world_init(&world);
        world_load(&world, n, STREAM);
        world_run(&world);
        assert_made("s-1", n);
        stream = map_get(&world.reconciler->composer.streams, id.text);
        assert_non_null(stream);
        assert_null(stream->draft);
        before = n_statements();
        (void)composer_reconcile_stream(&world.reconciler->composer, id.text, time_monotonic());
        before = n_statements() - before;
        assert_null(stream->draft);
        assert_true(stream->has_made);
        world_done(&world);
        return before;
}

static void test_a_stream_reads_its_heads_at_once(void **state)
{
        (void)state;
        assert_int_equal(evaluate_stream(40), evaluate_stream(2));
}

/* --- a push ----------------------------------------------------------------------------------- */

#define ENVIRONMENT                                                                                \
        "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: e}, spec: {stream: s}}\n"
#define PUSH_TRANSACTIONS_MAX 9

static uint64_t n_transactions(void)
{
        StoreStats stats;

        store_stats(world.store, &stats);
        return stats.n_transactions;
}

/* Each transaction syncs the disk, which delays the lockfile. */
static void test_a_push_takes_few_transactions(void **state)
{
        static const char *const images[] = { "app/api:v1.0.0", "app/api:v1.1.0",
                                              "app/api:v1.2.0" };
        const Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "c0");
        const Uuid environment = object_id(KIND_ENVIRONMENT, DEFAULT_TENANT, "e");
        Deployment deployment;
        Error error = { 0 };
        uint64_t before;

        (void)state;
        world_init(&world);
        world_load(&world, 1, STREAM ENVIRONMENT);
        world_run(&world);
        layout_write(world.folder, images, ARRAY_SIZE(images));
        before = n_transactions();
        queue_add(world.reconciler->queue, KEY_COMPONENT, id.text, 0, "a push");
        world_run(&world);
        assert_in_range(n_transactions() - before, 1, PUSH_TRANSACTIONS_MAX);
        assert_int_equal(
                store_deployment(world.store, environment.text, &world.arena, &deployment, &error),
                1);
        assert_string_equal(deployment.release_name, "s-2");
        assert_int_equal(deployment.status, DEPLOYMENT_DEPLOYED);
        world_done(&world);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_release_reads_its_heads_at_once),
        cmocka_unit_test(test_a_release_reads_its_digests_at_once),
        cmocka_unit_test(test_the_tags_of_a_release_are_checked_at_once),
        cmocka_unit_test(test_a_stream_reads_its_heads_at_once),
        cmocka_unit_test(test_a_push_takes_few_transactions),
};
TEST_PROGRAM("compose", tests, NULL, NULL)
