/* Drafts and streams read what they need for all components with a fixed number of statements. The
 * registry is a folder of images. */

#include <sys/stat.h>

#include "compose/streams.h"
#include "layout.h"
#include "reconcile/internal.h"
#include "store/releases.h"
#include "unit.h"

#define TURNS_MAX 20000
#define REGISTRY                                                                                   \
        "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: files}, spec: {url: "       \
        "'oci-layout:%s/images', type: oci-layout}}\n"
#define COMPONENT                                                                                  \
        "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: c%zu}, spec: "             \
        "{imageRepository: r.example.com/app/api, registry: files}}\n"

static const char *const images[] = { "app/api:v1.0.0", "app/api:v1.1.0" };
static char folder[64], specs[80], locks[80];
static sd_event *event;
static Store *store;
static HttpClient *http;
static Reconciler *reconciler;
static Arena arena;

/* --- the world -------------------------------------------------------------------------------- */

static int on_end(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source, (void)at, (void)userdata;
        return 0;
}

static int set_up(void **state)
{
        const ReconcileOptions options = { .specs_path = specs,
                                           .locks_path = locks,
                                           .poll_interval = USEC_PER_HOUR };
        Error error = { 0 };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-compose-XXXXXX");
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
        assert_int_equal(reconciler_new(event, store, http, &options, &reconciler, &error), 0);
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

/* Loads n components, and more documents. */
static void load(size_t n, const char *more)
{
        char path[100];
        Error error = { 0 };
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/all.yaml", specs);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, REGISTRY, folder) > 0);
        for (size_t i = 0; i < n; i++)
                assert_true(fprintf(file, COMPONENT, i) > 0);
        assert_true(fputs(more, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_case(reconciler_load_specs(reconciler, &error) >= 0, "%s", error_message(&error));
}

static void run_until_idle(void)
{
        for (unsigned n = 0;
             !poller_is_idle(&reconciler->poller) || !composer_is_idle(&reconciler->composer) ||
             queue_is_due(reconciler->queue, time_monotonic());
             n++) {
                assert_true(n < TURNS_MAX);
                assert_true(sd_event_run(event, UINT64_MAX) >= 0);
        }
}

static uint64_t n_statements(void)
{
        StoreStats stats;

        store_stats(store, &stats);
        return stats.n_statements;
}

static const char *head_digest(void)
{
        const Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "c0");
        Channels channels;
        Error error = { 0 };

        assert_true(store_channels(store, id.text, &arena, &channels, &error) >= 0);
        assert_int_equal(channels.n, 1);
        return channels.items[0].digest;
}

static void assert_made(const char *name, size_t n_components)
{
        const Uuid id = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        Release release;
        Error error = { 0 };

        assert_int_equal(store_release(store, id.text, &arena, &release, &error), 1);
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
        void *none = NULL;

        set_up(&none);
        load(n, "");
        run_until_idle();
        load(n, document);
        draft = map_get(&reconciler->composer.drafts, id.text);
        assert_non_null(draft);
        draft->since = 0; /* the polls above count */
        before = n_statements();
        (void)composer_reconcile_draft(&reconciler->composer, id.text);
        before = n_statements() - before;
        assert_non_null(draft->task);
        run_until_idle();
        assert_made("r", n);
        tear_down(&none);
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

        set_up(state);
        load(1, "");
        run_until_idle();
        (void)snprintf(digest, sizeof(digest), "%s", head_digest());
        tear_down(state);
        few = resolve_draft(2, pinned(2, digest));
        assert_int_equal(resolve_draft(40, pinned(40, digest)), few);
}

/* --- streams ---------------------------------------------------------------------------------- */

#define STREAM                                                                                     \
        "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: "            \
        "{nameTemplate: 's-{seq}', settle: 0s}}\n"

/* Evaluates a stream of n components that has all; returns how many statements that takes. */
static uint64_t evaluate_stream(size_t n)
{
        const Uuid id = object_id(KIND_STREAM, DEFAULT_TENANT, "s");
        StreamState *stream;
        uint64_t before;
        void *none = NULL;

        set_up(&none);
        load(n, STREAM);
        run_until_idle();
        assert_made("s-1", n);
        stream = map_get(&reconciler->composer.streams, id.text);
        assert_non_null(stream);
        assert_null(stream->draft);
        before = n_statements();
        (void)composer_reconcile_stream(&reconciler->composer, id.text, time_monotonic());
        before = n_statements() - before;
        assert_null(stream->draft);
        assert_true(stream->has_made);
        tear_down(&none);
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
