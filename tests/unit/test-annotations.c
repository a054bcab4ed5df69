/* Tests signatures and attestations that cosign 2 stores with annotations: which are valid, and
 * that each hostile one is refused with its own reason. */

#include <openssl/pem.h>

#include "base/limits-trust.h"
#include "sigstore-maker.h"
#include "trust/base64.h"
#include "trust/entry-body.h"
#include "trust/simple-signing.h"
#include "unit.h"

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PAYLOAD                                                                                    \
        "{\"critical\":{\"identity\":{\"docker-reference\":\"x\"},\"image\":{"                     \
        "\"docker-manifest-digest\":\"" DIGEST "\"},\"type\":\"cosign container image "            \
        "signature\"},\"optional\":null}"

static Arena arena;
static Maker maker;
static TrustedRoot *root;

static int set_up(void **state)
{
        const char *text;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        maker_init(&maker, &arena);
        text = maker_root(&maker);
        return trusted_root_read(text, strlen(text), &root, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        root = trusted_root_free(root);
        maker_done(&maker);
        arena_done(&arena);
        return 0;
}

/* --- annotations of a bundle ------------------------------------------------------------------ */

static const char *encode(Bytes data)
{
        const char *text;
        Buffer out;

        buffer_init(&out, TEST_ARENA_MAX);
        base64_encode(data.data, data.size, &out);
        text = arena_strdup(&arena, out.data);
        buffer_done(&out);
        return text;
}

static const char *pem_of(X509 *certificate)
{
        BIO *bio = BIO_new(BIO_s_mem());
        const char *text;
        char *data;
        long size;

        assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
        size = BIO_get_mem_data(bio, &data);
        text = arena_strndup(&arena, data, (size_t)size);
        BIO_free(bio);
        return text;
}

static const char *leaf_of(const Bundle *bundle)
{
        X509 *leaf = NULL;
        const char *text;

        assert_int_equal(certificate_read("it", bundle->chain[0], &leaf, NULL), 0);
        text = pem_of(leaf);
        X509_free(leaf);
        return text;
}

static const char *entry_of(const LogEntry *entry)
{
        const char *id = "";

        for (size_t i = 0; i < entry->log_id.bytes.size; i++)
                id = arena_printf(&arena, "%s%02x", id, entry->log_id.bytes.data[i]);
        return arena_printf(&arena,
                            "{\"SignedEntryTimestamp\":\"%s\",\"Payload\":{\"body\":\"%s\","
                            "\"integratedTime\":%lu,\"logIndex\":%lu,\"logID\":\"%s\"}}",
                            encode(entry->promise.bytes), encode(entry->body),
                            (unsigned long)entry->integrated_time, (unsigned long)entry->log_index,
                            id);
}

/* Returns a bundle of the recipe as cosign 2 stores it. */
static CosignAnnotations annotate(const Recipe *recipe, Bundle *ret)
{
        const char *text = maker_bundle(&maker, recipe);
        CosignAnnotations made = { 0 };

        assert_int_equal(bundle_read(text, strlen(text), &arena, ret, NULL), 0);
        made.signature = encode(ret->signature);
        if (!ret->has_key) {
                made.certificate = leaf_of(ret);
                made.chain = pem_of(maker.ca);
        }
        if (ret->n_entries > 0)
                made.entry = entry_of(&ret->entries[0]);
        if (ret->n_timestamps > 0)
                made.stamp = arena_printf(&arena, "{\"SignedRFC3161Timestamp\":\"%s\"}",
                                          encode(ret->timestamps[0].bytes));
        return made;
}

static Recipe make_recipe(void)
{
        Recipe recipe = maker_recipe(&maker);

        recipe.payload = NULL;
        recipe.artifact = PAYLOAD;
        recipe.kind = "hashedrekord";
        return recipe;
}

static CosignAnnotations make_annotations(void)
{
        const Recipe recipe = make_recipe();
        Bundle bundle;

        return annotate(&recipe, &bundle);
}

/* --- verification ----------------------------------------------------------------------------- */

static const IdentityRule rule = { .issuer = MAKER_ISSUER, .subject = MAKER_SUBJECT };

static SigstorePolicy make_policy(void)
{
        return (SigstorePolicy){
                .identities = &rule, .n_identities = 1, .root = root, .now = MAKER_NOW
        };
}

/* Returns "" if the signature of the payload is valid, else the reason. */
static const char *refusal_for(const CosignAnnotations *annotations, const char *payload,
                               const SigstorePolicy *policy, SigstoreSigner *ret)
{
        const Bytes bytes = { (const void *)payload, strlen(payload) };
        Error error = { 0 };
        Bundle bundle;
        const SimpleSigning item = { bytes, &bundle };
        int r = simple_signing_read(bytes, annotations, &arena, &bundle, &error);
        const char *reason;

        if (r >= 0)
                r = simple_signing_verify(&item, DIGEST, policy, &arena, ret, &error);
        reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");
        error_done(&error);
        return reason;
}

static const char *refusal(const CosignAnnotations *annotations)
{
        const SigstorePolicy policy = make_policy();
        SigstoreSigner signer = { 0 };

        return refusal_for(annotations, PAYLOAD, &policy, &signer);
}

/* Returns the text with the first occurrence of `from` replaced. */
static const char *replace(const char *text, const char *from, const char *to)
{
        const char *at = strstr(text, from);

        assert_case(at, "%s", from);
        return arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void test_an_identity_signs_an_image_without_a_bundle(void **state)
{
        const SigstorePolicy policy = make_policy();
        CosignAnnotations annotations = make_annotations();
        SigstoreSigner signer = { 0 };

        (void)state;
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer), "");
        assert_string_equal(signer.identity.subject, MAKER_SUBJECT);
        assert_true(signer.when == (usec_t)MAKER_TIME * USEC_PER_SEC);
        annotations.chain = NULL; /* the trusted root has the issuer */
        assert_string_equal(refusal(&annotations), "");
}

static void test_a_key_whose_signature_a_log_has(void **state)
{
        const char *pem = maker_public_key(&maker);
        SigstorePolicy policy = make_policy();
        Recipe recipe = make_recipe();
        SigstoreSigner signer = { 0 };
        CosignAnnotations annotations;
        TrustKeys keys = { 0 };
        Bundle bundle;

        (void)state;
        recipe.has_key = true;
        annotations = annotate(&recipe, &bundle);
        assert_string_equal(refusal(&annotations), "signed by a key, but an identity is required");
        assert_int_equal(trust_keys_read(&keys, "key", pem, strlen(pem), NULL), 0);
        policy.keys = &keys;
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer), "");
        assert_ptr_equal(signer.key, keys.items[0]);
        annotations.entry = NULL;
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer),
                            "the signature has no entry of a transparency log");
        policy.root = NULL;
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer), "");
        trust_keys_done(&keys);
}

static void test_a_time_stamp_counts_as_in_a_bundle(void **state)
{
        SigstorePolicy policy = make_policy();
        Recipe recipe = make_recipe();
        SigstoreSigner signer = { 0 };
        CosignAnnotations annotations;
        Bundle bundle;

        (void)state;
        recipe.stamp = MAKER_TIME + 5;
        recipe.has_no_entry = true;
        annotations = annotate(&recipe, &bundle);
        assert_string_equal(refusal(&annotations),
                            "the signature has no entry of a transparency log");
        policy.may_lack_log = true;
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer), "");
        annotations.stamp = replace(annotations.stamp, ":\"", ":\"AAAA");
        assert_string_equal(refusal_for(&annotations, PAYLOAD, &policy, &signer),
                            "the time stamp is not a response in DER");
}

/* --- hostile annotations ---------------------------------------------------------------------- */

static void test_certificates_that_are_malformed(void **state)
{
        const CosignAnnotations valid = make_annotations();
        const char *twice = arena_printf(&arena, "%s%s", valid.certificate, valid.certificate);
        const char *many = "", *large;
        char *blanks = arena_alloc_bytes(&arena, ANNOTATION_MAX + 2);
        CosignAnnotations item;

        (void)state;
        for (size_t i = 0; i < CHAIN_MAX; i++)
                many = arena_printf(&arena, "%s%s", many, valid.certificate);
        memset(blanks, ' ', ANNOTATION_MAX + 1);
        blanks[ANNOTATION_MAX + 1] = '\0';
        large = blanks;
        const struct {
                const char *certificate, *chain, *wanted;
        } cases[] = {
                { twice, valid.chain,
                  "annotation dev.sigstore.cosign/certificate has not exactly one certificate" },
                { "", valid.chain,
                  "annotation dev.sigstore.cosign/certificate has not exactly one certificate" },
                { NULL, valid.chain,
                  "annotation dev.sigstore.cosign/chain needs dev.sigstore.cosign/certificate" },
                { "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", NULL,
                  "annotation dev.sigstore.cosign/certificate is not PEM" },
                { valid.certificate, many,
                  "annotation dev.sigstore.cosign/chain has too many certificates" },
                { valid.certificate, large,
                  "annotation dev.sigstore.cosign/chain has more than 262144 bytes" },
                { large, NULL,
                  "annotation dev.sigstore.cosign/certificate has more than 262144 bytes" },
                { pem_of(maker.ca), NULL,
                  "the signature is not valid under the key of the certificate" },
                { valid.certificate,
                  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                  "annotation dev.sigstore.cosign/chain is not a certificate in DER" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                item = valid;
                item.certificate = cases[i].certificate;
                item.chain = cases[i].chain;
                assert_string_equal(refusal(&item), cases[i].wanted);
        }
}

static void test_entries_that_are_malformed_or_of_others(void **state)
{
        const CosignAnnotations valid = make_annotations(), other = make_annotations();
        Recipe recipe = make_recipe();
        Bundle bundle;
        CosignAnnotations item = valid;
        const char *rekord;

        (void)state;
        recipe.other_body = "{\"apiVersion\":\"0.0.1\",\"kind\":\"rekord\",\"spec\":{}}";
        item = annotate(&recipe, &bundle);
        rekord = item.entry;
        recipe.other_body = "[]";
        item = annotate(&recipe, &bundle);
        const struct {
                const char *entry, *wanted;
        } cases[] = {
                { other.entry, "the log entry is about another signature" },
                { rekord, "relman does not support the kind of the log entry" },
                { item.entry, "relman does not support the kind of the log entry" },
                { replace(valid.entry, "\"integratedTime\":17", "\"integratedTime\":16"),
                  "the signed entry timestamp is not valid" },
                { replace(valid.entry, "\"logIndex\":7", "\"logIndex\":8"),
                  "the signed entry timestamp is not valid" },
                { replace(valid.entry, "\"logID\":\"", "\"logID\":\"0"),
                  "annotation dev.sigstore.cosign/bundle has a logID that is not hex" },
                { replace(valid.entry, "\"logID\":\"", "\"logID\":\"AA"),
                  "annotation dev.sigstore.cosign/bundle has a logID that is not hex" },
                { replace(valid.entry, "\"logID\":\"", "\"logID\":\"00"),
                  "the log of an entry is not in the trusted root" },
                { replace(valid.entry, "\"logIndex\"", "\"index\""),
                  "annotation dev.sigstore.cosign/bundle: field 'index' of the log entry is not "
                  "known" },
                { replace(valid.entry, "\"body\":\"", "\"body\":\"!"),
                  "annotation dev.sigstore.cosign/bundle: field 'body' of the log entry is not "
                  "base64" },
                { replace(valid.entry, "{\"Signed", "{\"Payload\":{},\"Signed"),
                  "annotation dev.sigstore.cosign/bundle: repeated key \"Payload\" in JSON: clients "
                  "differ in which value they take" },
                { "null", "annotation dev.sigstore.cosign/bundle: the promised entry is not a JSON "
                          "object" },
                { NULL, "the signature has no entry of a transparency log" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                item = valid;
                item.entry = cases[i].entry;
                assert_string_equal(refusal(&item), cases[i].wanted);
        }
        item = valid;
        item.stamp = "{\"SignedRFC3161Timestamp\":\"AA\"}";
        assert_string_equal(refusal(&item),
                            "annotation dev.sigstore.cosign/rfc3161timestamp: field "
                            "'SignedRFC3161Timestamp' of the time stamp is not "
                            "base64");
}

static void test_an_identity_signed_another_payload(void **state)
{
        const SigstorePolicy policy = make_policy();
        const CosignAnnotations valid = make_annotations();
        Recipe recipe = make_recipe();
        CosignAnnotations item;
        SigstoreSigner signer;
        Bundle bundle;

        (void)state;
        assert_string_equal(refusal_for(&valid, PAYLOAD " ", &policy, &signer),
                            "the signature is not valid under the key of the certificate");
        recipe.artifact = replace(PAYLOAD, "sha256:aa", "sha256:bb");
        item = annotate(&recipe, &bundle);
        assert_string_equal(refusal_for(&item, recipe.artifact, &policy, &signer),
                            arena_printf(&arena,
                                         "the docker-manifest-digest of the signed payload is "
                                         "'%s', not " DIGEST,
                                         replace(DIGEST, "sha256:aa", "sha256:bb")));
}

/* --- attestations ----------------------------------------------------------------------------- */

/* cosign before 2.2 adds entries of this kind, which have the hash of the envelope only. */
static void test_an_entry_with_the_hash_of_the_envelope(void **state)
{
        static const char envelope[] = "the envelope";
        const char *key = encode((Bytes){ (const void *)maker_public_key(&maker),
                                          strlen(maker_public_key(&maker)) });
        char hash[DIGEST_SIZE_MAX], other[DIGEST_SIZE_MAX];
        TrustKeys keys = { 0 };
        Error error = { 0 };

        (void)state;
        assert_int_equal(trust_keys_read(&keys, "key", maker_public_key(&maker),
                                         strlen(maker_public_key(&maker)), NULL),
                         0);
        digest_sha256(envelope, strlen(envelope), hash);
        digest_sha256("payload", strlen("payload"), other);
        const struct {
                const char *envelope, *payload, *wanted;
                size_t size;
        } cases[] = {
                { hash, other, "", strlen(envelope) },
                { other, other, "the log entry is about another artifact or statement",
                  strlen(envelope) },
                { hash, hash, "the log entry is about another artifact or statement",
                  strlen(envelope) },
                { hash, other,
                  "relman supports log entries of the kind intoto 0.0.1 only of envelopes outside "
                  "of bundles",
                  0 },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const EntrySubject subject = {
                        .payload = { (const void *)"payload", strlen("payload") },
                        .envelope = { (const void *)envelope, cases[i].size },
                        .key_id = trust_key_id(keys.items[0]),
                };
                const char *body = arena_printf(
                        &arena,
                        "{\"apiVersion\":\"0.0.1\",\"kind\":\"intoto\",\"spec\":{\"content\":{"
                        "\"hash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"},\"payloadHash\":{"
                        "\"algorithm\":\"sha256\",\"value\":\"%s\"}},\"publicKey\":\"%s\"}}",
                        cases[i].envelope + strlen("sha256:"), cases[i].payload + strlen("sha256:"),
                        key);
                const LogEntry entry = { .body = { (const void *)body, strlen(body) } };
                int r = entry_body_verify(&entry, &subject, &error);

                assert_string_equal(r < 0 ? error_message(&error) : "", cases[i].wanted);
                error_done(&error);
        }
        trust_keys_done(&keys);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_identity_signs_an_image_without_a_bundle),
        cmocka_unit_test(test_a_key_whose_signature_a_log_has),
        cmocka_unit_test(test_a_time_stamp_counts_as_in_a_bundle),
        cmocka_unit_test(test_certificates_that_are_malformed),
        cmocka_unit_test(test_entries_that_are_malformed_or_of_others),
        cmocka_unit_test(test_an_identity_signed_another_payload),
        cmocka_unit_test(test_an_entry_with_the_hash_of_the_envelope),
};
TEST_PROGRAM("annotations", tests, set_up, tear_down)
