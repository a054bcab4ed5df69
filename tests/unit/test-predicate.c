/* Tests values that attestations must have: which value a pointer names, and that no other one is
 * accepted. */

#include "trust/predicate.h"
#include "unit.h"

/* Returns "" if the predicate has the value, else the reason. */
static const char *refusal(const char *json, const char *pointer, const char *value)
{
        static char reason[512];
        cJSON *predicate = cJSON_Parse(json);
        Error error = { 0 };
        int r = predicate_require(predicate, pointer, value, &error);

        (void)snprintf(reason, sizeof(reason), "%s", r < 0 ? error_message(&error) : "");
        error_done(&error);
        cJSON_Delete(predicate);
        return reason;
}

static void test_a_pointer_names_one_value(void **state)
{
        static const struct {
                const char *json, *pointer, *value;
        } cases[] = {
                { "{\"a\":{\"b\":\"x\"}}", "/a/b", "x" },
                { "{\"a\":[0,{\"b\":true}]}", "/a/1/b", "true" },
                { "{\"a\":[0,1,2,3,4,5,6,7,8,9,\"x\"]}", "/a/10", "x" },
                { "{\"a/b\":{\"~c\":null}}", "/a~1b/~0c", "null" },
                { "{\"~1\":\"x\",\"/\":\"y\"}", "/~01", "x" },
                { "{\"\":{\"\":\"x\"}}", "//", "x" },
                { "{\"https://a.example/b\":false}", "/https:~1~1a.example~1b", "false" },
                { "\"x\"", "", "x" },
                { "{\"a\":\"true\"}", "/a", "true" },
                { "{\"a\":1.0}", "/a", "1" },
                { "{\"a\":1e2}", "/a", "100" },
                { "{\"a\":-0.5}", "/a", "-0.5" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_string_equal(refusal(cases[i].json, cases[i].pointer, cases[i].value), "");
}

static void test_a_pointer_that_names_nothing(void **state)
{
        static const struct {
                const char *json, *pointer;
        } cases[] = {
                { "{\"a\":\"x\"}", "/b" },
                { "{\"a\":\"x\"}", "/a/0" },   /* text has no items */
                { "{\"a\":\"x\"}", "a" },      /* no pointer */
                { "{\"a\":\"x\"}", "/A" },     /* names are exact */
                { "{\"ab\":\"x\"}", "/a" },    /* and complete */
                { "{\"a\":\"x\"}", "/a/" },    /* names a member "" */
                { "{\"a\":[\"x\"]}", "/a/1" }, /* behind the end */
                { "{\"a\":[\"x\"]}", "/a/" },  /* an item needs a number */
                { "{\"a\":[\"x\"]}", "/a/-" }, /* RFC 6901: behind the last item */
                { "{\"a\":[\"x\"]}", "/a/-0" },
                { "{\"a\":[\"x\",\"x\"]}", "/a/01" },   /* RFC 6901: no leading zeros */
                { "{\"a\":[\"x\"]}", "/a/4294967296" }, /* would be 0 in 32 bits */
                { "{\"a\":{\"0\":[]}}", "/a/0/0" },
                { "{\"a\":[{\"b\":\"x\"}]}", "/a/b" }, /* not within each item */
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *reason = refusal(cases[i].json, cases[i].pointer, "x");

                assert_case(strstr(reason, "the predicate has no value at "), "%zu: %s", i, reason);
        }
        assert_true(predicate_require(NULL, "/a", "x", NULL) < 0);
}

static void test_another_value_is_refused(void **state)
{
        static const struct {
                const char *json, *value, *wanted;
        } cases[] = {
                { "{\"a\":\"x \"}", "x", "/a of the predicate is \"x \", not x" },
                { "{\"a\":\"X\"}", "x", "/a of the predicate is \"X\", not x" },
                { "{\"a\":false}", "true", "/a of the predicate is false, not true" },
                { "{\"a\":1}", "true", "/a of the predicate is 1, not true" },
                { "{\"a\":null}", "", "/a of the predicate is null, not " },
                { "{\"a\":null}", "0", "/a of the predicate is null, not 0" },
                { "{\"a\":0}", "", "/a of the predicate is 0, not " },
                { "{\"a\":1}", "1x", "/a of the predicate is 1, not 1x" },
                { "{\"a\":1}", "\"1\"", "/a of the predicate is 1, not \"1\"" },
                { "{\"a\":[\"x\"]}", "x", "/a of the predicate is [\"x\"], not x" },
                { "{\"a\":{}}", "{}", "/a of the predicate is {}, not {}" },
                /* beyond 2^53 two numbers of JSON may be the same double */
                { "{\"a\":9007199254740994}", "9007199254740995",
                  "/a of the predicate is 9007199254740994, not 9007199254740995" },
                { "{\"a\":\"\\u001b[2J\"}", "x", "/a of the predicate is \"\\u001b[2J\", not x" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_string_equal(refusal(cases[i].json, "/a", cases[i].value), cases[i].wanted);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pointer_names_one_value),
        cmocka_unit_test(test_a_pointer_that_names_nothing),
        cmocka_unit_test(test_another_value_is_refused),
};
TEST_PROGRAM("predicate", tests, NULL, NULL)
