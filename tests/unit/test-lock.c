/* The native lockfile: its bytes, that it reads back, and that an altered byte is found. */

#include "base/buffer.h"
#include "base/digest.h"
#include "fixture.h"
#include "lock/lock.h"
#include "unit.h"

static Arena arena;

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
                                             "\x7f" };

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

/* Every byte of the file, changed in two ways, and every cut. */
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

static int set_up(void **state)
{
        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_done(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_bytes_of_a_lockfile),
                cmocka_unit_test(test_what_was_written_reads_back),
                cmocka_unit_test(test_any_altered_byte_is_found),
                cmocka_unit_test(test_what_follows_the_digest_is_found),
                cmocka_unit_test(test_paths_are_by_tenant),
        };

        return cmocka_run_group_tests_name("lock", tests, set_up, tear_down);
}
