/* Tests the facts of images: limits, selection, copies, and their JSON. */

#include "model/image-facts.h"
#include "registry/wire/facts-json.h"
#include "registry/wire/manifest-json.h"
#include "store/image-json.h"
#include "unit.h"

#define OCI    "org.opencontainers.image."
#define SCHEMA "org.label-schema."
#define D(c)   "sha256:" c c c c c c c c
#define A      D("aaaaaaaa")
#define B      D("bbbbbbbb")
#define C      D("cccccccc")
#define NONE                                                                                       \
        {                                                                                          \
                NULL, 0                                                                            \
        }
#define KEEP(...)                                                                                  \
        {                                                                                          \
                (const char *[]){ __VA_ARGS__ },                                                   \
                        sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)                   \
        }
#define TEXTS(...)                                                                                 \
        {                                                                                          \
                (Pair[]){ __VA_ARGS__ }, sizeof((Pair[]){ __VA_ARGS__ }) / sizeof(Pair)            \
        }

TEST_ARENA(arena, set_up, tear_down)

/* Returns texts as "KEY=VALUE ". */
static const char *text_of(const Pairs *texts)
{
        const char *text = "";

        for (size_t i = 0; i < texts->n; i++)
                text = arena_printf(&arena, "%s%s=%s ", text, texts->items[i].key,
                                    texts->items[i].value);
        return text;
}

static void assert_texts(const Pairs *texts, const char *wanted)
{
        assert_string_equal(text_of(texts), wanted);
}

/* --- selection and limits --------------------------------------------------------------------- */

static void test_labels_of_oci_replace_the_older_ones(void **state)
{
        const struct {
                Pairs labels;
                const char *wanted;
                Strings keep;
        } table[] = {
                { { NULL, 0 }, "", NONE },
                { TEXTS({ "maintainer", "anna" }), "", NONE },
                { TEXTS({ SCHEMA "b", "1" }, { "x", "2" }, { SCHEMA "a", "3" }),
                  SCHEMA "a=3 " SCHEMA "b=1 ", NONE },
                { TEXTS({ SCHEMA "b", "1" }, { OCI "b", "2" }, { OCI "a", "3" }),
                  OCI "a=3 " OCI "b=2 ", NONE },
                /* the prefix has a dot at its end */
                { TEXTS({ "org.opencontainers.imagex", "1" }, { SCHEMA "a", "2" }), SCHEMA "a=2 ",
                  NONE },
                /* labels that a component keeps */
                { TEXTS({ "b", "1" }, { OCI "b", "2" }, { "a", "3" }, { "c", "4" }),
                  OCI "b=2 a=3 b=1 ", KEEP("b", "a", "none") },
                { TEXTS({ SCHEMA "b", "1" }, { OCI "b", "2" }), OCI "b=2 " SCHEMA "b=1 ",
                  KEEP(SCHEMA "b", OCI "b") },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                Pairs labels;

                assert_int_equal(
                        image_labels_select(&table[i].labels, &table[i].keep, &arena, &labels), 0);
                assert_case(streq(text_of(&labels), table[i].wanted), "%zu: %s", i,
                            text_of(&labels));
        }
}

static void test_texts_of_oci_come_first(void **state)
{
        Pairs texts = TEXTS({ "a", "1" }, { OCI "z", "2" }, { "b", "3" }, { OCI "y", "4" });

        (void)state;
        assert_false(image_texts_limit(&texts));
        assert_texts(&texts, OCI "y=4 " OCI "z=2 a=1 b=3 ");
}

/* Returns n texts whose values have `size` times the character. */
static Pairs many_texts(size_t n, size_t size, char character)
{
        Pairs ret = { arena_alloc_array(&arena, n, sizeof(*ret.items)), n };

        for (size_t i = 0; i < n; i++) {
                char *value = arena_alloc(&arena, size + 1);

                memset(value, character, size);
                value[size] = '\0';
                ret.items[i] = (Pair){ arena_printf(&arena, OCI "%04zu", i), value };
        }
        return ret;
}

/* The limit counts the bytes of the JSON, also those of escapes. */
static void test_texts_are_limited_as_json(void **state)
{
        static const char characters[] = { 'x', '"', '\\', '\n', 0x01, 0x7f, (char)0xc3 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
                Pairs texts = many_texts(100, IMAGE_TEXT_MAX, characters[i]);
                ImageFacts facts = { .digest = A, .config = B };
                _cleanup_(buffer_done) Buffer json;

                buffer_init(&json, IMAGE_FACTS_MAX);
                assert_true(image_texts_limit(&texts));
                assert_true(texts.n > 0);
                assert_string_equal(texts.items[0].key, OCI "0000");
                facts.annotations = texts;
                assert_int_equal(image_facts_to_json(&facts, &json), 0);
                assert_in_range(json.size, 1, IMAGE_TEXTS_MAX + 200);
        }
}

/* The copy has the labels that the component keeps, and the facts themselves are unchanged. */
static void test_a_copy_has_the_kept_labels(void **state)
{
        const Pairs labels = TEXTS({ "a", "1" }, { "b", "2" }, { OCI "c", "3" });
        ImageFacts facts = { .digest = A, .has_config = true, .labels = labels };
        const Strings keep = KEEP("b");
        ImageFactList copy;

        (void)state;
        assert_int_equal(image_facts_copy_kept(&(ImageFactList){ &facts, 1 }, &keep, &arena, &copy),
                         0);
        assert_texts(&copy.items[0].labels, OCI "c=3 b=2 ");
        assert_false(copy.items[0].is_cut);
        assert_texts(&facts.labels, "a=1 b=2 " OCI "c=3 ");
        assert_true(image_facts_have_labels(&facts, &copy.items[0]));
        assert_false(image_facts_have_labels(&copy.items[0], &facts));
}

/* 32 labels of the greatest size are kept besides those of OCI. */
static void test_all_labels_that_a_component_may_keep_fit(void **state)
{
        Pairs labels = many_texts(IMAGE_KEEP_MAX, IMAGE_TEXT_MAX, 'x');
        const char *keys[IMAGE_KEEP_MAX];

        (void)state;
        for (size_t i = 0; i < IMAGE_KEEP_MAX; i++)
                keys[i] = labels.items[i].key;
        assert_int_equal(
                image_labels_select(&labels, &(Strings){ keys, IMAGE_KEEP_MAX }, &arena, &labels),
                0);
        assert_int_equal(labels.n, IMAGE_KEEP_MAX);
}

/* Facts with the largest parts fit the buffer that the store writes them to. */
static void test_the_largest_facts_fit(void **state)
{
        const char *layers[IMAGE_LAYERS_MAX], *keys[1000];
        ImageFacts facts = { .digest = A, .config = B, .has_config = true, .is_cut = true };
        _cleanup_(buffer_done) Buffer json;
        ImageFacts read;
        Error error = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
                layers[i] = C;
        facts.layers = (Strings){ layers, ARRAY_SIZE(layers) };
        facts.annotations = many_texts(1000, IMAGE_TEXT_MAX, '"');
        facts.labels = many_texts(1000, IMAGE_TEXT_MAX, 0x01);
        facts.media_type = facts.artifact_type = many_texts(1, 255, 0x01).items[0].value;
        facts.platform = many_texts(1, 255, 'x').items[0].value;
        (void)image_texts_limit(&facts.annotations);
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                keys[i] = facts.labels.items[i].key;
        assert_int_equal(image_labels_select(&facts.labels, &(Strings){ keys, ARRAY_SIZE(keys) },
                                             &arena, &facts.labels),
                         1);
        buffer_init(&json, IMAGE_FACTS_MAX);
        assert_int_equal(image_facts_to_json(&facts, &json), 0);
        assert_int_equal(image_facts_from_json(json.data, A, &arena, &read, &error), 0);
        assert_int_equal(read.layers.n, IMAGE_LAYERS_MAX);
        assert_int_equal(read.labels.n, facts.labels.n);
}

static void test_an_annotation_counts_more_than_a_label(void **state)
{
        const ImageFacts facts = { .annotations = TEXTS({ "a", "1" }, { "b", "" }),
                                   .labels = TEXTS({ "a", "2" }, { "b", "3" }, { "c", "4" }) };
        static const char *const wanted[][2] = { { "a", "1" }, { "b", "" }, { "c", "4" } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                assert_string_equal(image_facts_get(&facts, wanted[i][0]), wanted[i][1]);
        assert_null(image_facts_get(&facts, "d"));
}

/* --- the other manifests of an index ---------------------------------------------------------- */

static void test_other_manifests_are_listed_once(void **state)
{
        Pairs others = TEXTS({ B, "" }, { A, "linux/arm64" }, { B, "linux/amd64" }, { C, "" },
                             { C, "" }, { B, "" });

        (void)state;
        assert_false(image_others_limit(&others));
        assert_texts(&others, A "=linux/arm64 " B "=linux/amd64 " C "= ");
        others = (Pairs){ 0 };
        assert_false(image_others_limit(&others));
        others = many_texts(1000, 64, 'x');
        assert_true(image_others_limit(&others));
        assert_in_range(others.n, 100, 999);
}

static void test_further_images_of_a_platform_are_added(void **state)
{
        PlatformDigest one[] = { { "linux/amd64", A }, { "windows/amd64", B } };
        PlatformDigests platforms = { one, 2 };
        ImageFacts facts = { .others = TEXTS({ A, "linux/amd64" }, { C, "linux/amd64" },
                                             { D("dddddddd"), "" }) };

        (void)state;
        assert_int_equal(image_others_add(&facts, &arena, &platforms), 0);
        assert_int_equal(platforms.n, 3);
        assert_string_equal(platforms.items[2].platform, "windows/amd64");
        for (size_t i = 0; i < 2; i++) {
                assert_string_equal(platforms.items[i].platform, "linux/amd64");
                assert_true(streq(platforms.items[i].digest, A) ||
                            streq(platforms.items[i].digest, C));
        }
        assert_string_not_equal(platforms.items[0].digest, platforms.items[1].digest);
        facts.others.n = 0;
        assert_int_equal(image_others_add(&facts, &arena, &platforms), 0);
        assert_int_equal(platforms.n, 3);
}

static void test_an_index_without_other_manifests_is_incomplete(void **state)
{
        const ImageFacts image = { .config = A }, index = { .has_others = true }, old = { 0 };

        (void)state;
        assert_true(image_facts_are_complete(&image));
        assert_true(image_facts_are_complete(&index));
        assert_false(image_facts_are_complete(&old));
        assert_false(image_facts_are_complete(NULL));
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void assert_same(const ImageFacts *a, const ImageFacts *b)
{
        assert_true(str_equal(a->media_type, b->media_type));
        assert_true(str_equal(a->artifact_type, b->artifact_type));
        assert_true(str_equal(a->config, b->config));
        assert_true(str_equal(a->platform, b->platform));
        assert_int_equal(a->layers.n, b->layers.n);
        for (size_t i = 0; i < a->layers.n; i++)
                assert_string_equal(a->layers.items[i], b->layers.items[i]);
        assert_texts(&a->annotations, text_of(&b->annotations));
        assert_texts(&a->labels, text_of(&b->labels));
        assert_texts(&a->others, text_of(&b->others));
        assert_int_equal(a->has_config, b->has_config);
        assert_int_equal(a->has_others, b->has_others);
        assert_int_equal(a->created, b->created);
        assert_int_equal(a->is_cut, b->is_cut);
}

static const char *layers_of_all[] = { B, A, B };

static const ImageFacts samples[] = {
        { .digest = A },
        { .digest = A,
          .media_type = "application/vnd.oci.image.index.v1+json",
          .has_others = true },
        { .digest = A,
          .has_others = true,
          .others = TEXTS({ B, "windows/amd64" }, { C, "" }),
          .annotations = TEXTS({ OCI "title", "\"\\\n\x01\x7f\xc3\xa9" }) },
        { .digest = A,
          .media_type = "m",
          .artifact_type = "application/vnd.example",
          .config = C,
          .layers = { layers_of_all, 3 },
          .annotations = TEXTS({ "", "" }, { "a", "1" }),
          .has_config = true,
          .labels = TEXTS({ OCI "source", "https://example.com/a" }),
          .platform = "linux/arm/v7",
          .created = 1700000000,
          .is_cut = true },
        /* the configuration was read, and has nothing */
        { .digest = A, .config = C, .has_config = true },
};

static void test_facts_survive_json(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
                _cleanup_(buffer_done) Buffer json;
                Error error = { 0 };
                ImageFacts read;

                buffer_init(&json, IMAGE_FACTS_MAX);
                assert_int_equal(image_facts_to_json(&samples[i], &json), 0);
                assert_int_equal(image_facts_from_json(json.data, A, &arena, &read, &error), 0);
                assert_string_equal(read.digest, A);
                assert_same(&read, &samples[i]);
        }
}

static void test_json_of_an_older_relman_is_read(void **state)
{
        const char *text = "{\"mediaType\":\"m\",\"annotations\":{\"a\":\"1\"},\"new\":[1]}";
        Error error = { 0 };
        ImageFacts read;

        (void)state;
        assert_int_equal(image_facts_from_json(text, A, &arena, &read, &error), 0);
        assert_string_equal(read.media_type, "m");
        assert_texts(&read.annotations, "a=1 ");
        assert_false(read.has_others || read.has_config || read.is_cut);
}

/* Members of another type count as missing; what is no object is damaged. */
static void test_damaged_json_is_refused(void **state)
{
        static const char *const wrong[] = { "[]", "1", "null", "\"a\"", "{", "" };
        const char *text = "{\"mediaType\":1,\"config\":{},\"layers\":{\"a\":1},\"labels\":[\"a\"],"
                           "\"annotations\":{\"a\":1,\"b\":\"2\"},\"others\":[],"
                           "\"created\":\"x\",\"cut\":\"true\"}";
        _cleanup_(error_done) Error error = { 0 };
        ImageFacts read;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                assert_true(image_facts_from_json(wrong[i], A, &arena, &read, &error) < 0);
                assert_non_null(strstr(error_message(&error), "damaged facts of " A));
                error_done(&error);
        }
        assert_int_equal(image_facts_from_json(text, A, &arena, &read, &error), 0);
        assert_true(!read.media_type && !read.config && read.layers.n == 0 && read.labels.n == 0);
        assert_texts(&read.annotations, "b=2 ");
        assert_false(read.has_others || read.has_config || read.is_cut);
}

static void test_digests_have_bytes(void **state)
{
        uint8_t bytes[SHA256_BYTES];

        (void)state;
        assert_true(image_digest_bytes(D("0123abef"), bytes));
        for (size_t i = 0; i < SHA256_BYTES; i++)
                assert_int_equal(bytes[i], ((const uint8_t[]){ 0x01, 0x23, 0xab, 0xef })[i % 4]);
        assert_false(image_digest_bytes("sha512:" D("0123abef"), bytes));
}

/* --- copies ----------------------------------------------------------------------------------- */

static void test_a_copy_owns_its_texts(void **state)
{
        ImageFacts all[ARRAY_SIZE(samples)];
        _cleanup_(arena_done) Arena own;
        ImageFactList copy;

        (void)state;
        memcpy(all, samples, sizeof(all));
        arena_init(&own, TEST_ARENA_MAX);
        assert_int_equal(image_facts_copy(&(ImageFactList){ all, ARRAY_SIZE(all) }, &own, &copy),
                         0);
        memset(all, 0, sizeof(all));
        assert_int_equal(copy.n, ARRAY_SIZE(samples));
        for (size_t i = 0; i < copy.n; i++) {
                assert_same(&copy.items[i], &samples[i]);
                assert_ptr_not_equal(copy.items[i].digest, samples[i].digest);
        }
        assert_ptr_not_equal(copy.items[3].layers.items[0], samples[3].layers.items[0]);
        assert_ptr_not_equal(copy.items[3].labels.items[0].key, samples[3].labels.items[0].key);
        assert_ptr_not_equal(copy.items[2].others.items[0].key, samples[2].others.items[0].key);
        assert_ptr_equal(image_facts_find(&copy, A), &copy.items[0]);
        assert_null(image_facts_find(&copy, B));
}

/* --- what registries send --------------------------------------------------------------------- */

#define IMAGE(members)                                                                                 \
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," \
        "\"digest\":\"" A "\",\"size\":1}," members "}"
#define LAYER(digest) "{\"digest\":\"" digest "\",\"size\":1}"

static void read_manifest(const char *text, ImageFacts *ret)
{
        _cleanup_(error_done) Error error = { 0 };
        ParsedManifest parsed;

        assert_case(manifest_parse(text, strlen(text), &arena, &parsed, &error) == 0, "%s: %s",
                    text, error_message(&error));
        *ret = parsed.facts;
}

static void test_a_manifest_is_cut_where_it_is_too_long(void **state)
{
        const char *value = many_texts(1, IMAGE_TEXT_MAX, 'v').items[0].value;
        const char *key = many_texts(1, IMAGE_KEY_MAX, 'k').items[0].value;
        const struct {
                const char *members;
                const char *annotations;
                size_t n_layers;
                bool is_cut;
        } table[] = {
                { "\"layers\":[" LAYER(B) "," LAYER(C) "]", "", 2, false },
                { "\"layers\":[" LAYER(B) "," LAYER("sha512:ab") "]", "", 1, true },
                { "\"layers\":[" LAYER("sha256:ab") ",1,{}]", "", 0, true },
                { "\"annotations\":{\"b\":\"2\",\"a\":\"1\"}", "a=1 b=2 ", 0, false },
                { "\"annotations\":{\"b\":2,\"a\":\"1\"}", "a=1 ", 0, true },
                { "\"annotations\":[\"a\"]", "", 0, false },
                { arena_printf(&arena, "\"annotations\":{\"a\":\"%s\"}", value),
                  arena_printf(&arena, "a=%s ", value), 0, false },
                { arena_printf(&arena, "\"annotations\":{\"a\":\"%sv\"}", value), "", 0, true },
                { arena_printf(&arena, "\"annotations\":{\"%s\":\"1\"}", key),
                  arena_printf(&arena, "%s=1 ", key), 0, false },
                { arena_printf(&arena, "\"annotations\":{\"%sk\":\"1\"}", key), "", 0, true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                ImageFacts facts;

                read_manifest(arena_printf(&arena, IMAGE("%s"), table[i].members), &facts);
                assert_string_equal(facts.config, A);
                assert_texts(&facts.annotations, table[i].annotations);
                assert_int_equal(facts.layers.n, table[i].n_layers);
                assert_int_equal(facts.is_cut, table[i].is_cut);
        }
}

static void test_layers_are_limited(void **state)
{
        for (size_t n = IMAGE_LAYERS_MAX; n <= IMAGE_LAYERS_MAX + 1; n++) {
                const char *layers = LAYER(B);
                ImageFacts facts;

                (void)state;
                for (size_t i = 1; i < n; i++)
                        layers = arena_printf(&arena, "%s," LAYER(B), layers);
                read_manifest(arena_printf(&arena, IMAGE("\"layers\":[%s]"), layers), &facts);
                assert_int_equal(facts.layers.n, IMAGE_LAYERS_MAX);
                assert_int_equal(facts.is_cut, n > IMAGE_LAYERS_MAX);
        }
}

static void test_labels_of_a_configuration(void **state)
{
        static const struct {
                const char *config, *labels;
                bool is_cut;
        } table[] = {
                { "{}", "", false },
                { "{\"config\":{}}", "", false },
                { "{\"config\":{\"Labels\":null}}", "", false },
                { "{\"config\":{\"Labels\":{\"a\":\"1\",\"b\":\"\"}}}", "a=1 b= ", false },
                { "{\"config\":{\"Labels\":{\"a\":null,\"b\":\"2\"}}}", "b=2 ", true },
                { "{\"container_config\":{\"Labels\":{\"a\":\"1\"}}}", "", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                _cleanup_(error_done) Error error = { 0 };
                ParsedConfig config;

                assert_int_equal(config_parse(table[i].config, strlen(table[i].config), &arena,
                                              &config, &error),
                                 0);
                assert_texts(&config.labels, table[i].labels);
                assert_int_equal(config.is_cut, table[i].is_cut);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_of_oci_replace_the_older_ones),
        cmocka_unit_test(test_texts_of_oci_come_first),
        cmocka_unit_test(test_texts_are_limited_as_json),
        cmocka_unit_test(test_a_copy_has_the_kept_labels),
        cmocka_unit_test(test_all_labels_that_a_component_may_keep_fit),
        cmocka_unit_test(test_the_largest_facts_fit),
        cmocka_unit_test(test_an_annotation_counts_more_than_a_label),
        cmocka_unit_test(test_other_manifests_are_listed_once),
        cmocka_unit_test(test_further_images_of_a_platform_are_added),
        cmocka_unit_test(test_an_index_without_other_manifests_is_incomplete),
        cmocka_unit_test(test_facts_survive_json),
        cmocka_unit_test(test_json_of_an_older_relman_is_read),
        cmocka_unit_test(test_damaged_json_is_refused),
        cmocka_unit_test(test_digests_have_bytes),
        cmocka_unit_test(test_a_copy_owns_its_texts),
        cmocka_unit_test(test_a_manifest_is_cut_where_it_is_too_long),
        cmocka_unit_test(test_layers_are_limited),
        cmocka_unit_test(test_labels_of_a_configuration),
};

TEST_PROGRAM("image-facts", tests, set_up, tear_down)
