/* Tests the verification of Sigstore bundles with an instance of Sigstore that the test makes:
 * which bundles are valid, and that each hostile one is refused with its own reason. */

#include "base/limits-trust.h"
#include "sigstore-maker.h"
#include "trust/base64.h"
#include "trust/hash.h"
#include "trust/log-entry.h"
#include "trust/sigstore.h"
#include "unit.h"

/* of a log entry about another signature */
#define SPEC "{\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"00\"},\"signatures\":[]}"
#define HASH "{\"algorithm\":\"sha256\",\"value\":\"00\"}"
#define BODY(kind, version, spec)                                                                  \
        "{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"spec\":" spec "}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static Arena arena;
static Maker maker;
static TrustedRoot *root;

static int set_up(void **state)
{
        Error error = { 0 };
        const char *text;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        maker_init(&maker, &arena);
        text = maker_root(&maker);
        assert_case(trusted_root_read(text, strlen(text), &root, &error) == 0, "%s",
                    error_message(&error));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        root = trusted_root_free(root);
        maker_done(&maker);
        arena_done(&arena);
        return 0;
}

static const IdentityRule rule = { .issuer = MAKER_ISSUER, .subject = MAKER_SUBJECT };

static SigstorePolicy make_policy(void)
{
        return (SigstorePolicy){
                .identities = &rule, .n_identities = 1, .root = root, .now = MAKER_NOW
        };
}

/* Returns "" if the bundle is valid, else the reason. */
static const char *refusal(const char *text, const SigstorePolicy *policy, SigstoreSigner *ret)
{
        const SigstoreArtifact artifact = {
                .digest = maker_digest(&maker),
                .data = { (const void *)MAKER_ARTIFACT, strlen(MAKER_ARTIFACT) },
        };
        Error error = { 0 };
        const char *reason;
        Bundle bundle;
        int r = bundle_read(text, strlen(text), &arena, &bundle, &error);

        if (r >= 0)
                r = sigstore_verify(&bundle, &artifact, policy, &arena, ret, &error);
        reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");
        error_done(&error);
        return reason;
}

static const char *refusal_of(const Recipe *recipe)
{
        const SigstorePolicy policy = make_policy();
        SigstoreSigner signer;

        return refusal(maker_bundle(&maker, recipe), &policy, &signer);
}

/* Returns the text with the first occurrence of `from` replaced. */
static const char *replace(const char *text, const char *from, const char *to)
{
        const char *at = strstr(text, from);

        assert_case(at != NULL, "'%s' is not in the text", from);
        return arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* --- valid bundles ---------------------------------------------------------------------------- */

static void test_each_form_of_bundle_is_accepted(void **state)
{
        static const struct {
                const char *kind, *version, *media_type;
                bool is_message, has_key;
                long integrated, stamp;
        } cases[] = {
                { "dsse", "0.0.1", "bundle.v0.3+json", false, false, MAKER_TIME, 0 },
                { "dsse", "0.0.1", "bundle+json;version=0.3", false, false, MAKER_TIME, 0 },
                { "intoto", "0.0.2", "bundle+json;version=0.2", false, false, MAKER_TIME, 0 },
                { "hashedrekord", "0.0.1", "bundle+json;version=0.1", true, false, MAKER_TIME, 0 },
                { "hashedrekord", "0.0.1", "bundle.v0.3+json", true, false, MAKER_TIME,
                  MAKER_TIME },
                { "hashedrekord", "0.0.1", "bundle.v0.3+json", false, false, MAKER_TIME, 0 },
                { "hashedrekord", "0.0.2", "bundle.v0.3+json", true, false, 0, MAKER_TIME },
                { "hashedrekord", "0.0.2", "bundle.v0.3+json", false, false, 0, MAKER_TIME },
                { "dsse", "0.0.2", "bundle.v0.3+json", false, false, 0, MAKER_TIME },
                { "dsse", "0.0.1", "bundle.v0.3+json", false, true, MAKER_TIME, 0 },
                { "hashedrekord", "0.0.1", "bundle.v0.3+json", true, true, MAKER_TIME, 0 },
                { "hashedrekord", "0.0.2", "bundle.v0.3+json", true, true, 0, 0 },
        };
        const char *pem = maker_public_key(&maker);
        TrustKeys keys = { 0 };

        (void)state;
        assert_int_equal(trust_keys_read(&keys, "key", pem, strlen(pem), NULL), 0);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SigstorePolicy policy = make_policy();
                Recipe recipe = maker_recipe(&maker);
                SigstoreSigner signer;

                recipe.kind = cases[i].kind;
                recipe.version = cases[i].version;
                recipe.media_type = arena_printf(&arena, "application/vnd.dev.sigstore.%s",
                                                 cases[i].media_type);
                recipe.payload = cases[i].is_message ? NULL : recipe.payload;
                recipe.has_key = cases[i].has_key;
                recipe.integrated = cases[i].integrated;
                recipe.stamp = cases[i].stamp;
                policy.keys = cases[i].has_key ? &keys : NULL;
                assert_case(streq(refusal(maker_bundle(&maker, &recipe), &policy, &signer), ""),
                            "case %zu: %s", i,
                            refusal(maker_bundle(&maker, &recipe), &policy, &signer));
                assert_int_equal(signer.when, cases[i].integrated || cases[i].stamp
                                                      ? MAKER_TIME * USEC_PER_SEC
                                                      : 0);
                assert_true((signer.key != NULL) == cases[i].has_key);
                if (!cases[i].has_key)
                        assert_string_equal(signer.identity.subject, MAKER_SUBJECT);
                if (!cases[i].is_message)
                        assert_string_equal(signer.predicate_type, "urn:x");
        }
        trust_keys_done(&keys);
}

/* --- hostile bundles -------------------------------------------------------------------------- */

static void test_a_bundle_that_was_altered_is_refused(void **state)
{
        static const struct {
                const char *from, *to, *wanted;
        } cases[] = {
                { "bundle.v0.3", "bundle.v0.4",
                  "the media type of the bundle is not one of version 0.1, 0.2 or 0.3" },
                { "{\"mediaType\"", "{\"mediaType\":\"x\",\"mediaType\"",
                  "repeated key \"mediaType\" in JSON: clients differ in which value they take" },
                { "\"dsseEnvelope\":{", "\"dsseEnvelope\":{\"payload\":\"e30=\",",
                  "repeated key \"payload\" in JSON: clients differ in which value they take" },
                { "\"dsseEnvelope\":{", "\"dsseEnvelope\":{\"Payload\":\"e30=\",",
                  "field 'Payload' of the envelope is not known" },
                { "\"dsseEnvelope\":{", "\"dsseEnvelope\":[],\"x\":{",
                  "field 'dsseEnvelope' of the bundle is not an object" },
                { "\"dsseEnvelope\":{", "\"dsseEnvelope\":null,\"x\":{",
                  "field 'x' of the bundle is not known" },
                { "\"dsseEnvelope\":{",
                  "\"messageSignature\":{\"signature\":\"AAAA\"},\"dsseEnvelope\":{",
                  "the bundle must have one of messageSignature and dsseEnvelope" },
                { "\"certificate\":{", "\"publicKey\":{},\"certificate\":{",
                  "the bundle must have one of publicKey, certificate and x509CertificateChain" },
                { "\"certificate\":{\"rawBytes\":\"", "\"certificate\":{\"rawBytes\":\"AAAA",
                  "the certificate of the bundle is not a certificate in DER" },
                { "\"sig\":\"", "\"sig\":\"!",
                  "field 'sig' of the envelope's signature is not base64" },
                { "\"keyid\":\"\"", "\"keyid\":1",
                  "field 'keyid' of the envelope's signature is not text" },
                { "\"signatures\":[", "\"signatures\":[{\"sig\":\"AAAA\"},",
                  "the envelope of a bundle must have one signature" },
                { "\"logIndex\":\"7\"", "\"logIndex\":\"-7\"",
                  "field 'logIndex' of the log entry is not a number" },
                { "\"logIndex\":\"7\"", "\"logIndex\":7.5",
                  "field 'logIndex' of the log entry is not a number" },
                { "\"logIndex\":\"7\"", "\"logIndex\":\"9223372036854775808\"",
                  "field 'logIndex' of the log entry is not a number" },
                { "\"logIndex\":\"7\"", "\"logIndex\":\"8\"",
                  "the signed entry timestamp is not valid" },
                { "\"kind\":\"dsse\"", "\"kind\":\"rfc3161\"",
                  "relman does not support the kind of the log entry" },
                { "\"kind\":\"dsse\",\"version\":\"0.0.1\"",
                  "\"kind\":\"intoto\",\"version\":\"0.0.2\"",
                  "field 'envelopeHash' of the log entry's spec is not known" },
                { "\"integratedTime\":\"1700000000\"", "\"integratedTime\":\"1700000001\"",
                  "the signed entry timestamp is not valid" },
                { "\"integratedTime\":\"1700000000\"", "\"integratedTime\":\"1800000000\"",
                  "the time of a log entry is in the future" },
                { "\"treeSize\":\"2\"", "\"treeSize\":\"3\"",
                  "the inclusion proof does not lead to its root hash" },
                { "\"logIndex\":\"1\"", "\"logIndex\":\"0\"",
                  "the inclusion proof does not lead to its root hash" },
                { "\"logIndex\":\"1\"", "\"logIndex\":\"2\"",
                  "the inclusion proof does not lead to its root hash" },
                { "\"hashes\":[", "\"hashes\":[\"AAAA\",",
                  "the inclusion proof does not lead to its root hash" },
                { "\"checkpoint\":{\"envelope\":\"log.example.com\\n2",
                  "\"checkpoint\":{\"envelope\":\"log.example.com\\n3",
                  "the checkpoint has no valid signature of its log" },
                { "\xe2\x80\x94 log.example.com", "\xe2\x80\x94 witness.example.com",
                  "the checkpoint has no valid signature of its log" },
                { "\xe2\x80\x94 log.example.com ", "\xe2\x80\x94 log.example.com !",
                  "a signature of the checkpoint is malformed" },
                { "\xe2\x80\x94 log.example.com", "- log.example.com",
                  "a signature of the checkpoint is malformed" },
                { "\\n\\n\xe2\x80\x94", "\xe2\x80\x94", "the checkpoint is not a signed note" },
                { "\"checkpoint\":{", "\"checkpoint\":null,\"x\":{",
                  "field 'x' of the inclusion proof is not known" },
                { "\"inclusionProof\":{", "\"inclusionProof\":null,\"x\":{",
                  "field 'x' of the log entry is not known" },
                { "\"tlogEntries\":[", "\"tlogEntries\":{},\"x\":[",
                  "field 'tlogEntries' of the verification material is not a valid list" },
                { "\"canonicalizedBody\":\"", "\"canonicalizedBody\":\"\",\"x\":\"",
                  "field 'x' of the log entry is not known" },
        };
        const Recipe recipe = maker_recipe(&maker);
        const char *valid = maker_bundle(&maker, &recipe);
        const SigstorePolicy policy = make_policy();
        SigstoreSigner signer;

        (void)state;
        assert_string_equal(refusal(valid, &policy, &signer), "");
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *altered = replace(valid, cases[i].from, cases[i].to);

                assert_string_equal(refusal(altered, &policy, &signer), cases[i].wanted);
        }
        assert_string_equal(refusal("", &policy, &signer), "the bundle is not a JSON object");
        assert_string_equal(refusal("[]", &policy, &signer), "the bundle is not a JSON object");
        assert_string_equal(refusal("{}", &policy, &signer),
                            "field 'mediaType' of the bundle is missing or empty");
}

/* clang-format off */
static void no_change(Recipe *r) { (void)r; }
static void expired(Recipe *r) { r->integrated = r->until + 1; }
static void not_yet_valid(Recipe *r) { r->integrated = r->from - 1; }
static void stamped_late(Recipe *r) { r->stamp = r->until + 1; }
static void no_time(Recipe *r) { r->integrated = 0; }
static void other_usage(Recipe *r) { r->extended_usage = "serverAuth"; }
static void no_extended_usage(Recipe *r) { r->extended_usage = NULL; }
static void no_signing(Recipe *r) { r->usage = "critical,keyAgreement"; }
static void an_authority(Recipe *r) { r->constraints = "critical,CA:TRUE"; }
static void unknown_extension(Recipe *r) { r->raw_issuer = "critical,ASN1:UTF8String:x"; }
static void no_sct(Recipe *r) { r->has_no_sct = true; }
static void bad_sct(Recipe *r) { r->has_bad_sct = true; }
static void early_sct(Recipe *r) { r->sct_time = 1500000000; }
static void two_names(Recipe *r) { r->names = "URI:" MAKER_SUBJECT ",email:a@example.com"; }
static void no_name(Recipe *r) { r->names = NULL; }
static void dns_name(Recipe *r) { r->names = "DNS:git.example.com"; }
static void other_name(Recipe *r) { r->names = "otherName:1.2.3;UTF8:" MAKER_SUBJECT; }
static void longer_name(Recipe *r) { r->names = "URI:" MAKER_SUBJECT "-2"; }
static void shorter_name(Recipe *r) { r->names = "URI:https://git.example.com/shop/api/"; }
static void other_case(Recipe *r) { r->names = "URI:https://GIT.example.com/"; }
static void other_issuer(Recipe *r) { r->issuer = "ASN1:UTF8String:" MAKER_ISSUER "/"; }
static void no_issuer(Recipe *r) { r->issuer = NULL; }
static void not_utf8(Recipe *r) { r->issuer = "ASN1:IA5STRING:" MAKER_ISSUER; }
static void empty_issuer(Recipe *r) { r->issuer = "ASN1:UTF8String:"; }
static void bad_extension(Recipe *r) { r->constraints = "DER:01"; }
static void no_signatures(Recipe *r) { r->other_body = BODY("dsse", "0.0.1", "{\"payloadHash\":" HASH ",\"signatures\":[]}"); }
static void no_signatures2(Recipe *r) { r->version = "0.0.2"; r->stamp = MAKER_TIME; r->other_body = BODY("dsse", "0.0.2", "{\"dsseV002\":{\"payloadHash\":{\"algorithm\":\"SHA2_256\",\"digest\":\"AAAA\"},\"signatures\":[]}}"); }
static void no_signatures_intoto(Recipe *r) { r->kind = "intoto"; r->version = "0.0.2"; r->other_body = BODY("intoto", "0.0.2", "{\"content\":{\"envelope\":{\"payloadType\":\"x\",\"signatures\":[]},\"payloadHash\":" HASH "}}"); }
static void two_issuers(Recipe *r) { r->raw_issuer = "DER:78"; }
static void other_body(Recipe *r) { r->other_body = "{\"apiVersion\":\"0.0.2\",\"kind\":\"dsse\",\"spec\":" SPEC "}"; }
static void no_json_body(Recipe *r) { r->other_body = "x"; }
static void wrong_type(Recipe *r) { r->payload_type = "application/json"; }
static void wrong_statement(Recipe *r) { r->payload = "{\"_type\":\"x\"}"; }
/* clang-format on */

static void other_subject(Recipe *r)
{
        r->payload = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"urn:x\","
                     "\"subject\":[{\"name\":\"x\",\"digest\":{\"sha256\":\"" ZEROS "\"}}]}";
}

static void subject_in_annotation(Recipe *r)
{
        r->payload = arena_printf(
                &arena,
                "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"urn:x\","
                "\"subject\":[{\"name\":\"x\",\"digest\":{\"sha256\":\"" ZEROS "\"},"
                "\"annotations\":{\"sha256\":\"%s\"}}]}",
                maker_digest(&maker) + strlen("sha256:"));
}

static void old_chain(Recipe *r)
{
        r->media_type = "application/vnd.dev.sigstore.bundle+json;version=0.1";
        r->integrated = 0;
}

static void test_a_bundle_made_wrongly_is_refused(void **state)
{
        static const struct {
                void (*change)(Recipe *recipe);
                const char *wanted;
        } cases[] = {
                { no_change, "" },
                { expired, "at 2023-11-14T22:22:21Z: certificate has expired" },
                { not_yet_valid, "at 2023-11-14T22:12:19Z: certificate is not yet valid" },
                { stamped_late, "at 2023-11-14T22:22:21Z: certificate has expired" },
                { no_time, "nothing proves the time of the signature" },
                { other_usage,
                  "the certificate of the signer is not for code signing (extended key usage)" },
                { no_extended_usage,
                  "the certificate of the signer is not for code signing (extended key usage)" },
                { no_signing,
                  "the certificate of the signer is not for digital signatures (key usage)" },
                { an_authority, "the certificate of the signer is that of an authority" },
                { unknown_extension, "unhandled critical extension" },
                { no_sct, "the certificate of the signer has no timestamp (SCT) of a log" },
                { bad_sct, "a certificate timestamp (SCT) is not valid under the key of its log" },
                { early_sct, "a certificate timestamp is of a time when its log was not valid" },
                { two_names, "the certificate of the signer has not exactly one name" },
                { no_name, "the certificate of the signer has no name" },
                { dns_name,
                  "the certificate of the signer has a name of another kind than email, URI and Fulcio's" },
                { other_name,
                  "the certificate of the signer has a name of another kind than email, URI and Fulcio's" },
                { longer_name, "signed by '" MAKER_SUBJECT "-2' (issuer '" MAKER_ISSUER
                               "'), which the policy does not allow" },
                { shorter_name, "signed by 'https://git.example.com/shop/api/'" },
                { other_case, "signed by 'https://GIT.example.com" },
                { other_issuer, "(issuer '" MAKER_ISSUER "/'), which the policy does not allow" },
                { no_issuer,
                  "the certificate of the signer does not name the issuer of the identity" },
                { not_utf8,
                  "the certificate of the signer has an issuer that is not a UTF8String" },
                { two_issuers, "the certificate of the signer names two issuers of the identity" },
                { empty_issuer,
                  "the certificate of the signer has an empty identity, or one with a NUL byte" },
                { bad_extension, "the certificate of the signer has an invalid extension" },
                { no_signatures, "the log entry is about another number of signatures" },
                { no_signatures2, "the log entry is about another number of signatures" },
                { no_signatures_intoto, "the log entry is about another number of signatures" },
                { other_body, "the log entry is about another kind or version than its body" },
                { no_json_body, "the log entry's body is not a JSON object" },
                { wrong_type,
                  "not an in-toto statement: the payload type is not application/vnd.in-toto+json" },
                { wrong_statement,
                  "not an in-toto statement: _type is not https://in-toto.io/Statement/v1" },
                { other_subject, "the statement is about other artifacts" },
                { subject_in_annotation, "the statement is about other artifacts" },
                { old_chain, "a log entry of a bundle of version 0.1 has no inclusion promise" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Recipe recipe = maker_recipe(&maker);
                const char *reason;

                cases[i].change(&recipe);
                reason = refusal_of(&recipe);
                assert_case(cases[i].wanted[0] ? strstr(reason, cases[i].wanted) != NULL : !*reason,
                            "case %zu: '%s', not '%s'", i, reason, cases[i].wanted);
        }
}

static void test_the_form_of_certificates_is_that_of_the_version(void **state)
{
        static const char before[] = "bundle+json;version=0.2", after[] = "bundle.v0.3+json";
        const SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        SigstoreSigner signer;
        const char *text = maker_bundle(&maker, &recipe);

        (void)state;
        assert_string_equal(refusal(replace(text, after, before), &policy, &signer),
                            "a bundle before version 0.3 must not have a single certificate");
        recipe.media_type = "application/vnd.dev.sigstore.bundle+json;version=0.2";
        text = maker_bundle(&maker, &recipe);
        assert_string_equal(refusal(text, &policy, &signer), "");
        assert_string_equal(refusal(replace(text, before, after), &policy, &signer),
                            "a bundle of version 0.3 must not have x509CertificateChain");
        assert_string_equal(
                refusal(replace(text, "\"certificates\":[{", "\"certificates\":[],\"x\":[{"),
                        &policy, &signer),
                "field 'x' of the certificate chain is not known");
        text = replace(text, "\"x509CertificateChain\":{",
                       "\"x509CertificateChain\":{\"certificates\":[]},\"certificate\":{");
        assert_non_null(strstr(refusal(text, &policy, &signer), "is not known"));
}

static void test_a_statement_of_the_earlier_version_is_accepted(void **state)
{
        Recipe recipe = maker_recipe(&maker);

        (void)state;
        recipe.payload = replace(recipe.payload, "Statement/v1", "Statement/v0.1");
        assert_string_equal(refusal_of(&recipe), "");
        recipe.payload = replace(recipe.payload, "Statement/v0.1", "Statement/v0.2");
        assert_string_equal(refusal_of(&recipe), "not an in-toto statement: _type is not "
                                                 "https://in-toto.io/Statement/v1");
}

static void test_a_key_of_a_larger_curve_may_sign_with_sha256(void **state)
{
        const Recipe recipe = maker_recipe(&maker);
        EVP_PKEY *usual = maker.leaf_key;

        (void)state;
        maker.leaf_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
        assert_non_null(maker.leaf_key);
        assert_string_equal(refusal_of(&recipe), "");
        EVP_PKEY_free(maker.leaf_key);
        maker.leaf_key = usual;
}

static void test_a_proof_that_is_repeated_is_refused(void **state)
{
        static const struct {
                const char *name, *wanted;
        } lists[] = {
                { "\"tlogEntries\":[", "the bundle has a log entry twice" },
                { "\"rfc3161Timestamps\":[", "the bundle has a time stamp twice" },
        };
        const SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        SigstoreSigner signer;
        const char *text;

        (void)state;
        recipe.stamp = MAKER_TIME;
        text = maker_bundle(&maker, &recipe);
        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                const char *item = strstr(text, lists[i].name) + strlen(lists[i].name), *end;

                end = strstr(item, i == 0 ? "],\"timestamp" : "]");
                item = arena_strndup(&arena, item, (size_t)(end - item));
                assert_string_equal(
                        refusal(replace(text, lists[i].name,
                                        arena_printf(&arena, "%s%s,", lists[i].name, item)),
                                &policy, &signer),
                        lists[i].wanted);
        }
}

static void email(Recipe *r)
{
        r->names = "email:anna@example.com";
}

static void name_of_fulcio(Recipe *r)
{
        r->names = "otherName:1.3.6.1.4.1.57264.1.7;UTF8:anna";
}

static void issuer_of_old_form(Recipe *r)
{
        r->issuer = NULL;
        r->raw_issuer = "DER:78";
}

static void test_identities_of_each_form_are_read(void **state)
{
        static const struct {
                void (*change)(Recipe *recipe);
                IdentityRule rule;
        } cases[] = {
                { email, { .issuer = MAKER_ISSUER, .subject = "anna@example.com" } },
                { name_of_fulcio, { .issuer = MAKER_ISSUER, .subject = "anna" } },
                { issuer_of_old_form, { .issuer = "x", .subject = MAKER_SUBJECT } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SigstorePolicy policy = make_policy();
                Recipe recipe = maker_recipe(&maker);
                SigstoreSigner signer;

                cases[i].change(&recipe);
                policy.identities = &cases[i].rule;
                assert_string_equal(refusal(maker_bundle(&maker, &recipe), &policy, &signer), "");
        }
}

/* Bundles of another instance, and parts of two bundles put together. */
static void test_parts_of_other_bundles_are_refused(void **state)
{
        static const char *const parts[][2] = {
                { "\"canonicalizedBody\":\"", "the log entry is about another" },
                { "\"sig\":\"", "the signature is not valid under the key of the certificate" },
                { "\"signedTimestamp\":\"", "the time stamp is about another signature" },
                { "\"signedEntryTimestamp\":\"", "the signed entry timestamp is not valid" },
        };
        const SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker), other;
        const char *a, *b;
        SigstoreSigner signer;
        Maker stranger;

        (void)state;
        recipe.stamp = MAKER_TIME;
        other = recipe;
        other.payload = arena_printf(&arena, "%s ", recipe.payload);
        a = maker_bundle(&maker, &recipe);
        b = maker_bundle(&maker, &other);
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                const char *from = strstr(a, parts[i][0]) + strlen(parts[i][0]),
                           *to = strstr(b, parts[i][0]) + strlen(parts[i][0]), *reason;

                reason = refusal(replace(a, arena_strndup(&arena, from, strcspn(from, "\"")),
                                         arena_strndup(&arena, to, strcspn(to, "\""))),
                                 &policy, &signer);
                assert_case(i == 0 ? *reason != '\0' : strstr(reason, parts[i][1]) != NULL,
                            "case %zu: '%s'", i, reason);
        }
        maker_init(&stranger, &arena);
        assert_string_equal(refusal(maker_bundle(&stranger, &recipe), &policy, &signer),
                            "the time stamp is not signed by a trusted authority");
        recipe.stamp = 0;
        assert_string_equal(refusal(maker_bundle(&stranger, &recipe), &policy, &signer),
                            "the log of an entry is not in the trusted root");
        EVP_PKEY_free(stranger.log_key);
        stranger.log_key = maker.log_key;
        EVP_PKEY_up_ref(maker.log_key);
        a = refusal(maker_bundle(&stranger, &recipe), &policy, &signer);
        assert_case(strstr(a, "no valid chain to a trusted root") != NULL, "%s", a);
        maker_done(&stranger);
}

/* --- policies --------------------------------------------------------------------------------- */

static void test_the_policy_decides_who_may_sign(void **state)
{
        static const struct {
                const char *issuer, *subject, *pattern;
                bool is_allowed;
        } cases[] = {
                { MAKER_ISSUER, MAKER_SUBJECT, NULL, true },
                { MAKER_ISSUER, NULL, "https://git\\.example\\.com/shop/.*", true },
                { MAKER_ISSUER, NULL, "x|https://git\\.example\\.com/shop/api/build\\.yml@.*",
                  true },
                { MAKER_ISSUER, NULL, "https://git\\.example\\.com/shop/", false },
                { MAKER_ISSUER, NULL, "git\\.example\\.com/shop/.*", false },
                { MAKER_ISSUER, NULL, "https://git\\.example\\.com/shop/api|x", false },
                { MAKER_ISSUER, NULL, "", false },
                { MAKER_ISSUER, NULL, NULL, false },
                { MAKER_ISSUER "x", MAKER_SUBJECT, NULL, false },
                { "", MAKER_SUBJECT, NULL, false },
        };
        const SignerIdentity identity = { MAKER_ISSUER, MAKER_SUBJECT };
        Error error = { 0 };
        Regex *broken = NULL;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                IdentityRule item = { .issuer = cases[i].issuer, .subject = cases[i].subject };

                if (cases[i].pattern)
                        assert_int_equal(
                                identity_pattern_new(cases[i].pattern, &item.pattern, NULL), 0);
                assert_case(identity_is_allowed(&identity, &item, 1, NULL) == cases[i].is_allowed,
                            "case %zu", i);
                regex_free(item.pattern);
        }
        assert_true(identity_pattern_new("a)|(b", &broken, &error) < 0);
        error_done(&error);
        assert_int_equal(identity_is_allowed(&identity, NULL, 0, NULL), 0);
}

static void test_a_pattern_has_limits(void **state)
{
        char pattern[5000];
        SignerIdentity identity = { MAKER_ISSUER, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" };
        IdentityRule item = { .issuer = MAKER_ISSUER };
        Error error = { 0 };

        (void)state;
        memset(pattern, 'a', sizeof(pattern) - 1);
        pattern[sizeof(pattern) - 1] = '\0';
        assert_true(identity_pattern_new(pattern, &item.pattern, &error) < 0);
        assert_string_equal(error_message(&error),
                            "the regular expression is 4999 bytes long; at most 4096 are read");
        error_done(&error);
        assert_int_equal(identity_pattern_new("(a+)+", &item.pattern, NULL), 0);
        assert_true(identity_is_allowed(&identity, &item, 1, &error) < 0);
        assert_string_equal(error_message(&error),
                            "matching the subject with the pattern takes too long");
        error_done(&error);
        regex_free(item.pattern);
}

/* A bundle before version 0.3 may have certificates between that of the signer and the root. */
static void test_a_chain_has_no_root_and_only_certificates(void **state)
{
        const SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        SigstoreSigner signer;
        const char *text, *first;

        (void)state;
        recipe.media_type = "application/vnd.dev.sigstore.bundle+json;version=0.2";
        text = maker_bundle(&maker, &recipe);
        first = strstr(text, "\"certificates\":[") + strlen("\"certificates\":[");
        first = arena_strndup(&arena, first, strcspn(first, "}") + 1);
        assert_string_equal(
                refusal(replace(text, first, arena_printf(&arena, "%s,%s", first, first)), &policy,
                        &signer),
                "");
        assert_string_equal(refusal(replace(text, first,
                                            arena_printf(&arena, "%s,{\"rawBytes\":\"%s\"}", first,
                                                         maker_authority(&maker))),
                                    &policy, &signer),
                            "the bundle has a root certificate; roots are pinned only");
        assert_non_null(
                strstr(refusal(replace(text, first,
                                       arena_printf(&arena, "%s,{\"rawBytes\":\"MAA=\"}", first)),
                               &policy, &signer),
                       "a certificate of the bundle"));
}

static void test_what_the_policy_asks_for_must_be_in_the_bundle(void **state)
{
        const char *pem = maker_public_key(&maker);
        SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        TrustKeys keys = { 0 }, none = { 0 };
        SigstoreSigner signer;
        const char *text = maker_bundle(&maker, &recipe);

        (void)state;
        policy.predicate_type = "urn:y";
        assert_string_equal(refusal(text, &policy, &signer),
                            "the predicate type of the statement is 'urn:x', not 'urn:y'");
        policy.predicate_type = "urn:x";
        assert_string_equal(refusal(text, &policy, &signer), "");
        policy.root = NULL;
        assert_string_equal(refusal(text, &policy, &signer),
                            "identities cannot be verified without a trusted root");
        policy.keys = &none;
        assert_string_equal(refusal(text, &policy, &signer),
                            "signed by an identity, but a key is required");
        recipe.has_key = true;
        text = maker_bundle(&maker, &recipe);
        assert_string_equal(refusal(text, &policy, &signer),
                            "the signature is not valid under any of the keys");
        assert_int_equal(trust_keys_read(&keys, "key", pem, strlen(pem), NULL), 0);
        policy.keys = &keys;
        assert_string_equal(refusal(text, &policy, &signer), ""); /* asks no log */
        assert_int_equal(signer.when, 0);
        policy.keys = NULL;
        policy.root = root;
        assert_string_equal(refusal(text, &policy, &signer),
                            "signed by a key, but an identity is required");
        recipe = maker_recipe(&maker);
        recipe.payload = NULL;
        recipe.kind = "hashedrekord";
        assert_string_equal(refusal(maker_bundle(&maker, &recipe), &policy, &signer),
                            "the bundle has a signature of the artifact, not a statement");
        trust_keys_done(&keys);
}

/* A root of an instance without any log. */
static TrustedRoot *read_root_without_logs(void)
{
        const char *text = maker_root(&maker);
        TrustedRoot *made = NULL;

        text = arena_printf(&arena,
                            "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;"
                            "version=0.1\",%s",
                            strstr(text, "\"certificateAuthorities\""));
        assert_int_equal(trusted_root_read(text, strlen(text), &made, NULL), 0);
        return made;
}

static void test_a_time_stamp_is_enough_where_the_policy_needs_no_log(void **state)
{
        _cleanup_(trusted_root_freep) TrustedRoot *other = read_root_without_logs();
        const char *pem = maker_public_key(&maker);
        SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        SigstoreSigner signer;
        TrustKeys keys = { 0 };
        const char *stamped, *bare;

        (void)state;
        recipe.has_no_entry = true;
        bare = maker_bundle(&maker, &recipe);
        recipe.stamp = MAKER_TIME + 30;
        stamped = maker_bundle(&maker, &recipe);
        assert_string_equal(refusal(stamped, &policy, &signer),
                            "the signature has no entry of a transparency log");
        policy.may_lack_log = true;
        assert_string_equal(refusal(stamped, &policy, &signer), "");
        assert_true(signer.when == (usec_t)(MAKER_TIME + 30) * USEC_PER_SEC);
        assert_string_equal(refusal(bare, &policy, &signer),
                            "the signature has neither an entry of a transparency log nor a time "
                            "stamp");
        recipe.has_no_sct = true;
        stamped = maker_bundle(&maker, &recipe);
        assert_string_equal(refusal(stamped, &policy, &signer),
                            "the certificate of the signer has no timestamp (SCT) of a log");
        policy.root = other;
        assert_string_equal(refusal(stamped, &policy, &signer), "");
        policy.may_lack_log = false;
        assert_string_equal(refusal(stamped, &policy, &signer),
                            "the signature has no entry of a transparency log");
        policy.may_lack_log = true;
        recipe.stamp = MAKER_TIME + 601;
        assert_non_null(strstr(refusal(maker_bundle(&maker, &recipe), &policy, &signer),
                               "certificate has expired"));
        recipe.stamp = MAKER_TIME;
        recipe.has_no_entry = false; /* an entry must be valid although none is needed */
        assert_string_equal(refusal(maker_bundle(&maker, &recipe), &policy, &signer),
                            "the log of an entry is not in the trusted root");
        recipe.has_no_entry = recipe.has_key = true;
        assert_int_equal(trust_keys_read(&keys, "key", pem, strlen(pem), NULL), 0);
        policy.keys = &keys;
        assert_string_equal(refusal(maker_bundle(&maker, &recipe), &policy, &signer), "");
        trust_keys_done(&keys);
}

static void test_a_signature_of_an_artifact_needs_the_artifact(void **state)
{
        const SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        SigstoreArtifact artifact = { .digest = maker_digest(&maker) };
        Error error = { 0 };
        SigstoreSigner signer;
        const char *text;
        Bundle bundle;

        (void)state;
        recipe.payload = NULL;
        recipe.kind = "hashedrekord";
        text = maker_bundle(&maker, &recipe);
        assert_int_equal(bundle_read(text, strlen(text), &arena, &bundle, NULL), 0);
        assert_true(sigstore_verify(&bundle, &artifact, &policy, &arena, &signer, &error) < 0);
        assert_string_equal(error_message(&error), "the bundle has a signature of the artifact "
                                                   "itself, of which only the digest is known");
        error_done(&error);
        artifact.data = (Bytes){ (const void *)"other", 5 };
        assert_true(sigstore_verify(&bundle, &artifact, &policy, &arena, &signer, &error) < 0);
        assert_string_equal(error_message(&error), "the artifact does not have its digest");
        error_done(&error);
        text = replace(text, "\"digest\":\"", "\"digest\":\"AAAA");
        assert_string_equal(refusal(text, &policy, &signer),
                            "the digest in the bundle is that of another artifact");
        text = replace(text, "SHA2_256", "MD5");
        assert_string_equal(refusal(text, &policy, &signer),
                            "the hash algorithm is not one of SHA-256, SHA-384 and SHA-512");
}

static void test_a_bundle_beyond_a_limit_is_refused(void **state)
{
        const Recipe recipe = maker_recipe(&maker);
        const char *valid = maker_bundle(&maker, &recipe), *many = "\"tlogEntries\":[";
        const SigstorePolicy policy = make_policy();
        SigstoreSigner signer;
        Error error = { 0 };
        Bundle bundle;

        (void)state;
        assert_int_equal(bundle_read(valid, BUNDLE_MAX + 1, &arena, &bundle, &error), -EFBIG);
        assert_string_equal(error_message(&error), "the bundle has more than 16777216 bytes");
        error_done(&error);
        for (size_t i = 0; i < LOG_ENTRIES_MAX; i++)
                many = arena_printf(&arena, "%s{},", many);
        assert_string_equal(refusal(replace(valid, "\"tlogEntries\":[", many), &policy, &signer),
                            "field 'tlogEntries' of the verification material has too many items");
}

/* --- the trusted root ------------------------------------------------------------------------- */

static void test_a_faulty_trusted_root_is_refused(void **state)
{
        static const struct {
                const char *from, *to, *wanted;
        } cases[] = {
                { "version=0.1", "version=9",
                  "the media type of the trusted root is not one of version 0.1 or 0.2" },
                { "\"tlogs\"", "\"logs\"", "field 'logs' of the trusted root is not known" },
                { "{\"mediaType\"", "{\"tlogs\":[],\"mediaType\"",
                  "repeated key \"tlogs\" in JSON: clients differ in which value they take" },
                { "2020-01-01T00:00:00Z", "2020-01-01",
                  "field 'start' of the time range is not a time" },
                { "\"publicKey\":{\"rawBytes\":\"", "\"publicKey\":{\"rawBytes\":\"AAAA",
                  "log 'log.example.com': 'the key of a log' is not a public key in DER" },
                { "PKIX_ECDSA_P256_SHA_256", "PKCS1_RSA_PKCS1V5",
                  "log 'log.example.com': the key of a log is not an RSA key in DER" },
                { "{\"certificates\":[{\"rawBytes\":\"", "{\"certificates\":[{\"rawBytes\":\"AAAA",
                  "a certificate of an authority is not a certificate in DER" },
                { "\"certChain\":{\"certificates\":[", "\"certChain\":{\"x\":[],\"certificates\":[",
                  "field 'x' of the certificate chain is not known" },
                { "\"logId\":{\"keyId\":\"", "\"logId\":{\"keyId\":\"\",\"x\":\"",
                  "field 'x' of the log id is not known" },
        };
        const char *valid = maker_root(&maker);
        TrustedRoot *read = NULL;
        Error error = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *text = replace(valid, cases[i].from, cases[i].to);

                assert_true(trusted_root_read(text, strlen(text), &read, &error) < 0);
                assert_string_equal(error_message(&error), cases[i].wanted);
                error_done(&error);
        }
        assert_true(trusted_root_read(valid, TRUSTED_ROOT_MAX + 1, &read, &error) < 0);
        assert_string_equal(error_message(&error), "the trusted root has more than 1048576 bytes");
        error_done(&error);
}

/* Verifies a valid bundle with a trusted root that was altered. */
static const char *refusal_under(const char *from, const char *to, long stamp)
{
        const char *text = replace(maker_root(&maker), from, to), *reason;
        SigstorePolicy policy = make_policy();
        Recipe recipe = maker_recipe(&maker);
        TrustedRoot *other = NULL;
        SigstoreSigner signer;

        recipe.stamp = stamp;
        assert_int_equal(trusted_root_read(text, strlen(text), &other, NULL), 0);
        policy.root = other;
        reason = refusal(maker_bundle(&maker, &recipe), &policy, &signer);
        trusted_root_free(other);
        return reason;
}

static void test_logs_and_authorities_count_only_while_they_are_valid(void **state)
{
        const char *reason;

        (void)state;
        assert_string_equal(refusal_under("2020-01-01T00:00:00Z", "2023-11-14T22:13:20Z", 0), "");
        assert_string_equal(refusal_under("2020-01-01T00:00:00Z", "2023-11-14T22:13:21Z", 0),
                            "the key of the log was not valid when the entry was added");
        assert_string_equal(refusal_under("\"start\":\"2020-01-01T00:00:00Z\"",
                                          "\"end\":\"2023-11-14T22:13:20Z\"", 0),
                            "");
        assert_string_equal(refusal_under("\"start\":\"2020-01-01T00:00:00Z\"",
                                          "\"end\":\"2023-11-14T22:13:19.999Z\"", 0),
                            "the key of the log was not valid when the entry was added");
        assert_string_equal(refusal_under("PKIX_ECDSA_P256_SHA_256", "PKIX_ML_DSA_65", 0),
                            "relman does not support the algorithm of the log's key");
        reason = refusal_under("2030-12-31T23:59:59.999Z\"}}],\"timestampAuthorities\"",
                               "2021-01-01T00:00:00Z\"}}],\"timestampAuthorities\"", 0);
        assert_case(strstr(reason, "no valid chain to a trusted root") != NULL, "%s", reason);
        assert_string_equal(refusal_under("2030-12-31T23:59:59.999Z\"}}]}",
                                          "2021-01-01T00:00:00Z\"}}]}", MAKER_TIME),
                            "the time stamp is of a time when no trusted authority was valid");
}

/* --- Merkle trees ----------------------------------------------------------------------------- */

#define LEAVES_MAX 40

static void hash_node(const unsigned char *a, const unsigned char *b, unsigned char *ret)
{
        unsigned char data[65] = { 1 };
        Hash hash;

        memcpy(data + 1, a, 32);
        memcpy(data + 33, b, 32);
        assert_int_equal(hash_compute("sha256", (Bytes){ data, sizeof(data) }, &hash, NULL), 0);
        memcpy(ret, hash.data, 32);
}

/* Computes the root of leaves and the path of one, as RFC 6962 defines them. */
static void tree(size_t from, size_t n, size_t wanted, unsigned char *ret_root, Bytes *path,
                 size_t *n_path)
{
        unsigned char left[32], right[32];
        size_t half = 1;

        if (n == 1) {
                const unsigned char leaf[2] = { 0, (unsigned char)from };
                Hash hash;

                assert_int_equal(hash_compute("sha256", (Bytes){ leaf, 2 }, &hash, NULL), 0);
                memcpy(ret_root, hash.data, 32);
                return;
        }
        while (half * 2 < n)
                half *= 2;
        tree(from, half, wanted, left, path, n_path);
        tree(from + half, n - half, wanted, right, path, n_path);
        hash_node(left, right, ret_root);
        if (wanted >= from && wanted < from + n)
                path[(*n_path)++] =
                        (Bytes){ arena_memdup(&arena, wanted < from + half ? right : left, 32),
                                 32 };
}

static void test_inclusion_is_proved_in_trees_of_all_sizes(void **state)
{
        (void)state;
        for (size_t n = 1; n <= LEAVES_MAX; n++)
                for (size_t i = 0; i < n; i++) {
                        const unsigned char leaf = (unsigned char)i;
                        unsigned char hash[32];
                        Bytes path[8];
                        InclusionProof proof = { .log_index = i, .tree_size = n };

                        tree(0, n, i, hash, path, &proof.hashes.n);
                        proof.hashes.items = path;
                        proof.root_hash = (Bytes){ hash, 32 };
                        assert_case(log_inclusion_is_valid(&proof, (Bytes){ &leaf, 1 }),
                                    "%zu of %zu", i, n);
                        proof.log_index = i + 1;
                        assert_false(log_inclusion_is_valid(&proof, (Bytes){ &leaf, 1 }));
                        proof.log_index = i;
                        hash[0] ^= 1;
                        assert_false(log_inclusion_is_valid(&proof, (Bytes){ &leaf, 1 }));
                        hash[0] ^= 1;
                        if (proof.hashes.n == 0)
                                continue;
                        proof.hashes.n--;
                        assert_false(log_inclusion_is_valid(&proof, (Bytes){ &leaf, 1 }));
                        path[0].size--;
                        proof.hashes.n++;
                        assert_false(log_inclusion_is_valid(&proof, (Bytes){ &leaf, 1 }));
                }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_of_bundle_is_accepted),
        cmocka_unit_test(test_a_bundle_that_was_altered_is_refused),
        cmocka_unit_test(test_a_bundle_made_wrongly_is_refused),
        cmocka_unit_test(test_the_form_of_certificates_is_that_of_the_version),
        cmocka_unit_test(test_a_statement_of_the_earlier_version_is_accepted),
        cmocka_unit_test(test_a_key_of_a_larger_curve_may_sign_with_sha256),
        cmocka_unit_test(test_a_proof_that_is_repeated_is_refused),
        cmocka_unit_test(test_identities_of_each_form_are_read),
        cmocka_unit_test(test_parts_of_other_bundles_are_refused),
        cmocka_unit_test(test_the_policy_decides_who_may_sign),
        cmocka_unit_test(test_a_pattern_has_limits),
        cmocka_unit_test(test_a_chain_has_no_root_and_only_certificates),
        cmocka_unit_test(test_what_the_policy_asks_for_must_be_in_the_bundle),
        cmocka_unit_test(test_a_time_stamp_is_enough_where_the_policy_needs_no_log),
        cmocka_unit_test(test_a_signature_of_an_artifact_needs_the_artifact),
        cmocka_unit_test(test_a_bundle_beyond_a_limit_is_refused),
        cmocka_unit_test(test_a_faulty_trusted_root_is_refused),
        cmocka_unit_test(test_logs_and_authorities_count_only_while_they_are_valid),
        cmocka_unit_test(test_inclusion_is_proved_in_trees_of_all_sizes),
};
TEST_PROGRAM("sigstore", tests, set_up, tear_down)
