/* Tests JSON from untrusted sources: the cost grows no faster than sorting the keys, numbers keep
 * their text, and a number is not accepted as a text. */

#include <math.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "fixture.h"
#include "model/component.h"
#include "model/json.h"
#include "model/schema/decode.h"
#include "model/schema/document-diff.h"
#include "model/schema/encode.h"
#include "model/schema/schema.h"
#include "unit.h"

static Arena arena;

static Node *read_json(const char *text)
{
        Error error = { 0 };
        Node *node = NULL;

        assert_case(json_to_node(text, strlen(text), &arena, &node, &error) == 0, "%s",
                    error_message(&error));
        return node;
}

/* Appends the text that encode_string() writes for a single-byte character. */
static void put_escaped(Buffer *out, unsigned char c)
{
        if (c == '"' || c == '\\')
                (void)buffer_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
                (void)buffer_printf(out, "\\u%04x", (unsigned)c);
        else if (c >= 0x80)
                (void)buffer_puts(out, "\xef\xbf\xbd");
        else
                (void)buffer_putc(out, (char)c);
}

/* encode_string() tests eight bytes at once. So the test puts each byte at each place of texts of
 * all sizes, between the first and last bytes of the ranges. */
static void test_a_byte_is_escaped_wherever_it_stands(void **state)
{
        static const char around[] = { 'a', ' ', '~', '!', '#', '[', ']' };
        _cleanup_(buffer_done) Buffer wanted, found;
        char text[20];

        (void)state;
        buffer_init(&wanted, 1024);
        buffer_init(&found, 1024);
        for (size_t i = 0; i < ARRAY_SIZE(around); i++)
                for (size_t size = 1; size < sizeof(text); size++)
                        for (size_t j = 0; j < size * 255; j++) {
                                unsigned char c = (unsigned char)(1 + j % 255);
                                size_t at = j / 255;

                                memset(text, around[i], size);
                                text[at] = (char)c;
                                text[size] = '\0';
                                buffer_clear(&wanted);
                                buffer_clear(&found);
                                (void)buffer_putc(&wanted, '"');
                                for (size_t k = 0; k < size; k++)
                                        put_escaped(&wanted, (unsigned char)text[k]);
                                (void)buffer_putc(&wanted, '"');
                                (void)encode_string(text, &found);
                                assert_case(streq(wanted.data, found.data),
                                            "size %zu, byte 0x%02x at %zu: %s", size, (unsigned)c,
                                            at, found.data);
                        }
}

typedef enum Order {
        RISING,
        FALLING,
        SCATTERED,
        ORDER_MAX_
} Order;

/* Returns an object of n keys that differ only at their ends. */
static Node *many_keys(size_t n, Order order)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, (size_t)64 * 1024 * 1024);
        (void)buffer_putc(&text, '{');
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(&text, "%s\"%080zu\":0", i > 0 ? "," : "",
                                    order == RISING    ? i
                                    : order == FALLING ? n - i
                                                       : i * 7919 % n);
        (void)buffer_putc(&text, '}');
        assert_int_equal(text.failed, 0);
        return read_json(text.data);
}

/* Returns the allowed number of comparisons: sorting n keys and one scan. */
static size_t allowed(size_t n)
{
        return n * ((size_t)log2((double)n) + 3);
}

static void test_many_keys_are_compared_no_more_often_than_sorting_takes(void **state)
{
        (void)state;
        for (Order order = 0; order < ORDER_MAX_; order++)
                for (size_t n = 10; n <= 100000; n *= 10) {
                        Node *node = many_keys(n, order);
                        NodeKeys keys;

                        assert_int_equal(node_keys_init(&keys, node), 0);
                        assert_null(node_keys_repeated(&keys));
                        assert_case(keys.n_compared <= allowed(n), "%zu of %zu keys",
                                    keys.n_compared, n);
                        keys.n_compared = 0;
                        for (size_t i = 0; i < n; i++)
                                assert_ptr_equal(node_keys_get(&keys, node->entries[i].key),
                                                 node->entries[i].value);
                        assert_null(node_keys_get(&keys, "none"));
                        assert_case(keys.n_compared <= allowed(n), "%zu for %zu keys",
                                    keys.n_compared, n);
                        node_keys_done(&keys);
                        arena_clear(&arena);
                }
}

static void test_documents_of_many_keys_are_compared_in_as_few_steps(void **state)
{
        const size_t n = 50000;
        DocumentChanges changes;
        Node *one = many_keys(1, RISING), *all = many_keys(n, SCATTERED),
             *others = many_keys(n, FALLING);

        (void)state;
        assert_int_equal(document_diff(one, all, &arena, &changes), 0);
        assert_int_equal(changes.n, n - 1);
        assert_true(changes.n_compared > 0 && changes.n_compared <= 2 * allowed(n));
        assert_int_equal(document_diff(all, others, &arena, &changes), 0);
        assert_int_equal(changes.n, 2); /* 0 was removed, n was added */
        assert_true(changes.n_compared <= 4 * allowed(n));
        arena_clear(&arena);
}

static Node *diff_node(const char *json)
{
        Error error = { 0 };
        Node *node;

        assert_int_equal(json_to_node(json, strlen(json), &arena, &node, &error), 0);
        return node;
}

static void test_lists_are_compared_item_by_item(void **state)
{
        static const struct {
                const char *from, *to, *says;
        } cases[] = {
                { "{\"a\":[1,2,3]}", "{\"a\":[1,2,3]}", "" },
                { "{\"a\":[1,2,3]}", "{\"a\":[1,3]}", "- a[1] 2\n" },
                { "{\"a\":[1,3]}", "{\"a\":[1,2,3,4]}", "+ a[1] 2\n+ a[3] 4\n" },
                { "{\"a\":[1,2]}", "{\"a\":[1,5]}", "- a[1] 2\n+ a[1] 5\n" },
                { "{}", "{\"a\":[1]}", "+ a[0] 1\n" },
                { "{\"a\":[1]}", "{}", "- a[0] 1\n" },
                { "{}", "{\"a\":[]}", "+ a []\n" },
                { "{\"a\":[1]}", "{\"a\":[]}", "- a[0] 1\n" },
                { "{\"a\":[1]}", "{\"a\":1}", "~ a [1] 1\n" },
                { "{\"r\":[{\"p\":\"x\"},{\"p\":\"y\"},{\"p\":\"z\"}]}",
                  "{\"r\":[{\"p\":\"x\"},{\"p\":\"y\"},{\"p\":\"w\",\"c\":1}]}",
                  "~ r[2].p \"z\" \"w\"\n+ r[2].c 1\n" },
                { "{\"r\":[{\"name\":\"a\",\"v\":1},{\"name\":\"b\",\"v\":1}]}",
                  "{\"r\":[{\"name\":\"c\",\"v\":1},{\"name\":\"b\",\"v\":2}]}",
                  "- r[0] {\"name\":\"a\",\"v\":1}\n+ r[0] {\"name\":\"c\",\"v\":1}\n"
                  "~ r[1].v 1 2\n" },
                { "{\"r\":[{\"p\":1},{\"p\":2},{\"p\":3}]}", "{\"r\":[{\"p\":2},{\"p\":4}]}",
                  "- r[0] {\"p\":1}\n~ r[1].p 3 4\n" },
                { "{\"r\":[[1,2],[3]]}", "{\"r\":[[1,4],[3]]}", "- r[0] [1,2]\n+ r[0] [1,4]\n" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                DocumentChanges changes;
                Buffer out;

                buffer_init(&out, 4096);
                (void)buffer_puts(&out, "");
                assert_int_equal(document_diff(diff_node(cases[i].from), diff_node(cases[i].to),
                                               &arena, &changes),
                                 0);
                for (size_t j = 0; j < changes.n; j++) {
                        const DocumentChange *change = &changes.items[j];

                        (void)buffer_printf(&out, "%c %s%s%s%s%s\n",
                                            !change->from ? '+'
                                            : !change->to ? '-'
                                                          : '~',
                                            change->path, change->from ? " " : "",
                                            change->from ? change->from : "", change->to ? " " : "",
                                            change->to ? change->to : "");
                }
                assert_string_equal(out.data ? out.data : "", cases[i].says);
                buffer_done(&out);
        }
        arena_clear(&arena);
}

/* Long lists without equal items are compared item by item, without a table. */
static void test_long_lists_are_compared_in_bounded_steps(void **state)
{
        const size_t n = 20000;
        DocumentChanges changes;
        Buffer texts[2];

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                buffer_init(&texts[i], (size_t)1024 * 1024);
                (void)buffer_puts(&texts[i], "{\"a\":[");
                for (size_t j = 0; j < n; j++)
                        (void)buffer_printf(&texts[i], "%s%zu", j > 0 ? "," : "", 2 * j + i);
                (void)buffer_puts(&texts[i], "]}");
        }
        assert_int_equal(
                document_diff(diff_node(texts[0].data), diff_node(texts[1].data), &arena, &changes),
                0);
        assert_int_equal(changes.n, 2 * n);
        buffer_done(&texts[0]);
        buffer_done(&texts[1]);
        arena_clear(&arena);
}

static void test_the_first_repeated_key_is_named(void **state)
{
        static const char text[] = "{\"z\":1,\"b\":2,\"a\":3,\"z\":4,\"a\":5,\"b\":6}";
        Error error = { 0 };
        Node *node;

        (void)state;
        assert_true(json_to_node(text, strlen(text), &arena, &node, &error) < 0);
        assert_string_equal(error_message(&error), "repeated key \"z\" in JSON");
        error_done(&error);
}

static void test_numbers_keep_their_text(void **state)
{
        const Node *node = read_json(
                "{\"-1\": [1.10, \"2\\\"3\", -0.0, {\"4\\\\\": 1E+3}, true, 12345678901234567890],"
                "\"\": 1.50}");
        const Node *list = node_get(node, "-1");
        static const char *const wanted[] = { "1.10", NULL,   "-0.0",
                                              NULL,   "true", "12345678901234567890" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                if (wanted[i]) {
                        assert_string_equal(list->items[i]->text, wanted[i]);
                        assert_false(node_is_text(list->items[i]));
                }
        assert_true(node_is_text(list->items[1]));
        assert_string_equal(node_get(list->items[3], "4\\")->text, "1E+3");
        assert_string_equal(node_get(node, "")->text, "1.50");
}

typedef struct Reading {
        const char *spec, *says; /* says: the message, NULL if the spec is valid */
} Reading;

static void test_a_number_is_no_text_wherever_a_text_is_wanted(void **state)
{
        static const Reading cases[] = {
                { "\"imageRepository\":12",
                  "field \"imageRepository\" must be a string: write \"12\"" },
                { "\"imageRepository\":\"a/b\",\"defaultChannel\":1.10",
                  "field \"defaultChannel\" must be a string: write \"1.10\"" },
                { "\"imageRepository\":\"a/b\",\"defaultChannel\":true",
                  "field \"defaultChannel\" must be a string: write \"true\"" },
                { "\"imageRepository\":\"a/b\",\"versioningStrategy\":{\"type\":1}",
                  "field \"type\" must be a string: write \"1\"" },
                { "\"imageRepository\":\"a/b\",\"platforms\":[\"linux/amd64\",1e999]",
                  "field \"platforms\" must be a string: write \"1e999\"" },
                { "\"imageRepository\":\"a/b\",\"versions\":[{\"tag\":\"x\",\"semver\":1.10}]",
                  "field \"semver\" must be a string: write \"1.10\"" },
                { "\"imageRepository\":\"a/b\",\"suspend\":\"true\"",
                  "field \"suspend\" wants true or false, not \"true\"" },
                { "\"imageRepository\":\"a/b\",\"suspend\":true", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *text = arena_printf(
                        &arena,
                        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\",\"metadata\":{\"name\":\"a\"},\"spec\":{%s}}",
                        cases[i].spec);
                Decoded decoded;
                DiagList diags;

                diag_list_init(&diags);
                (void)decode_document(read_json(text), &arena, &decoded, &diags);
                assert_int_equal(decoded.object != NULL, cases[i].says == NULL);
                if (cases[i].says)
                        assert_string_equal(diags.items[0].message, cases[i].says);
                diag_list_done(&diags);
        }
}

static void test_a_whole_number_may_be_written_with_zeros_behind_the_point(void **state)
{
        static const char *const texts[] = { "3", "3.0", "3.000", "3.", "3.1", "3e0", "\"3\"" };
        static const bool read[] = { true, true, true, false, false, false, true };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                Node whole = { .type = NODE_SCALAR, .style = SCALAR_LITERAL, .text = texts[i] },
                     quoted = { .type = NODE_SCALAR, .style = SCALAR_QUOTED, .text = "3" };
                NodeEntry entry = { .key = "n", .value = texts[i][0] == '"' ? &quoted : &whole };
                const Node node = { .type = NODE_MAPPING, .n = 1, .entries = &entry };
                static const Field fields[] = { { .name = "n", .type = FIELD_INTEGER }, { 0 } };
                static const Schema schema = { .name = "test",
                                               .fields = fields,
                                               .size = sizeof(int64_t) };
                int64_t n = 0;
                DiagList diags;

                diag_list_init(&diags);
                assert_int_equal(decode_object(&schema, &node, &arena, &n, &diags) >= 0, read[i]);
                assert_int_equal(n, read[i] ? 3 : 0);
                diag_list_done(&diags);
        }
}

static void test_unknown_fields_are_named_up_to_a_limit_and_counted(void **state)
{
        static const Field fields[] = { { .name = "n", .type = FIELD_INTEGER }, { 0 } };
        static const Schema schema = { .name = "test", .fields = fields, .size = sizeof(int64_t) };
        Node *node = many_keys(5000, SCATTERED);
        DiagList diags;
        int64_t n = 0;

        (void)state;
        diag_list_init(&diags);
        assert_true(decode_object(&schema, node, &arena, &n, &diags) < 0);
        assert_int_equal(diags.n, 21);
        assert_string_equal(diags.items[20].message, "4980 more unknown fields in test");
        diag_list_done(&diags);
        arena_clear(&arena);
}

static int set_up(void **state)
{
        (void)state;
        arena_init(&arena, (size_t)512 * 1024 * 1024);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_done(&arena);
        return 0;
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_byte_is_escaped_wherever_it_stands),
        cmocka_unit_test(test_many_keys_are_compared_no_more_often_than_sorting_takes),
        cmocka_unit_test(test_documents_of_many_keys_are_compared_in_as_few_steps),
        cmocka_unit_test(test_lists_are_compared_item_by_item),
        cmocka_unit_test(test_long_lists_are_compared_in_bounded_steps),
        cmocka_unit_test(test_the_first_repeated_key_is_named),
        cmocka_unit_test(test_numbers_keep_their_text),
        cmocka_unit_test(test_a_number_is_no_text_wherever_a_text_is_wanted),
        cmocka_unit_test(test_a_whole_number_may_be_written_with_zeros_behind_the_point),
        cmocka_unit_test(test_unknown_fields_are_named_up_to_a_limit_and_counted),
};
TEST_PROGRAM("json", tests, set_up, tear_down)
