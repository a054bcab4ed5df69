/* Tests that the number of SQL statements of a preview is fixed. It must not depend on the number
 * of components of a release, of environments, or of changed documents up to a page. The registry
 * is a folder of images. */

#include "model/json.h"
#include "preview/preview.h"
#include "reconcile/command.h"
#include "world.h"

#define N_FEW  2
#define N_MANY 40

static World world;

typedef struct Tree {
        Node *documents;
        size_t at;
        size_t n_releases, n_parts, n_environments;
        size_t n_fields;    /* fields of documents that change */
        const Quota *quota; /* NULL: none */
        size_t n_bytes;     /* memory of the finished preview, before its answer is written */
        bool is_done;
        char problem[256];
} Tree;

static int next_document(void *userdata, const Node **ret, Error *err)
{
        Tree *tree = userdata;

        (void)err;
        if (tree->at == tree->documents->n)
                return 0;
        *ret = tree->documents->items[tree->at++];
        return 1;
}

static bool is_wanted(void *userdata)
{
        (void)userdata;
        return true;
}

static int write_preview(const Preview *preview, usec_t until, void *userdata, Error *err)
{
        Tree *tree = userdata;
        const PreviewRelease *release = &preview->releases[0];

        (void)until, (void)err;
        tree->n_bytes = tree->quota ? tree->quota->used : 0;
        tree->n_releases = preview->n_releases;
        tree->n_environments = preview->n_environments;
        for (size_t i = 0; i < preview->n_objects; i++)
                tree->n_fields += preview->objects[i].changes.n;
        if (preview->n_releases == 0)
                return 0;
        tree->n_parts = release->n_parts;
        (void)snprintf(tree->problem, sizeof(tree->problem), "%s",
                       release->problem ? release->problem : "");
        for (size_t i = 0; i < release->n_parts && !release->problem; i++) {
                assert_string_equal(release->parts[i].picked.tag, "v1.1.0");
                assert_string_equal(release->parts[i].picked.semver, "1.1.0");
        }
        return 0;
}

static void on_done(const Error *error, void *userdata)
{
        Tree *tree = userdata;

        assert_case(!error, "%s", error_message(error));
        tree->is_done = true;
}

/* Returns the documents of world_load(), and more. */
static Node *documents_of(size_t n, const char *more)
{
        _cleanup_(buffer_done) Buffer text;
        Error error = { 0 };
        Node *documents;

        buffer_init(&text, 1024 * 1024);
        (void)buffer_printf(&text,
                            "[{\"apiVersion\":\"relman/v1\",\"kind\":\"Registry\",\"metadata\":{"
                            "\"name\":\"files\"},\"spec\":{\"url\":\"oci-layout:%s/images\","
                            "\"type\":\"oci-layout\"}}",
                            world.folder);
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(
                        &text,
                        ",{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\",\"metadata\":{"
                        "\"name\":\"c%zu\"},\"spec\":{\"imageRepository\":\"r.example.com/app/"
                        "api\",\"registry\":\"files\"}}",
                        i);
        (void)buffer_printf(&text, "%s]", more);
        assert_false(text.failed);
        assert_case(json_to_node(text.data, text.size, &world.arena, &documents, &error) >= 0, "%s",
                    error_message(&error));
        return documents;
}

/* Returns the document of a release of n components. */
static const char *release_of(size_t n, const char *key, const char *value)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, 64 * 1024);
        (void)buffer_printf(&text,
                            ",{\"apiVersion\":\"relman/v1\",\"kind\":\"Release\",\"metadata\":{"
                            "\"name\":\"r\"},\"spec\":{\"mode\":\"%s\"%s",
                            key ? "pinned" : "full", key ? ",\"components\":[" : "");
        for (size_t i = 0; key && i < n; i++)
                (void)buffer_printf(&text, "%s{\"name\":\"c%zu\",\"%s\":\"%s\"}", i > 0 ? "," : "",
                                    i, key, value);
        (void)buffer_puts(&text, key ? "]}}" : "}}");
        return arena_strndup(&world.arena, text.data, text.size);
}

/* Previews a tree within the quota. Returns the number of statements during the preview. */
static uint64_t preview_within(Tree *tree, Quota *quota)
{
        _cleanup_(arena_done) Arena arena;
        _cleanup_(diag_list_done) DiagList diags;
        const PreviewInput input = { .next_document = next_document,
                                     .is_wanted = is_wanted,
                                     .write = write_preview,
                                     .done = on_done,
                                     .userdata = tree,
                                     .arena = &arena,
                                     .diags = &diags };
        StoreStats before, after;
        Previewer *previewer;
        Error error = { 0 };

        arena_init(&arena, TEST_ARENA_MAX);
        arena.quota = quota;
        diag_list_init(&diags);
        store_stats(world.store, &before);
        assert_true(preview_start(&world.reconciler->control, &input, &previewer, &error) >= 0);
        while (!tree->is_done)
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        store_stats(world.store, &after);
        return after.n_statements - before.n_statements;
}

/* Previews a tree three times. Returns the smallest number of statements, because other work of the
 * daemon may add statements. */
static uint64_t preview(Tree *tree)
{
        Node *documents = tree->documents;
        uint64_t least = UINT64_MAX;

        for (size_t i = 0; i < 3; i++) {
                uint64_t n;

                *tree = (Tree){ .documents = documents };
                n = preview_within(tree, NULL);
                least = MIN(least, n);
        }
        return least;
}

/* Previews a release of n components. They are pinned by tag or digest; with key NULL, by their
 * heads. Returns the number of statements. */
static uint64_t count_release(size_t n, const char *key)
{
        const Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "c0");
        const char *value = "v1.1.0";
        Tree tree = { 0 };
        Channels channels;
        Error error = { 0 };
        uint64_t n_statements;

        world_init(&world);
        world_load(&world, n, "");
        world_run(&world);
        assert_true(store_channels(world.store, id.text, &world.arena, &channels, &error) >= 0);
        assert_int_equal(channels.n, 1);
        if (str_equal(key, "digest"))
                value = channels.items[0].digest;
        tree.documents = documents_of(n, release_of(n, key, value));
        n_statements = preview(&tree);
        assert_int_equal(tree.n_releases, 1);
        assert_int_equal(tree.n_parts, n);
        assert_string_equal(tree.problem, "");
        world_done(&world);
        return n_statements;
}

static void test_heads_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_release(N_MANY, NULL), count_release(N_FEW, NULL));
}

static void test_tags_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_release(N_MANY, "tag"), count_release(N_FEW, "tag"));
}

static void test_digests_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_release(N_MANY, "digest"), count_release(N_FEW, "digest"));
}

/* Previews a tree that changes a field of n environments. Returns the number of statements. */
static uint64_t count_updates(size_t n)
{
        static const char format[] =
                "%s{\"apiVersion\":\"relman/v1\",\"kind\":\"Environment\",\"metadata\":{"
                "\"name\":\"e%zu\"},\"spec\":{\"confirm\":\"%s\"}}\n";
        _cleanup_(buffer_done) Buffer specs, documents;
        Tree tree = { 0 };
        uint64_t n_statements;

        buffer_init(&specs, 64 * 1024);
        buffer_init(&documents, 64 * 1024);
        world_init(&world);
        for (size_t i = 0; i < n; i++) {
                (void)buffer_printf(&specs, format, "---\n", i, "auto");
                (void)buffer_printf(&documents, format, ",", i, "manual");
        }
        world_load(&world, 1, specs.data);
        world_run(&world);
        tree.documents = documents_of(1, documents.data);
        n_statements = preview(&tree);
        assert_int_equal(tree.n_fields, n);
        world_done(&world);
        return n_statements;
}

/* A slice of the plan may end before all changes are known. This adds a page of documents. */
static void test_documents_are_read_in_pages(void **state)
{
        (void)state;
        assert_true(count_updates(N_MANY) < count_updates(N_FEW) + (N_MANY - N_FEW) / 2);
}

/* Previews n environments that have the requested release, and one environment that does not.
 * Returns the number of statements. */
static uint64_t count_environments(size_t n)
{
        static const char format[] =
                "%s{\"apiVersion\":\"relman/v1\",\"kind\":\"Environment\",\"metadata\":{"
                "\"name\":\"e%zu\"},\"spec\":{\"release\":\"r\"}}\n";
        _cleanup_(buffer_done) Buffer specs, documents;
        Tree tree = { 0 };
        uint64_t n_statements;

        buffer_init(&specs, 64 * 1024);
        buffer_init(&documents, 64 * 1024);
        (void)buffer_puts(&specs,
                          "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: r}, "
                          "spec: {mode: full}}\n");
        world_init(&world);
        (void)buffer_puts(&documents, release_of(1, NULL, NULL));
        for (size_t i = 0; i <= n; i++) {
                if (i < n)
                        (void)buffer_printf(&specs, format, "---\n", i);
                (void)buffer_printf(&documents, format, ",", i);
        }
        world_load(&world, 1, specs.data);
        world_run(&world);
        tree.documents = documents_of(1, documents.data);
        n_statements = preview(&tree);
        assert_int_equal(tree.n_releases, 0);
        assert_int_equal(tree.n_environments, 1);
        world_done(&world);
        return n_statements;
}

static void test_environments_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_environments(N_MANY), count_environments(N_FEW));
}

/* With 1,200 bytes for each document, 50,000 documents and their answer fit into API_REQUEST_MAX.
 * The documents are freed before the answer is written. */
static void test_the_memory_for_each_document_is_bounded(void **state)
{
        enum {
                N_DOCUMENTS = 3000
        };
        _cleanup_(buffer_done) Buffer more;
        Quota quota = { .max = (size_t)N_DOCUMENTS * 1200 };
        Tree tree = { .quota = &quota };

        (void)state;
        buffer_init(&more, 1024 * 1024);
        for (size_t i = 0; i < N_DOCUMENTS / 2; i++)
                (void)buffer_printf(
                        &more,
                        ",{\"apiVersion\":\"relman/v1\",\"kind\":\"Release\",\"metadata\":{"
                        "\"name\":\"r%zu\"},\"spec\":{\"mode\":\"pinned\",\"components\":["
                        "{\"name\":\"c%zu\",\"version\":\"1.1.0\"}]}}",
                        i, i);
        world_init(&world);
        world_load(&world, 1, "");
        world_run(&world);
        tree.documents = documents_of(N_DOCUMENTS / 2, more.data);
        (void)preview_within(&tree, &quota);
        assert_int_equal(tree.n_releases, N_DOCUMENTS / 2);
        assert_case(tree.n_bytes <= (size_t)N_DOCUMENTS * 300, "%zu", tree.n_bytes);
        assert_int_equal(quota.used, 0);
        world_done(&world);
}

/* A preview uses the calendars of the previewed tree, not those of the active specs. */
static void test_a_calendar_that_is_removed_lets_the_next_release_through(void **state)
{
#define FOLLOWS                                                                                    \
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"ReleaseStream\",\"metadata\":{\"name\":\"s\"},"  \
        "\"spec\":{\"nameTemplate\":\"s-{seq}\",\"settle\":\"0s\"}}"
#define CLOSED                                                                                     \
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Environment\",\"metadata\":{\"name\":\"e\"},"    \
        "\"spec\":{\"stream\":\"s\"}}"
#define END                                                                                        \
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Calendar\",\"metadata\":{\"name\":\"end\"},"     \
        "\"spec\":{\"windows\":[{\"deny\":\"2000-01-01..2199-12-30\"}]}}"
        Tree tree = { 0 };

        (void)state;
        world_init(&world);
        world_load(&world, 1, "---\n" FOLLOWS "\n---\n" CLOSED "\n---\n" END "\n");
        world_run(&world);
        tree.documents = documents_of(1, "," FOLLOWS "," CLOSED "," END);
        (void)preview(&tree);
        assert_int_equal(tree.n_environments, 0);
        tree.documents = documents_of(1, "," FOLLOWS "," CLOSED);
        (void)preview(&tree);
        assert_int_equal(tree.n_environments, 1);
        world_done(&world);
}

/* The later release is deprecated, so the stream offers the earlier release. The environment must
 * not get the earlier release. */
static void test_an_environment_does_not_go_back_to_an_earlier_release(void **state)
{
#define LABELED                                                                                    \
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Environment\",\"metadata\":{\"name\":\"e\","     \
        "\"labels\":{\"team\":\"a\"}},\"spec\":{\"stream\":\"s\"}}"
        static const Actor anna = { .tenant = DEFAULT_TENANT,
                                    .principal = "token:anna",
                                    .person = "anna",
                                    .origin = "unix",
                                    .action = "test" };
        Uuid environment = object_id(KIND_ENVIRONMENT, DEFAULT_TENANT, "e");
        Deployment deployment;
        Tree tree = { 0 };
        Error error = { 0 };

        (void)state;
        world_init(&world);
        world_load(&world, 1, "---\n" FOLLOWS "\n---\n" CLOSED "\n");
        world_run(&world);
        world_load(&world, 2, "---\n" FOLLOWS "\n---\n" CLOSED "\n");
        world_run(&world);
        assert_int_equal(
                store_deployment(world.store, environment.text, &world.arena, &deployment, &error),
                1);
        assert_string_equal(deployment.release_name, "s-2");
        assert_int_equal(command_deprecate(world.reconciler, deployment.release_id, "it leaks",
                                           &anna, &error),
                         0);
        world_run(&world);
        tree.documents = documents_of(2, "," FOLLOWS "," LABELED);
        (void)preview(&tree);
        assert_int_equal(tree.n_environments, 0);
        world_done(&world);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environments_are_read_at_once),
        cmocka_unit_test(test_documents_are_read_in_pages),
        cmocka_unit_test(test_a_calendar_that_is_removed_lets_the_next_release_through),
        cmocka_unit_test(test_an_environment_does_not_go_back_to_an_earlier_release),
        cmocka_unit_test(test_heads_are_read_at_once),
        cmocka_unit_test(test_tags_are_read_at_once),
        cmocka_unit_test(test_digests_are_read_at_once),
        cmocka_unit_test(test_the_memory_for_each_document_is_bounded),
};
TEST_PROGRAM("preview", tests, NULL, NULL)
