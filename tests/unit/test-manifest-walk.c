/* Tests which platforms an image has, for every known form of an index. */

#include "base/buffer.h"
#include "registry/wire/manifest-walk.h"
#include "unit.h"

#define OCI                    "application/vnd.oci.image."
#define D(c)                   "sha256:" c c c c c c c c
#define A                      D("aaaaaaaa")
#define B                      D("bbbbbbbb")
#define C                      D("cccccccc")
#define E                      D("eeeeeeee")
#define F                      D("ffffffff")
#define ONE                    D("11111111")
#define TWO                    D("22222222")
#define THREE                  D("33333333")
#define AMD64                  "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"
#define ARM64                  "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}"
#define X86_64                 "\"platform\":{\"os\":\"linux\",\"architecture\":\"x86_64\"}"
#define UNKNOWN                "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"
#define ATTESTS                "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"
#define IMAGE_TYPE             "\"mediaType\":\"" OCI "manifest.v1+json\""
#define INDEX_TYPE             "\"mediaType\":\"" OCI "index.v1+json\""
#define LIST_TYPE              "\"mediaType\":\"application/vnd.docker.distribution.manifest.list.v2+json\""
#define ENTRY(digest, members) "{\"digest\":\"" digest "\",\"size\":1," members "}"
#define INDEX(entries)         "{\"schemaVersion\":2," INDEX_TYPE ",\"manifests\":[" entries "]}"
#define IMAGE(config)                                                                              \
        "{\"schemaVersion\":2," IMAGE_TYPE ",\"config\":{\"mediaType\":\"" OCI                     \
        "config.v1+json\",\"digest\":\"" config "\",\"size\":1},\"layers\":[]}"
#define ARTIFACT                                                                                   \
        "{\"schemaVersion\":2," IMAGE_TYPE                                                         \
        ",\"config\":{\"mediaType\":\"application/vnd.example\","                                  \
        "\"digest\":\"" ONE "\",\"size\":1},\"layers\":[]}"
#define CONFIG(architecture, created)                                                              \
        "{\"os\":\"linux\",\"architecture\":\"" architecture "\",\"created\":\"" created "\"}"
#define AT_1 "1970-01-01T00:00:01Z"
#define AT_2 "1970-01-01T00:00:02Z"

typedef struct Document {
        const char *digest, *json;
} Document;

typedef struct Case {
        const char *name;
        const char *top;
        Document documents[6];
        const char *platforms; /* "PLATFORM LETTER ...": the letter stands for the digest */
        int64_t created;
        /* number of fetched documents, without the top document and the documents for the build
         * time */
        unsigned n_fetched;
} Case;

/* clang-format off */
static const Case cases[] = {
        { "an image", IMAGE(ONE), { { ONE, CONFIG("amd64", AT_1) } }, "linux/amd64 T", 1, 1 },
        { "an image that spells otherwise", IMAGE(ONE), { { ONE, CONFIG("aarch64", AT_1) } }, "linux/arm64 T", 1, 1 },
        { "an artifact", ARTIFACT, { { 0 } }, "", 0, 0 },
        { "an index", INDEX(ENTRY(B, ARM64) "," ENTRY(A, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_1) } }, "linux/amd64 a linux/arm64 b", 1, 0 },
        { "two spellings: the first counts", INDEX(ENTRY(A, X86_64) "," ENTRY(B, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } }, "linux/amd64 a", 2, 0 },
        { "attestations are no platforms", INDEX(ENTRY(B, UNKNOWN) "," ENTRY(C, ATTESTS) "," ENTRY(E, ARM64 "," ATTESTS) "," ENTRY(A, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_1) } }, "linux/amd64 a", 1, 0 },
        { "an attestation's platform hides no image", INDEX(ENTRY(E, AMD64 "," ATTESTS) "," ENTRY(A, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_1) } }, "linux/amd64 a", 1, 0 },
        { "attestations alone", INDEX(ENTRY(B, UNKNOWN) "," ENTRY(C, ATTESTS)), { { 0 } }, "", 0, 0 },

        { "an entry without a platform", INDEX(ENTRY(A, IMAGE_TYPE)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("arm64", AT_2) } }, "linux/arm64 a", 2, 2 },
        { "one with and one without", INDEX(ENTRY(A, IMAGE_TYPE) "," ENTRY(B, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("arm64", AT_2) }, { B, IMAGE(TWO) }, { TWO, CONFIG("amd64", AT_1) } },
          "linux/amd64 b linux/arm64 a", 1, 2 },
        { "an entry that names the platform comes before one that does not", INDEX(ENTRY(A, IMAGE_TYPE) "," ENTRY(B, AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) }, { B, IMAGE(TWO) }, { TWO, CONFIG("amd64", AT_1) } },
          "linux/amd64 b", 1, 2 },
        { "an artifact without a platform", INDEX(ENTRY(A, IMAGE_TYPE) "," ENTRY(B, AMD64)),
          { { A, ARTIFACT }, { B, IMAGE(TWO) }, { TWO, CONFIG("amd64", AT_1) } }, "linux/amd64 b", 1, 1 },
        { "an entry that says it is an artifact", INDEX(ENTRY(A, "\"artifactType\":\"application/vnd.example\"") "," ENTRY(B, AMD64)),
          { { B, IMAGE(TWO) }, { TWO, CONFIG("amd64", AT_1) } }, "linux/amd64 b", 1, 0 },

        { "an index in an index", INDEX(ENTRY(C, INDEX_TYPE "," AMD64)),
          { { C, INDEX(ENTRY(A, AMD64) "," ENTRY(B, UNKNOWN)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } },
          "linux/amd64 a", 2, 1 },
        { "a manifest list in an index", INDEX(ENTRY(C, LIST_TYPE "," AMD64)),
          { { C, INDEX(ENTRY(A, AMD64)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } }, "linux/amd64 a", 2, 1 },
        { "an index in an index without a platform", INDEX(ENTRY(C, INDEX_TYPE)),
          { { C, INDEX(ENTRY(A, AMD64) "," ENTRY(B, ARM64)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } },
          "linux/amd64 a linux/arm64 b", 2, 1 },
        { "two indexes in an index", INDEX(ENTRY(C, INDEX_TYPE "," AMD64) "," ENTRY(E, INDEX_TYPE "," ARM64)),
          { { C, INDEX(ENTRY(A, AMD64)) }, { E, INDEX(ENTRY(B, ARM64)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } },
          "linux/amd64 a linux/arm64 b", 2, 2 },
        { "what the entry around it does not name is out of reach", INDEX(ENTRY(C, INDEX_TYPE "," AMD64)),
          { { C, INDEX(ENTRY(A, AMD64) "," ENTRY(B, ARM64)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } },
          "linux/amd64 a", 2, 1 },
        { "an entry without a platform in an index in an index", INDEX(ENTRY(C, INDEX_TYPE "," AMD64)),
          { { C, INDEX(ENTRY(A, IMAGE_TYPE) "," ENTRY(B, IMAGE_TYPE)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) },
            { B, IMAGE(TWO) }, { TWO, CONFIG("arm64", AT_1) } }, "linux/amd64 a", 2, 5 },
        { "an entry that says it is an index, and is not", INDEX(ENTRY(A, INDEX_TYPE "," AMD64)),
          { { A, IMAGE(ONE) }, { ONE, CONFIG("arm64", AT_2) } }, "linux/amd64 a", 2, 1 },
        { "an entry that does not say that it is an index", INDEX(ENTRY(C, "\"annotations\":{}")),
          { { C, INDEX(ENTRY(A, AMD64)) }, { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_2) } }, "linux/amd64 a", 2, 1 },
        { "deeper: the entry's platform stands for it", INDEX(ENTRY(C, INDEX_TYPE)),
          { { C, INDEX(ENTRY(E, INDEX_TYPE "," AMD64)) }, { E, INDEX(ENTRY(A, AMD64)) } }, "linux/amd64 e", 0, 1 },
        { "deeper, without a platform: not read", INDEX(ENTRY(C, INDEX_TYPE)),
          { { C, INDEX(ENTRY(E, INDEX_TYPE)) } }, "", 0, 1 },
        { "deeper, in disguise: not read", INDEX(ENTRY(C, INDEX_TYPE)),
          { { C, INDEX(ENTRY(E, IMAGE_TYPE)) }, { E, INDEX(ENTRY(A, AMD64)) } }, "", 0, 2 },
};
/* clang-format on */

static Arena arena;

static const char *find(const Case *test, const char *digest)
{
        for (size_t i = 0; i < ARRAY_SIZE(test->documents) && test->documents[i].digest; i++)
                if (streq(test->documents[i].digest, digest))
                        return test->documents[i].json;
        assert_case(false, "%s: %s was asked for", test->name, digest);
        return "";
}

static void parse(const Case *test, const char *json, ParsedManifest *ret)
{
        Error error = { 0 };

        assert_case(manifest_parse(json, strlen(json), &arena, ret, &error) == 0, "%s: %s",
                    test->name, error_message(&error));
}

/* Runs a walk; returns the number of fetched documents. */
static unsigned run(const Case *test, bool wants_created, ManifestWalk *walk)
{
        ParsedManifest parsed;
        const char *digest;
        unsigned n = 0;

        parse(test, test->top, &parsed);
        manifest_walk_begin(walk, "T", wants_created ? WALK_WANTS_CREATED : WALK_WANTS_PLATFORMS,
                            &arena);
        assert_int_equal(manifest_walk_take(walk, &parsed), 0);
        for (;; n++) {
                WalkStep step = manifest_walk_next(walk, &digest);
                ParsedConfig config = { 0 };
                Error error = { 0 };
                const char *json;

                if (step == WALK_DONE)
                        return n;
                json = find(test, digest);
                if (step == WALK_MANIFEST) {
                        parse(test, json, &parsed);
                        assert_int_equal(manifest_walk_take(walk, &parsed), 0);
                        continue;
                }
                assert_int_equal(config_parse(json, strlen(json), &arena, &config, &error), 0);
                assert_int_equal(manifest_walk_take_config(walk, &config), 0);
        }
}

static void check(const Case *test)
{
        _cleanup_(buffer_done) Buffer text;
        ManifestWalk walk;

        arena_init(&arena, TEST_ARENA_MAX);
        buffer_init(&text, 4096);
        assert_case(run(test, false, &walk) == test->n_fetched, "%s: requests", test->name);
        for (size_t i = 0; i < walk.platforms.n; i++) {
                const PlatformDigest *item = &walk.platforms.items[i];

                (void)buffer_printf(&text, "%s%s %c", i > 0 ? " " : "", item->platform,
                                    item->digest[strlen(item->digest) - 1]);
        }
        assert_case(streq(text.data ? text.data : "", test->platforms), "%s: %s", test->name,
                    text.data);
        (void)run(test, true, &walk);
        assert_case(walk.created == test->created, "%s: created %lld", test->name,
                    (long long)walk.created);
        arena_done(&arena);
}

static void test_every_form_of_an_index(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                check(&cases[i]);
}

/* The facts of an index have each manifest that is not in its platforms, and the manifests of
 * nested indexes. */
static void test_an_index_has_other_manifests(void **state)
{
        static const struct {
                const char *name, *top;
                Document documents[3];
                const char *others; /* "LETTER=PLATFORM ..." */
        } table[] = {
                { "platforms only", INDEX(ENTRY(A, AMD64) "," ENTRY(B, ARM64)), { { 0 } }, "" },
                { "a second image",
                  INDEX(ENTRY(A, AMD64) "," ENTRY(B, X86_64) "," ENTRY(C, ARM64)),
                  { { 0 } },
                  "b=linux/amd64 " },
                { "attestations",
                  INDEX(ENTRY(B, UNKNOWN) "," ENTRY(C, AMD64 "," ATTESTS) "," ENTRY(A, AMD64)),
                  { { 0 } },
                  "b= c= " },
                { "the same one twice, also for a platform",
                  INDEX(ENTRY(B, UNKNOWN) "," ENTRY(A, AMD64) "," ENTRY(B, AMD64)),
                  { { 0 } },
                  "b=linux/amd64 " },
                { "a nested index",
                  INDEX(ENTRY(A, AMD64) "," ENTRY(C, INDEX_TYPE "," ARM64)),
                  { { C, INDEX(ENTRY(B, ARM64) "," ENTRY(E, UNKNOWN)) } },
                  "b=linux/arm64 c=linux/arm64 e= " },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                Case test = { .name = table[i].name, .top = table[i].top };
                _cleanup_(buffer_done) Buffer text;
                ManifestWalk walk;

                memcpy(test.documents, table[i].documents, sizeof(table[i].documents));
                arena_init(&arena, TEST_ARENA_MAX);
                buffer_init(&text, 4096);
                (void)run(&test, false, &walk);
                assert_true(walk.facts[0].has_others);
                for (size_t j = 0; j < walk.facts[0].others.n; j++)
                        (void)buffer_printf(&text, "%c=%s ", walk.facts[0].others.items[j].key[70],
                                            walk.facts[0].others.items[j].value);
                assert_case(streq(text.data ? text.data : "", table[i].others), "%s: %s", test.name,
                            text.data);
                arena_done(&arena);
        }
}

/* The number of fetched manifests is limited, for any number of entries without a platform. */
static void test_the_entries_that_are_fetched_are_bounded(void **state)
{
        static const Case fetched = {
                .name = "many", .documents = { { A, IMAGE(ONE) }, { ONE, CONFIG("amd64", AT_1) } }
        };
        _cleanup_(buffer_done) Buffer top;
        Case test = fetched;
        ManifestWalk walk;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        buffer_init(&top, 1024 * 1024);
        (void)buffer_puts(&top, "{\"schemaVersion\":2,\"manifests\":[" ENTRY(A, IMAGE_TYPE));
        for (size_t i = 0; i < 1000; i++)
                (void)buffer_puts(&top, "," ENTRY(A, IMAGE_TYPE));
        (void)buffer_puts(&top, "]}");
        test.top = top.data;
        assert_int_equal(run(&test, false, &walk), 2 * MANIFEST_CHILDREN_MAX);
        assert_int_equal(walk.platforms.n, 1);
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_of_an_index),
        cmocka_unit_test(test_an_index_has_other_manifests),
        cmocka_unit_test(test_the_entries_that_are_fetched_are_bounded),
};

TEST_PROGRAM("manifest-walk", tests, NULL, NULL)
