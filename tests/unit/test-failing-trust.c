/* Verifies signatures while allocations fail. A valid signature must be accepted, or the error must
 * be that memory ran out: it must never look like an invalid signature. */

#include "failing.h"
#include "notation-maker.h"
#include "trust/base64.h"
#include "trust/dsse.h"
#include "trust/simple-signing.h"
#include "unit.h"

#define RESULT_MAX ((size_t)1024 * 1024)

static Arena arena;
static Maker maker;
static NotationMaker notation;
static const char *root_text, *digest, *public_key;

static int set_up(void **state)
{
        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        maker_init(&maker, &arena);
        notation_maker_init(&notation, &arena);
        root_text = maker_root(&maker);
        digest = maker_digest(&maker);
        public_key = maker_public_key(&maker);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        notation_maker_done(&notation);
        maker_done(&maker);
        arena_done(&arena);
        return 0;
}

/* Makes an error that does not say that memory ran out a result, which the sweep finds wrong. */
static int only_internal(int r, Buffer *out, Error *err)
{
        if (r >= 0 || err->kind == ERROR_INTERNAL)
                return r;
        (void)buffer_puts(out, error_message(err));
        error_done(err);
        return 0;
}

static void sweep(const char *name, int (*run)(const void *input, Buffer *out, Error *err),
                  const void *input)
{
        const FailingJob job = { .name = name, .run = run, .input = input };

        print_message("# %s: %zu faults\n", name, failing_sweep(FAILING_ALLOCATIONS, &job));
}

/* --- Sigstore --------------------------------------------------------------------------------- */

static const IdentityRule rule = { .issuer = MAKER_ISSUER, .subject = MAKER_SUBJECT };

static int verify_bundle(const void *input, Buffer *out, Error *err)
{
        _cleanup_(arena_done) Arena work;
        _cleanup_(trusted_root_freep) TrustedRoot *root = NULL;
        const SigstoreArtifact artifact = {
                .digest = digest,
                .data = { (const void *)MAKER_ARTIFACT, strlen(MAKER_ARTIFACT) },
        };
        SigstorePolicy policy = { .identities = &rule, .n_identities = 1, .now = MAKER_NOW };
        SigstoreSigner signer = { 0 };
        Bundle bundle;
        int r;

        arena_init(&work, TEST_ARENA_MAX);
        r = trusted_root_read(root_text, strlen(root_text), &root, err);
        policy.root = root;
        if (r >= 0)
                r = bundle_read(input, strlen(input), &work, &bundle, err);
        if (r >= 0)
                r = sigstore_verify(&bundle, &artifact, &policy, &work, &signer, err);
        if (r >= 0)
                (void)buffer_puts(out, signer.identity.subject);
        return only_internal(r, out, err);
}

static void test_a_bundle_is_verified_or_memory_ran_out(void **state)
{
        static const struct {
                const char *kind, *version;
                bool is_message;
        } cases[] = {
                { "dsse", "0.0.1", false },
                { "intoto", "0.0.2", false },
                { "hashedrekord", "0.0.2", true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Recipe recipe = maker_recipe(&maker);

                recipe.kind = cases[i].kind;
                recipe.version = cases[i].version;
                recipe.stamp = MAKER_TIME;
                if (cases[i].is_message)
                        recipe.payload = NULL;
                sweep(cases[i].kind, verify_bundle, maker_bundle(&maker, &recipe));
        }
}

/* --- envelopes -------------------------------------------------------------------------------- */

/* Signs a payload, and verifies the envelope. */
static int sign_and_verify(const void *input, Buffer *out, Error *err)
{
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        _cleanup_(buffer_done) Buffer payload = { 0 }, text = { 0 }, pem = { 0 };
        _cleanup_(arena_done) Arena work;
        const TrustKey *found;
        DsseEnvelope envelope;
        int r;

        arena_init(&work, TEST_ARENA_MAX);
        buffer_init(&payload, RESULT_MAX);
        buffer_init(&text, RESULT_MAX);
        buffer_init(&pem, RESULT_MAX);
        (void)buffer_puts(&payload, "payload");
        r = trust_key_read_private("key", input, strlen(input), &key, err);
        if (r >= 0)
                r = dsse_sign(key, "text/x", &payload, &text, err);
        if (r >= 0)
                r = trust_key_write_public(key, &pem, err);
        if (r >= 0)
                r = trust_keys_read(&keys, "key", pem.data, pem.size, err);
        if (r >= 0)
                r = dsse_read(text.data, text.size, &work, &envelope, err);
        if (r >= 0)
                r = dsse_verify(&envelope, &keys, &found, err);
        if (r >= 0)
                (void)buffer_printf(out, "%s: %d, %s", envelope.payload, r, trust_key_id(key));
        return only_internal(r, out, err);
}

static void test_an_envelope_is_verified_or_memory_ran_out(void **state)
{
        TrustKey *key = NULL;
        Buffer pem;

        (void)state;
        buffer_init(&pem, RESULT_MAX);
        assert_int_equal(trust_key_generate(KEY_TYPE_ED25519, &key, NULL), 0);
        assert_int_equal(trust_key_write_private(key, &pem, NULL), 0);
        sweep("envelope", sign_and_verify, pem.data);
        buffer_done(&pem);
        trust_key_free(key);
}

/* --- simple signing --------------------------------------------------------------------------- */

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PAYLOAD                                                                                    \
        "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"},\"type\":"           \
        "\"cosign container image signature\"}}"

static int verify_simple(const void *input, Buffer *out, Error *err)
{
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        _cleanup_(arena_done) Arena work;
        const CosignAnnotations annotations = { .signature = input };
        const SigstorePolicy policy = { .keys = &keys };
        const Bytes payload = { (const void *)PAYLOAD, strlen(PAYLOAD) };
        SigstoreSigner signer = { 0 };
        Bundle bundle;
        const SimpleSigning item = { payload, &bundle };
        int r;

        arena_init(&work, TEST_ARENA_MAX);
        r = trust_keys_read(&keys, "key", public_key, strlen(public_key), err);
        if (r >= 0)
                r = simple_signing_read(payload, &annotations, &work, &bundle, err);
        if (r >= 0)
                r = simple_signing_verify(&item, DIGEST, &policy, &work, &signer, err);
        if (r >= 0)
                (void)buffer_puts(out, trust_key_id(signer.key));
        return only_internal(r, out, err);
}

static void test_simple_signing_is_verified_or_memory_ran_out(void **state)
{
        Recipe recipe = maker_recipe(&maker);
        Buffer text;
        Bundle bundle;
        const char *made;

        (void)state;
        recipe.payload = NULL;
        recipe.artifact = PAYLOAD;
        recipe.has_key = true;
        recipe.kind = "hashedrekord";
        made = maker_bundle(&maker, &recipe);
        assert_int_equal(bundle_read(made, strlen(made), &arena, &bundle, NULL), 0);
        buffer_init(&text, RESULT_MAX);
        base64_encode(bundle.signature.data, bundle.signature.size, &text);
        sweep("simple signing", verify_simple, text.data);
        buffer_done(&text);
}

/* --- Notary Project --------------------------------------------------------------------------- */

typedef struct Signed {
        NotationFormat format;
        Bytes envelope;
        const char *root;
} Signed;

static int verify_notation(const void *input, Buffer *out, Error *err)
{
        const Signed *item = input;
        const NotationArtifact artifact = { NOTATION_DIGEST, NOTATION_TYPE, NOTATION_SIZE };
        _cleanup_(trust_store_done) TrustStore store = { 0 };
        _cleanup_(arena_done) Arena work;
        SubjectRule subject = { 0 };
        NotationPolicy policy = {
                .store = &store, .identities = &subject, .n_identities = 1, .now = MAKER_NOW
        };
        NotationEnvelope envelope;
        NotationSigner signer;
        const Bytes root = { (const void *)item->root, strlen(item->root) };
        int r;

        arena_init(&work, TEST_ARENA_MAX);
        r = trust_store_read(&store, TRUST_STORE_CA, "root", root, err);
        if (r >= 0)
                r = subject_rule_read("*", &work, &subject, err);
        if (r >= 0)
                r = notation_envelope_read(item->format, item->envelope, &work, &envelope, err);
        if (r >= 0)
                r = notation_verify(&envelope, &artifact, &policy, &work, &signer, err);
        if (r >= 0)
                (void)buffer_puts(out, signer.subject);
        return only_internal(r, out, err);
}

static void test_a_notary_project_signature_is_verified_or_memory_ran_out(void **state)
{
        (void)state;
        for (int format = NOTATION_JWS; format <= NOTATION_COSE; format++) {
                NotationRecipe recipe = notation_recipe(&notation, (NotationFormat)format);
                Signed item = { .format = (NotationFormat)format,
                                .root = notation_pem(&notation, notation.base.ca) };

                for (size_t i = 0; notation_names[i]; i++)
                        if (streq(notation_names[i], "ES256"))
                                recipe.algorithm = i;
                item.envelope = notation_make(&notation, item.format, &recipe, NULL);
                sweep(format == NOTATION_JWS ? "JWS" : "COSE", verify_notation, &item);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bundle_is_verified_or_memory_ran_out),
        cmocka_unit_test(test_an_envelope_is_verified_or_memory_ran_out),
        cmocka_unit_test(test_simple_signing_is_verified_or_memory_ran_out),
        cmocka_unit_test(test_a_notary_project_signature_is_verified_or_memory_ran_out),
};
TEST_PROGRAM("failing-trust", tests, set_up, tear_down)
