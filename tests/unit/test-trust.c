/* Tests keys, DSSE envelopes and in-toto statements: which are valid, and that each error is
 * refused with its own reason. Where relman does not sign, the test signs with libcrypto. */

#include <openssl/pem.h>
#include <unistd.h>

#include "base/limits-trust.h"
#include "signer.h"
#include "trust/base64.h"
#include "trust/statement.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* --- base64 ----------------------------------------------------------------------------------- */

static void test_base64_has_one_form(void **state)
{
        static const struct {
                const char *text, *wanted; /* NULL: refused */
        } cases[] = {
                { "", "" },
                { "Zg==", "f" },
                { "Zm8=", "fo" },
                { "Zm9v", "foo" },
                { "Zm9vYg==", "foob" },
                { "+/+/", "\xfb\xff\xbf" },
                { "-_-_", "\xfb\xff\xbf" },
                { "Zg", NULL },
                { "Zg=", NULL },
                { "Zh==", NULL },
                { "Zm9=", NULL },
                { "Zg==Zg==", NULL },
                { "====", NULL },
                { "Z===", NULL },
                { "Zm9v\n", NULL },
                { " Zm9", NULL },
                { "Zm9\xc3", NULL },
                { "Zm=v", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *text = cases[i].text;
                unsigned char *data = NULL;
                size_t size = 0;
                int r = base64_decode(text, strlen(text), &arena, &data, &size);

                assert_case(r == (cases[i].wanted ? 0 : -EINVAL), "%s", text);
                if (!cases[i].wanted)
                        continue;
                assert_int_equal(size, strlen(cases[i].wanted));
                assert_memory_equal(data, cases[i].wanted, size);
        }
}

static void test_base64_of_any_size_reads_back(void **state)
{
        static char data[10000];

        (void)state;
        for (size_t size = 0; size < sizeof(data); size = size * 3 / 2 + 1) {
                unsigned char *read = NULL;
                size_t read_size = 0;
                Buffer out;

                for (size_t i = 0; i < size; i++)
                        data[i] = (char)(i * 7 + size);
                buffer_init(&out, 2 * sizeof(data));
                base64_encode(data, size, &out);
                assert_int_equal(base64_decode(out.data, out.size, &arena, &read, &read_size), 0);
                assert_int_equal(read_size, size);
                assert_memory_equal(read, data, size);
                buffer_done(&out);
        }
}

/* --- keys ------------------------------------------------------------------------------------- */

static void test_each_algorithm_verifies_what_it_signed_and_nothing_else(void **state)
{
        static const struct {
                const char *type, *curve;
                size_t bits;
                const char *hash;
                int padding;
                const char *name;
        } cases[] = {
                { "ED25519", NULL, 0, NULL, 0, "ed25519" },
                { "EC", "P-256", 0, "SHA256", 0, "ecdsa-p256" },
                { "EC", "P-384", 0, "SHA384", 0, "ecdsa-p384" },
                { "EC", "P-521", 0, "SHA512", 0, "ecdsa-p521" },
                { "RSA", NULL, 2048, "SHA256", RSA_PKCS1_PADDING, "rsa" },
                { "RSA", NULL, 3072, "SHA256", RSA_PKCS1_PSS_PADDING, "rsa" },
        };
        TrustKeys keys = { 0 };
        SignedData items[ARRAY_SIZE(cases)];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Made made = make_key(&arena, cases[i].type, cases[i].curve, cases[i].bits);

                read_keys(&keys, made.public_pem);
                assert_string_equal(trust_key_algorithm(keys.items[i]), cases[i].name);
                items[i] = sign_with(&arena, made.pkey, cases[i].hash, cases[i].padding, "payload");
                EVP_PKEY_free(made.pkey);
        }
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SignedData other = items[i], cut = items[i], empty = items[i];

                for (size_t j = 0; j < ARRAY_SIZE(cases); j++)
                        assert_case(verify(keys.items[j], &items[i]) == (i == j), "%zu %zu", i, j);
                other.data = "payloae";
                cut.signature_size--;
                empty.signature_size = 0;
                assert_int_equal(verify(keys.items[i], &other), 0);
                assert_int_equal(verify(keys.items[i], &cut), 0);
                assert_int_equal(verify(keys.items[i], &empty), 0);
        }
        trust_keys_done(&keys);
}

static void test_the_hash_follows_from_the_key(void **state)
{
        TrustKeys keys = { 0 };
        Made made = make_key(&arena, "EC", "P-384", 0);
        SignedData item = sign_with(&arena, made.pkey, "SHA256", 0, "payload");

        (void)state;
        read_keys(&keys, made.public_pem);
        assert_int_equal(verify(keys.items[0], &item), 0);
        item = sign_with(&arena, made.pkey, "SHA384", 0, "payload");
        assert_int_equal(verify(keys.items[0], &item), 1);
        EVP_PKEY_free(made.pkey);
        trust_keys_done(&keys);
}

static void test_other_keys_are_refused(void **state)
{
        static const struct {
                const char *type, *curve;
                size_t bits;
                const char *wanted;
        } cases[] = {
                { "RSA", NULL, 1024, "key 'k' (RSA, 1024 bits) is not supported" },
                { "EC", "secp256k1", 0, "key 'k' (EC, 256 bits) is not supported" },
                { "X25519", NULL, 0, "key 'k' (X25519, 253 bits) is not supported" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Made made = make_key(&arena, cases[i].type, cases[i].curve, cases[i].bits);
                TrustKeys keys = { 0 };
                Error error = { 0 };

                assert_int_equal(trust_keys_read(&keys, "k", made.public_pem,
                                                 strlen(made.public_pem), &error),
                                 -EINVAL);
                assert_case(strstr(error_message(&error), cases[i].wanted), "%s",
                            error_message(&error));
                error_done(&error);
                trust_keys_done(&keys);
                EVP_PKEY_free(made.pkey);
        }
}

static void test_a_file_may_have_several_keys_and_only_public_ones(void **state)
{
        Made a = make_key(&arena, "ED25519", NULL, 0), b = make_key(&arena, "EC", "P-256", 0);
        const char *both = arena_printf(&arena, "old:\n%s\nnew:\n%s", a.public_pem, b.public_pem);
        TrustKeys keys = { 0 };
        TrustKey *private_key = NULL;
        Error error = { 0 };
        Buffer pem;

        (void)state;
        read_keys(&keys, both);
        assert_int_equal(keys.n, 2);
        trust_keys_done(&keys);
        assert_int_equal(trust_key_generate(KEY_TYPE_ED25519, &private_key, &error), 0);
        buffer_init(&pem, 4096);
        assert_int_equal(trust_key_write_private(private_key, &pem, &error), 0);
        for (size_t size = 0; size <= pem.size; size++) {
                assert_int_equal(trust_keys_read(&keys, "k", pem.data, size, &error), -EINVAL);
                assert_string_equal(error_message(&error),
                                    "'k' has no public key in PEM, which begins with "
                                    "-----BEGIN PUBLIC KEY-----");
                error_done(&error);
                assert_int_equal(keys.n, 0);
        }
        buffer_done(&pem);
        trust_key_free(private_key);
        EVP_PKEY_free(a.pkey);
        EVP_PKEY_free(b.pkey);
}

/* OpenSSL opens the URI of a file as that of a token. */
static void write_private(const char *path, const char *mode, const Made *made)
{
        FILE *file = fopen(path, mode);

        assert_non_null(file);
        assert_int_equal(PEM_write_PKCS8PrivateKey(file, made->pkey, NULL, NULL, 0, NULL, NULL), 1);
        assert_int_equal(fclose(file), 0);
}

static void test_a_key_that_a_provider_opens_signs(void **state)
{
        static const struct {
                const char *type, *curve, *wanted;
        } cases[] = {
                { "ED25519", NULL, "" },
                { "EC", "P-256", "" },
                { "EC", "P-384", "cannot sign; use Ed25519 or ECDSA with P-256" },
                { "EC", "secp256k1", "(EC, 256 bits) is not supported" },
        };
        char folder[] = "/tmp/relman-trust-XXXXXX";
        const char *path, *uri;

        (void)state;
        assert_non_null(mkdtemp(folder));
        path = arena_printf(&arena, "%s/key", folder);
        uri = arena_printf(&arena, "file:%s", path);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Made made = make_key(&arena, cases[i].type, cases[i].curve, 0);
                TrustKey *key = NULL;
                TrustKeys keys = { 0 };
                Error error = { 0 };
                Buffer out;
                int r;

                write_private(path, "w", &made);
                r = trust_key_load(uri, NULL, &key, &error);
                assert_case((r >= 0) == (cases[i].wanted[0] == '\0') &&
                                    strstr(error_message(&error), cases[i].wanted),
                            "%s: %s", cases[i].type, error_message(&error));
                error_done(&error);
                if (r >= 0) {
                        read_keys(&keys, made.public_pem);
                        assert_string_equal(trust_key_id(key), trust_key_id(keys.items[0]));
                        buffer_init(&out, 1000);
                        assert_int_equal(trust_key_sign(key, "text", 4, &out, NULL), 0);
                        assert_int_equal(verify(keys.items[0],
                                                &(SignedData){ "text", 4, (const void *)out.data,
                                                               out.size }),
                                         1);
                        buffer_done(&out);
                        trust_keys_done(&keys);
                }
                trust_key_free(key);
                EVP_PKEY_free(made.pkey);
        }
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
}

static void test_a_key_needs_its_pin(void **state)
{
        static const char *const wrong[] = { NULL, "", "5678" };
        Made made = make_key(&arena, "ED25519", NULL, 0);
        char folder[] = "/tmp/relman-trust-XXXXXX";
        const char *path, *uri;
        TrustKey *key = NULL;
        FILE *file;

        (void)state;
        assert_non_null(mkdtemp(folder));
        path = arena_printf(&arena, "%s/key", folder);
        uri = arena_printf(&arena, "file:%s", path);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(PEM_write_PKCS8PrivateKey(file, made.pkey, EVP_aes_128_cbc(), "1234", 4,
                                                   NULL, NULL),
                         1);
        assert_int_equal(fclose(file), 0);
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                Error error = { 0 };

                assert_int_equal(trust_key_load(uri, wrong[i], &key, &error), -EINVAL);
                assert_non_null(strstr(error_message(&error), "check token, object and PIN"));
                error_done(&error);
        }
        assert_int_equal(trust_key_load(uri, "1234", &key, NULL), 0);
        trust_key_free(key);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
        EVP_PKEY_free(made.pkey);
}

static void test_a_uri_names_one_key(void **state)
{
        Made a = make_key(&arena, "ED25519", NULL, 0), b = make_key(&arena, "EC", "P-256", 0);
        char folder[] = "/tmp/relman-trust-XXXXXX";
        const char *path, *uri;
        TrustKey *key = NULL;
        Error error = { 0 };
        FILE *file;

        (void)state;
        assert_non_null(mkdtemp(folder));
        path = arena_printf(&arena, "%s/key", folder);
        uri = arena_printf(&arena, "file:%s?pin-value=1", path);
        assert_int_equal(trust_key_load(uri, "1", &key, &error), -EINVAL);
        assert_null(strstr(error_message(&error), "pin-value"));
        assert_non_null(strstr(error_message(&error), "activate pkcs11-provider in openssl.cnf"));
        error_done(&error);
        uri = arena_printf(&arena, "file:%s", path);
        file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(a.public_pem, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(trust_key_load(uri, NULL, &key, &error), -EINVAL);
        assert_non_null(strstr(error_message(&error), "was not found"));
        error_done(&error);
        write_private(path, "w", &a);
        write_private(path, "a", &b);
        assert_int_equal(trust_key_load(uri, NULL, &key, &error), -EINVAL);
        assert_non_null(strstr(error_message(&error), "is not the only one that its URI names"));
        error_done(&error);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
        EVP_PKEY_free(a.pkey);
        EVP_PKEY_free(b.pkey);
}

/* --- envelopes -------------------------------------------------------------------------------- */

/* uses the example in protocol.md of DSSE */
static void test_the_encoding_is_that_of_the_specification(void **state)
{
        Buffer out;

        (void)state;
        buffer_init(&out, 1000);
        dsse_encode("http://example.com/HelloWorld", "hello world", 11, &out);
        assert_string_equal(out.data, "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        buffer_done(&out);
}

static void test_what_was_signed_verifies(void **state)
{
        (void)state;
        for (KeyType type = 0; type < KEY_TYPE_MAX_; type++) {
                TrustKey *key = NULL, *other = NULL;
                const TrustKey *found = NULL;
                TrustKeys keys = { 0 };
                DsseEnvelope envelope;
                Error error = { 0 };
                Buffer payload, out;

                assert_int_equal(trust_key_generate(type, &key, &error), 0);
                assert_int_equal(trust_key_generate(type, &other, &error), 0);
                buffer_init(&payload, 100);
                buffer_init(&out, 10000);
                (void)buffer_append(&payload, "a\0b", 3);
                assert_int_equal(dsse_sign(key, "text/x", &payload, &out, &error), 0);
                assert_int_equal(dsse_read(out.data, out.size, &arena, &envelope, &error), 0);
                assert_string_equal(envelope.payload_type, "text/x");
                assert_int_equal(envelope.payload_size, 3);
                assert_string_equal(envelope.signatures[0].key_id, trust_key_id(key));
                assert_int_equal(trust_keys_add(&keys, other, &error), 0);
                assert_int_equal(dsse_verify(&envelope, &keys, &found, &error), 0);
                assert_int_equal(trust_keys_add(&keys, key, &error), 0);
                assert_int_equal(dsse_verify(&envelope, &keys, &found, &error), 1);
                assert_ptr_equal(found, key);
                envelope.payload_size = 2;
                assert_int_equal(dsse_verify(&envelope, &keys, &found, &error), 0);
                envelope.payload_size = 3;
                envelope.payload_type = "text/y";
                assert_int_equal(dsse_verify(&envelope, &keys, &found, &error), 0);
                trust_keys_done(&keys);
                buffer_done(&payload);
                buffer_done(&out);
        }
}

#define SIGNATURES "\"signatures\":[{\"sig\":\"AAAA\"}]"

static void test_a_faulty_envelope_is_refused(void **state)
{
        static const struct {
                const char *text, *wanted;
        } cases[] = {
                { "{\"payload\":\"\",\"payloadType\":\"\"," SIGNATURES "}", NULL },
                { "{\"payload\":\"Zm9v\",\"payloadType\":\"x\",\"more\":[1],"
                  "\"signatures\":[{\"sig\":\"AAAA\",\"keyid\":null}]} \n",
                  NULL },
                { "", "not a DSSE envelope: it is not JSON" },
                { "[]", "not a DSSE envelope: payloadType is missing, or is not text" },
                { "{\"payload\":\"\",\"payloadType\":\"\"," SIGNATURES "} x",
                  "not a DSSE envelope: it is not JSON" },
                { "{\"payload\":\"\"," SIGNATURES "}",
                  "not a DSSE envelope: payloadType is missing, or is not text" },
                { "{\"payloadType\":\"x\"," SIGNATURES "}",
                  "not a DSSE envelope: payload is missing, or is not text" },
                { "{\"payload\":\"Zm9\",\"payloadType\":\"x\"," SIGNATURES "}",
                  "not a DSSE envelope: payload is not base64" },
                { "{\"payload\":\"\",\"payloadType\":\"x\"}",
                  "not a DSSE envelope: signatures has no signature" },
                { "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}",
                  "not a DSSE envelope: signatures has no signature" },
                { "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{}]}",
                  "not a DSSE envelope: sig is missing, or is not text" },
                { "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{\"sig\":\"A\"}]}",
                  "not a DSSE envelope: sig is not base64" },
                { "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[{\"sig\":\"\","
                  "\"keyid\":1}]}",
                  "not a DSSE envelope: keyid is not text" },
                { "{\"payload\":\"\",\"payload\":\"\",\"payloadType\":\"x\"," SIGNATURES "}",
                  "repeated key \"payload\" in JSON: clients differ in which value they take" },
                { "{\"payload\":\"\",\"Payload\":\"\",\"payloadType\":\"x\"," SIGNATURES "}",
                  "key \"Payload\" in JSON is \"payload\" in another case: clients differ in "
                  "whether they take it" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                DsseEnvelope envelope;
                Error error = { 0 };
                int r = dsse_read(cases[i].text, strlen(cases[i].text), &arena, &envelope, &error);

                assert_case((r < 0) == !!cases[i].wanted, "%s", cases[i].text);
                if (r < 0)
                        assert_string_equal(error_message(&error), cases[i].wanted);
                error_done(&error);
        }
}

static void test_an_envelope_has_few_signatures(void **state)
{
        Error error = { 0 };
        DsseEnvelope envelope;
        Buffer out;

        (void)state;
        buffer_init(&out, 100000);
        (void)buffer_puts(&out, "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[");
        for (int i = 0; i <= SIGNATURES_MAX; i++)
                (void)buffer_printf(&out, "%s{\"sig\":\"AAAA\"}", i > 0 ? "," : "");
        (void)buffer_puts(&out, "]}");
        assert_int_equal(dsse_read(out.data, out.size, &arena, &envelope, &error), -EINVAL);
        assert_string_equal(error_message(&error),
                            "not a DSSE envelope: signatures has too many signatures");
        error_done(&error);
        buffer_done(&out);
}

/* --- statements ------------------------------------------------------------------------------- */

#define TYPE           "\"_type\":\"https://in-toto.io/Statement/v1\""
#define SUBJECT        "\"subject\":[{\"name\":\"x\",\"digest\":{\"sha256\":\"" HEX_A "\"}}]"
#define PREDICATE_TYPE "\"predicateType\":\"urn:x\""

static void test_a_faulty_statement_is_refused(void **state)
{
        static const struct {
                const char *text, *wanted;
        } cases[] = {
                { "{" TYPE "," SUBJECT "," PREDICATE_TYPE "}", NULL },
                { "{" TYPE "," SUBJECT "," PREDICATE_TYPE ",\"predicate\":{\"a\":1,\"A\":2}}",
                  NULL },
                { "x", "not an in-toto statement: it is not JSON" },
                { "{" SUBJECT "," PREDICATE_TYPE "}",
                  "not an in-toto statement: _type is not https://in-toto.io/Statement/v1" },
                { "{\"_type\":\"https://in-toto.io/Statement/v0.1\"," SUBJECT "," PREDICATE_TYPE
                  "}",
                  "not an in-toto statement: _type is not https://in-toto.io/Statement/v1" },
                { "{" TYPE "," SUBJECT "}", "not an in-toto statement: predicateType is missing" },
                { "{" TYPE "," PREDICATE_TYPE "}",
                  "not an in-toto statement: subject is missing or empty" },
                { "{" TYPE ",\"subject\":[]," PREDICATE_TYPE "}",
                  "not an in-toto statement: subject is missing or empty" },
                { "{" TYPE ",\"subject\":[{\"name\":\"x\"}]," PREDICATE_TYPE "}",
                  "not an in-toto statement: subject has no digest" },
                { "{" TYPE ",\"subject\":[{\"digest\":{}}]," PREDICATE_TYPE "}",
                  "not an in-toto statement: subject has no digest" },
                { "{" TYPE ",\"subject\":[{\"digest\":{\"sha256\":1}}]," PREDICATE_TYPE "}",
                  "not an in-toto statement: digest is not text" },
                { "{" TYPE "," SUBJECT "," PREDICATE_TYPE ",\"predicate\":[]}",
                  "not an in-toto statement: predicate is not an object" },
                { "{" TYPE "," SUBJECT ",\"Subject\":[]," PREDICATE_TYPE "}",
                  "key \"Subject\" in JSON is \"subject\" in another case: clients differ in "
                  "whether they take it" },
                { "{" TYPE "," SUBJECT "," PREDICATE_TYPE ",\"predicate\":{\"a\":1,\"a\":2}}",
                  "repeated key \"a\" in JSON: clients differ in which value they take" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const DsseEnvelope envelope = { .payload_type = STATEMENT_PAYLOAD_TYPE,
                                                .payload = cases[i].text,
                                                .payload_size = strlen(cases[i].text) };
                Statement statement = { 0 };
                Error error = { 0 };
                int r = statement_read(&envelope, &arena, &statement, &error);

                assert_case((r < 0) == !!cases[i].wanted, "%s", cases[i].text);
                if (r < 0)
                        assert_string_equal(error_message(&error), cases[i].wanted);
                else
                        assert_true(map_has(&statement.digests, DIGEST_A));
                statement_done(&statement);
                error_done(&error);
        }
}

static void test_a_payload_of_another_type_is_no_statement(void **state)
{
        static const char text[] = "{" TYPE "," SUBJECT "," PREDICATE_TYPE "}";
        const DsseEnvelope envelope = { .payload_type = "application/json",
                                        .payload = text,
                                        .payload_size = strlen(text) };
        Statement statement = { 0 };
        Error error = { 0 };

        (void)state;
        assert_int_equal(statement_read(&envelope, &arena, &statement, &error), -EINVAL);
        assert_string_equal(error_message(&error), "not an in-toto statement: the payload type is "
                                                   "not application/vnd.in-toto+json");
        error_done(&error);
}

/* A digest in an annotation, or of another algorithm, is not a subject. */
static void test_only_digests_of_subjects_count(void **state)
{
        static const char text[] =
                "{" TYPE ",\"subject\":[{\"name\":\"" DIGEST_A
                "\",\"digest\":{\"gitCommit\":\"" HEX_A
                "\",\"sha256\":\"AAAA\"},\"annotations\":{\"digest\":{\"sha256\":\"" HEX_A
                "\"}}}]," PREDICATE_TYPE "}";
        const DsseEnvelope envelope = { .payload_type = STATEMENT_PAYLOAD_TYPE,
                                        .payload = text,
                                        .payload_size = strlen(text) };
        Statement statement = { 0 };
        Error error = { 0 };

        (void)state;
        assert_int_equal(statement_read(&envelope, &arena, &statement, &error), 0);
        assert_int_equal(statement.digests.n, 0);
        statement_done(&statement);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_has_one_form),
        cmocka_unit_test(test_base64_of_any_size_reads_back),
        cmocka_unit_test(test_each_algorithm_verifies_what_it_signed_and_nothing_else),
        cmocka_unit_test(test_the_hash_follows_from_the_key),
        cmocka_unit_test(test_other_keys_are_refused),
        cmocka_unit_test(test_a_file_may_have_several_keys_and_only_public_ones),
        cmocka_unit_test(test_a_key_that_a_provider_opens_signs),
        cmocka_unit_test(test_a_key_needs_its_pin),
        cmocka_unit_test(test_a_uri_names_one_key),
        cmocka_unit_test(test_the_encoding_is_that_of_the_specification),
        cmocka_unit_test(test_what_was_signed_verifies),
        cmocka_unit_test(test_a_faulty_envelope_is_refused),
        cmocka_unit_test(test_an_envelope_has_few_signatures),
        cmocka_unit_test(test_a_faulty_statement_is_refused),
        cmocka_unit_test(test_a_payload_of_another_type_is_no_statement),
        cmocka_unit_test(test_only_digests_of_subjects_count),
};
TEST_PROGRAM("trust", tests, set_up, tear_down)
