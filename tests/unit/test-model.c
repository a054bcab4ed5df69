/* Tests strict JSON, image references, platforms, labels, and changes as text. */

#include "base/buffer.h"
#include "base/limits.h"
#include "fixture.h"
#include "model/changes/changes.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"
#include "model/json.h"
#include "model/platform.h"
#include "model/selection.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

static void test_json_is_read_strictly(void **state)
{
        static const char *const good[] = {
                "{}",         "[]", "null", "\"x\"", "12", "true", " {\"a\": [1, {\"b\": null}]} ",
                "\"\\u00fc\""
        };
        static const char *const bad[] = {
                "",
                "{",
                "{\"a\":1,\"a\":2}",
                "{} {}",
                "[1,]",
                "{\"a\" 1}",
                "nul",
                "\"a\\u0000b\"",
                "'x'",
                "{a:1}",
                "\"unterminated",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
                Node *node;
                Error error = { 0 };

                assert_case(json_to_node(good[i], strlen(good[i]), &arena, &node, &error) == 0,
                            "%s: %s", good[i], error_message(&error));
        }
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                Node *node;
                Error error = { 0 };

                assert_case(json_to_node(bad[i], strlen(bad[i]), &arena, &node, &error) < 0,
                            "%s was read", bad[i]);
                error_done(&error);
        }
}

static void test_json_that_is_too_deep_is_refused_at_once(void **state)
{
        size_t size = 2000000;
        char *deep = malloc(size + 1);
        Node *node;
        Error error = { 0 };

        (void)state;
        memset(deep, '[', size);
        deep[size] = '\0';
        assert_true(json_to_node(deep, size, &arena, &node, &error) < 0);
        error_done(&error);
        memset(deep, '\\', size);
        deep[0] = '"';
        assert_true(json_to_node(deep, size, &arena, &node, &error) < 0);
        error_done(&error);
        free(deep);
}

static void test_names_of_repositories_at_mirrors(void **state)
{
        static const struct {
                const char *text, *repository, *wanted;
        } cases[] = {
                { NULL, "bitnami/redis", "bitnami/redis" },
                { "${repository}", "bitnami/redis", "bitnami/redis" },
                { "bitnamilegacy/${name}", "bitnami/redis", "bitnamilegacy/redis" },
                { "hub/${repository}", "library/nginx", "hub/library/nginx" },
                { "${name}", "nginx", "nginx" },
                { "a.${name}-x/${name}__${name}", "b/c", "a.c-x/c__c" },
        };
        static const char *const wrong[] = {
                "",           "/${name}",       "${name}/",         "${name}:1",
                "x-${nam}",   "$name",          "_${name}",         "${name}.",
                "a//${name}", "A/${name}",      "${name}@sha256:0", "${name",
                "a ${name}",  "https://a/b${}",
        };
        _cleanup_(error_done) Error error = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(freep) char *name = mirror_name(cases[i].text, cases[i].repository);

                assert_string_equal(name, cases[i].wanted);
                if (cases[i].text)
                        assert_int_equal(mirror_name_check(cases[i].text, &error), 0);
        }
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                if (mirror_name_check(wrong[i], &error) != -EINVAL)
                        fail_msg("'%s' was not refused", wrong[i]);
                assert_int_equal(error.kind, ERROR_INVALID);
                error_done(&error);
        }
}

static void test_image_references(void **state)
{
        static const struct {
                /* wanted: "HOST REPOSITORY TAG DIGEST", NULL if refused */
                const char *text, *wanted;
        } cases[] = {
                { "registry.example.com/myapp/api", "registry.example.com myapp/api - -" },
                { "registry.example.com:5000/api:v1", "registry.example.com:5000 api v1 -" },
                { "nginx", "docker.io library/nginx - -" },
                { "acme/api:1.0", "docker.io acme/api 1.0 -" },
                { "index.docker.io/acme/api", "docker.io acme/api - -" },
                { "registry-1.docker.io/nginx", "docker.io library/nginx - -" },
                { "docker.io:443/nginx", "docker.io library/nginx - -" },
                { "index.docker.io:443/nginx:1", "docker.io library/nginx 1 -" },
                { "REGISTRY-1.docker.io:0443/acme/api", "docker.io acme/api - -" },
                { "Docker.IO/nginx", "docker.io library/nginx - -" },
                { "docker.io:80/nginx", "docker.io:80 nginx - -" },
                { "r.example:443/api", "r.example:443 api - -" },
                { "docker.io./nginx", NULL },
                { "localhost/api", "localhost api - -" },
                { "REGISTRY.example.com/api", "registry.example.com api - -" },
                { "[::1]:5000/api", "[::1]:5000 api - -" },
                { "r.example/a@" DIGEST_A, "r.example a - " DIGEST_A },
                { "r.example/a:v1@" DIGEST_A, "r.example a v1 " DIGEST_A },
                { "", NULL },
                { "https://r.example/a", NULL },
                { "r.example/A", NULL },
                { "r.example/a//b", NULL },
                { "r.example/a:", NULL },
                { "r.example/a:.x", NULL },
                { "r.example/a@sha256:abc", NULL },
                { "r.example/a@md5:d41d8cd98f00b204e9800998ecf8427e", NULL },
                { "r.example/a b", NULL },
                { "-r.example/a", NULL },
                { "r.example/", NULL },
                { "/a", NULL },
                { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ImageReference image;
                Error error = { 0 };
                int r = image_parse(cases[i].text, &arena, &image, &error);

                assert_case((r == 0) == (cases[i].wanted != NULL), "'%s': %s", cases[i].text,
                            error_message(&error));
                error_done(&error);
                if (r == 0)
                        assert_string_equal(arena_printf(&arena, "%s %s %s %s", image.host,
                                                         image.repository,
                                                         image.tag ? image.tag : "-",
                                                         image.digest ? image.digest : "-"),
                                            cases[i].wanted);
        }
}

/* Tests spellings and their normal form; NULL: the text is not a platform. The second group is from
 * the table of Docker and containerd. */
static void test_platform_spellings(void **state)
{
        static const struct {
                const char *text, *normal;
        } cases[] = {
                { "linux/amd64", "linux/amd64" },
                { "linux/s390x", "linux/s390x" },
                { "linux/riscv64", "linux/riscv64" },
                { "linux/ppc64le", "linux/ppc64le" },
                { "linux/amd64/v3", "linux/amd64/v3" },
                { "linux/arm64/v9", "linux/arm64/v9" },

                { "linux/x86_64", "linux/amd64" },
                { "linux/x86-64", "linux/amd64" },
                { "Linux/x86_64", "linux/amd64" },
                { "linux/amd64/v1", "linux/amd64" },
                { "linux/x86_64/v1", "linux/amd64" },
                { "linux/x86-64/v3", "linux/amd64/v3" },
                { "linux/aarch64", "linux/arm64" },
                { "linux/Aarch64", "linux/arm64" },
                { "linux/aarch64/v8", "linux/arm64" },
                { "linux/arm64/v8", "linux/arm64" },
                { "linux/arm64/8", "linux/arm64" },
                { "linux/arm64/v8.0", "linux/arm64" },
                { "linux/arm64/9", "linux/arm64/v9" },
                { "linux/arm64/v9.0", "linux/arm64/v9" },
                { "linux/arm64/v8.2", "linux/arm64/v8.2" },
                { "linux/i386", "linux/386" },
                { "linux/i386/v1", "linux/386" },
                { "linux/386", "linux/386" },
                { "linux/arm", "linux/arm/v7" },
                { "linux/arm/7", "linux/arm/v7" },
                { "linux/arm/V7", "linux/arm/v7" },
                { "linux/arm/5", "linux/arm/v5" },
                { "linux/arm/6", "linux/arm/v6" },
                { "linux/arm/8", "linux/arm/v8" },
                { "linux/armhf", "linux/arm/v7" },
                { "linux/armhf/v6", "linux/arm/v7" },
                { "linux/armel", "linux/arm/v6" },
                { "LINUX/ARMHF", "linux/arm/v7" },
                { "macOS/arm64", "darwin/arm64" },
                { "macos/x86_64", "darwin/amd64" },
                { "darwin/arm64", "darwin/arm64" },
                { "windows/amd64", "windows/amd64" },
                { "windows(10.0.17763)/amd64", "windows/amd64" },
                { "windows(10.0.17763%2Bbuild.42)/x86_64", "windows/amd64" },
                { "Windows()/amd64", "windows/amd64" },

                { "", NULL },
                { "linux", NULL },
                { "amd64", NULL },
                { "linux/", NULL },
                { "/amd64", NULL },
                { "linux//v7", NULL },
                { "linux/arm/", NULL },
                { "linux/arm/v7/x", NULL },
                { "lin ux/arm", NULL },
                { "*/amd64", NULL },
                { "windows(10/amd64", NULL },
                { "windows(1)2/amd64", NULL },
                { "(1)/amd64", NULL },
        };
        char normal[PLATFORM_SIZE_MAX], again[PLATFORM_SIZE_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                bool is = platform_normalize(cases[i].text, normal);

                assert_case(is == (cases[i].normal != NULL), "'%s'", cases[i].text);
                assert_int_equal(platform_is_valid(cases[i].text), is);
                if (!is)
                        continue;
                assert_case(streq(normal, cases[i].normal), "'%s': %s", cases[i].text, normal);
                assert_true(platform_normalize(normal, again));
                assert_string_equal(again, normal);
                assert_case(platform_is_known(normal), "'%s'", normal);
                assert_case(platform_matches(cases[i].text, normal), "'%s'", cases[i].text);
                assert_case(platform_matches(normal, cases[i].text), "'%s'", cases[i].text);
        }
}

static void test_a_platform_that_is_too_long_is_none(void **state)
{
        char text[2 * PLATFORM_SIZE_MAX] = "linux/", normal[PLATFORM_SIZE_MAX] = "unchanged";

        (void)state;
        memset(text + 6, 'a', sizeof(text) - 7);
        assert_false(platform_normalize(text, normal));
        text[PLATFORM_SIZE_MAX - 1] = '\0';
        assert_string_equal(normal, "unchanged");
        assert_true(platform_normalize(text, normal));
        memcpy(text, "linux/arm/", 10); /* the trailing slash is not a variant */
        assert_true(platform_normalize(text, normal));
}

/* Uses the cases of TestOnly in containerd's platforms package (compare_test.go), and more. Unlike
 * containerd, relman does not match other architectures that the machine can also run. */
static void test_platforms_contradict_each_other(void **state)
{
        static const struct {
                const char *a, *b;
                bool contradicts;
        } cases[] = {
                { "linux/amd64", "linux/amd64", false },
                { "linux/amd64", "linux/arm64", true },
                { "linux/amd64", "windows/amd64", true },
                { "linux/arm64", "linux/arm/v7", true },
                { "linux/mips", "linux/mips64", true },
                { "linux/arm/v6", "linux/arm/v5", true },
                { "linux/amd64/v2", "linux/amd64/v3", true },
                { "linux/amd64", "linux/amd64/v3", false },
                { "linux/arm64", "linux/arm64/v9", false },
                /* the normal form of arm */
                { "linux/arm/v6", "linux/arm/v7", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                assert_case(platform_contradicts(cases[i].a, cases[i].b) == cases[i].contradicts,
                            "%s, %s", cases[i].a, cases[i].b);
                assert_case(platform_contradicts(cases[i].b, cases[i].a) == cases[i].contradicts,
                            "%s, %s", cases[i].b, cases[i].a);
        }
}

static void test_platforms_match(void **state)
{
        static const struct {
                const char *wanted, *runs[12], *runs_not[10];
        } cases[] = {
                { "linux/amd64",
                  { "linux/amd64", "linux/amd64/v1", "linux/x86_64" },
                  { "linux/amd64/v2", "linux/amd64/v3", "linux/386", "linux/arm/v7", "linux/arm64",
                    "windows/amd64" } },
                { "linux/amd64/v2",
                  { "linux/amd64", "linux/amd64/v1", "linux/amd64/v2" },
                  { "linux/amd64/v3", "linux/amd64/v4", "linux/386", "windows/amd64" } },
                { "linux/386", { "linux/386", "linux/i386" }, { "linux/amd64", "windows/386" } },
                { "windows/amd64",
                  { "windows/amd64", "windows(10.0.17763)/amd64", "windows(10.0.20348)/amd64" },
                  { "linux/amd64", "windows/arm" } },
                { "windows(10.0.17763)/amd64",
                  { "windows/amd64", "windows(10.0.17763)/amd64" },
                  { "linux/amd64" } },
                { "linux/arm/v8",
                  { "linux/arm", "linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm/8" },
                  { "linux/arm/v4", "linux/arm/v9", "linux/arm64", "windows/arm" } },
                { "linux/arm/v7",
                  { "linux/arm", "linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/armel" },
                  { "linux/arm/v4", "linux/arm/v8", "linux/arm64", "linux/arm/v7.1" } },
                { "linux/arm", { "linux/arm/v7", "linux/arm/v6" }, { "linux/arm/v8" } },
                { "linux/arm/v6",
                  { "linux/arm/v5", "linux/arm/v6", "linux/armel" },
                  { "linux/arm", "linux/armhf", "linux/arm/v4", "linux/arm/v7" } },
                { "linux/arm/v5", { "linux/arm/v5" }, { "linux/arm", "linux/arm/v4" } },
                { "linux/arm/v4", { "linux/arm/v4" }, { "linux/arm", "linux/arm/v5" } },
                { "linux/arm64/v9",
                  { "linux/arm64", "linux/arm64/v8", "linux/arm64/v8.1", "linux/arm64/v8.5",
                    "linux/arm64/v9", "linux/arm64/v9.0" },
                  { "linux/arm64/v8.6", "linux/arm64/v9.1", "linux/arm/v7" } },
                { "linux/arm64/v9.2",
                  { "linux/arm64", "linux/arm64/v9", "linux/arm64/v9.1", "linux/arm64/v8.7" },
                  { "linux/arm64/v8.8", "linux/arm64/v9.3" } },
                { "linux/arm64/v8.1",
                  { "linux/arm64", "linux/arm64/v8", "linux/arm64/v8.0", "linux/arm64/v8.1" },
                  { "linux/arm64/v8.2", "linux/arm64/v9", "linux/arm/v8" } },
                { "linux/arm64",
                  { "linux/arm64", "linux/arm64/v8", "linux/aarch64" },
                  { "linux/arm64/v8.1", "linux/arm64/v9", "linux/arm/v7", "linux/arm64/v7",
                    "linux/arm64/vx", "linux/arm64/v8x1", "linux/arm64/v8.", "linux/arm64/8.1" } },
                { "linux/riscv64", { "linux/riscv64" }, { "linux/riscv64/rva22u64" } },
                { "linux/ppc64le/power9",
                  { "linux/ppc64le/power9" },
                  { "linux/ppc64le", "linux/ppc64le/power8" } },
                { "linux/mips", { "linux/mips" }, { "linux/mips64", "linux/mipsle" } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                for (const char *const *image = cases[i].runs; *image; image++)
                        assert_case(platform_matches(cases[i].wanted, *image), "%s, %s",
                                    cases[i].wanted, *image);
                for (const char *const *image = cases[i].runs_not; *image; image++)
                        assert_case(!platform_matches(cases[i].wanted, *image), "%s, %s",
                                    cases[i].wanted, *image);
        }
}

/* relman must choose the highest variant that the machine runs, as containerd's platformVector
 * does. */
static void test_the_highest_variant_is_pulled(void **state)
{
        static const struct {
                const char *wanted, *offered[6], *pulled;
        } cases[] = {
                { "linux/arm/v7",
                  { "linux/arm/v5", "linux/arm/v6", "linux/arm/v7" },
                  "linux/arm/v7" },
                { "linux/arm/v7",
                  { "linux/arm/v5", "linux/arm/v6", "linux/arm/v8" },
                  "linux/arm/v6" },
                { "linux/arm/v6", { "linux/arm/v5", "linux/arm/v7" }, "linux/arm/v5" },
                { "linux/arm/v6", { "linux/arm/v7", "linux/arm/v8" }, NULL },
                { "linux/amd64/v3",
                  { "linux/amd64", "linux/amd64/v2", "linux/amd64/v4" },
                  "linux/amd64/v2" },
                { "linux/amd64", { "linux/amd64", "linux/amd64/v2" }, "linux/amd64" },
                { "linux/arm64/v9",
                  { "linux/arm64", "linux/arm64/v8.5", "linux/arm64/v8.6" },
                  "linux/arm64/v8.5" },
                { "linux/arm64/v9",
                  { "linux/arm64/v8.5", "linux/arm64/v9", "linux/arm64/v9.1" },
                  "linux/arm64/v9" },
                { "linux/arm64", { "linux/amd64", "linux/arm/v8" }, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                PlatformDigest items[6] = { 0 };
                PlatformDigests all = { .items = items };

                while (cases[i].offered[all.n]) {
                        items[all.n].platform = cases[i].offered[all.n];
                        all.n++;
                }
                for (size_t k = 0; k < all.n; k++)
                        assert_case(
                                platform_is_preferred(cases[i].wanted, items[k].platform, &all) ==
                                        str_equal(items[k].platform, cases[i].pulled),
                                "case %zu: %s", i, items[k].platform);
        }
}

static void test_a_misspelt_platform_has_a_suggestion(void **state)
{
        static const struct {
                const char *text, *meant; /* meant: NULL if no known platform is similar */
        } cases[] = {
                { "linux/amd46", "linux/amd64" }, { "linus/amd64", "linux/amd64" },
                { "linux/arm46", "linux/arm64" }, { "linux/x86_46", "linux/amd64" },
                { "linux/amd64", NULL },          { "linux/quantum", NULL },
                { "toaster/amd64", NULL },        { "window/amd46", "windows/amd64" },
        };
        char meant[PLATFORM_SIZE_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                bool is = platform_suggest(cases[i].text, meant);

                assert_case(is == (cases[i].meant != NULL), "%s", cases[i].text);
                assert_case(!is || streq(meant, cases[i].meant), "%s: %s", cases[i].text, meant);
        }
}

/* relman converts platforms that an older version stored to the normal form when it reads them. */
static void test_stored_platforms_are_brought_into_normal_form(void **state)
{
        PlatformDigest items[] = { { "linux/x86_64", "a" },
                                   { "linux/amd64", "b" },
                                   { "linux/arm64/v8", "c" },
                                   { "linux/386", "d" } };
        PlatformDigests platforms = { items, ARRAY_SIZE(items) };

        (void)state;
        assert_int_equal(platform_digests_normalize(&platforms, &arena), 0);
        assert_int_equal(platforms.n, 3);
        assert_string_equal(items[0].platform, "linux/386");
        assert_string_equal(items[1].platform, "linux/amd64");
        assert_string_equal(items[1].digest, "a");
        assert_string_equal(items[2].platform, "linux/arm64");
}

static void test_changes_copy_what_they_are_given_and_read_well(void **state)
{
        char tag[] = "v1.0.0", digest[] = DIGEST_A;
        TagRecord record = { .tag = tag, .digest = digest };
        Channel channel = { .name = "stable", .tag = tag, .digest = digest, .semver = "1.0.0" };
        Changes changes;
        Buffer out;

        (void)state;
        changes_init(&changes);
        buffer_init(&out, 10000);
        changes_put_tenant(&changes, "default", FIXTURE_TIME);
        changes_put_tag(&changes, "id", &record);
        changes_put_channel(&changes, "id", &channel);
        changes_delete_channel(&changes, "id", "rc");
        changes_set_status(&changes, "id", RELEASE_READY, FIXTURE_TIME);
        tag[0] = digest[0] = 'X';
        for (size_t i = 0; i < changes.n; i++) {
                assert_int_equal(change_format(&changes.items[i], &out), 0);
                assert_int_equal(buffer_putc(&out, '\n'), 0);
        }
        assert_null(strchr(out.data, 'X'));
        assert_non_null(strstr(out.data, "v1.0.0"));
        assert_non_null(strstr(out.data, "stable"));
        assert_non_null(strstr(out.data, "ready"));
        buffer_done(&out);
        changes_done(&changes);
}

static void test_every_enumerator_has_a_name_that_reads_back(void **state)
{
        (void)state;
        for (ReleaseStatus i = 0; i < RELEASE_STATUS_MAX_; i++) {
                ReleaseStatus back;

                assert_int_equal(release_status_from_string(release_status_to_string(i), &back), 0);
                assert_int_equal(back, i);
        }
        for (EventType i = 0; i < EVENT_TYPE_MAX_; i++) {
                EventType back;

                assert_int_equal(event_type_from_string(event_type_to_string(i), &back), 0);
                assert_int_equal(back, i);
        }
        for (ConditionType i = 0; i < CONDITION_TYPE_MAX_; i++) {
                ConditionType back;

                assert_int_equal(condition_type_from_string(condition_type_to_string(i), &back), 0);
                assert_int_equal(back, i);
        }
        for (ChangeType i = 0; i < CHANGE_TYPE_MAX_; i++)
                assert_non_null(change_type_to_string(i));
}

static void test_a_host_has_one_spelling_that_is_compared(void **state)
{
        static const struct {
                const char *text, *port, *wanted;
        } cases[] = {
                { "registry.example.com", "443", "registry.example.com" },
                { "Registry.EXAMPLE.com", "443", "registry.example.com" },
                { "registry.example.com.", "443", "registry.example.com" },
                { "registry.example.com.:5000", "443", "registry.example.com:5000" },
                { "registry.example.com:443", "443", "registry.example.com" },
                { "registry.example.com:0443", "443", "registry.example.com" },
                { "registry.example.com:443", "80", "registry.example.com:443" },
                { "registry.example.com:80", "80", "registry.example.com" },
                { "registry.example.com:80", "443", "registry.example.com:80" },
                { "registry.example.com:05000", "443", "registry.example.com:5000" },
                { "registry.example.com:", "443", "registry.example.com" },
                { "10.0.0.1:5000", "443", "10.0.0.1:5000" },
                { "[::1]", "443", "[::1]" },
                { "[::1]:443", "443", "[::1]" },
                { "[0:0:0:0:0:0:0:1]:5000", "443", "[::1]:5000" },
                { "[2001:DB8::0:A]:443", "443", "[2001:db8::a]" },
                { "[::ffff:10.0.0.1]", "443", "[::ffff:10.0.0.1]" },
                { "[zz]", "443", "[zz]" },
                { "[", "443", "[" },
                { "docker.io", "443", "docker.io" },
                { "index.docker.io", "443", "docker.io" },
                { "Registry-1.Docker.IO.:443", "443", "docker.io" },
                { "registry-1.docker.io:5000", "443", "registry-1.docker.io:5000" },
                { "hub.docker.com", "443", "hub.docker.com" },
                { ".", "443", "." },
                { "", "443", "" },
        };
        char host[HOST_MAX], huge[2 * HOST_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                assert_true(
                        host_canonical(cases[i].text, strlen(cases[i].text), cases[i].port, host));
                assert_case(streq(host, cases[i].wanted), "'%s': '%s'", cases[i].text, host);
        }
        memset(huge, 'a', sizeof(huge));
        assert_false(host_canonical(huge, sizeof(huge), "443", host));
        assert_true(host_canonical(huge, HOST_MAX - 1, "443", host));
        assert_int_equal(strlen(host), HOST_MAX - 1);
        assert_false(host_of_url("oci-layout:/srv/images", host));
}

/* image_host() finds the host without an arena; it must be the host of image_parse(). */
static void test_the_host_of_an_image_is_found_without_parsing_it(void **state)
{
        static const char *const texts[] = {
                "nginx",
                "library/nginx:1.25",
                "docker.io:443/nginx",
                "index.docker.io/a/b",
                "Registry-1.Docker.IO/a/b",
                "registry-1.docker.io:443/a",
                "r.example/a",
                "R.EXAMPLE/a/b",
                "r.example:443/a",
                "r.example:0443/a",
                ("r.example:5000/a/b@sha256:"
                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
                "localhost/a",
                "localhost:80/a",
                "[0:0::1]:5000/a",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                char host[HOST_MAX], wanted[HOST_MAX];
                ImageReference image;
                Error error = { 0 };

                assert_int_equal(image_parse(texts[i], &arena, &image, &error), 0);
                assert_true(host_canonical(image.host, strlen(image.host), "", wanted));
                assert_true(image_host(texts[i], host));
                assert_string_equal(host, wanted);
        }
}

static void test_a_registry_serves_its_host_in_any_spelling(void **state)
{
        static const struct {
                const char *url, *image;
                bool serves;
        } cases[] = {
                { "https://registry.example.com", "registry.example.com", true },
                { "https://Registry.Example.com./", "registry.example.com", true },
                { "https://registry.example.com:443", "registry.example.com", true },
                { "https://registry.example.com", "registry.example.com:443", true },
                { "https://registry.example.com", "registry.example.com:80", false },
                { "https://registry.example.com:5000", "registry.example.com", false },
                { "http://registry.example.com", "registry.example.com", true },
                { "http://registry.example.com:80/", "registry.example.com", true },
                { "http://registry.example.com", "registry.example.com:80", true },
                { "http://registry.example.com", "registry.example.com:443", false },
                { "http://registry.example.com:443", "registry.example.com", false },
                { "http://[0:0::1]:5000", "[::1]:5000", true },
                { "https://[::1]", "[0::1]:443", true },
                { "https://registry-1.docker.io:443", "docker.io", true },
                { "https://index.docker.io/", "docker.io", true },
                { "https://docker.io.evil.example", "docker.io", false },
                { "https://registry.example.com.evil.org", "registry.example.com", false },
                { "oci-layout:/srv/images", "registry.example.com", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const RegistrySpec spec = { .url = cases[i].url };

                assert_case(registry_serves(&spec, cases[i].image) == cases[i].serves,
                            "'%s' and '%s'", cases[i].url, cases[i].image);
        }
}

#define N_SELECTING 12

/* Objects of two tenants with random labels. */
typedef struct Selecting {
        EnvironmentSpec environments[N_SELECTING];
        CalendarSpec calendars[N_SELECTING];
        Pair labels[N_SELECTING][2], wanted[N_SELECTING][2], calendar_labels[N_SELECTING][2];
} Selecting;

static Pairs random_labels(Pair labels[2], uint64_t *seed)
{
        static const char *const values[] = { "eu", "us" };
        Pairs pairs = { .items = labels };

        if (test_random(seed) % 2 > 0)
                labels[pairs.n++] = (Pair){ "region", values[test_random(seed) % 2] };
        if (test_random(seed) % 2 > 0)
                labels[pairs.n++] = (Pair){ "stage", values[test_random(seed) % 2] };
        return pairs;
}

static Object random_object(ObjectKind kind, size_t i, uint64_t *seed)
{
        Object object = { .kind = kind,
                          .meta = { .name = arena_printf(&arena, "n%zu", i),
                                    .tenant = test_random(seed) % 4 > 0 ? "a" : "b" } };

        object.id = object_id(kind, object.meta.tenant, object.meta.name);
        return object;
}

static Model *random_model(Selecting *all, uint64_t *seed)
{
        Model *model;

        assert_int_equal(model_new(2 * N_SELECTING, &model), 0);
        for (size_t i = 0; i < N_SELECTING; i++) {
                EnvironmentSpec *environment = &all->environments[i];
                CalendarSpec *calendar = &all->calendars[i];

                *environment =
                        (EnvironmentSpec){ .object = random_object(KIND_ENVIRONMENT, i, seed) };
                environment->object.meta.labels = random_labels(all->labels[i], seed);
                environment->promotes_from.match_labels = random_labels(all->wanted[i], seed);
                *calendar = (CalendarSpec){ .object = random_object(KIND_CALENDAR, i, seed) };
                calendar->environments.match_labels = random_labels(all->calendar_labels[i], seed);
                assert_int_equal(model_add(model, &environment->object), 0);
                assert_int_equal(model_add(model, &calendar->object), 0);
        }
        assert_int_equal(model_sort(model), 0);
        return model;
}

/* A simple reference: True if the object has each wanted label. */
static bool has_labels(const Pairs *wanted, const Object *object)
{
        size_t n = 0;

        for (size_t i = 0; i < wanted->n; i++)
                for (size_t j = 0; j < object->meta.labels.n; j++)
                        n += streq(wanted->items[i].key, object->meta.labels.items[j].key) &&
                             streq(wanted->items[i].value, object->meta.labels.items[j].value);
        return n == wanted->n;
}

static void check_selection(const Model *model, const EnvironmentSpec *environment)
{
        const Strings *sources = model_sources(model, environment);
        const CalendarSpecs calendars = model_calendars(model, environment);
        const char *tenant = environment->object.meta.tenant;
        size_t n_sources = 0, n_calendars = 0;

        for (size_t i = 0; i < model->environments.n; i++) {
                const Object *other = &model->environments.items[i]->object;

                if (other == &environment->object || !streq(other->meta.tenant, tenant) ||
                    environment->promotes_from.match_labels.n == 0 ||
                    !has_labels(&environment->promotes_from.match_labels, other))
                        continue;
                assert_true(n_sources < sources->n);
                assert_string_equal(sources->items[n_sources++], other->meta.name);
        }
        for (size_t i = 0; i < model->calendars.n; i++) {
                const CalendarSpec *calendar = model->calendars.items[i];

                if (!streq(calendar->object.meta.tenant, tenant) ||
                    !has_labels(&calendar->environments.match_labels, &environment->object))
                        continue;
                assert_true(n_calendars < calendars.n);
                assert_ptr_equal(calendars.items[n_calendars++], calendar);
        }
        assert_int_equal(n_sources, sources->n);
        assert_int_equal(n_calendars, calendars.n);
}

static void test_labels_select_what_has_all_of_them(void **state)
{
        uint64_t seed = 99;

        (void)state;
        for (size_t round = 0; round < 300; round++) {
                Selecting all;
                Model *model;

                arena_clear(&arena);
                model = random_model(&all, &seed);
                for (size_t i = 0; i < model->environments.n; i++)
                        check_selection(model, model->environments.items[i]);
                model_unref(model);
        }
}

/* A source that is both named and selected is in the list once. A list that is too long is cut, but
 * its length shows this. */
static void test_named_sources_come_before_selected_ones(void **state)
{
        static EnvironmentSpec environments[SOURCES_MAX + 5];
        static Pair label = { "stage", "test" };
        static const char *named[] = { "e3", "gone" };
        Model *model;
        const Strings *sources;

        (void)state;
        assert_int_equal(model_new(ARRAY_SIZE(environments), &model), 0);
        for (size_t i = 0; i < ARRAY_SIZE(environments); i++) {
                uint64_t seed = 3;

                environments[i].object = random_object(KIND_ENVIRONMENT, i, &seed);
                environments[i].object.meta.name = arena_printf(&arena, "e%zu", i);
                environments[i].object.meta.labels = (Pairs){ &label, 1 };
                assert_int_equal(model_add(model, &environments[i].object), 0);
        }
        environments[0].promotes_from.match_labels = (Pairs){ &label, 1 };
        environments[0].promotes_from.environments = (Strings){ named, 2 };
        for (size_t i = 5; i < ARRAY_SIZE(environments); i++)
                environments[i].object.meta.labels.n = 0;
        assert_int_equal(model_sort(model), 0);
        sources = model_sources(model, &environments[0]);
        assert_int_equal(sources->n, 5);
        assert_string_equal(sources->items[0], "e3");
        assert_string_equal(sources->items[1], "gone");
        assert_string_equal(sources->items[2], "e1");
        assert_string_equal(sources->items[4], "e4");
        for (size_t i = 5; i < ARRAY_SIZE(environments); i++)
                environments[i].object.meta.labels.n = 1;
        assert_int_equal(model_sort(model), 0);
        assert_int_equal(model_sources(model, &environments[0])->n, SOURCES_MAX + 1);
        for (size_t i = 1; i < ARRAY_SIZE(environments); i++)
                environments[i].object.meta.labels.n = 0;
        assert_int_equal(model_sort(model), 0);
        /* the names are ignored too */
        assert_int_equal(model_sources(model, &environments[0])->n, 0);
        model_unref(model);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_is_read_strictly),
        cmocka_unit_test(test_json_that_is_too_deep_is_refused_at_once),
        cmocka_unit_test(test_names_of_repositories_at_mirrors),
        cmocka_unit_test(test_image_references),
        cmocka_unit_test(test_platform_spellings),
        cmocka_unit_test(test_a_platform_that_is_too_long_is_none),
        cmocka_unit_test(test_platforms_match),
        cmocka_unit_test(test_platforms_contradict_each_other),
        cmocka_unit_test(test_the_highest_variant_is_pulled),
        cmocka_unit_test(test_a_misspelt_platform_has_a_suggestion),
        cmocka_unit_test(test_stored_platforms_are_brought_into_normal_form),
        cmocka_unit_test(test_changes_copy_what_they_are_given_and_read_well),
        cmocka_unit_test(test_every_enumerator_has_a_name_that_reads_back),
        cmocka_unit_test(test_a_host_has_one_spelling_that_is_compared),
        cmocka_unit_test(test_the_host_of_an_image_is_found_without_parsing_it),
        cmocka_unit_test(test_a_registry_serves_its_host_in_any_spelling),
        cmocka_unit_test(test_labels_select_what_has_all_of_them),
        cmocka_unit_test(test_named_sources_come_before_selected_ones),
};

TEST_PROGRAM("model", tests, set_up, tear_down)
