/* Tests templates of request bodies. */

#include "model/schema/event-body.h"
#include "unit.h"

static const char *text_of(const char *name, void *userdata)
{
        (void)userdata;
        return streq(name, "data.reason") ? ""
               : streq(name, "text")      ? "\"\xc3\xa4\xc3\xb6\"\n"
                                          : name;
}

static void write_object(const char *name, Buffer *out, void *userdata)
{
        (void)userdata;
        (void)buffer_printf(out, "{\"%s\":1}", name);
}

static void test_references_become_text(void **state)
{
        static const struct {
                const char *template, *wanted;
        } cases[] = {
                { "{\"a\": \"${type}/${data.tag}\"}", "{\"a\":\"type/data.tag\"}" },
                { "[\"${text}\"]", "[\"\\\"\xc3\xa4\xc3\xb6\\\"\\u000a\"]" },
                /* a character is never cut in two, and the ellipsis counts */
                { "[\"${text:5}\"]", "[\"\\\"\xe2\x80\xa6\"]" },
                { "[\"${text:7}\"]", "[\"\\\"\xc3\xa4\xc3\xb6\\\"\\u000a\"]" },
                { "[\"${text:6}\"]", "[\"\\\"\xc3\xa4\xe2\x80\xa6\"]" },
                { "[\"a${data.reason}b\", \"$${text} $5 $ {\"]", "[\"ab\",\"${text} $5 $ {\"]" },
                { "{\"a\": \"${event}\", \"b\": [\"${data}\"]}",
                  "{\"a\":{\"event\":1},\"b\":[{\"data\":1}]}" },
                { "[1.10, true, null, {}, []]", "[1.10,true,null,{},[]]" },
                /* keys stay as they are */
                { "{\"${text}\": 1}", "{\"${text}\":1}" },
        };
        const EventBodyValues values = { .text = text_of, .object = write_object };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(arena_done) Arena arena;
                _cleanup_(buffer_done) Buffer out;
                _cleanup_(error_done) Error error = { 0 };
                Node *template;

                arena_init(&arena, 1 << 20);
                buffer_init(&out, 1 << 20);
                assert_int_equal(event_body_parse(cases[i].template, &arena, &template, &error), 0);
                event_body_write(template, &values, &out);
                assert_int_equal(out.failed, 0);
                assert_string_equal(out.data, cases[i].wanted);
        }
}

static void test_wrong_references_are_refused(void **state)
{
        static const struct {
                const char *template, *problem;
        } cases[] = {
                { "{", "" },
                { "{\"a\":1,\"a\":2}", "" },
                { "[\"${}\"]", "is no ${NAME}" },
                { "[\"${text\"]", "is no ${NAME}" },
                { "[\"${text:}\"]", "is no ${NAME}" },
                { "[\"${text:3}\"]", "is no ${NAME}" },
                { "[\"${text:-1}\"]", "is no ${NAME}" },
                { "[\"${text:99999999999999999999999}\"]", "is no ${NAME}" },
                { "[\"${Text}\"]", "did you mean ${text}?" },
                { "[\"${reason}\"]", "is no field of events" },
                { "[[{\"a\": \"x ${data}\"}]]", "must be the complete text" },
                { "[\"${data:9}\"]", "must be the complete text" },
                { "[\"${data.}\"]", "is no field of events" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(arena_done) Arena arena;
                _cleanup_(error_done) Error error = { 0 };
                Node *template;

                arena_init(&arena, 1 << 20);
                assert_true(event_body_parse(cases[i].template, &arena, &template, &error) < 0);
                assert_non_null(strstr(error_message(&error), cases[i].problem));
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references_become_text),
        cmocka_unit_test(test_wrong_references_are_refused),
};
TEST_PROGRAM("event-body", tests, NULL, NULL)
