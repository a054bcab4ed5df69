/* Tests Notary Project signatures: which signatures are valid, and that each hostile signature is
 * refused with its own reason. */

#include "base/file.h"
#include "base/limits-trust.h"
#include "notation-maker.h"
#include "trust/base64.h"
#include "unit.h"

TEST_ARENA(arena, set_up_arena, tear_down_arena)
static NotationMaker maker;

static int set_up(void **state)
{
        set_up_arena(state);
        notation_maker_init(&maker, &arena);
        return 0;
}

static int tear_down(void **state)
{
        notation_maker_done(&maker);
        return tear_down_arena(state);
}

#define IDENTITY "x509.subject: C=US, ST=WA, O=Example\\, Inc"

static void read_store(TrustStore *store, TrustStoreType type, const char *pem)
{
        Error error = { 0 };

        assert_case(trust_store_read(store, type, "it", (Bytes){ (const void *)pem, strlen(pem) },
                                     &error) >= 0,
                    "%s", error_message(&error));
}

/* The usual policy, which tests change. */
typedef struct Wanted {
        TrustStore store;
        SubjectRule rule;
        NotationArtifact artifact;
        NotationPolicy policy;
} Wanted;

static void make_wanted(Wanted *ret, const char *identity)
{
        *ret = (Wanted){ .artifact = { NOTATION_DIGEST, NOTATION_TYPE, NOTATION_SIZE } };
        ret->policy = (NotationPolicy){
                .store = &ret->store, .identities = &ret->rule, .n_identities = 1, .now = MAKER_NOW
        };
        assert_int_equal(subject_rule_read(identity, &arena, &ret->rule, NULL), 0);
        read_store(&ret->store, TRUST_STORE_CA, notation_pem(&maker, maker.base.ca));
}

/* Returns "" if the signature is valid, else the reason. */
static const char *refusal(NotationFormat format, Bytes data, const Wanted *wanted,
                           NotationSigner *ret)
{
        NotationEnvelope envelope;
        Error error = { 0 };
        const char *reason;
        int r = notation_envelope_read(format, data, &arena, &envelope, &error);

        if (r >= 0)
                r = notation_verify(&envelope, &wanted->artifact, &wanted->policy, &arena, ret,
                                    &error);
        reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");
        error_done(&error);
        return reason;
}

static const char *refusal_of(NotationFormat format, const NotationRecipe *recipe)
{
        Wanted wanted;
        NotationSigner signer;
        const char *reason;

        make_wanted(&wanted, IDENTITY);
        reason = refusal(format, notation_make(&maker, format, recipe, NULL), &wanted, &signer);
        trust_store_done(&wanted.store);
        return reason;
}

static const NotationFormat formats[] = { NOTATION_JWS, NOTATION_COSE };

/* --- valid signatures ------------------------------------------------------------------------- */

static void test_each_algorithm_and_form_of_chain_is_accepted(void **state)
{
        (void)state;
        for (size_t i = 0; i < 4 * 6; i++) {
                const NotationFormat format = formats[i % 2];
                NotationRecipe recipe = notation_recipe(&maker, format);
                const char *leaf, *reason;
                NotationSigner signer;
                Wanted wanted;
                Bytes data;

                make_wanted(&wanted, IDENTITY);
                recipe.algorithm = i / 4;
                recipe.has_between = i / 2 % 2 == 1;
                recipe.is_self_signed = i == 0 || i == 13;
                if (i % 3 == 0)
                        recipe.extended_usage = NULL;
                data = notation_make(&maker, format, &recipe, &leaf);
                if (recipe.is_self_signed)
                        read_store(&wanted.store, TRUST_STORE_CA, leaf);
                reason = refusal(format, data, &wanted, &signer);
                assert_case(streq(reason, ""), "%zu: %s", i, reason);
                assert_string_equal(signer.subject,
                                    "C=US, ST=WA, O=Example\\, Inc, OU=Build, CN=release");
                assert_true(signer.when == 0);
                assert_true(signer.until == (usec_t)recipe.until * USEC_PER_SEC);
                trust_store_done(&wanted.store);
        }
}

static void test_an_attribute_may_be_unknown_if_it_is_not_critical(void **state)
{
        NotationRecipe jws = notation_recipe(&maker, NOTATION_JWS),
                       cose = notation_recipe(&maker, NOTATION_COSE);

        (void)state;
        jws.headers = notation_replace(&maker, jws.headers, "}", ",\"x\":{\"y\":[1,null]}}");
        jws.payload = notation_replace(&maker, jws.payload, "}}",
                                       ",\"annotations\":{\"a\":\"1\",\"A\":\"2\"}},\"more\":1}");
        assert_string_equal(refusal_of(NOTATION_JWS, &jws), "");
        cose.headers = notation_replace(
                &maker, cose.headers, "}",
                ", 'x': {'y': [1, 7(\"00\"), !f6, !fb3ff8000000000000]}, -70000: -1, "
                "1000: 1, 'z': !1b00000001ffffffff, 'n': !3b00000001ffffffff}");
        cose.others = notation_replace(&maker, cose.others, "[$CHAIN]", "[$CHAIN], 'm': [[], {}]");
        assert_string_equal(refusal_of(NOTATION_COSE, &cose), "");
}

static void test_one_certificate_needs_no_list_in_cose(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_COSE);
        NotationSigner signer;
        const char *leaf;
        Wanted wanted;
        Bytes data;

        (void)state;
        make_wanted(&wanted, "*");
        recipe.is_self_signed = true;
        recipe.others = notation_replace(&maker, recipe.others, "[$CHAIN]", "$CHAIN");
        data = notation_make(&maker, NOTATION_COSE, &recipe, &leaf);
        read_store(&wanted.store, TRUST_STORE_CA, leaf);
        assert_string_equal(refusal(NOTATION_COSE, data, &wanted, &signer), "");
        trust_store_done(&wanted.store);
}

/* --- hostile envelopes ------------------------------------------------------------------------ */

typedef enum Part {
        HEADERS,
        PAYLOAD,
        OTHERS,
        ENVELOPE,
} Part;

typedef struct Hostile {
        Part part;
        const char *from, *to, *reason;
} Hostile;

static void check_hostile(NotationFormat format, const Hostile *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                NotationRecipe recipe = notation_recipe(&maker, format);
                const char **parts[] = { [HEADERS] = &recipe.headers,
                                         [PAYLOAD] = &recipe.payload,
                                         [OTHERS] = &recipe.others,
                                         [ENVELOPE] = &recipe.envelope };
                const char **part = parts[cases[i].part], *reason;

                *part = cases[i].from ? notation_replace(&maker, *part, cases[i].from, cases[i].to)
                                      : cases[i].to;
                reason = refusal_of(format, &recipe);
                assert_case(streq(reason, cases[i].reason), "case %zu: %s", i, reason);
        }
}

#define NO "not a Notary Project signature: "

static const Hostile payloads[] = {
        { PAYLOAD, NOTATION_DIGEST, "sha256:bb",
          "the digest of the signed payload is 'sha256:bb', not " NOTATION_DIGEST },
        { PAYLOAD, "\"digest\"", "\"other\"", "the signed payload has no digest" },
        { PAYLOAD, "481", "482",
          "the size of the signed payload is 482, not that of the image (481)" },
        { PAYLOAD, "481", "481.5", "the signed payload has no size" },
        { PAYLOAD, "481", "\"481\"", "the signed payload has no size" },
        { PAYLOAD, "manifest.v1", "index.v1",
          "the mediaType of the signed payload is 'application/vnd.oci.image.index.v1+json', not "
          "application/vnd.oci.image.manifest.v1+json" },
        { PAYLOAD, "\"mediaType\"", "\"type\"", "the signed payload has no mediaType" },
        { PAYLOAD, "targetArtifact", "target", "the signed payload has no digest" },
        { PAYLOAD, "{\"target", "{\"targetArtifact\":{},\"target",
          "repeated key \"targetArtifact\" in JSON: clients differ in which value they take" },
        { PAYLOAD, "\"digest\"", "\"Digest\":1,\"digest\"",
          "key \"Digest\" in JSON is \"digest\" in another case: clients differ in whether they take "
          "it" },
        { PAYLOAD, "}}", "}}{}", "the signed payload is not JSON" },
        { PAYLOAD, NULL, "", "the signed payload is not JSON" },
        { PAYLOAD, NULL, "[]", "the signed payload has no digest" },
};

static void test_a_payload_must_be_about_the_image(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);

        (void)state;
        check_hostile(NOTATION_JWS, payloads, ARRAY_SIZE(payloads));
        check_hostile(NOTATION_COSE, payloads, ARRAY_SIZE(payloads));
        recipe.payload = arena_printf(&arena, "%s%*s", recipe.payload, SIGNED_PAYLOAD_MAX, "");
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "the payload has more than 65536 bytes");
}

static void test_a_hostile_jws_is_refused(void **state)
{
        static const Hostile cases[] = {
                { ENVELOPE, NULL, "", NO "it is not a JSON object" },
                { ENVELOPE, NULL, "[]", NO "it is not a JSON object" },
                { ENVELOPE, "}", "}x", NO "it is not a JSON object" },
                { ENVELOPE, "}", ",\"x\":1}",
                  NO "its members are not payload, protected, header and signature" },
                { ENVELOPE, "\"payload\":\"$PAYLOAD\",",
                  "\"payload\":\"\",\"payload\":\"$PAYLOAD\",",
                  "repeated key \"payload\" in JSON: clients differ in which value they take" },
                { ENVELOPE, "\"payload\"", "\"Payload\"",
                  "key \"Payload\" in JSON is \"payload\" in another case: clients differ in whether "
                  "they take it" },
                { ENVELOPE, "$PAYLOAD", "$PAYLOAD=", NO "'payload' is not base64" },
                { ENVELOPE, "$PAYLOAD", "e30+", NO "'payload' is not base64" },
                { ENVELOPE, "$HEADERS", "e30/e", NO "'protected' is not base64" },
                { ENVELOPE, "\"$SIGNATURE\"", "1", NO "'signature' is missing, or is not text" },
                { ENVELOPE, "$SIGNATURE", "AAA",
                  "the signature is not valid under the key of its certificate" },
                { ENVELOPE, "$SIGNATURE", "",
                  "the signature is not valid under the key of its certificate" },
                { ENVELOPE, "$OTHERS", "[]", NO "it has no chain of certificates (x5c)" },
                { OTHERS, "[$CHAIN]", "[]", NO "it has no chain of certificates (x5c)" },
                { OTHERS, "[$CHAIN]", "[1]", NO "'x5c' is not base64" },
                { OTHERS, "[$CHAIN]", "[\"A\"]", NO "'x5c' is not base64" },
                { OTHERS, "[$CHAIN]", "[\"AAAA\"]",
                  "an item of the chain is not a certificate in DER" },
                { OTHERS, "[$CHAIN]", "[1,2,3,4,5,6,7,8,9,10,11]",
                  NO "it has too many certificates (x5c)" },
                { OTHERS, "}", ",\"" NOTATION_HEADER_STAMP "\":1}",
                  NO "'" NOTATION_HEADER_STAMP "' is not base64" },
                { OTHERS, "}", ",\"alg\":\"none\"}",
                  NO "an attribute is both signed and unsigned" },
                { HEADERS, NULL, "1", NO "it is not a JSON object" },
                { HEADERS, "\"$ALG\"", "1", NO "'alg' is missing, or is not text" },
                { HEADERS, "$ALG", "none",
                  NO "its algorithm is not one of PS256, PS384, PS512, ES256, ES384 and ES512" },
                { HEADERS, "$ALG", "HS256",
                  NO "its algorithm is not one of PS256, PS384, PS512, ES256, ES384 and ES512" },
                { HEADERS, "$ALG", "ES384",
                  "the signature uses algorithm ES384, which is not the one of the certificate's key "
                  "(ecdsa-p256 with 256 bits)" },
                { HEADERS, "\"alg\":\"$ALG\"", "\"alg\":\"$ALG\",\"alg\":\"$ALG\"",
                  "repeated key \"alg\" in JSON: clients differ in which value they take" },
                { HEADERS, "payload.v1", "payload.v2",
                  "the payload has another type than " NOTATION_PAYLOAD_TYPE
                  ": 'application/vnd.cncf.notary.payload.v2+json'" },
                { HEADERS, "\"cty\"", "\"ctx\"", NO "'cty' is missing, or is not text" },
                { HEADERS, "\"notary.x509\"", "\"notary.x\"",
                  "the signature has an unknown signing scheme 'notary.x'" },
                { HEADERS, "\"" NOTATION_HEADER_SCHEME "\":", "\"x\":",
                  NO "'" NOTATION_HEADER_SCHEME "' is missing, or is not text" },
                { HEADERS, "\"crit\":", "\"cri\":", NO "it has no list of critical attributes" },
                { HEADERS, "[\"" NOTATION_HEADER_SCHEME "\"]", "[]",
                  NO "it has no list of critical attributes" },
                { HEADERS, "[\"" NOTATION_HEADER_SCHEME "\"]", "1", NO "'crit' is not a list" },
                { HEADERS, "[\"", "[1,\"", NO "an item of 'crit' is not text" },
                { HEADERS, "[\"", "[\"b64\",\"",
                  "the signature needs a program that processes its critical attribute 'b64'" },
                { HEADERS, "[\"", "[\"" NOTATION_HEADER_SCHEME "\",\"",
                  "the signature lists a critical attribute twice: '" NOTATION_HEADER_SCHEME "'" },
                { HEADERS, "[\"", "[\"" NOTATION_HEADER_EXPIRY "\",\"",
                  "attribute 'expiry' is critical, but missing" },
                { HEADERS, "[\"" NOTATION_HEADER_SCHEME "\"]",
                  "[\"" NOTATION_HEADER_SIGNING_TIME "\"]",
                  "attribute 'signingScheme' is not marked as critical" },
                { HEADERS, "}", ",\"" NOTATION_HEADER_EXPIRY "\":\"2030-01-01T00:00:00Z\"}",
                  "attribute 'expiry' is not marked as critical" },
                { HEADERS, "}", ",\"" NOTATION_HEADER_EXPIRY "\":\"2030\"}",
                  NO "'" NOTATION_HEADER_EXPIRY "' is not a time" },
                { HEADERS, "}", ",\"" NOTATION_HEADER_EXPIRY "\":1}",
                  NO "'" NOTATION_HEADER_EXPIRY "' is not a time" },
                { HEADERS, "}", ",\"" NOTATION_HEADER_AUTHENTIC_TIME "\":\"2023-01-01T00:00:00Z\"}",
                  NO "scheme 'notary.x509' requires signingTime and no authenticSigningTime" },
                { HEADERS, "\"notary.x509\"", "\"notary.x509.signingAuthority\"",
                  NO "scheme 'notary.x509.signingAuthority' requires authenticSigningTime and no "
                     "signingTime" },
                { HEADERS, "}", ",\"" NOTATION_HEADER_PLUGIN "\":\"p\"}",
                  NO "only a plugin of notation can verify it (attribute verificationPlugin)" },
                { HEADERS, "2023-11-14T23:13:20+01:00", "2023-11-14T23:33:20+00:00",
                  "the signature is of a time in the future" },
        };
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);

        (void)state;
        check_hostile(NOTATION_JWS, cases, ARRAY_SIZE(cases));
        recipe.has_bad_signature = true;
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "the signature is not valid under the key of its certificate");
        recipe.envelope = arena_printf(&arena, "%s%*s", recipe.envelope, NOTATION_MAX, "");
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "the signature has more than 1048576 bytes");
}

static void test_a_hostile_cose_is_refused(void **state)
{
#define MAP NO "the map of attributes is not valid in COSE"
#define ALG NO "its algorithm is not one of PS256, PS384, PS512, ES256, ES384 and ES512"
        static const Hostile cases[] = {
                { ENVELOPE, NULL, "", NO "it is not COSE_Sign1" },
                { ENVELOPE, NULL, "!ff", NO "it is not COSE_Sign1" },
                { ENVELOPE, "18(", "!d83d[], 18(", NO "it is not COSE_Sign1" },
                { ENVELOPE, "18(", "98(", NO "it is not COSE_Sign1" },
                { ENVELOPE, NULL, "18([])", NO "it is not COSE_Sign1" },
                { ENVELOPE, NULL, "18(!84f6)", NO "it is not COSE_Sign1" },
                { ENVELOPE, NULL, "18(!9f40a04040ff)", NO "it is not COSE_Sign1" },
                { ENVELOPE, "\"$HEADERS\"", "\"\"", MAP },
                { ENVELOPE, "\"$HEADERS\"", "\"a0a0\"", MAP },
                { ENVELOPE, "\"$HEADERS\"", "\"bfff\"", MAP },
                { ENVELOPE, "\"$HEADERS\"", "\"bb00000000ffffffff\"",
                  NO "a label is not valid in COSE" },
                { ENVELOPE, "\"$HEADERS\"", "\"a0\"", NO "it has no algorithm" },
                { ENVELOPE, "$OTHERS", "[]", MAP },
                { ENVELOPE, "\"$PAYLOAD\"", "!f6", NO "it has no payload" },
                { ENVELOPE, "\"$SIGNATURE\"", "''", NO "the signature is not valid in COSE" },
                { ENVELOPE, "])", "])1", NO "the signature is not valid in COSE" },
                { ENVELOPE, "\"$SIGNATURE\"", "\"00\"",
                  "the signature is not valid under the key of its certificate" },
                { OTHERS, "[$CHAIN]", "[]", NO "it has no chain of certificates (x5chain)" },
                { OTHERS, "33:", "34:", NO "it has no chain of certificates (x5chain)" },
                { OTHERS, "[$CHAIN]", "1", NO "the chain of certificates is not valid in COSE" },
                { OTHERS, "[$CHAIN]", "!9aff000000", NO "it has too many certificates (x5chain)" },
                { OTHERS, "{", "{'" NOTATION_HEADER_STAMP "': 1, ",
                  NO "the time stamp is not valid in COSE" },
                { OTHERS, "{", "{'x': !9affffffff, ", NO "an attribute is not valid in COSE" },
                { OTHERS, "{", "{'x': !bbffffffffffffffff, ",
                  NO "an attribute is not valid in COSE" },
                { OTHERS, "{", "{'x': !5f4100ff, ", NO "an attribute is not valid in COSE" },
                { OTHERS, "{", "{'x': !1c, ", NO "an attribute is not valid in COSE" },
                { OTHERS, "{", "{1: -7, ",
                  "the signature has an attribute twice: programs differ in which value they take" },
                { HEADERS, "{", "{'x': 1, 'x': 2, ",
                  "the signature has an attribute twice: programs differ in which value they take" },
                { HEADERS, "{", "{!f5: 1, ", NO "a label is not valid in COSE" },
                { HEADERS, "1: $ALG", "1: 'ES256'", ALG },
                { HEADERS, "$ALG", "5", ALG },
                { HEADERS, "$ALG", "-257", ALG },
                { HEADERS, "$ALG", "!3bffffffffffffffff", ALG },
                { HEADERS, "$ALG", "-35",
                  "the signature uses algorithm ES384, which is not the one of the certificate's key "
                  "(ecdsa-p256 with 256 bits)" },
                { HEADERS,
                  "3: ", "4: ", "the payload has another type than " NOTATION_PAYLOAD_TYPE ": ''" },
                { HEADERS, "3: '", "3: 1, 4: '", NO "the content type is not valid in COSE" },
                { HEADERS, "'notary.x509'", "\"00\"",
                  NO NOTATION_HEADER_SCHEME " is not valid in COSE" },
                { HEADERS, "1(17", "0(17",
                  NO NOTATION_HEADER_SIGNING_TIME " is not valid in COSE" },
                { HEADERS, "1(1700000000)", "1700000000",
                  NO NOTATION_HEADER_SIGNING_TIME " is not valid in COSE" },
                { HEADERS, "1(1700000000)", "1('1700000000')",
                  NO NOTATION_HEADER_SIGNING_TIME " is not valid in COSE" },
                { HEADERS, "1(1700000000)", "1(!1bffffffffffffffff)",
                  NO NOTATION_HEADER_SIGNING_TIME " is not valid in COSE" },
                { HEADERS, "{", "{'" NOTATION_HEADER_EXPIRY "': 1(1800000000), ",
                  "attribute 'expiry' is not marked as critical" },
                { HEADERS, "{", "{'" NOTATION_HEADER_AUTHENTIC_TIME "': 1(1), ",
                  NO "scheme 'notary.x509' requires signingTime and no authenticSigningTime" },
                { HEADERS, "{", "{'" NOTATION_HEADER_PLUGIN "': 'p', ",
                  NO "only a plugin of notation can verify it (attribute verificationPlugin)" },
                { HEADERS, "2: ['" NOTATION_HEADER_SCHEME "']", "2: 1",
                  NO "the list of critical attributes is not valid in COSE" },
                { HEADERS, "2: ['", "2: [1, '",
                  NO "an item of the list of critical attributes is not text" },
                { HEADERS, "2: ['", "2: ['x', '",
                  "the signature needs a program that processes its critical attribute 'x'" },
                { HEADERS, "2: ", "5: ", NO "it has no list of critical attributes" },
        };
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_COSE);

        (void)state;
        check_hostile(NOTATION_COSE, cases, ARRAY_SIZE(cases));
        for (size_t i = 0; i <= COSE_LABELS_MAX; i++)
                recipe.others = notation_replace(&maker, recipe.others, "{",
                                                 arena_printf(&arena, "{%zu: 1, ", 100 + i));
        assert_string_equal(refusal_of(NOTATION_COSE, &recipe), NO "it has too many attributes");
}

/* Every beginning of an envelope is refused, and so is one with any other byte in it. */
static void test_a_changed_envelope_is_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
                NotationRecipe recipe = notation_recipe(&maker, formats[i]);
                Bytes data = notation_make(&maker, formats[i], &recipe, NULL);
                NotationSigner signer;
                Wanted wanted;

                make_wanted(&wanted, IDENTITY);
                for (size_t size = 0; size < data.size; size++)
                        assert_case(refusal(formats[i], (Bytes){ data.data, size }, &wanted,
                                            &signer)[0],
                                    "%zu", size);
                trust_store_done(&wanted.store);
        }
}

/* --- certificates ----------------------------------------------------------------------------- */

static void test_a_certificate_that_may_not_sign_is_refused(void **state)
{
#define SIGNER "the certificate of the signer "
        static const struct {
                const char *usage, *extended_usage, *constraints, *reason;
        } cases[] = {
                { NULL, "codeSigning", NULL,
                  SIGNER "is not for digital signatures (critical key usage)" },
                { "digitalSignature", "codeSigning", NULL,
                  SIGNER "is not for digital signatures (critical key usage)" },
                { "critical,nonRepudiation", "codeSigning", NULL,
                  SIGNER "is not for digital signatures (critical key usage)" },
                { "critical,digitalSignature,keyEncipherment", "codeSigning", NULL,
                  SIGNER "is for more than digital signatures (key usage)" },
                { "critical,digitalSignature", "serverAuth", NULL,
                  SIGNER "is not for code signing alone (extended key usage)" },
                { "critical,digitalSignature", "codeSigning,timeStamping", NULL,
                  SIGNER "is not for code signing alone (extended key usage)" },
                { "critical,digitalSignature", "codeSigning,anyExtendedKeyUsage", NULL,
                  SIGNER "is not for code signing alone (extended key usage)" },
                { "critical,digitalSignature", "1.2.3.4", NULL,
                  SIGNER "is not for code signing alone (extended key usage)" },
                { "critical,digitalSignature", "codeSigning", "critical,CA:TRUE",
                  SIGNER "is that of an authority" },
                { "critical,digitalSignature,nonRepudiation", "codeSigning,1.2.3.4", "CA:FALSE",
                  "" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                NotationRecipe recipe = notation_recipe(&maker, NOTATION_COSE);
                const char *reason;

                recipe.usage = cases[i].usage;
                recipe.extended_usage = cases[i].extended_usage;
                recipe.constraints = cases[i].constraints;
                reason = refusal_of(NOTATION_COSE, &recipe);
                assert_case(streq(reason, cases[i].reason), "case %zu: %s", i, reason);
        }
}

#define NO_CHAIN SIGNER "has no valid chain to the trust store at "

static void test_a_chain_must_be_complete_in_order_and_trusted(void **state)
{
        const char *root = "", *reason;
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);
        Wanted wanted;
        NotationSigner signer;
        Buffer out;

        (void)state;
        buffer_init(&out, 65536);
        for (int i = 0; i < 2; i++) {
                unsigned char *der = NULL;
                int size = i2d_X509(i == 0 ? maker.base.ca : maker.base.stamper, &der);

                buffer_clear(&out);
                base64_encode(der, (size_t)size, &out);
                OPENSSL_free(der);
                if (i == 0)
                        root = arena_strdup(&arena, out.data);
        }
        /* after the root, another one */
        recipe.others = notation_replace(&maker, recipe.others, "$CHAIN",
                                         arena_printf(&arena, "$CHAIN,\"%s\"", root));
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "the chain of certificates goes on after a root");
        /* without the root */
        recipe = notation_recipe(&maker, NOTATION_JWS);
        recipe.has_between = true;
        make_wanted(&wanted, "*");
        reason = (const char *)notation_make(&maker, NOTATION_JWS, &recipe, NULL).data;
        reason = notation_replace(&maker, reason, arena_printf(&arena, ",\"%s\"", root), "");
        assert_string_equal(refusal(NOTATION_JWS, (Bytes){ (const void *)reason, strlen(reason) },
                                    &wanted, &signer),
                            "the chain of certificates does not end with a root");
        /* an item that is no authority */
        recipe = notation_recipe(&maker, NOTATION_JWS);
        recipe.others = notation_replace(&maker, recipe.others, "$CHAIN",
                                         arena_printf(&arena, "$CHAIN,\"%s\"", out.data));
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "the chain of certificates goes on after a root");
        /* another root */
        trust_store_done(&wanted.store);
        read_store(&wanted.store, TRUST_STORE_CA, notation_pem(&maker, maker.base.stamper_root));
        recipe = notation_recipe(&maker, NOTATION_JWS);
        assert_string_equal(
                refusal(NOTATION_JWS, notation_make(&maker, NOTATION_JWS, &recipe, NULL), &wanted,
                        &signer),
                NO_CHAIN "2023-11-14T22:13:20Z: self-signed certificate in certificate chain");
        trust_store_done(&wanted.store);
        buffer_done(&out);
}

/* Adds a certificate between the first one and its issuer. */
static const char *add_certificate(const char *others, X509 *certificate)
{
        unsigned char *der = NULL;
        int size = i2d_X509(certificate, &der);
        char *digits = arena_alloc_bytes(&arena, 2 * (size_t)size + 1);

        for (int i = 0; i < size; i++)
                (void)snprintf(digits + 2 * i, 3, "%02x", der[i]);
        OPENSSL_free(der);
        return notation_replace(&maker, others, "$CHAIN",
                                arena_printf(&arena, "\"%s\", $CHAIN", digits));
}

static void test_certificates_of_the_chain_belong_together(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_COSE);
        X509 *ca = maker.base.ca, *other = X509_dup(ca);

        (void)state;
        recipe.others = add_certificate(recipe.others, maker.base.stamper);
        assert_string_equal(refusal_of(NOTATION_COSE, &recipe),
                            "the certificate of the signer is not for code signing alone (extended "
                            "key usage)");
        recipe = notation_recipe(&maker, NOTATION_COSE);
        maker.base.ca = maker.base.stamper_root;
        assert_string_equal(refusal_of(NOTATION_COSE, &recipe),
                            NO_CHAIN "2023-11-14T22:13:20Z: certificate signature failure");
        recipe.has_between = true;
        assert_string_equal(refusal_of(NOTATION_COSE, &recipe),
                            "certificate 2 of the chain is not issued by the next one");
        /* an issuer that is no authority */
        maker.base.ca = other;
        X509_EXTENSION_free(
                X509_delete_ext(other, X509_get_ext_by_NID(other, NID_basic_constraints, -1)));
        assert_true(X509_sign(other, maker.base.ca_key, EVP_sha256()) > 0);
        recipe.has_between = false;
        assert_string_equal(refusal_of(NOTATION_COSE, &recipe),
                            "certificate 2 of the chain is not one of an authority");
        maker.base.ca = ca;
        X509_free(other);
}

static void test_a_key_of_another_kind_is_refused(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);
        EVP_PKEY *key = maker.keys[3];

        (void)state;
        maker.keys[3] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
        assert_string_equal(refusal_of(NOTATION_JWS, &recipe),
                            "key 'the key of the certificate' (EC, 256 bits) is not supported: use "
                            "Ed25519, ECDSA with P-256, P-384 or P-521, or RSA of 2048 to 8192 "
                            "bits");
        EVP_PKEY_free(maker.keys[3]);
        maker.keys[3] = key;
}

static void test_a_trust_store_has_no_certificate_of_a_signer(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);
        TrustStore store = { 0 };
        Error error = { 0 };
        const char *leaf;

        (void)state;
        (void)notation_make(&maker, NOTATION_JWS, &recipe, &leaf);
        assert_true(trust_store_read(&store, TRUST_STORE_CA, "ca.pem",
                                     (Bytes){ (const void *)leaf, strlen(leaf) }, &error) < 0);
        assert_string_equal(error_message(&error),
                            "'ca.pem' has a certificate that is neither of an authority nor "
                            "self-signed; name the root certificates");
        error_done(&error);
        trust_store_done(&store);
}

/* --- times ------------------------------------------------------------------------------------ */

static void test_an_expired_certificate_needs_a_time_stamp(void **state)
{
        static const char expired[] = NO_CHAIN "2023-11-14T23:13:20Z: certificate has expired";
        static const struct {
                long until, stamp; /* seconds after MAKER_TIME; stamp 0: none */
                bool has_tsa;
                const char *reason;
        } cases[] = {
                { 60, 0, true, expired },
                { 60, 30, false, expired },
                { 60, 30, true, "" },
                { 60, 58, true, "" },
                { 60, 59, true, NO_CHAIN "2023-11-14T22:14:20Z: certificate has expired" },
                { 60, 90, true, NO_CHAIN "2023-11-14T22:14:48Z: certificate has expired" },
                { 8000, 7000, true, "the time stamp is in the future" },
                { 8000, 7000, false, "" },
                { 8000, -90000, true,
                  NO_CHAIN "2023-11-13T21:13:18Z: certificate is not yet valid" },
        };

        (void)state;
        for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
                const NotationFormat format = formats[i % 2];
                NotationRecipe recipe = notation_recipe(&maker, format);
                NotationSigner signer = { 0 };
                const char *reason;
                Wanted wanted;

                make_wanted(&wanted, IDENTITY);
                recipe.until = MAKER_TIME + cases[i / 2].until;
                recipe.stamp = cases[i / 2].stamp ? MAKER_TIME + cases[i / 2].stamp : 0;
                if (cases[i / 2].has_tsa)
                        read_store(&wanted.store, TRUST_STORE_TSA,
                                   notation_pem(&maker, maker.base.stamper_root));
                reason = refusal(format, notation_make(&maker, format, &recipe, NULL), &wanted,
                                 &signer);
                assert_case(streq(reason, cases[i / 2].reason), "case %zu: %s", i, reason);
                if (!reason[0] && cases[i / 2].has_tsa)
                        assert_true(signer.until == USEC_INFINITY &&
                                    signer.when == (usec_t)recipe.stamp * USEC_PER_SEC + 1500001);
                trust_store_done(&wanted.store);
        }
}

static const char *refusal_of_stamp(Bytes stamp, X509 *authority)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);
        NotationEnvelope envelope;
        NotationSigner signer;
        Error error = { 0 };
        const char *reason;
        Wanted wanted;

        make_wanted(&wanted, IDENTITY);
        read_store(&wanted.store, TRUST_STORE_TSA, notation_pem(&maker, authority));
        assert_int_equal(notation_envelope_read(NOTATION_JWS,
                                                notation_make(&maker, NOTATION_JWS, &recipe, NULL),
                                                &arena, &envelope, NULL),
                         0);
        envelope.stamp = stamp;
        assert_true(notation_verify(&envelope, &wanted.artifact, &wanted.policy, &arena, &signer,
                                    &error) < 0);
        reason = arena_strdup(&arena, error_message(&error));
        error_done(&error);
        trust_store_done(&wanted.store);
        return reason;
}

static void test_a_hostile_time_stamp_is_refused(void **state)
{
        static const Bytes other = { (const void *)"another", 7 };
        Bytes stamp = maker_stamp(&maker.base, other, MAKER_TIME, true);

        (void)state;
        assert_string_equal(refusal_of_stamp(stamp, maker.base.stamper_root),
                            "the time stamp is about another signature");
        assert_string_equal(
                refusal_of_stamp((Bytes){ stamp.data, stamp.size - 1 }, maker.base.stamper_root),
                "the time stamp is not a token in DER");
        assert_string_equal(refusal_of_stamp(other, maker.base.stamper_root),
                            "the time stamp is not a token in DER");
        stamp = maker_stamp(&maker.base, other, MAKER_TIME, false);
        assert_string_equal(refusal_of_stamp(stamp, maker.base.stamper_root),
                            "the time stamp is not a token in DER");
}

/* The hash of the signature, the accuracy, and the policy of RFC 3628 that implies one. */
static void test_time_stamps_of_each_form(void **state)
{
        static const struct {
                StampForm form;
                usec_t accuracy;
                const char *reason;
        } cases[] = {
                { { "SHA256", NULL, 0 }, 1500001, "" },
                { { "SHA384", NULL, 0 }, 1500001, "" },
                { { "SHA512", NULL, 0 }, 1500001, "" },
                { { "SHA224", NULL, 0 },
                  0,
                  "the time stamp has a hash algorithm that is not one of SHA-256, SHA-384 and "
                  "SHA-512" },
                { { NULL, "0.4.0.2023.1.1", 0 }, USEC_PER_SEC, "" },
                { { NULL, "1.2.3", 0 }, 0, "" },
                { { NULL, NULL, 86400 }, 86400 * USEC_PER_SEC, "" },
                { { NULL, NULL, 86401 }, 0, "the time stamp has no valid accuracy" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                NotationRecipe recipe = notation_recipe(&maker, NOTATION_JWS);
                NotationSigner signer = { 0 };
                const char *reason;
                Wanted wanted;

                make_wanted(&wanted, IDENTITY);
                wanted.policy.now = MAKER_NOW + 2 * 86400 * USEC_PER_SEC;
                recipe.from = MAKER_TIME - 2L * 86400;
                recipe.until = MAKER_TIME + 86400 + 3600;
                recipe.stamp = MAKER_TIME;
                read_store(&wanted.store, TRUST_STORE_TSA,
                           notation_pem(&maker, maker.base.stamper_root));
                maker.base.stamp = cases[i].form;
                reason = refusal(NOTATION_JWS, notation_make(&maker, NOTATION_JWS, &recipe, NULL),
                                 &wanted, &signer);
                maker.base.stamp = (StampForm){ 0 };
                assert_case(streq(reason, cases[i].reason), "case %zu: %s", i, reason);
                if (!reason[0])
                        assert_case(signer.when == MAKER_TIME * USEC_PER_SEC + cases[i].accuracy,
                                    "case %zu: %llu", i, (unsigned long long)signer.when);
                trust_store_done(&wanted.store);
        }
}

static void test_a_time_stamp_of_another_authority_is_refused(void **state)
{
        NotationRecipe recipe = notation_recipe(&maker, NOTATION_COSE);
        NotationSigner signer;
        Wanted wanted;

        (void)state;
        make_wanted(&wanted, IDENTITY);
        recipe.stamp = MAKER_TIME;
        read_store(&wanted.store, TRUST_STORE_TSA, notation_pem(&maker, maker.base.ca));
        assert_string_equal(refusal(NOTATION_COSE,
                                    notation_make(&maker, NOTATION_COSE, &recipe, NULL), &wanted,
                                    &signer),
                            "the time stamp is not signed by a trusted authority");
        trust_store_done(&wanted.store);
}

/* Only an authority for signing may say when it signed. */
static void test_the_time_of_a_signing_authority_counts(void **state)
{
        static const char expired[] = NO_CHAIN "2023-11-14T23:13:20Z: certificate has expired";

        (void)state;
        for (size_t i = 0; i < 8; i++) {
                const NotationFormat format = formats[i % 2];
                const bool is_authority = i / 2 % 2 == 1, is_expired = i / 4 == 1;
                NotationRecipe recipe = notation_authority_recipe(&maker, format);
                NotationSigner signer = { 0 };
                const char *reason;
                Wanted wanted;

                make_wanted(&wanted, IDENTITY);
                if (is_authority)
                        read_store(&wanted.store, TRUST_STORE_SIGNING_AUTHORITY,
                                   notation_pem(&maker, maker.base.ca));
                if (is_expired)
                        recipe.until = MAKER_TIME + 60;
                reason = refusal(format, notation_make(&maker, format, &recipe, NULL), &wanted,
                                 &signer);
                assert_case(streq(reason, is_expired && !is_authority ? expired : ""), "%zu: %s", i,
                            reason);
                assert_true(signer.when == (is_authority ? MAKER_TIME * USEC_PER_SEC : 0));
                trust_store_done(&wanted.store);
        }
}

static void test_an_expired_signature_is_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < 2; i++) {
                NotationRecipe jws = notation_recipe(&maker, NOTATION_JWS),
                               cose = notation_recipe(&maker, NOTATION_COSE);
                const char *wanted =
                        i == 0 ? "" : "the signature has expired at 2023-11-14T23:13:20Z";

                jws.headers = notation_replace(&maker, jws.headers, "\"]",
                                               "\",\"" NOTATION_HEADER_EXPIRY "\"]");
                jws.headers = notation_replace(
                        &maker, jws.headers, "}",
                        arena_printf(&arena, ",\"" NOTATION_HEADER_EXPIRY "\":\"%s\"}",
                                     i == 0 ? "2023-11-14T23:13:21Z" : "2023-11-14T23:13:20Z"));
                cose.headers = notation_replace(&maker, cose.headers, "']",
                                                "', '" NOTATION_HEADER_EXPIRY "']");
                cose.headers = notation_replace(
                        &maker, cose.headers, "}",
                        arena_printf(&arena, ", '" NOTATION_HEADER_EXPIRY "': 1(%d)}",
                                     i == 0 ? MAKER_TIME + 3601 : MAKER_TIME + 3600));
                assert_string_equal(refusal_of(NOTATION_JWS, &jws), wanted);
                assert_string_equal(refusal_of(NOTATION_COSE, &cose), wanted);
        }
}

/* clang-format off */
static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_algorithm_and_form_of_chain_is_accepted),
        cmocka_unit_test(test_an_attribute_may_be_unknown_if_it_is_not_critical),
        cmocka_unit_test(test_one_certificate_needs_no_list_in_cose),
        cmocka_unit_test(test_a_payload_must_be_about_the_image),
        cmocka_unit_test(test_a_hostile_jws_is_refused),
        cmocka_unit_test(test_a_hostile_cose_is_refused),
        cmocka_unit_test(test_a_changed_envelope_is_refused),
        cmocka_unit_test(test_a_certificate_that_may_not_sign_is_refused),
        cmocka_unit_test(test_a_chain_must_be_complete_in_order_and_trusted),
        cmocka_unit_test(test_certificates_of_the_chain_belong_together),
        cmocka_unit_test(test_a_key_of_another_kind_is_refused),
        cmocka_unit_test(test_a_trust_store_has_no_certificate_of_a_signer),
        cmocka_unit_test(test_an_expired_certificate_needs_a_time_stamp),
        cmocka_unit_test(test_a_hostile_time_stamp_is_refused),
        cmocka_unit_test(test_time_stamps_of_each_form),
        cmocka_unit_test(test_a_time_stamp_of_another_authority_is_refused),
        cmocka_unit_test(test_the_time_of_a_signing_authority_counts),
        cmocka_unit_test(test_an_expired_signature_is_refused),
};
/* clang-format on */

TEST_PROGRAM("notation", tests, set_up, tear_down)
