/* Drafts and streams read what they need for all components with a fixed number of statements. The
 * registry is a folder of images. */

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

/* Resolves a draft of n components up to its requests; returns how many statements that takes. */
static uint64_t resolve_draft(size_t n, const char *document)
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
        draft->since = 0; /* the polls above count */
        before = n_statements();
        (void)composer_reconcile_draft(&world.reconciler->composer, id.text);
        before = n_statements() - before;
        assert_non_null(draft->task);
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
        assert_int_equal(resolve_draft(40, full), resolve_draft(2, full));
}

/* The digest of an image does not depend on its folder. */
static const char *pinned(size_t n, const char *digest)
{
        static char text[16 * 1024];
        size_t size;

        size = (size_t)snprintf(text, sizeof(text),
                                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: r}, "
                                "spec: {mode: pinned, components: [");
        for (size_t i = 0; i < n; i++)
                size += (size_t)snprintf(text + size, sizeof(text) - size,
                                         "%s{name: c%zu, digest: '%s'}", i > 0 ? ", " : "", i,
                                         digest);
        (void)snprintf(text + size, sizeof(text) - size, "]}}\n");
        return text;
}

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
        few = resolve_draft(2, pinned(2, digest));
        assert_int_equal(resolve_draft(40, pinned(40, digest)), few);
}

/* --- streams ---------------------------------------------------------------------------------- */

#define STREAM                                                                                     \
        "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: "            \
        "{nameTemplate: 's-{seq}', settle: 0s}}\n"

/* Evaluates a stream of n components, all of which have heads. Returns the number of statements. */
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

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_release_reads_its_heads_at_once),
        cmocka_unit_test(test_a_release_reads_its_digests_at_once),
        cmocka_unit_test(test_a_stream_reads_its_heads_at_once),
};
TEST_PROGRAM("compose", tests, NULL, NULL)
