/* Tests texts: escaping, UTF-8, parsing of single values, suggestions. */

#include "base/buffer.h"
#include "base/diag.h"
#include "base/escape.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/utf8.h"
#include "unit.h"

static void test_what_strangers_send_is_escaped(void **state)
{
        static const struct {
                const char *raw;
                size_t size;
                const char *wanted;
        } cases[] = {
                { "plain v1.2.3", 12, "plain v1.2.3" },
                { "a\nb\tc", 5, "a\\nb\\tc" },
                { "\x1b[31mred", 8, "\\x1B[31mred" },
                { "nul\0x", 5, "nul\\x00x" },
                { "\x7f", 1, "\\x7F" },
                { "back\\slash", 10, "back\\slash" },
                { "gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f" },
                { "bad \xff\xc3", 6, "bad \\xFF\\xC3" },
                { "\xe2\x80\xae"
                  "evil",
                  7, "\\u{202E}evil" },
                { "\xc0\xaf", 2, "\\xC0\\xAF" },
        };
        char text[64];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_string_equal(escape_text(cases[i].raw, cases[i].size, text, sizeof(text)),
                                    cases[i].wanted);
}

static void test_escaping_cuts_what_does_not_fit_and_always_ends(void **state)
{
        (void)state;
        for (size_t size = 1; size < 20; size++) {
                char text[20];

                memset(text, 'x', sizeof(text));
                (void)escape_text("\x1b\x1b\x1b\x1b\x1b\x1b", 6, text, size);
                assert_true(strlen(text) < size);
        }
        char text[8];
        assert_string_equal(escape_text("abcdefghij", 10, text, sizeof(text)), "abcd...");
}

static void test_a_text_ends_with_a_shorter_text_only(void **state)
{
        (void)state;
        assert_true(text_ends_with("a.lock.yaml", ".lock.yaml"));
        assert_true(text_ends_with("a", ""));
        assert_false(text_ends_with(".lock.yaml", ".lock.yaml"));
        assert_false(text_ends_with("yaml", ".lock.yaml"));
        assert_false(text_ends_with("a.lock.yam", ".lock.yaml"));
        assert_false(text_ends_with("", ""));
}

static void test_utf8_is_read_as_rfc_3629_has_it(void **state)
{
        static const struct {
                const char *bytes;
                size_t size, wanted;
                uint32_t c;
        } cases[] = {
                { "a", 1, 1, 'a' },
                { "\xc3\xbc", 2, 2, 0xfc },
                { "\xe2\x82\xac", 3, 3, 0x20ac },
                { "\xf0\x9f\x98\x80", 4, 4, 0x1f600 },
                { "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
                { "\xf4\x90\x80\x80", 4, 0, 0 }, /* beyond U+10FFFF */
                { "\xed\xa0\x80", 3, 0, 0 },     /* a surrogate */
                { "\xc0\x80", 2, 0, 0 },         /* overlong */
                { "\xe0\x80\x80", 3, 0, 0 },
                { "\xc3", 1, 0, 0 }, /* incomplete */
                { "\x80", 1, 0, 0 },
                { "\xff", 1, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                uint32_t c = 0;
                size_t n = utf8_decode(cases[i].bytes, cases[i].size, &c);

                assert_case(n == cases[i].wanted, "case %zu: %zu", i, n);
                if (n > 0)
                        assert_int_equal(c, cases[i].c);
        }
}

static void test_a_text_names_the_first_character_that_it_must_not_hold(void **state)
{
        static const struct {
                const char *text;
                size_t size, offset;
                TextLines lines;
                const char *why, *name; /* NULL: the text is valid */
        } cases[] = {
                { "", 0, 0, TEXT_ONE_LINE, NULL, NULL },
                { "plain ~ text", 12, 0, TEXT_ONE_LINE, NULL, NULL },
                { "\xc2\xa0\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", 11, 0, TEXT_ONE_LINE, NULL,
                  NULL },
                { "\xf4\x8f\xbf\xbd", 4, 0, TEXT_ONE_LINE, NULL, NULL },
                { "\xef\xbf\xbd", 3, 0, TEXT_ONE_LINE, NULL, NULL },
                { "a\n\tb", 4, 0, TEXT_LINES, NULL, NULL },
                { "a\nb", 3, 1, TEXT_ONE_LINE, "control character", "U+000A" },
                { "a\tb", 3, 1, TEXT_ONE_LINE, "control character", "U+0009" },
                { "a\r\nb", 4, 1, TEXT_LINES, "control character", "U+000D" },
                { "a\0b", 3, 1, TEXT_LINES, "control character", "U+0000" },
                { "\x1b[31m", 5, 0, TEXT_LINES, "control character", "U+001B" },
                { "ab\x7f", 3, 2, TEXT_LINES, "control character", "U+007F" },
                { "a\xc2\x80", 3, 1, TEXT_LINES, "control character", "U+0080" },
                { "a\xc2\x85", 3, 1, TEXT_LINES, "control character", "U+0085" },
                { "Shop \xc2\x9b", 7, 5, TEXT_LINES, "control character", "U+009B" },
                { "a\xc2\x9f", 3, 1, TEXT_LINES, "control character", "U+009F" },
                { "\xe2\x80\xa8", 3, 0, TEXT_LINES, "line separator", "U+2028" },
                { "\xe2\x80\xa9", 3, 0, TEXT_LINES, "line separator", "U+2029" },
                { "a\xe2\x80\xaa", 4, 1, TEXT_ONE_LINE, "bidirectional control", "U+202A" },
                { "a\xe2\x80\xae", 4, 1, TEXT_ONE_LINE, "bidirectional control", "U+202E" },
                { "a\xe2\x81\xa6", 4, 1, TEXT_ONE_LINE, "bidirectional control", "U+2066" },
                { "a\xe2\x81\xa9", 4, 1, TEXT_ONE_LINE, "bidirectional control", "U+2069" },
                { "a\xe2\x80\xae", 4, 0, TEXT_LINES, NULL, NULL },
                { "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", 8, 0, TEXT_ONE_LINE, NULL, NULL },
                { "\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa", 9, 0, TEXT_ONE_LINE, NULL, NULL },
                { "x\xef\xbf\xbe", 4, 1, TEXT_LINES, "noncharacter", "U+FFFE" },
                { "x\xef\xbf\xbf", 4, 1, TEXT_LINES, "noncharacter", "U+FFFF" },
                { "\xef\xb7\x90", 3, 0, TEXT_LINES, "noncharacter", "U+FDD0" },
                { "\xf0\x9f\xbf\xbe", 4, 0, TEXT_LINES, "noncharacter", "U+1FFFE" },
                { "\xf4\x8f\xbf\xbf", 4, 0, TEXT_LINES, "noncharacter", "U+10FFFF" },
                { "ok\xff\xfe", 4, 2, TEXT_LINES, "invalid UTF-8", "byte 0xFF" },
                { "\xc0\xaf", 2, 0, TEXT_LINES, "invalid UTF-8", "byte 0xC0" },
                { "\xe0\x80\xaf", 3, 0, TEXT_LINES, "invalid UTF-8", "byte 0xE0" },
                { "\xed\xa0\x80", 3, 0, TEXT_LINES, "invalid UTF-8", "byte 0xED" },
                { "\xed\xbf\xbf", 3, 0, TEXT_LINES, "invalid UTF-8", "byte 0xED" },
                { "\xf4\x90\x80\x80", 4, 0, TEXT_LINES, "invalid UTF-8", "byte 0xF4" },
                { "cut \xe2\x82", 6, 4, TEXT_LINES, "invalid UTF-8", "byte 0xE2" },
                { "\x80", 1, 0, TEXT_LINES, "invalid UTF-8", "byte 0x80" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                TextFault fault = { 0 };
                bool good = text_is_printable(cases[i].text, cases[i].size, cases[i].lines, &fault);

                assert_case(good == !cases[i].why, "case %zu", i);
                assert_case(good == text_is_printable(cases[i].text, cases[i].size, cases[i].lines,
                                                      NULL),
                            "case %zu", i);
                if (good)
                        continue;
                assert_case(fault.offset == cases[i].offset, "case %zu: %zu", i, fault.offset);
                assert_string_equal(fault.why, cases[i].why);
                assert_string_equal(fault.name, cases[i].name);
        }
}

static void test_single_values_are_read_strictly(void **state)
{
        static const char *const no_numbers[] = { "", " 1", "1 ", "+1", "0x1", "1e3", "-1", "1.0" };
        uint64_t u;
        int64_t i;
        unsigned percent;
        bool b;

        (void)state;
        for (size_t n = 0; n < ARRAY_SIZE(no_numbers); n++)
                assert_case(parse_uint64(no_numbers[n], &u) < 0, "'%s'", no_numbers[n]);
        assert_int_equal(parse_uint64("18446744073709551615", &u), 0);
        assert_true(u == UINT64_MAX);
        assert_int_equal(parse_uint64("18446744073709551616", &u), -ERANGE);
        assert_int_equal(parse_int64("-9223372036854775808", &i), 0);
        assert_true(i == INT64_MIN);
        assert_int_equal(parse_int64("9223372036854775808", &i), -ERANGE);
        assert_int_equal(parse_bool("true", &b), 0);
        assert_true(b);
        assert_true(parse_bool("yes", &b) < 0);
        assert_true(parse_bool("True", &b) < 0);
        assert_int_equal(parse_size("64M", &u), 0);
        assert_int_equal(u, 64U << 20);
        assert_int_equal(parse_size("512", &u), 0);
        assert_int_equal(parse_size("99999999999G", &u), -ERANGE);
        assert_true(parse_size("64MB", &u) < 0);
        assert_int_equal(parse_percent("10%", &percent), 0);
        assert_int_equal(percent, 10);
        assert_true(parse_percent("10", &percent) < 0);
        assert_true(parse_percent("101%", &percent) < 0);
}

static void test_the_nearest_word_is_suggested_and_nothing_if_none_is_near(void **state)
{
        static const char *const words[] = { "channel", "pattern", "semverExtract", "interval",
                                             "suspend" };

        (void)state;
        assert_string_equal(suggest_nearest("chanel", words, ARRAY_SIZE(words)), "channel");
        assert_string_equal(suggest_nearest("chnanel", words, ARRAY_SIZE(words)), "channel");
        assert_string_equal(suggest_nearest("patern", words, ARRAY_SIZE(words)), "pattern");
        assert_string_equal(suggest_nearest("Interval", words, ARRAY_SIZE(words)), "interval");
        assert_null(suggest_nearest("xyzzy", words, ARRAY_SIZE(words)));
        assert_null(suggest_nearest("", words, ARRAY_SIZE(words)));
        assert_null(suggest_nearest("channel", words, 0));
}

static void test_diagnostics_are_sorted_and_read_like_a_compilers(void **state)
{
        DiagList list;
        Buffer out;

        (void)state;
        diag_list_init(&list);
        buffer_init(&out, 1000);
        diag_error(&list, ((Place){ "b.yaml", 2, 1 }), "second");
        diag_warning(&list, ((Place){ "a.yaml", 9, 3 }), "later in %s", "a");
        diag_error(&list, ((Place){ "a.yaml", 2, 7 }), "first");
        diag_error(&list, ((Place){ "c.yaml", 0, 0 }), "whole file");
        diag_list_sort(&list);
        for (size_t i = 0; i < list.n; i++) {
                assert_int_equal(diag_format(&list.items[i], &out), 0);
                assert_int_equal(buffer_putc(&out, '\n'), 0);
        }
        assert_string_equal(out.data, "a.yaml:2:7: error: first\n"
                                      "a.yaml:9:3: warning: later in a\n"
                                      "b.yaml:2:1: error: second\n"
                                      "c.yaml: error: whole file\n");
        assert_int_equal(list.n_errors, 3);
        buffer_done(&out);
        diag_list_done(&list);
}

static void test_a_flood_of_diagnostics_is_counted_not_kept(void **state)
{
        DiagList list;

        (void)state;
        diag_list_init(&list);
        for (unsigned i = 0; i < 5000; i++)
                diag_error(&list, ((Place){ "a.yaml", i, 1 }), "again");
        assert_int_equal(list.n, 1000);
        assert_int_equal(list.n_dropped, 4000);
        assert_int_equal(list.n_errors, 5000);
        diag_list_done(&list);
}

static void fill(DiagList *list, Severity severity, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                diag_add(list, severity, (Place){ "a.yaml", i + 1, 1 }, "%s %u",
                         severity == SEVERITY_ERROR ? "wrong" : "odd", i);
}

static int count_call(int value, int *n_calls)
{
        (*n_calls)++;
        return value;
}

static void test_the_lesser_and_the_greater_are_evaluated_once(void **state)
{
        int n_calls = 0;

        (void)state;
        assert_int_equal(MIN(count_call(-1, &n_calls), 0), -1);
        assert_int_equal(MAX(1, count_call(7, &n_calls)), 7);
        assert_int_equal(n_calls, 2);
        assert_int_equal(MIN(MAX(1, 7), MIN(9, 8)), 7);
        assert_int_equal(MAX((size_t)3, 1U), 3);
}

static void test_errors_are_counted_and_kept_behind_a_flood_of_warnings(void **state)
{
        DiagList list, from;

        (void)state;
        diag_list_init(&list);
        diag_list_init(&from);
        fill(&from, SEVERITY_WARNING, 1001);
        fill(&from, SEVERITY_ERROR, 2);
        diag_list_append(&list, &from);
        assert_int_equal(list.n_errors, 2);
        assert_int_equal(diag_list_n_warnings(&list), 1001);
        assert_int_equal(list.n, 1000);
        assert_int_equal(list.items[999].severity, SEVERITY_ERROR);
        assert_int_equal(list.items[998].severity, SEVERITY_ERROR);
        diag_list_clear(&from);
        fill(&from, SEVERITY_ERROR, 49990);
        diag_list_append(&list, &from);
        assert_int_equal(list.n_errors, 49992);
        assert_int_equal(diag_list_n_warnings(&list), 1001);
        assert_int_equal(list.n_warnings, 0);
        assert_int_equal(list.n, 1000);
        assert_int_equal(list.n_dropped, 49992 + 1001 - 1000);
        diag_list_done(&from);
        diag_list_done(&list);
}

static void test_a_diagnostic_of_a_megabyte_is_cut(void **state)
{
        static char key[1024 * 1024];
        DiagList list;

        (void)state;
        memset(key, 'k', sizeof(key) - 1);
        diag_list_init(&list);
        for (unsigned i = 0; i < 2000; i++)
                diag_error(&list, ((Place){ "a.yaml", i + 1, 1 }), "unknown field \"%s\"", key);
        assert_int_equal(list.failed, 0);
        assert_int_equal(list.n_errors, 2000);
        assert_true(strlen(list.items[0].message) < 8192);
        diag_list_done(&list);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_strangers_send_is_escaped),
        cmocka_unit_test(test_escaping_cuts_what_does_not_fit_and_always_ends),
        cmocka_unit_test(test_a_text_ends_with_a_shorter_text_only),
        cmocka_unit_test(test_utf8_is_read_as_rfc_3629_has_it),
        cmocka_unit_test(test_a_text_names_the_first_character_that_it_must_not_hold),
        cmocka_unit_test(test_single_values_are_read_strictly),
        cmocka_unit_test(test_the_nearest_word_is_suggested_and_nothing_if_none_is_near),
        cmocka_unit_test(test_diagnostics_are_sorted_and_read_like_a_compilers),
        cmocka_unit_test(test_a_flood_of_diagnostics_is_counted_not_kept),
        cmocka_unit_test(test_errors_are_counted_and_kept_behind_a_flood_of_warnings),
        cmocka_unit_test(test_a_diagnostic_of_a_megabyte_is_cut),
        cmocka_unit_test(test_the_lesser_and_the_greater_are_evaluated_once),
};

TEST_PROGRAM("text", tests, NULL, NULL)
