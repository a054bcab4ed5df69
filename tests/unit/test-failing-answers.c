/* Parses answers of registries while allocations fail. The result must be complete or an error. If
 * the answer itself has an error, relman must still report that error. */

#include "failing.h"
#include "model/image/image.h"
#include "registry/connector.h"
#include "registry/wire/challenge.h"
#include "registry/wire/manifest-json.h"
#include "unit.h"

#define D "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct Answer {
        const char *text;
        const char *host; /* a registry whose API differs */
} Answer;

/* If the answer itself is invalid, the error message is the expected result. */
static int end(int r, Buffer *out, Error *err)
{
        if (r >= 0 || err->kind == ERROR_INTERNAL || !err->message)
                return r;
        (void)buffer_printf(out, "refused: %s\n", error_message(err));
        error_done(err);
        return 0;
}

static void write_tags(const TagCollector *collector, Buffer *out)
{
        for (size_t i = 0; i < collector->n; i++)
                (void)buffer_printf(out, "%s %s\n", collector->tags[i].tag,
                                    collector->tags[i].digest ? collector->tags[i].digest : "-");
        (void)buffer_printf(out, "%zu rejected: %s\n", collector->n_rejected,
                            collector->first_rejected ? collector->first_rejected : "-");
}

static int read_tags(const void *input, Buffer *out, Error *err)
{
        const Answer *answer = input;
        _cleanup_(arena_done) Arena arena;
        TagCollector collector = { .arena = &arena };
        const char *text = answer->text;
        bool more = false;
        JsonSpan page;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        if (answer->host) {
                r = tags_read_page(text, strlen(text), &page, err);
                if (r >= 0)
                        r = connector_find(NULL, answer->host)->parse(page, &collector, &more, err);
        } else
                r = tags_parse(text, strlen(text), &collector, err);
        if (r >= 0) {
                (void)buffer_puts(out, more ? "more\n" : "");
                write_tags(&collector, out);
        }
        tag_collector_done(&collector);
        return end(r, out, err);
}

static int read_documents(const void *input, Buffer *out, Error *err)
{
        const char *text = ((const Answer *)input)->text;
        _cleanup_(arena_done) Arena arena;
        ParsedManifest manifest;
        ParsedConfig config;
        const char *token = NULL;
        usec_t lifetime = 0;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        r = manifest_parse(text, strlen(text), &arena, &manifest, err);
        if (r >= 0)
                (void)buffer_printf(out, "%d %s %zu %s\n", manifest.is_index,
                                    manifest.media_type ? manifest.media_type : "-",
                                    manifest.platforms.n,
                                    manifest.config_digest ? manifest.config_digest : "-");
        r = end(r, out, err);
        if (r >= 0)
                r = config_parse(text, strlen(text), &arena, &config, err);
        if (r >= 0 && err->kind == ERROR_NONE)
                (void)buffer_printf(out, "%s %ld\n", config.platform ? config.platform : "-",
                                    (long)config.created);
        r = end(r, out, err);
        if (r >= 0)
                r = token_parse(text, strlen(text), &arena, &token, &lifetime, err);
        if (r >= 0)
                (void)buffer_printf(out, "%s %lu\n", token, (unsigned long)lifetime);
        return end(r, out, err);
}

static int read_secrets(const void *input, Buffer *out, Error *err)
{
        const char *text = ((const Answer *)input)->text;
        Credentials credentials = { 0 };
        int r;

        r = credentials_from_docker(text, strlen(text),
                                    &(CredentialsPlan){ .host = "docker.io", .repository = "a/b" },
                                    &credentials, err);
        if (r >= 0)
                (void)buffer_printf(out, "%s %s %s %s\n",
                                    credentials.username ? credentials.username : "-",
                                    credentials.password ? credentials.password : "-",
                                    credentials.identity_token ? credentials.identity_token : "-",
                                    credentials.helper ? credentials.helper : "-");
        credentials_done(&credentials);
        r = end(r, out, err);
        if (r >= 0)
                r = credentials_from_helper(text, strlen(text), &credentials, err);
        if (r >= 0)
                (void)buffer_printf(out, "%s\n", credentials.username ? credentials.username : "-");
        credentials_done(&credentials);
        return end(r, out, err);
}

static int read_headers(const void *input, Buffer *out, Error *err)
{
        const char *text = ((const Answer *)input)->text;
        _cleanup_(arena_done) Arena arena;
        Challenge challenge = { 0 };
        ImageReference image;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        if (challenge_parse(text, &arena, &challenge) < 0)
                return error_oom(err);
        (void)buffer_printf(out, "%d %d %s\n", challenge.basic, challenge.bearer,
                            challenge.scope ? challenge.scope : "-");
        r = image_parse(text, &arena, &image, err);
        if (r >= 0)
                (void)buffer_printf(out, "%s %s\n", image.host, image.repository);
        return end(r, out, err);
}

static void sweep(int (*run)(const void *, Buffer *, Error *), const Answer *answers, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const FailingJob job = { .name = answers[i].text,
                                         .run = run,
                                         .input = &answers[i] };

                (void)failing_sweep(FAILING_ALLOCATIONS, &job);
        }
}

static void test_lists_of_tags(void **state)
{
        static const Answer answers[] = {
                { "{\"name\":\"a\",\"tags\":[\"v1\",\"v2\",\"v1\",7,\"no tag\"]}", NULL },
                { "{\"name\":\"a\",\"tags\":null}", NULL },
                { "{\"tags\":{}}", NULL },
                { "[", NULL },
                { "<html>", NULL },
                { "{\"next\":\"x\",\"results\":[{\"name\":\"v1\",\"digest\":\"" D
                  "\",\"tag_last_pushed\":\"2026-01-01T00:00:00Z\"},{\"name\":7},{}]}",
                  "docker.io" },
                { "{\"has_additional\":true,\"tags\":[{\"name\":\"v1\",\"manifest_digest\":\"" D
                  "\",\"start_ts\":1},{\"name\":\"v2\",\"manifest_digest\":\"x\"}]}",
                  "quay.io" },
                { "{\"manifest\":{\"" D
                  "\":{\"tag\":[\"v1\",\"latest\"],\"timeUploadedMs\":\"1\"}},\"tags\":[\"v1\",\"latest\"]}",
                  "gcr.io" },
                { "{\"tags\":[{\"name\":\"v1\",\"digest\":\"" D
                  "\",\"lastUpdateTime\":\"2026-01-01T00:00:00Z\"}]}",
                  "x.azurecr.io" },
                { "[{\"name\":\"v1\",\"digest\":\"" D
                  "\",\"published_at\":\"2026-01-01T00:00:00Z\"}]",
                  "registry.gitlab.com" },
                { "{}", "docker.io" },
                { "[]", "quay.io" },
        };

        (void)state;
        sweep(read_tags, answers, ARRAY_SIZE(answers));
}

static void test_documents(void **state)
{
        static const Answer answers[] = {
                { "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                  "{\"digest\":\"" D
                  "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}},"
                  "{\"digest\":\"" D
                  "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
                  "{\"digest\":\"" D
                  "\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}]}",
                  NULL },
                { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" D
                  "\"},\"layers\":[]}",
                  NULL },
                { "{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\",\"created\":\"2026-01-01T00:00:00Z\"}",
                  NULL },
                { "{\"manifests\":[{\"digest\":\"x\"}]}", NULL },
                { "{\"manifests\":[],\"layers\":[]}", NULL },
                { "{\"fsLayers\":[]}", NULL },
                { "{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"x\"}}",
                  NULL },
                { "{\"token\":\"abc\",\"expires_in\":300}", NULL },
                { "{\"access_token\":\"a\\nb\"}", NULL },
                { "{\"access_token\":\"abc\",\"expires_in\":-1}", NULL },
                { "7", NULL },
                { "{", NULL },
        };

        (void)state;
        sweep(read_documents, answers, ARRAY_SIZE(answers));
}

static void test_secrets(void **state)
{
        static const Answer answers[] = {
                { "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dTpw\"},\"x\":{}}}",
                  NULL },
                { "{\"auths\":{\"docker.io\":{\"username\":\"u\",\"password\":\"p\"}}}", NULL },
                { "{\"auths\":{\"docker.io\":{\"auth\":\"dTo=\",\"identitytoken\":\"t\"}}}", NULL },
                { "{\"auths\":{\"docker.io\":{\"auth\":\"!!\"}}}", NULL },
                { "{\"credHelpers\":{\"docker.io\":\"pass\"},\"credsStore\":\"x\"}", NULL },
                { "{\"credsStore\":\"../x\"}", NULL },
                { "{\"Username\":\"u\",\"Secret\":\"s\"}", NULL },
                { "{\"Username\":\"<token>\",\"Secret\":\"s\"}", NULL },
                { "{\"Username\":\"u\",\"Secret\":\"a\\nb\"}", NULL },
                { "nothing", NULL },
        };

        (void)state;
        sweep(read_secrets, answers, ARRAY_SIZE(answers));
}

static void test_headers(void **state)
{
        static const Answer answers[] = {
                { "Bearer realm=\"https://auth.example.com/t\",service=\"s\",scope=\"repository:a:pull\", Basic realm=\"x\"",
                  NULL },
                { "Bearer realm=\"a\\\"b\"", NULL },
                { "https://auth.example.com/token", NULL },
                { "REGISTRY.example.com:5000/a/b:v1@" D, NULL },
                { "acme/api", NULL },
        };

        (void)state;
        sweep(read_headers, answers, ARRAY_SIZE(answers));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_of_tags),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_headers),
};

TEST_PROGRAM("failing-answers", tests, NULL, NULL)
