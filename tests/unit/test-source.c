/* Tests which labels of images become repositories and links to commits. */

#include "base/limits.h"
#include "model/source.h"
#include "unit.h"

#define A     "4f1c2d3e5a6b7c8d9e0f4f1c2d3e5a6b7c8d9e0f"
#define B     "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
#define ACME  "https://github.com/acme/api"
#define FIFTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

TEST_ARENA(arena, set_up, tear_down)

static void test_what_names_a_repository(void **state)
{
        static const struct {
                const char *text, *wanted;
        } cases[] = {
                { ACME, ACME },
                { ACME "/", ACME },
                { ACME ".git", ACME },
                { ACME "/tree/main/deploy", ACME },
                { ACME ".git#main:deploy", ACME },
                { ACME "?tab=readme", ACME },
                { "HTTPS://GitHub.com:443/acme//api", ACME },
                { "https://www.github.com/acme/api", ACME },
                { "https://anna:secret@github.com/acme/api.git", ACME },
                { "git@github.com:acme/api.git", ACME },
                { "git@ssh.github.com:acme/api.git", ACME },
                { "ssh://git@github.com/acme/api.git", ACME },
                { "ssh://git@ssh.github.com:443/acme/api.git", ACME },
                { "http://git.example.com:3000/acme/api", "http://git.example.com:3000/acme/api" },
                { "ssh://git@git.example.com:2222/a/b/c.git", "https://git.example.com/a/b/c" },
                { "https://gitlab.com/a/b/c/-/tree/main", "https://gitlab.com/a/b/c" },
                { "https://gitlab.com/a/b/tree/main", "https://gitlab.com/a/b" },
                { "https://bitbucket.org/acme/api/src/main/", "https://bitbucket.org/acme/api" },
                { "https://b.example.com/scm/ACME/api.git",
                  "https://b.example.com/projects/ACME/repos/api" },
                { "https://b.example.com/scm/~anna/api.git",
                  "https://b.example.com/users/anna/repos/api" },
                { "https://b.example.com/projects/ACME/repos/api/browse",
                  "https://b.example.com/projects/ACME/repos/api" },
                { "https://anna@dev.azure.com/acme/My%20Shop/_git/api?path=/a",
                  "https://dev.azure.com/acme/My%20Shop/_git/api" },
                { "git@ssh.dev.azure.com:v3/acme/shop/api",
                  "https://dev.azure.com/acme/shop/_git/api" },
                { "acme@vs-ssh.visualstudio.com:v3/acme/shop/api",
                  "https://dev.azure.com/acme/shop/_git/api" },
                { "https://git.sr.ht/~anna/api", "https://git.sr.ht/~anna/api" },

                { "", NULL },
                { "acme/api", NULL },
                { "github.com/acme/api", NULL },
                { "https://", NULL },
                { "https://github.com", NULL },
                { "https://github.com/", NULL },
                { "https:///acme/api", NULL },
                { "git://github.com/acme/api", NULL },
                { "file:///etc/passwd", NULL },
                { "javascript:alert(1)//@github.com:a/b", NULL },
                { "data:text/html,x@y:z/a", NULL },
                { "ftp://github.com/acme/api", NULL },
                { "https://github.com/acme/../evil", NULL },
                { "https://github.com/acme/<script>", NULL },
                { "https://github.com/acme/a b", NULL },
                { "https://github.com/acme/a\nb", NULL },
                { "https://github.com/acme/a\x1b[31m", NULL },
                { "https://github.com/acme/a%zz", NULL },
                { "https://github.com/acme/a%0ab", NULL },
                { "https://github.com/acme/\xe2\x80\xae", NULL },
                { "https://github.com/acme/a'b", NULL },
                { "https://github.com\\evil.example/acme/api", NULL },
                { "https://-github.com/acme/api", NULL },
                { "https://github.com:0x50/acme/api", NULL },
                { "https://[::1]/acme/api", NULL },
                { "https://github.com/" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
                  "/a",
                  NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *found = source_repository(cases[i].text, &arena);

                assert_case(str_equal(found, cases[i].wanted), "%s: %s", cases[i].text,
                            found ? found : "NULL");
                if (found) /* the form is final, so a lockfile keeps it */
                        assert_case(source_repository_is_valid(found), "%s", found);
                assert_int_equal(source_repository_is_valid(cases[i].text),
                                 found && streq(found, cases[i].text));
        }
}

static void test_links_to_commits(void **state)
{
        static const struct {
                const char *repository, *commit, *compare;
        } cases[] = {
                { ACME, ACME "/commit/" B, ACME "/compare/" A "..." B },
                { "https://github.example.com/acme/api",
                  "https://github.example.com/acme/api/commit/" B,
                  "https://github.example.com/acme/api/compare/" A "..." B },
                { "https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/commit/" B,
                  "https://gitlab.com/a/b/c/-/compare/" A "..." B },
                { "https://codeberg.org/acme/api", "https://codeberg.org/acme/api/commit/" B,
                  "https://codeberg.org/acme/api/compare/" A "..." B },
                { "https://bitbucket.org/acme/api", "https://bitbucket.org/acme/api/commits/" B,
                  "https://bitbucket.org/acme/api/branches/compare/" B ".." A },
                { "https://b.example.com/projects/ACME/repos/api",
                  "https://b.example.com/projects/ACME/repos/api/commits/" B,
                  "https://b.example.com/projects/ACME/repos/api/compare/commits?sourceBranch=" B
                  "&targetBranch=" A },
                { "https://dev.azure.com/acme/shop/_git/api",
                  "https://dev.azure.com/acme/shop/_git/api/commit/" B,
                  "https://dev.azure.com/acme/shop/_git/api/branchCompare?baseVersion=GC" A
                  "&targetVersion=GC" B },
                { "https://git.example.com/acme/api", NULL, NULL },
                { "https://github.com/acme", NULL, NULL },
                { "https://dev.azure.com/acme/shop", NULL, NULL },
                { NULL, NULL, NULL },
        };
        char buffer[SOURCE_LINK_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ComponentSource from = { cases[i].repository, A }, to = { cases[i].repository, B };
                const char *link = source_commit_link(&to, buffer);

                assert_case(str_equal(link, cases[i].commit), "%s", link ? link : "NULL");
                link = source_compare_link(&from, &to, buffer);
                assert_case(str_equal(link, cases[i].compare), "%s", link ? link : "NULL");
        }
}

static void test_only_two_commits_of_one_repository_are_compared(void **state)
{
        static const struct {
                ComponentSource from, to;
        } cases[] = {
                { { ACME, A }, { ACME, A } },        { { ACME, A }, { ACME, "main" } },
                { { ACME, "v1.0.0" }, { ACME, B } }, { { ACME, NULL }, { ACME, B } },
                { { ACME, A }, { ACME, NULL } },     { { ACME "2", A }, { ACME, B } },
                { { NULL, A }, { ACME, B } },
        };
        char buffer[SOURCE_LINK_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_null(source_compare_link(&cases[i].from, &cases[i].to, buffer));
        assert_null(source_commit_link(&(ComponentSource){ ACME, "123456" }, buffer));
        assert_null(source_commit_link(&(ComponentSource){ ACME, A B }, buffer));
        assert_int_equal(source_shown_size(A), SOURCE_SHORT);
        assert_int_equal(source_shown_size("release/2026"), SOURCE_REVISION_MAX);
}

static void test_what_a_revision_is(void **state)
{
        (void)state;
        assert_true(source_revision_is_valid(A));
        assert_true(source_revision_is_valid("release/1.2+3_a-b"));
        assert_false(source_revision_is_valid(""));
        assert_false(source_revision_is_valid("a b"));
        assert_false(source_revision_is_valid("<b>"));
        assert_false(source_revision_is_valid("a\n"));
        assert_false(source_revision_is_valid("\xc3\xa4"));
        assert_true(source_revision_is_valid(FIFTY FIFTY));
        assert_false(source_revision_is_valid(FIFTY FIFTY FIFTY));
}

#define OCI(key)    "org.opencontainers.image." key
#define SCHEMA(key) "org.label-schema." key

static ComponentSource source_of(Pair *annotations, Pair *labels, size_t n)
{
        ImageFacts facts = { .annotations = { annotations, annotations ? n : 0 },
                             .labels = { labels, labels ? n : 0 } };
        ComponentSource ret = { 0 };
        bool conflict = false;

        source_add_facts(&facts, &arena, &ret, &conflict);
        return ret;
}

static void test_which_labels_count(void **state)
{
        static Pair both[] = { { .key = OCI("source"), .value = "git@github.com:acme/api.git" },
                               { .key = OCI("revision"), .value = A },
                               { .key = SCHEMA("vcs-ref"), .value = B } };
        static Pair old[] = { { .key = SCHEMA("vcs-url"), .value = ACME ".git" },
                              { .key = SCHEMA("vcs-ref"), .value = B } };
        static Pair url[] = { { .key = OCI("source"), .value = "none" },
                              { .key = OCI("url"), .value = ACME "/tree/main" } };
        static Pair site[] = { { .key = OCI("url"), .value = "https://example.com/shop" } };
        ComponentSource source = source_of(NULL, both, 3);

        (void)state;
        assert_string_equal(source.repository, ACME);
        assert_string_equal(source.revision, A);
        source = source_of(both, old, 2); /* annotations first */
        assert_string_equal(source.revision, A);
        source = source_of(NULL, old, 2);
        assert_string_equal(source.repository, ACME);
        assert_string_equal(source.revision, B);
        assert_string_equal(source_of(NULL, url, 2).repository, ACME);
        assert_null(source_of(NULL, site, 1).repository);
}

static void test_images_of_several_commits_have_no_revision(void **state)
{
        Pair first = { .key = OCI("revision"), .value = A };
        Pair second = { .key = OCI("revision"), .value = B };
        ImageFacts facts[] = { { .labels = { &first, 1 } },
                               { .labels = { &first, 1 } },
                               { .labels = { &second, 1 } },
                               { .labels = { &second, 1 } } };
        ComponentSource source = { 0 };
        bool conflict = false;

        (void)state;
        source_add_facts(&facts[0], &arena, &source, &conflict);
        source_add_facts(&facts[1], &arena, &source, &conflict);
        assert_string_equal(source.revision, A);
        source_add_facts(&facts[2], &arena, &source, &conflict);
        assert_null(source.revision);
        source_add_facts(&facts[3], &arena, &source, &conflict);
        assert_null(source.revision);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_names_a_repository),
                cmocka_unit_test(test_links_to_commits),
                cmocka_unit_test(test_only_two_commits_of_one_repository_are_compared),
                cmocka_unit_test(test_what_a_revision_is),
                cmocka_unit_test(test_which_labels_count),
                cmocka_unit_test(test_images_of_several_commits_have_no_revision),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
