/* A preview reads what it needs for all components of a release with a fixed number of statements.
 * The registry is a folder of images. */

#include "model/json.h"
#include "preview/preview.h"
#include "world.h"

#define N_FEW  2
#define N_MANY 40

static World world;

typedef struct Tree {
        Node *documents;
        size_t at;
        size_t n_parts;
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
        assert_int_equal(preview->n_releases, 1);
        tree->n_parts = release->n_parts;
        (void)snprintf(tree->problem, sizeof(tree->problem), "%s",
                       release->problem ? release->problem : "");
        for (size_t i = 0; i < release->n_parts; i++) {
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

/* Returns the documents of world_load(), and that of a release. */
static Node *documents_of(size_t n, const char *release)
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
        (void)buffer_printf(&text,
                            ",{\"apiVersion\":\"relman/v1\",\"kind\":\"Release\",\"metadata\":{"
                            "\"name\":\"r\"},\"spec\":%s}]",
                            release);
        assert_false(text.failed);
        assert_case(json_to_node(text.data, text.size, &world.arena, &documents, &error) >= 0, "%s",
                    error_message(&error));
        return documents;
}

static const char *pinned(size_t n, const char *key, const char *value)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, 64 * 1024);
        (void)buffer_puts(&text, "{\"mode\":\"pinned\",\"components\":[");
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(&text, "%s{\"name\":\"c%zu\",\"%s\":\"%s\"}", i > 0 ? "," : "",
                                    i, key, value);
        (void)buffer_puts(&text, "]}");
        return arena_strndup(&world.arena, text.data, text.size);
}

/* Previews a release of n components; returns how many statements that takes. */
static uint64_t count_preview(size_t n, const char *key)
{
        _cleanup_(arena_done) Arena arena;
        DiagList diags;
        StoreStats before, after;
        Previewer *previewer;
        Tree tree = { 0 };
        PreviewInput input = { .next_document = next_document,
                               .is_wanted = is_wanted,
                               .write = write_preview,
                               .done = on_done,
                               .userdata = &tree };
        Uuid id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "c0");
        Channels channels;
        Error error = { 0 };

        world_init(&world);
        world_load(&world, n, "");
        world_run(&world);
        assert_true(store_channels(world.store, id.text, &world.arena, &channels, &error) >= 0);
        assert_int_equal(channels.n, 1);
        tree.documents = documents_of(
                n, !key ? "{\"mode\":\"full\"}"
                        : pinned(n, key, streq(key, "tag") ? "v1.1.0" : channels.items[0].digest));
        arena_init(&arena, TEST_ARENA_MAX);
        diag_list_init(&diags);
        input.arena = &arena;
        input.diags = &diags;
        store_stats(world.store, &before);
        assert_true(preview_start(&world.reconciler->control, &input, &previewer, &error) >= 0);
        while (!tree.is_done)
                assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
        store_stats(world.store, &after);
        assert_int_equal(tree.n_parts, n);
        assert_string_equal(tree.problem, "");
        diag_list_done(&diags);
        world_done(&world);
        return after.n_statements - before.n_statements;
}

static void test_heads_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_preview(N_MANY, NULL), count_preview(N_FEW, NULL));
}

static void test_tags_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_preview(N_MANY, "tag"), count_preview(N_FEW, "tag"));
}

static void test_digests_are_read_at_once(void **state)
{
        (void)state;
        assert_int_equal(count_preview(N_MANY, "digest"), count_preview(N_FEW, "digest"));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads_are_read_at_once),
        cmocka_unit_test(test_tags_are_read_at_once),
        cmocka_unit_test(test_digests_are_read_at_once),
};
TEST_PROGRAM("preview", tests, NULL, NULL)
