/* Tests signatures of images in the form of cosign: which signatures are valid, and that each
 * hostile signature is refused with its own reason. */

#include "base/limits-trust.h"
#include "signer.h"
#include "trust/base64.h"
#include "trust/simple-signing.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define IDENTITY "\"identity\":{\"docker-reference\":\"registry.example.com/shop/api\"}"
#define IMAGE    "\"image\":{\"docker-manifest-digest\":\"" DIGEST_A "\"}"
#define TYPE     "\"type\":\"cosign container image signature\""
#define PAYLOAD  "{\"critical\":{" IDENTITY "," IMAGE "," TYPE "},\"optional\":null}"

static const char *text_of(const SignedData *item)
{
        const char *text;
        Buffer out;

        buffer_init(&out, 4096);
        base64_encode(item->signature, item->signature_size, &out);
        text = arena_strdup(&arena, out.data);
        buffer_done(&out);
        return text;
}

/* A payload, and the annotation with its signature. */
typedef struct Layer {
        const char *payload;
        size_t size;
        const char *signature;
} Layer;

static Layer sign(EVP_PKEY *pkey, const char *hash, int padding, const char *payload)
{
        SignedData item = sign_with(&arena, pkey, hash, padding, payload);

        return (Layer){ payload, strlen(payload), text_of(&item) };
}

/* Returns "" if the signature is valid, else the reason. */
static const char *refusal(const Layer *layer, const char *digest, const TrustKeys *keys)
{
        const CosignAnnotations annotations = { .signature = layer->signature };
        const SigstorePolicy policy = { .keys = keys };
        const Bytes payload = { (const void *)layer->payload, layer->size };
        SigstoreSigner signer = { 0 };
        Error error = { 0 };
        Bundle bundle;
        const SimpleSigning item = { payload, &bundle };
        int r = simple_signing_read(payload, &annotations, &arena, &bundle, &error);
        const char *reason;

        if (r >= 0)
                r = simple_signing_verify(&item, digest, &policy, &arena, &signer, &error);
        reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");
        assert_true((r < 0) == !signer.key);
        error_done(&error);
        return reason;
}

static void test_keys_of_each_algorithm_sign_images(void **state)
{
        static const struct {
                const char *type, *curve;
                size_t bits;
                const char *hash;
                int padding;
        } cases[] = {
                { "ED25519", NULL, 0, NULL, 0 },
                { "EC", "P-256", 0, "SHA256", 0 },
                { "EC", "P-384", 0, "SHA384", 0 },
                { "EC", "P-521", 0, "SHA512", 0 },
                { "EC", "P-384", 0, "SHA256", 0 }, /* as cosign 2 signs with any key */
                { "RSA", NULL, 2048, "SHA256", RSA_PKCS1_PADDING },
                { "RSA", NULL, 2048, "SHA256", RSA_PKCS1_PSS_PADDING },
        };
        TrustKeys keys = { 0 };
        Layer items[ARRAY_SIZE(cases)];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Made made = make_key(&arena, cases[i].type, cases[i].curve, cases[i].bits);

                read_keys(&keys, made.public_pem);
                items[i] = sign(made.pkey, cases[i].hash, cases[i].padding, PAYLOAD);
                EVP_PKEY_free(made.pkey);
        }
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                TrustKeys others = { keys.items + 1, 0 };

                assert_string_equal(refusal(&items[i], DIGEST_A, &keys), "");
                others.n = i == 0 ? keys.n - 1 : 0;
                assert_case(strstr(refusal(&items[i], DIGEST_A, &others),
                                   "the signature is not valid under any of the keys"),
                            "%zu", i);
        }
        trust_keys_done(&keys);
}

static void test_only_a_signed_payload_about_the_image_is_valid(void **state)
{
        static const struct {
                const char *payload, *wanted;
        } cases[] = {
                { PAYLOAD, "" },
                { "{\"critical\":{" IDENTITY ",\"image\":{\"docker-manifest-digest\":\"" DIGEST_B
                  "\"}," TYPE "}}",
                  "the docker-manifest-digest of the signed payload is '" DIGEST_B
                  "', not " DIGEST_A },
                { "{\"critical\":{" IDENTITY "," TYPE "},\"optional\":{" IMAGE "}}",
                  "the signed payload has no docker-manifest-digest" },
                { "{\"critical\":{" IDENTITY "," TYPE "}," IMAGE "}",
                  "the signed payload has no docker-manifest-digest" },
                { "{\"critical\":{" IMAGE ",\"type\":\"atomic container signature\"}}",
                  "the critical.type of the signed payload is 'atomic container signature', not "
                  "'cosign container image signature'" },
                { "{\"critical\":{" IMAGE "}}", "the signed payload has no critical.type" },
                { "{\"critical\":{" IMAGE "," IMAGE "," TYPE "}}",
                  "repeated key \"image\" in JSON: clients differ in which value they take" },
                { "{\"critical\":{\"Image\":{}," IMAGE "," TYPE "}}",
                  "key \"Image\" in JSON is \"image\" in another case: clients differ in whether "
                  "they take it" },
                { PAYLOAD "{}", "the signed payload is not JSON" },
                { "", "the signed payload is empty" },
                { "[]", "the signed payload has no critical.type" },
        };
        Made made = make_key(&arena, "ED25519", NULL, 0);
        TrustKeys keys = { 0 };

        (void)state;
        read_keys(&keys, made.public_pem);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Layer item = sign(made.pkey, NULL, 0, cases[i].payload);

                assert_string_equal(refusal(&item, DIGEST_A, &keys), cases[i].wanted);
        }
        EVP_PKEY_free(made.pkey);
        trust_keys_done(&keys);
}

static void test_what_no_key_signed_is_not_parsed(void **state)
{
        static char large[SIGNED_PAYLOAD_MAX + 2], longer[SIGNATURE_TEXT_MAX + 2];
        Made made = make_key(&arena, "ED25519", NULL, 0);
        Layer item = sign(made.pkey, NULL, 0, PAYLOAD), other;
        const char *cut = arena_strndup(&arena, item.signature, strlen(item.signature) - 1);
        TrustKeys keys = { 0 };

        (void)state;
        read_keys(&keys, made.public_pem);
        other = (Layer){ "x", 1, item.signature };
        assert_string_equal(refusal(&other, DIGEST_A, &keys),
                            "the signature is not valid under any of the keys");
        other = (Layer){ item.payload, item.size - 1, item.signature };
        assert_string_equal(refusal(&other, DIGEST_A, &keys),
                            "the signature is not valid under any of the keys");
        other = (Layer){ item.payload, item.size, "" };
        assert_string_equal(refusal(&other, DIGEST_A, &keys),
                            "the signature is not valid under any of the keys");
        other = (Layer){ item.payload, item.size, cut };
        assert_string_equal(refusal(&other, DIGEST_A, &keys),
                            "annotation dev.cosignproject.cosign/signature is not base64");
        other = (Layer){ item.payload, item.size, NULL };
        assert_string_equal(refusal(&other, DIGEST_A, &keys),
                            "the layer has no annotation dev.cosignproject.cosign/signature");
        memset(large, ' ', sizeof(large) - 1);
        memset(longer, 'A', sizeof(longer) - 1);
        other = (Layer){ large, sizeof(large) - 1, item.signature };
        assert_non_null(strstr(refusal(&other, DIGEST_A, &keys), "has more than 65536 bytes"));
        other = (Layer){ item.payload, item.size, longer };
        assert_non_null(strstr(refusal(&other, DIGEST_A, &keys), "its signature more than 4096"));
        EVP_PKEY_free(made.pkey);
        trust_keys_done(&keys);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_each_algorithm_sign_images),
        cmocka_unit_test(test_only_a_signed_payload_about_the_image_is_valid),
        cmocka_unit_test(test_what_no_key_signed_is_not_parsed),
};
TEST_PROGRAM("simple-signing", tests, set_up, tear_down)
