/* Tests patterns of routes and headers of answers. */

#include "api/http/answer.h"
#include "api/http/path.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

static void test_a_pattern_matches_complete_segments(void **state)
{
        static const struct {
                const char *pattern, *path;
                bool wanted;
        } cases[] = {
                { "/x", "/x", true },
                { "/x", "/xy", false },
                { "/xy", "/x", false },
                { "/x", "/x/", false },
                { "/x/{id}", "/x/1", true },
                { "/x/{id}", "/x/", false },
                { "/x/{id}", "/x", false },
                { "/x/{id}/y", "/x/1/y", true },
                { "/x/{id}/y", "/x/1/z", false },
                { "/x/{id}", "/x/1/y", false },
                { "/x/*rest", "/x/a", true },
                { "/x/*rest", "/x/a/b.css", true },
                { "/x/*rest", "/x/", true },
                { "/x/*rest", "/x", false },
                { "/x/*rest", "/y/a", false },
                { "/x/{id}/*rest", "/x/1/2/3", true },
                { "/x/{id}/*rest", "/x//2", false },
                { "/*rest", "/", true },
                { "/", "/", true },
                { "/", "/x", false },
                { "/", "//", false },
                { "/", "", false },
                { "/x/*rest", "/x/1/2/3/4/5/6/7/8/9/10", true },
                { "/1/2/3/4/5/6/7/{8}", "/1/2/3/4/5/6/7/8", true },
                { "/1/2/3/4/5/6/7/{8}", "/1/2/3/4/5/6/7/8/9", false },
                { "/1/2/3/4/5/6/7/{8}/{9}", "/1/2/3/4/5/6/7/8/9", false },
                { "/x", "", false },
                { "/x", "x", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Path path;

                assert_int_equal(path_split(cases[i].path, &arena, &path), 0);
                assert_case(path_matches(&path, cases[i].pattern) == cases[i].wanted,
                            "%s and %s: not %d", cases[i].pattern, cases[i].path, cases[i].wanted);
        }
}

static void test_parameters_are_segments_or_the_rest(void **state)
{
        static const struct {
                const char *pattern, *path, *name, *wanted;
        } cases[] = {
                { "/x/{id}/y/{other}", "/x/1/y/2", "id", "1" },
                { "/x/{id}/y/{other}", "/x/1/y/2", "other", "2" },
                { "/x/{id}/y/{other}", "/x/1/y/2", "oth", NULL },
                { "/x/*rest", "/x/a", "rest", "a" },
                { "/x/*rest", "/x/a/b/../c", "rest", "a/b/../c" },
                { "/x/*rest", "/x/", "rest", "" },
                { "/x/*rest", "/x/a", "res", NULL },
                { "/x/{id}/*rest", "/x/1/2/3", "id", "1" },
                { "/x/{id}/*rest", "/x/1/2/3", "rest", "2/3" },
                { "/x/*rest", "/x/1/2/3/4/5/6/7/8/9/10", "rest", "1/2/3/4/5/6/7/8/9/10" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *found;
                Path path;

                assert_int_equal(path_split(cases[i].path, &arena, &path), 0);
                found = path_parameter(&path, cases[i].pattern, cases[i].name);
                assert_case(str_equal(found, cases[i].wanted), "%s of %s: %s, not %s",
                            cases[i].name, cases[i].path, found ? found : "none",
                            cases[i].wanted ? cases[i].wanted : "none");
        }
}

static void test_a_path_that_finds_no_memory_has_no_segments(void **state)
{
        Arena small;
        Path path;

        (void)state;
        arena_init(&small, 1);
        assert_int_equal(path_split("/a/b", &small, &path), -ENOMEM);
        assert_int_equal(path.n_segments, 0);
        assert_false(path_matches(&path, "/a/b"));
        arena_done(&small);
}

static void test_an_answer_has_every_header_in_order(void **state)
{
        static AnswerHeader fixed[] = { { "Retry-After", "5" } };
        AnswerHeaders headers = { fixed, 1, 1 };
        char name[16];

        (void)state;
        for (int i = 0; i < 20; i++) {
                (void)snprintf(name, sizeof(name), "X-%d", i);
                assert_int_equal(
                        answer_headers_add(&headers, &arena, arena_strdup(&arena, name), "v"), 0);
        }
        assert_int_equal(answer_headers_add(&headers, &arena, "X-None", NULL), 0);
        assert_int_equal(headers.n, 21);
        assert_string_equal(headers.items[0].name, "Retry-After");
        for (int i = 0; i < 20; i++) {
                (void)snprintf(name, sizeof(name), "X-%d", i);
                assert_string_equal(headers.items[i + 1].name, name);
        }
        assert_string_equal(fixed[0].name, "Retry-After");
}

static void test_a_header_that_finds_no_memory_fails_the_arena(void **state)
{
        AnswerHeaders headers = { 0 };
        Arena small;

        (void)state;
        arena_init(&small, 1);
        assert_int_equal(answer_headers_add(&headers, &small, "X", "v"), -ENOMEM);
        assert_int_equal(headers.n, 0);
        assert_true(small.failed);
        arena_done(&small);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pattern_matches_complete_segments),
        cmocka_unit_test(test_parameters_are_segments_or_the_rest),
        cmocka_unit_test(test_a_path_that_finds_no_memory_has_no_segments),
        cmocka_unit_test(test_an_answer_has_every_header_in_order),
        cmocka_unit_test(test_a_header_that_finds_no_memory_fails_the_arena),
};
TEST_PROGRAM("route", tests, set_up, tear_down)
