/* Tests the native lockfile: its exact bytes, reading it, and the detection of altered bytes. Also
 * tests values in other formats. */

#include "base/buffer.h"
#include "base/digest.h"
#include "fixture.h"
#include "lock/format.h"
#include "model/enum-names.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

static const char golden[] =
        "# Written by relmand from release myapp-v2.3.1. Do not edit.\n"
        "apiVersion: relman/v1\n"
        "kind: ReleaseLock\n"
        "metadata: {name: myapp-v2.3.1, displayName: MyApp 2.3.1, tenant: default, id: 5f0c0000-0000-5000-8000-000000000003, createdAt: 2026-11-23T17:00:00Z}\n"
        "components:\n"
        "  - name: api\n"
        "    componentId: 8d1e0000-0000-5000-8000-000000000001\n"
        "    role: primary\n"
        "    image: registry.example.com/myapp/api@" DIGEST_A "\n"
        "    digest: " DIGEST_A "\n"
        "    tag: v2.3.1\n"
        "    semver: 2.3.1\n"
        "    channel: stable\n"
        "    mediaType: application/vnd.oci.image.index.v1+json\n"
        "    size: 1609\n"
        "    resolvedAt: 2026-11-23T16:59:41Z\n"
        "    platforms: {linux/amd64: '" DIGEST_B "', linux/arm64: '" DIGEST_C "'}\n"
        "  - name: migrate\n"
        "    componentId: 8d1e0000-0000-5000-8000-000000000002\n"
        "    role: migration\n"
        "    image: registry.example.com/myapp/migrate@" DIGEST_B "\n"
        "    digest: " DIGEST_B "\n"
        "    mediaType: application/vnd.oci.image.manifest.v1+json\n"
        "    size: 401\n"
        "    resolvedAt: 2026-11-23T17:00:00Z\n"
        "sourceRef: {commitSha: 4f1c, branch: main, buildId: '812'}\n"
        "specDigest: " DIGEST_C "\n";

static const char *written(const Release *release, const char *environment, size_t *ret_size)
{
        Buffer out;
        Error error = { 0 };
        const char *text;

        buffer_init(&out, 1024 * 1024);
        assert_case(lock_write_native(release, environment, &out, &error) == 0, "%s",
                    error_message(&error));
        text = arena_memdup(&arena, out.data, out.size + 1);
        *ret_size = out.size;
        buffer_done(&out);
        return text;
}

static void test_the_bytes_of_a_lockfile(void **state)
{
        Release release = fixture_release();
        char digest[DIGEST_SIZE_MAX];
        size_t size;
        const char *text = written(&release, NULL, &size);

        (void)state;
        digest_sha256(golden, strlen(golden), digest);
        assert_string_equal(text, arena_printf(&arena, "%slockDigest: %s\n", golden, digest));
}

static void test_what_was_written_reads_back(void **state)
{
        static const char *const names[] = { "plain",
                                             "with: colon",
                                             "'quoted'",
                                             "\"double\"",
                                             "# comment",
                                             "true",
                                             "null",
                                             "12",
                                             "1e3",
                                             "- dash",
                                             "gr\xc3\xbc\xc3\x9f",
                                             "line\nbreak",
                                             "tab\there",
                                             " blank ",
                                             "{a: b}",
                                             "*alias",
                                             "&anchor",
                                             "!tag",
                                             "%directive",
                                             "a\\b",
                                             "~",
                                             "0x10",
                                             "0b11",
                                             "1e10",
                                             "12e5f",
                                             "4f1c",
                                             "1234-5",
                                             "2026-11-23",
                                             "\x7f",
                                             "Shop \xc2\x9b",    /* a C1 control character */
                                             "x\xc2\x85y",       /* U+0085 */
                                             "x\xe2\x80\xa8y",   /* U+2028 */
                                             "x\xe2\x80\xa9y",   /* U+2029 */
                                             "\xef\xbb\xbfx",    /* U+FEFF */
                                             "x\xef\xbf\xbe",    /* U+FFFE */
                                             "x\xef\xbf\xbf",    /* U+FFFF */
                                             "\xf0\x9f\xbf\xbe", /* U+1FFFE */
                                             "\xc2\x9b \"it's\" \\x" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                Release release = fixture_release();
                Error error = { 0 };
                size_t size, again_size;
                const char *text;
                Lock lock;

                release.display_name = names[i];
                release.source_ref.branch = names[i];
                text = written(&release, i % 2 ? "prod" : NULL, &size);
                assert_case(lock_read_native("x", text, size, &arena, &lock, &error) == 0,
                            "'%s': %s\n%s", names[i], error_message(&error), text);
                assert_string_equal(lock.release.display_name, names[i]);
                assert_string_equal(lock.release.source_ref.branch, names[i]);
                assert_true(str_equal(lock.environment, i % 2 ? "prod" : NULL));
                assert_int_equal(lock.release.components.n, 2);
                assert_int_equal(lock.release.components.items[0].platforms.n, 2);
                assert_int_equal(lock.release.created_at, release.created_at);
                assert_string_equal(written(&lock.release, lock.environment, &again_size), text);
        }
}

static const char *formatted(const Lock *lock, LockFormat format)
{
        Error error = { 0 };
        LockFiles files;

        if (lock_format_write(lock, format, &arena, &files, &error) < 0) {
                const char *message = arena_strdup(&arena, error_message(&error));

                error_done(&error);
                return message;
        }
        return arena_strndup(&arena, files.items[0].data, files.items[0].size);
}

/* If no configs of a release are known, the lockfile lacks the field. So old lockfiles stay
 * valid. */
static void test_the_configs_of_platforms_are_kept(void **state)
{
        PlatformDigest configs[] = { { "linux/amd64", DIGEST_C }, { "linux/arm64", DIGEST_A } };
        Release release = fixture_release();
        Error error = { 0 };
        const char *text;
        size_t size;
        Lock lock;

        (void)state;
        release.components.items[0].configs = (PlatformDigests){ configs, 2 };
        text = written(&release, NULL, &size);
        assert_non_null(strstr(text, "'}\n    configs: {linux/amd64: '" DIGEST_C
                                     "', linux/arm64: '" DIGEST_A "'}\n"));
        assert_case(lock_read_native("x", text, size, &arena, &lock, &error) == 0, "%s",
                    error_message(&error));
        assert_int_equal(lock.release.components.items[0].configs.n, 2);
        assert_string_equal(lock.release.components.items[0].configs.items[1].digest, DIGEST_A);
        assert_int_equal(lock.release.components.items[1].configs.n, 0);
        assert_string_equal(written(&lock.release, NULL, &size), text);
        configs[1].platform = "arm64";
        lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
        assert_non_null(strstr(formatted(&lock, LOCK_YAML), "\"arm64\" is not a platform"));
}

static void test_the_source_of_a_component_is_kept(void **state)
{
        static const ComponentSource bad[] = { { "javascript:alert(1)", NULL },
                                               { "https://user:secret@example.com/a", NULL },
                                               { "https://example.com/a", "<b>" } };
        Release release = fixture_release();
        Error error = { 0 };
        const char *text;
        size_t size;
        Lock lock;

        (void)state;
        text = written(&release, NULL, &size);
        assert_null(strstr(text, "source:"));
        release.components.items[0].source =
                (ComponentSource){ "https://github.com/acme/api", "4f1c" };
        release.components.items[1].source.revision = "1e10"; /* YAML would read a number */
        text = written(&release, NULL, &size);
        assert_non_null(strstr(
                text, "\n    source: {repository: https://github.com/acme/api, revision: 4f1c}\n"));
        assert_case(lock_read_native("x", text, size, &arena, &lock, &error) == 0, "%s",
                    error_message(&error));
        assert_string_equal(lock.release.components.items[0].source.repository,
                            "https://github.com/acme/api");
        assert_null(lock.release.components.items[1].source.repository);
        assert_string_equal(lock.release.components.items[1].source.revision, "1e10");
        assert_string_equal(written(&lock.release, NULL, &size), text);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                release.components.items[0].source = bad[i];
                lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
                assert_non_null(strstr(formatted(&lock, LOCK_YAML), "which no lockfile can hold"));
        }
}

static void test_what_is_no_utf8_is_refused_with_the_place(void **state)
{
        static const char *const texts[] = { "\xff\xfe", "x\xc3", "\xed\xa0\x80", "\xc0\xaf",
                                             "\xf4\x90\x80\x80" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts) * 6; i++) {
                static const char *const names[] = { "displayName", "branch",   "semver",
                                                     "mediaType",   "replaces", "channel" };
                const char *text = texts[i / 6];
                Release release = fixture_release();
                ReleaseComponent *component = &release.components.items[1];
                const char **fields[] = { &release.display_name,
                                          &release.source_ref.branch,
                                          &component->semver,
                                          &component->media_type,
                                          &text,
                                          &component->channel };
                Lock lock = { .release = release, .lock_digest = DIGEST_A };

                if (i % 6 == 4)
                        component->replaces = (Strings){ fields[4], 1 };
                *fields[i % 6] = text;
                lock.release = release;
                for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++) {
                        Error error = { 0 };
                        LockFiles files;

                        assert_case(lock_format_write(&lock, format, &arena, &files, &error) ==
                                            -EILSEQ,
                                    "%s %zu", names[i % 6], i);
                        assert_non_null(strstr(error_message(&error), names[i % 6]));
                        assert_non_null(strstr(error_message(&error), "not valid UTF-8"));
                        assert_non_null(strstr(error_message(&error), lock_format_names[format]));
                        error_done(&error);
                }
        }
}

/* The author of a forged lockfile can compute its lock digest. So the reader must check names,
 * which become paths. */
static void test_a_forged_name_is_refused(void **state)
{
        static const struct {
                const char *was, *is, *said;
        } cases[] = {
                { "name: api\n", "name: ../../api\n", "name \"../../api\" is not a name" },
                { "name: migrate\n", "name: \"x\\e[31m\"\n", "name \"x\\x1B[31m\"" },
                { "api@", "a$(id)@", "is not an image reference" },
                { "tag: v2.3.1\n", "tag: \"v1\\nX=1\"\n", "is not a tag" },
                { "linux/arm64", "arm64", "is not a platform" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *at = strstr(golden, cases[i].was);
                const char *text = arena_printf(&arena, "%.*s%s%s", (int)(at - golden), golden,
                                                cases[i].is, at + strlen(cases[i].was));
                char digest[DIGEST_SIZE_MAX];
                Error error = { 0 };
                Lock lock;

                digest_sha256(text, strlen(text), digest);
                text = arena_printf(&arena, "%slockDigest: %s\n", text, digest);
                assert_int_equal(lock_read_native("x", text, strlen(text), &arena, &lock, &error),
                                 -EINVAL);
                assert_case(strstr(error_message(&error), cases[i].said), "case %zu: %s", i,
                            error_message(&error));
                error_done(&error);
        }
}

/* A plain scalar of YAML must not begin with a bracket, so such a value needs quotes. */
static void test_an_ipv6_registry_is_quoted_where_that_is_needed(void **state)
{
        Release release = fixture_release();
        Lock lock;
        const char *image = "'[::1]:5000/app/api@" DIGEST_A "'",
                   *tagged = "'[::1]:5000/app/api:v2.3.1@" DIGEST_A "'";

        (void)state;
        release.components.items[0].repository = "127.0.0.1:5000/app/api";
        lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
        assert_non_null(strstr(formatted(&lock, LOCK_YAML),
                               "    image: 127.0.0.1:5000/app/api@" DIGEST_A "\n"));
        release.components.items[0].repository = "[::1]:5000/app/api";
        lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
        assert_non_null(strstr(formatted(&lock, LOCK_YAML), image));
        assert_non_null(strstr(formatted(&lock, LOCK_IMAGES_LOCK), image));
        assert_non_null(strstr(formatted(&lock, LOCK_COMPOSE), tagged));
        assert_non_null(strstr(formatted(&lock, LOCK_DOTENV), arena_printf(&arena, "=%s", image)));
}

/* kustomize applies its entries one after another. So no entry may match the result of an earlier
 * entry. */
static void test_no_entry_of_kustomize_rewrites_another(void **state)
{
        const char *canary[] = { "a-canary" }, *other[] = { "registry.example.com/myapp/migrate" },
                   *own[] = { "registry.example.com/myapp/api" };
        Release release = fixture_release();
        Lock lock;
        const char *text, *first, *second;

        (void)state;
        release.components.items[1].repository = release.components.items[0].repository;
        release.components.items[1].replaces = (Strings){ canary, 1 };
        lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
        text = formatted(&lock, LOCK_KUSTOMIZE);
        first = strstr(text, "name: 'registry\\.example");
        second = strstr(text, "name: a-canary");
        assert_case(first && second && first < second, "%s", text);

        release = fixture_release();
        release.components.items[0].replaces = (Strings){ other, 1 };
        release.components.items[1].replaces = (Strings){ own, 1 };
        lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
        text = formatted(&lock, LOCK_KUSTOMIZE);
        assert_case(strstr(text, "components 'api' and 'migrate' replace each other's images") ||
                            strstr(text, "components 'migrate' and 'api' replace each other's"),
                    "%s", text);
        /* in the format images-lock the order does not matter */
        assert_non_null(strstr(formatted(&lock, LOCK_IMAGES_LOCK), "kbld.carvel.dev/id"));
}

static void test_no_value_of_dotenv_makes_a_second_variable(void **state)
{
        static const struct {
                const char *semver, *line; /* line: NULL if refused */
        } cases[] = {
                { "1.2.3", "API_VERSION=1.2.3\n" },
                { "", "API_VERSION=\n" },
                { "1.2 beta", "API_VERSION='1.2 beta'\n" },
                { "$(id) `id` $HOME", "API_VERSION='$(id) `id` $HOME'\n" },
                { "a#b", "API_VERSION='a#b'\n" },
                { "\"1\"", "API_VERSION='\"1\"'\n" },
                { "~root", "API_VERSION='~root'\n" },
                { "gr\xc3\xbc", "API_VERSION='gr\xc3\xbc'\n" },
                { "1\nLD_PRELOAD=/tmp/x", NULL },
                { "1\rX=1", NULL },
                { "1\xc2\x85X=1", NULL },
                { "1\xe2\x80\xa8X=1", NULL },
                { "1'\nX='1", NULL },
                { "it's", NULL },
                { "a\\", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Release release = fixture_release();
                const char *text;
                Lock lock;

                release.components.items[0].semver = cases[i].semver;
                lock = (Lock){ .release = release, .lock_digest = DIGEST_A };
                text = formatted(&lock, LOCK_DOTENV);
                if (cases[i].line)
                        assert_case(strstr(text, cases[i].line), "%s: %s", cases[i].line, text);
                else
                        assert_case(strstr(text, "format dotenv: component 'api': semver \""),
                                    "case %zu: %s", i, text);
        }
}

/* Changes each byte of the file in two ways, and cuts the file at each place. */
static void test_any_altered_byte_is_found(void **state)
{
        Release release = fixture_release();
        size_t size;
        const char *text = written(&release, NULL, &size);
        char *copy = malloc(size + 1);

        (void)state;
        for (size_t i = 0; i < size; i++)
                for (int way = 0; way < 3; way++) {
                        Error error = { 0 };
                        size_t n = size;
                        Lock lock;
                        Arena own;

                        memcpy(copy, text, size + 1);
                        if (way == 2)
                                n = i;
                        else
                                copy[i] = (char)(copy[i] ^ (way == 0 ? 1 : 0x20));
                        copy[n] = '\0';
                        arena_init(&own, 1024 * 1024);
                        assert_case(lock_read_native("x", copy, n, &own, &lock, &error) < 0,
                                    "byte %zu, way %d", i, way);
                        error_done(&error);
                        arena_done(&own);
                }
        free(copy);
}

static void test_what_follows_the_digest_is_found(void **state)
{
        Release release = fixture_release();
        size_t size;
        const char *text = written(&release, NULL, &size);
        const char *more = arena_printf(&arena, "%sextra: 1\n", text);
        Error error = { 0 };
        Lock lock;

        (void)state;
        assert_true(lock_read_native("x", more, strlen(more), &arena, &lock, &error) < 0);
        error_done(&error);
}

static void test_paths_are_by_tenant(void **state)
{
        char *stem = lock_stem("/locks", "default", LOCK_ROOM_RELEASES, "myapp-v2.3.1");

        (void)state;
        assert_string_equal(stem, "/locks/default/releases/myapp-v2.3.1");
        free(stem);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bytes_of_a_lockfile),
        cmocka_unit_test(test_what_was_written_reads_back),
        cmocka_unit_test(test_the_configs_of_platforms_are_kept),
        cmocka_unit_test(test_the_source_of_a_component_is_kept),
        cmocka_unit_test(test_what_is_no_utf8_is_refused_with_the_place),
        cmocka_unit_test(test_a_forged_name_is_refused),
        cmocka_unit_test(test_an_ipv6_registry_is_quoted_where_that_is_needed),
        cmocka_unit_test(test_no_entry_of_kustomize_rewrites_another),
        cmocka_unit_test(test_no_value_of_dotenv_makes_a_second_variable),
        cmocka_unit_test(test_any_altered_byte_is_found),
        cmocka_unit_test(test_what_follows_the_digest_is_found),
        cmocka_unit_test(test_paths_are_by_tenant),
};
TEST_PROGRAM("lock", tests, set_up, tear_down)
