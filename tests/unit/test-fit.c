/* Tests tables on a terminal: times relative to now, the wrapping of texts, and which columns are
 * dropped. */

#include "base/macros.h"
#include "ctl/print/fit.h"
#include "unit.h"

static void test_times_are_relative_to_now(void **state)
{
        static const struct {
                int64_t seconds; /* time before now */
                const char *wanted;
        } cases[] = {
                { 0, "0 s ago" },           { 59, "59 s ago" },         { 60, "1 min ago" },
                { 3599, "59 min ago" },     { 3600, "1 h ago" },        { 172799, "47 h ago" },
                { 172800, "2 days ago" },   { 2591999, "29 days ago" }, { 2592000, "2026-10-24" },
                { -1, "in 1 s" },           { -90, "in 1 min" },        { -172800, "in 2 days" },
                { -2592000, "2026-12-23" },
        };
        char text[FIT_AGO_SIZE];
        usec_t now;

        (void)state;
        assert_int_equal(time_parse("2026-11-23T12:00:00Z", &now), 0);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                usec_t at = now - (usec_t)(cases[i].seconds * (int64_t)USEC_PER_SEC);

                assert_string_equal(fit_ago(at, now, text), cases[i].wanted);
        }
}

static void test_a_text_breaks_at_spaces_and_after_commas(void **state)
{
        static const struct {
                const char *text, *lines;
                size_t width;
        } cases[] = {
                { "short", "short", 10 },
                { "two words", "two|words", 5 },
                { "a=1,b=2,c=3", "a=1,b=2,|c=3", 9 },
                { "longerthanthat x", "longe|rthan|that|x", 5 },
                { "gr\xc3\xbc\xc3\x9f gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f|gr\xc3\xbc\xc3\x9f",
                  4 },
                { "fits  exactly", "fits|exactly", 7 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char lines[64] = "";
                size_t size, next;

                for (const char *p = cases[i].text; *p; p += next) {
                        size = fit_line(p, cases[i].width, &next);
                        assert_in_range(next, 1, strlen(p));
                        assert_true(fit_width(p, size) <= cases[i].width);
                        (void)snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
                                       "%s%.*s", p > cases[i].text ? "|" : "", (int)size, p);
                }
                assert_string_equal(lines, cases[i].lines);
        }
}

/* Returns the columns that remain, with their widths. A + marks a column that wraps. A < marks a
 * column that is printed below its row. */
static const char *shown(const FitColumn *columns, size_t n, char text[256])
{
        text[0] = '\0';
        for (size_t i = 0; i < n; i++) {
                size_t size = strlen(text);

                if (columns[i].width > 0 || columns[i].below)
                        (void)snprintf(text + size, 256 - size, "%s%s %zu%s%s", i > 0 ? ", " : "",
                                       columns[i].heading, columns[i].width,
                                       columns[i].wraps ? "+" : "", columns[i].below ? "<" : "");
        }
        return text;
}

static void test_columns_of_less_worth_are_dropped_first(void **state)
{
        static const struct {
                FitColumn columns[6];
                size_t width;
                const char *wanted;
        } cases[] = {
                { { { "NAME", 10, 0, 0 }, { "BY", 10, 0, 0 } }, 22, "NAME 10, BY 10" },
                { { { "NAME", 10, 0, 0 }, { "BY", 10, 0, 0 } }, 0, "NAME 10, BY 10" },
                { { { "NAME", 10, 0, 0 }, { "BY", 10, 0, 0 } }, 21, "NAME 10" },
                { { { "AT", 8, 0, 0 },
                    { "EVIDENCE", 9, 0, 0 },
                    { "BY", 9, 0, 0 },
                    { "RELEASE", 9, 0, 0 } },
                  35,
                  "AT 8, BY 9, RELEASE 9" },
                { { { "AT", 8, 0, 0 },
                    { "EVIDENCE", 9, 0, 0 },
                    { "BY", 9, 0, 0 },
                    { "RELEASE", 9, 0, 0 } },
                  20,
                  "AT 8, RELEASE 9" },
                /* a message is wrapped before a required column is cut */
                { { { "KIND", 11, 0, 0 }, { "NAME", 20, 0, 0 }, { "MESSAGE", 200, 0, 0 } },
                  80,
                  "KIND 11, NAME 20, MESSAGE 45+" },
                { { { "KIND", 11, 0, 0 }, { "NAME", 30, 0, 0 }, { "MESSAGE", 200, 0, 0 } },
                  80,
                  "KIND 11, NAME 30, MESSAGE 0+<" },
                /* columns that can neither wrap nor be dropped are cut, to at least 8 columns */
                { { { "TAG", 50, 0, 0 }, { "DIGEST", 19, 0, 0 } }, 60, "TAG 39, DIGEST 19" },
                { { { "TAG", 50, 0, 0 }, { "DIGEST", 19, 0, 0 } }, 5, "TAG 8, DIGEST 8" },
        };
        char text[256];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                FitColumn columns[6];
                size_t n = 0;

                memcpy(columns, cases[i].columns, sizeof(columns));
                while (n < ARRAY_SIZE(columns) && columns[n].heading)
                        n++;
                fit_columns(columns, n, cases[i].width);
                assert_string_equal(shown(columns, n, text), cases[i].wanted);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_are_relative_to_now),
        cmocka_unit_test(test_a_text_breaks_at_spaces_and_after_commas),
        cmocka_unit_test(test_columns_of_less_worth_are_dropped_first),
};

TEST_PROGRAM("fit", tests, NULL, NULL)
