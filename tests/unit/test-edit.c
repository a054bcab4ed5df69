/* Tests edits of YAML texts: which bytes change, and what is refused. */

#include "edit/edit.h"
#include "unit.h"

#define NEW "r.example/api@sha256:ab12"

TEST_ARENA(arena, set_up, tear_down)

typedef struct Case {
        const char *old, *pointer, *new; /* new: the text afterwards, or NULL */
        const char *problem;             /* end of the message; NULL: none */
        const char *value;               /* NULL: NEW */
        const char *kind, *name, *name_space;
} Case;

static void check_case(const Case *c)
{
        const EditText old = { .data = c->old, .size = strlen(c->old) };
        Edit edit = { .kind = c->kind,
                      .name = c->name,
                      .name_space = c->name_space,
                      .pointer = c->pointer,
                      .value = c->value ? c->value : NEW };
        const Edits edits = { .items = &edit, .n = 1 };
        _cleanup_(error_done) Error err = { 0 };
        EditText new = { 0 };
        int r;

        r = edit_text("a.yaml", &old, &edits, &arena, &new, &err);
        if (c->problem) {
                if (r >= 0)
                        fail_msg("accepted: %s", c->old);
                assert_non_null(error_message(&err));
                if (!strstr(error_message(&err), c->problem))
                        fail_msg("'%s' instead of '%s'", error_message(&err), c->problem);
                assert_null(new.data);
                return;
        }
        if (r < 0)
                fail_msg("%s: %s", c->old, error_message(&err));
        if (new.size != strlen(c->new) || memcmp(new.data, c->new, new.size) != 0)
                fail_msg("'%.*s' instead of '%s'", (int)new.size, new.data, c->new);
}

#define CHECK(cases)                                                                               \
        for (size_t i_ = 0; i_ < ARRAY_SIZE(cases); i_++)                                          \
        check_case(&(cases)[i_])

static void test_only_the_bytes_of_the_value_change(void **state)
{
        static const Case cases[] = {
                { .old = "a: 1\n", .pointer = "/a", .new = "a: " NEW "\n" },
                { .old = "a: 1", .pointer = "/a", .new = "a: " NEW },
                { .old = "a:   old   # why\nb: 2\n",
                  .pointer = "/a",
                  .new = "a:   " NEW "   # why\nb: 2\n" },
                { .old = "a: old\t# tab\n", .pointer = "/a", .new = "a: " NEW "\t# tab\n" },
                { .old = "# ü\r\na: 'old' # é\r\nb: 2\r\n",
                  .pointer = "/a",
                  .new = "# ü\r\na: '" NEW "' # é\r\nb: 2\r\n" },
                { .old = "\xEF\xBB\xBF"
                         "a: \"old\"\n",
                  .pointer = "/a",
                  .new = "\xEF\xBB\xBF"
                         "a: \"" NEW "\"\n" },
                { .old = "a: {b: [x, old], c: 1}\n",
                  .pointer = "/a/b/1",
                  .new = "a: {b: [x, " NEW "], c: 1}\n" },
                { .old = "{\"a\": {\"b\": null}}",
                  .pointer = "/a/b",
                  .new = "{\"a\": {\"b\": \"" NEW "\"}}" },
                { .old = "a:\nb: 1\n", .pointer = "/a", .new = "a: " NEW "\nb: 1\n" },
                { .old = "a: # none\nb: 1\n", .pointer = "/a", .new = "a: " NEW " # none\nb: 1\n" },
                { .old = "- a\n-\n- c\n", .pointer = "/1", .new = "- a\n- " NEW "\n- c\n" },
                { .old = "a: one\n  two\nb: 1\n", .pointer = "/a", .new = "a: " NEW "\nb: 1\n" },
                { .old = "a: \"one\n  two\"\nb: 1\n",
                  .pointer = "/a",
                  .new = "a: \"" NEW "\"\nb: 1\n" },
                { .old = "a: >-\n  text\nb: old\nc: |\n  b: old\n",
                  .pointer = "/b",
                  .new = "a: >-\n  text\nb: " NEW "\nc: |\n  b: old\n" },
                { .old = "? a\n: old\n", .pointer = "/a", .new = "? a\n: " NEW "\n" },
                { .old = "a/b: {m~n: old}\n",
                  .pointer = "/a~1b/m~0n",
                  .new = "a/b: {m~n: " NEW "}\n" },
                { .old = "%YAML 1.1\n---\na: old\n...\n",
                  .pointer = "/a",
                  .new = "%YAML 1.1\n---\na: " NEW "\n...\n" },
                { .old = "---\n# nothing\n---\na: old\n---\n",
                  .pointer = "/a",
                  .new = "---\n# nothing\n---\na: " NEW "\n---\n" },
        };

        (void)state;
        CHECK(cases);
}

static void test_a_value_that_is_equal_keeps_its_bytes(void **state)
{
        static const Case cases[] = {
                { .old = "a: \"r.example\\/api@sha256:ab12\" # x\n",
                  .pointer = "/a",
                  .new = "a: \"r.example\\/api@sha256:ab12\" # x\n" },
        };

        (void)state;
        CHECK(cases);
}

static void test_a_value_that_is_no_string_without_quotes_gets_quotes(void **state)
{
        static const Case cases[] = {
                { .old = "a: 1.19\n", .pointer = "/a", .new = "a: \"1.20\"\n", .value = "1.20" },
                { .old = "a: x\n",
                  .pointer = "/a",
                  .new = "a: \"2024-01-01\"\n",
                  .value = "2024-01-01" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: \"on\"\n", .value = "on" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: \"1e3\"\n", .value = "1e3" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: \"12:30\"\n", .value = "12:30" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: \"_x\"\n", .value = "_x" },
                { .old = "a: x\n",
                  .pointer = "/a",
                  .new = "a: \"a \\\"b\\\" \\\\\"\n",
                  .value = "a \"b\" \\" },
                { .old = "a: 'x'\n", .pointer = "/a", .new = "a: 'it''s'\n", .value = "it's" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: 1.2.3\n", .value = "1.2.3" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: v1.20\n", .value = "v1.20" },
                { .old = "a: x\n",
                  .pointer = "/a",
                  .new = "a: \"[::1]:5000/x\"\n",
                  .value = "[::1]:5000/x" },
                { .old = "a: x\n", .pointer = "/a", .new = "a: \"\"\n", .value = "" },
        };

        (void)state;
        CHECK(cases);
}

static void test_items_are_named_by_number_or_field(void **state)
{
        static const Case cases[] = {
                { .old = "c: [{name: a, i: 1}, {name: b, i: 2}]\n",
                  .pointer = "/c/[name=b]/i",
                  .new = "c: [{name: a, i: 1}, {name: b, i: " NEW "}]\n" },
                { .old = "c:\n- name: a\n",
                  .pointer = "/c/1/name",
                  .problem = "/c has 1 item, counted from 0" },
                { .old = "c:\n- name: a\n",
                  .pointer = "/c/[name=x]/i",
                  .problem = "/c has no item [name=x]" },
                { .old = "c:\n- name: a\n- name: a\n",
                  .pointer = "/c/[name=a]/name",
                  .problem = "a.yaml:3: pointer '/c/[name=a]/name': two items of /c match" },
                { .old = "c:\n- name: a\n",
                  .pointer = "/c/api/name",
                  .problem = "/c is a list; name an item as 0 or as [name=api]" },
        };

        (void)state;
        CHECK(cases);
}

#define TWO                                                                                        \
        "kind: Service\nmetadata: {name: api}\n---\nkind: Deployment\nmetadata:\n  name: api\n"    \
        "  namespace: x\nimage: "

static void test_a_document_is_named_by_its_kind_and_name(void **state)
{
        static const Case cases[] = {
                { .old = TWO "old\n",
                  .pointer = "/image",
                  .new = TWO NEW "\n",
                  .kind = "Deployment" },
                { .old = TWO "old\n",
                  .pointer = "/image",
                  .new = TWO NEW "\n",
                  .kind = "Deployment",
                  .name = "api" },
                { .old = TWO "old\n", .pointer = "/image", .new = TWO NEW "\n", .name_space = "x" },
                { .old = TWO "old\n",
                  .pointer = "/image",
                  .problem = "2 documents match; name one by kind" },
                { .old = TWO "old\n",
                  .pointer = "/image",
                  .problem = "the file has no Job 'api'; check kind",
                  .kind = "Job",
                  .name = "api" },
                { .old = "# empty\n", .pointer = "/image", .problem = "the file is empty" },
                { .old = "", .pointer = "/image", .problem = "the file is empty" },
        };

        (void)state;
        CHECK(cases);
}

static void test_anchors_and_aliases(void **state)
{
        static const Case cases[] = {
                { .old = "a: &x old\nb: *x\n", .pointer = "/a", .new = "a: &x " NEW "\nb: *x\n" },
                { .old = "a: !!str &x 1.0\n", .pointer = "/a", .new = "a: !!str &x " NEW "\n" },
                { .old = "a: &x # one\n  'old'\n",
                  .pointer = "/a",
                  .new = "a: &x # one\n  '" NEW "'\n" },
                { .old = "a: &x {i: old}\nb:\n  <<: *x\n",
                  .pointer = "/a/i",
                  .new = "a: &x {i: " NEW "}\nb:\n  <<: *x\n" },
                { .old = "a: &x old\nb: *x\n",
                  .pointer = "/b",
                  .problem = "a.yaml:2: pointer '/b': /b is the alias *x of line 1" },
                { .old = "a: &x {i: old}\nb: *x\n",
                  .pointer = "/b/i",
                  .problem = "a.yaml:2: pointer '/b/i': /b is the alias *x of line 1" },
                { .old = "a: &x {i: old}\nb:\n  <<: *x\n  k: 1\n",
                  .pointer = "/b/i",
                  .problem = "/b has no key 'i'; the merge key << of the mapping may bring it" },
        };

        (void)state;
        CHECK(cases);
}

static void test_what_cannot_be_replaced_is_refused(void **state)
{
        static const Case cases[] = {
                { .old = "a: |\n  old\n",
                  .pointer = "/a",
                  .problem = "it is a block scalar (| or >)" },
                { .old = "a: >-\n  old\n",
                  .pointer = "/a",
                  .problem = "it is a block scalar (| or >)" },
                { .old = "a: {b: 1}\n",
                  .pointer = "/a",
                  .problem = "it is a mapping; point to a single value" },
                { .old = "a: [1]\n",
                  .pointer = "/a",
                  .problem = "it is a list; point to a single value" },
                { .old = "a: 1\n",
                  .pointer = "/a/b",
                  .problem = "/a is a value and has no key 'b'" },
                { .old = "a:\n  b: 1\n",
                  .pointer = "/a/c",
                  .problem = "a.yaml:2: pointer '/a/c': /a has no key 'c'" },
                { .old = "a: 1\nb: 2\na: 3\n",
                  .pointer = "/a",
                  .problem = "a.yaml:3: pointer '/a': the key 'a' stands twice in the document, at "
                             "line 1 too" },
                { .old = "a: [1\nb: 2\n", .pointer = "/a", .problem = "a.yaml:2: not valid YAML" },
                { .old = "a: {b\n", .pointer = "/a", .problem = "not valid YAML" },
                { .old = "a: \xff\n", .pointer = "/a", .problem = "not text in UTF-8" },
                { .old = "\xff\xfe"
                         "a",
                  .pointer = "/a",
                  .problem = "not text in UTF-8" },
                { .old = "{a}\n",
                  .pointer = "/a",
                  .problem = "the value cannot be replaced without changing another" },
        };

        (void)state;
        CHECK(cases);
}

static void test_all_edits_of_a_file_or_none(void **state)
{
        static const char text[] = "b: ü1\na: 2\n";
        const EditText old = { .data = text, .size = strlen(text) };
        Edit items[] = { { .pointer = "/a", .value = "x" }, { .pointer = "/b", .value = "y" } };
        const Edits edits = { .items = items, .n = 2 };
        _cleanup_(error_done) Error err = { 0 };
        EditText new = { 0 };

        (void)state;
        assert_int_equal(edit_text("f", &old, &edits, &arena, &new, &err), 0);
        assert_int_equal(new.size, strlen("b: \"y\"\na: x\n"));
        assert_memory_equal(new.data, "b: \"y\"\na: x\n", new.size);
        items[1].pointer = "/a";
        assert_int_equal(edit_text("f", &old, &edits, &arena, &new, &err), -EINVAL);
        assert_string_equal(error_message(&err),
                            "f:2: pointers '/a' and '/a' name the same value; remove one");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_bytes_of_the_value_change),
        cmocka_unit_test(test_a_value_that_is_equal_keeps_its_bytes),
        cmocka_unit_test(test_a_value_that_is_no_string_without_quotes_gets_quotes),
        cmocka_unit_test(test_items_are_named_by_number_or_field),
        cmocka_unit_test(test_a_document_is_named_by_its_kind_and_name),
        cmocka_unit_test(test_anchors_and_aliases),
        cmocka_unit_test(test_what_cannot_be_replaced_is_refused),
        cmocka_unit_test(test_all_edits_of_a_file_or_none),
};

TEST_PROGRAM("edit", tests, set_up, tear_down)
