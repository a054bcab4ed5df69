/* Tests the chain of signed statements about an environment: a valid one, and that each altered,
 * cut or reordered one is refused with its own reason. */

#include "base/limits-trust.h"
#include "lock/chain.h"
#include "lock/promotion.h"
#include "trust/statement.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define N   5

static TrustKey *key, *stranger; /* the keys that sign */
static TrustKeys keys;           /* has key */

/* The members of a statement that the tests change. */
typedef struct Content {
        const char *predicate_type, *tenant, *name, *id, *status, *release, *number, *previous,
                *n_unsigned;
        const TrustKey *key;
} Content;

static const Content plain = {
        PROMOTION_PREDICATE_TYPE, "default", "prod", NULL, "deployed", "one", "1", NULL, "0", NULL
};

static const char *sign(const Content *content, char digest[DIGEST_SIZE_MAX])
{
        const Uuid id = object_id(KIND_ENVIRONMENT, content->tenant, content->name);
        Error error = { 0 };
        Buffer payload, out;
        const char *text;

        buffer_init(&payload, ENVELOPE_MAX);
        buffer_init(&out, ENVELOPE_MAX);
        (void)buffer_printf(&payload,
                            "{\"_type\":\"" STATEMENT_TYPE "\",\"subject\":[{\"name\":\"x\","
                            "\"digest\":{\"sha256\":\"" HEX "\"}}],\"predicateType\":\"%s\","
                            "\"predicate\":{\"number\":%s,%s%s%s\"unsigned\":%s,\"environment\":{"
                            "\"tenant\":\"%s\",\"name\":\"%s\",\"id\":\"%s\"},\"status\":\"%s\","
                            "\"release\":{\"name\":\"%s\"}}}",
                            content->predicate_type, content->number,
                            content->previous ? "\"previous\":\"" : "",
                            content->previous ? content->previous : "",
                            content->previous ? "\"," : "", content->n_unsigned, content->tenant,
                            content->name, content->id ? content->id : id.text, content->status,
                            content->release);
        assert_int_equal(dsse_sign(content->key ? content->key : key, STATEMENT_PAYLOAD_TYPE,
                                   &payload, &out, &error),
                         0);
        digest_sha256(payload.data, payload.size, digest);
        text = arena_strndup(&arena, out.data, out.size);
        buffer_done(&payload);
        buffer_done(&out);
        return text;
}

/* Makes a valid chain of N statements. */
static void make(const char *lines[N], char digests[N][DIGEST_SIZE_MAX])
{
        for (size_t i = 0; i < N; i++) {
                Content content = plain;

                content.number = arena_printf(&arena, "%zu", i + 1);
                content.previous = i > 0 ? digests[i - 1] : NULL;
                content.status = i % 2 == 0 ? "promoting" : "deployed";
                content.n_unsigned = i == 2 ? "7" : "0";
                lines[i] = sign(&content, digests[i]);
        }
}

static int verify(const char *const *lines, size_t n, StatementChain *chain, Error *err)
{
        int r = 0;

        chain->keys = &keys;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = chain_add(chain, lines[i], strlen(lines[i]), err);
        return r < 0 ? r : chain_end(chain, err);
}

static void make_keys(void)
{
        Error error = { 0 };

        keys = (TrustKeys){ 0 };
        assert_int_equal(trust_key_generate(KEY_TYPE_ED25519, &key, &error), 0);
        assert_int_equal(trust_key_generate(KEY_TYPE_P256, &stranger, &error), 0);
        assert_int_equal(trust_keys_add(&keys, key, &error), 0);
}

static void free_keys(void)
{
        trust_keys_done(&keys);
        stranger = trust_key_free(stranger);
}

static void expect(const char *const *lines, size_t n, const char *environment, const char *message)
{
        StatementChain chain = { .environment = environment };
        Error error = { 0 };

        assert_case(verify(lines, n, &chain, &error) < 0, "%s", message);
        assert_int_equal(error.kind, ERROR_HOSTILE);
        assert_case(strncmp(error_message(&error), message, strlen(message)) == 0, "%s: %s",
                    message, error_message(&error));
        error_done(&error);
}

static void test_a_chain_is_valid(void **state)
{
        char digests[N][DIGEST_SIZE_MAX];
        const char *lines[N];

        (void)state;
        make_keys();
        make(lines, digests);
        for (size_t n = 1; n <= N; n++) {
                StatementChain chain = { .environment = "prod", .head = digests[n - 1] };
                Error error = { 0 };

                assert_case(verify(lines, n, &chain, &error) == 0, "%s", error_message(&error));
                assert_int_equal(chain.n, n);
                assert_string_equal(chain.digest, digests[n - 1]);
                assert_string_equal(chain.name, "prod");
                assert_string_equal(chain.status, n % 2 == 1 ? "promoting" : "deployed");
                assert_int_equal(chain.n_unsigned, n >= 3 ? 7 : 0);
        }
        free_keys();
}

static void test_a_chain_that_lacks_or_repeats_statements_is_refused(void **state)
{
        char digests[N][DIGEST_SIZE_MAX];
        const char *l[N];

        (void)state;
        make_keys();
        make(l, digests);
        expect(NULL, 0, NULL, "there is no statement");
        expect(&l[1], 4, NULL, "statement 1: has number 2: statement 1 is missing");
        expect(&l[3], 2, NULL, "statement 1: has number 4: statements 1 to 3 are missing");
        expect((const char *[]){ l[0], l[2] }, 2, NULL,
               "statement 2: has number 3: statement 2 is missing");
        expect((const char *[]){ l[0], l[1], l[4] }, 3, NULL,
               "statement 3: has number 5: statements 3 to 4 are missing");
        expect((const char *[]){ l[0], l[0] }, 2, NULL,
               "statement 2: has number 1 and stands after number 1: it is repeated");
        expect((const char *[]){ l[0], l[1], l[2], l[1] }, 4, NULL,
               "statement 4: has number 2 and stands after number 3: it is repeated");
        expect((const char *[]){ l[1], l[0] }, 2, NULL,
               "statement 1: has number 2: statement 1 is missing");
        expect(l, N, "test",
               "statement 1: is about environment 'prod' of tenant 'default', not "
               "about 'test'");
        free_keys();
}

static void test_a_cut_end_shows_by_its_head(void **state)
{
        char digests[N][DIGEST_SIZE_MAX];
        const char *lines[N];

        (void)state;
        make_keys();
        make(lines, digests);
        for (size_t n = 1; n < N; n++) {
                StatementChain chain = { .head = digests[n] };
                Error error = { 0 };

                assert_true(verify(lines, n, &chain, &error) < 0);
                assert_int_equal(error.kind, ERROR_HOSTILE);
                assert_non_null(strstr(error_message(&error), "is not in the history"));
                error_done(&error);
        }
        free_keys();
}

/* Sets the members that are NULL to those of a valid statement. */
static Content complete(Content content)
{
        content.predicate_type =
                content.predicate_type ? content.predicate_type : plain.predicate_type;
        content.tenant = content.tenant ? content.tenant : plain.tenant;
        content.name = content.name ? content.name : plain.name;
        content.status = content.status ? content.status : plain.status;
        content.release = content.release ? content.release : plain.release;
        content.n_unsigned = content.n_unsigned ? content.n_unsigned : plain.n_unsigned;
        return content;
}

static void test_a_hostile_statement_has_its_own_reason(void **state)
{
        char digests[N][DIGEST_SIZE_MAX], ignored[DIGEST_SIZE_MAX];
        const char *lines[N];

        (void)state;
        make_keys();
        make(lines, digests);
#define SECOND .number = "2", .previous = digests[0]
        const struct {
                Content content; /* NULL members: as in plain */
                const char *message;
        } cases[] = {
                { { SECOND, .key = stranger }, "is signed with key sha256:" },
                { { SECOND, .predicate_type = "urn:relman:lock:v1" },
                  "is not about a promotion: its predicateType" },
                { { SECOND, .name = "test" }, "is about environment 'test' of tenant 'default'" },
                { { SECOND, .tenant = "other" }, "is about environment 'prod' of tenant 'other'" },
                { { SECOND, .id = "00000000-0000-5000-8000-000000000000" },
                  "has the id of another environment" },
                { { .number = "2" }, "follows statement none, but the one before it is sha256:" },
                { { .number = "2", .previous = digests[1] }, "follows statement sha256:" },
                { { .number = "2", .previous = "" }, "follows statement , but" },
                { { .number = "0", .previous = digests[0] }, "has no valid number" },
                { { .number = "-2", .previous = digests[0] }, "has no valid number" },
                { { .number = "\"2\"", .previous = digests[0] }, "has no valid number" },
                { { .number = "1e300", .previous = digests[0] }, "has no valid number" },
                { { .number = "null", .previous = digests[0] }, "has no valid number" },
                { { SECOND, .n_unsigned = "-1" }, "has no valid number" },
                { { SECOND, .n_unsigned = "\"0\"" }, "has no valid number" },
                { { .number = "2,\"number\":3", .previous = digests[0] },
                  "repeated key \"number\" in JSON" },
                { { SECOND, .name = "../prod" }, "does not name its environment" },
                { { SECOND, .tenant = "" }, "does not name its environment" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const Content content = complete(cases[i].content);

                lines[1] = sign(&content, ignored);
                expect(lines, 2, NULL, arena_printf(&arena, "statement 2: %s", cases[i].message));
        }
        free_keys();
}

static void test_a_first_statement_names_none_before_it(void **state)
{
        char digests[N][DIGEST_SIZE_MAX], ignored[DIGEST_SIZE_MAX];
        Content content = plain;
        const char *lines[N];

        (void)state;
        make_keys();
        make(lines, digests);
        content.previous = digests[3];
        lines[0] = sign(&content, ignored);
        expect(lines, 1, NULL, "statement 1: is the first, and names one before it");
        free_keys();
}

static void test_what_is_no_signed_statement_is_refused(void **state)
{
        char digests[N][DIGEST_SIZE_MAX];
        const char *lines[N];
        char *altered;

        (void)state;
        make_keys();
        make(lines, digests);
        altered = arena_strdup(&arena, lines[1]);
        /* another character of the payload that keeps it valid base64 */
        altered[40] = altered[40] == 'a' ? 'b' : 'a';
        expect((const char *[]){ lines[0], altered }, 2, NULL, "statement 2: was altered: ");
        expect((const char *[]){ lines[0], "" }, 2, NULL, "statement 2: not a DSSE envelope");
        expect((const char *[]){ lines[0], "{}" }, 2, NULL, "statement 2: not a DSSE envelope");
        expect((const char *[]){ lines[0], "[]" }, 2, NULL, "statement 2: not a DSSE envelope");
        altered = arena_strdup(&arena, lines[1]);
        altered[strlen(altered) / 2] = '\0';
        expect((const char *[]){ lines[0], altered }, 2, NULL, "statement 2: not a DSSE envelope");
        free_keys();
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_is_valid),
        cmocka_unit_test(test_a_chain_that_lacks_or_repeats_statements_is_refused),
        cmocka_unit_test(test_a_cut_end_shows_by_its_head),
        cmocka_unit_test(test_a_hostile_statement_has_its_own_reason),
        cmocka_unit_test(test_a_first_statement_names_none_before_it),
        cmocka_unit_test(test_what_is_no_signed_statement_is_refused),
};
TEST_PROGRAM("chain", tests, set_up, tear_down)
