/* Fuzzes keys in PEM, envelopes, statements, Sigstore bundles and trusted roots. No signature of an
 * input may be valid for a key that the input does not have. */

#include "base/limits-trust.h"
#include "fuzz.h"
#include "lock/chain.h"
#include "trust/base64.h"
#include "trust/entry-body.h"
#include "trust/sigstore.h"
#include "trust/simple-signing.h"
#include "trust/time-stamp.h"

static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                          "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                          "-----END PUBLIC KEY-----\n"; /* the first key of RFC 8032 */

static void read_statement(const DsseEnvelope *envelope, Arena *arena)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(statement_done) Statement statement = { 0 };

        if (statement_read(envelope, arena, &statement, &error) < 0)
                return;
        require(statement.predicate_type[0]);
        map_foreach (&statement.digests, entry)
                require(digest_is_valid(entry->key));
}

static void read_envelope(const char *text, size_t size, const TrustKeys *keys, Arena *arena)
{
        _cleanup_(error_done) Error error = { 0 };
        const TrustKey *key;
        DsseEnvelope envelope;

        if (dsse_read(text, size, arena, &envelope, &error) < 0)
                return;
        require(envelope.n_signatures > 0 && !envelope.payload[envelope.payload_size]);
        require(dsse_verify(&envelope, keys, &key, &error) == 0);
        read_statement(&envelope, arena);
}

static void read_keys(const char *text, size_t size)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };

        if (trust_keys_read(&keys, "fuzz", text, size, &error) >= 0)
                require(keys.n > 0 && keys.n <= TRUST_KEYS_MAX);
}

/* Signs the input, because a payload is parsed only after its signature was verified. */
static void read_signed(const char *text, size_t size, Arena *arena)
{
        static const char digest[] =
                "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        const SigstorePolicy policy = { .keys = &keys };
        const Bytes payload = { (const void *)text, size };
        CosignAnnotations annotations = { 0 };
        Buffer signature, encoded;
        Bundle bundle;
        SigstoreSigner signer;
        TrustKey *key = NULL;

        buffer_init(&signature, SIGNATURE_TEXT_MAX);
        buffer_init(&encoded, SIGNATURE_TEXT_MAX);
        require(trust_key_generate(KEY_TYPE_ED25519, &key, &error) == 0);
        require(trust_keys_add(&keys, key, &error) == 0);
        require(trust_key_sign(key, text, size, &signature, &error) == 0);
        base64_encode(signature.data, signature.size, &encoded);
        annotations.signature = encoded.data;
        if (simple_signing_read(payload, &annotations, arena, &bundle, NULL) >= 0) {
                const SimpleSigning item = { payload, &bundle };

                /* checks only the size, because JSON may escape the characters of the digest */
                if (simple_signing_verify(&item, digest, &policy, arena, &signer, NULL) >= 0)
                        require(size > strlen(digest));
        }
        buffer_done(&signature);
        buffer_done(&encoded);
}

/* Reads the input as each of the annotations of a signature. */
static void read_annotations(const char *text, Arena *arena)
{
        const CosignAnnotations all[] = {
                { .certificate = text },
                { .certificate = text, .chain = text },
                { .entry = text },
                { .stamp = text },
        };
        static const Authorities nobody = { 0 };
        Bundle bundle;
        usec_t when;

        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
                if (annotations_read(&all[i], arena, &bundle, NULL) < 0)
                        continue;
                require(bundle.has_key == !all[i].certificate && !bundle.signature.data);
                require(bundle.has_key == (bundle.n_chain == 0));
                for (size_t j = 0; j < bundle.n_timestamps; j++)
                        require(time_stamp_verify(bundle.timestamps[j].bytes, bundle.signature,
                                                  &nobody, &when, NULL) < 0);
                for (size_t j = 0; j < bundle.n_entries; j++)
                        (void)entry_body_verify(&bundle.entries[j], &(EntrySubject){ .key_id = "" },
                                                NULL); /* must not crash */
        }
}

/* Reads the parts that are parsed only after signatures of others were verified. */
static void read_parts(const Bundle *bundle, Arena *arena)
{
        static const Authorities nobody = { 0 };
        const EntrySubject subject = { .signature = bundle->signature,
                                       .certificate =
                                               bundle->n_chain ? bundle->chain[0] : (Bytes){ 0 },
                                       .key_id = "" };
        X509 *certificate = NULL;
        SignerIdentity identity;
        usec_t when;

        for (size_t i = 0; i < bundle->n_timestamps; i++)
                require(time_stamp_verify(bundle->timestamps[i].bytes, bundle->signature, &nobody,
                                          &when, NULL) < 0);
        for (size_t i = 0; i < bundle->n_entries; i++)
                (void)entry_body_verify(&bundle->entries[i], &subject, NULL); /* must not crash */
        if (bundle->n_chain == 0 ||
            certificate_read("it", bundle->chain[0], &certificate, NULL) < 0)
                return;
        if (certificate_identity(certificate, arena, &identity, NULL) >= 0)
                require(identity.subject[0] && identity.issuer[0]);
        (void)certificate_check_usage(certificate, NULL); /* must not crash */
        X509_free(certificate);
}

/* No input can have a valid bundle, because no input has a proof of the roots. */
static void read_bundle(const char *text, size_t size, const TrustKeys *keys, Arena *arena)
{
        static const char digest[] =
                "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        static TrustedRoot empty;
        const SigstoreArtifact artifact = { .digest = digest, .data = { (const void *)"a", 1 } };
        SigstorePolicy policy = { .root = &empty, .now = USEC_PER_DAY };
        SigstoreSigner signer;
        Bundle bundle;

        if (bundle_read(text, size, arena, &bundle, NULL) < 0)
                return;
        require(bundle.signature.size > 0 && bundle.has_key == (bundle.n_chain == 0));
        read_parts(&bundle, arena);
        require(sigstore_verify(&bundle, &artifact, &policy, arena, &signer, NULL) < 0);
        policy.keys = keys;
        require(sigstore_verify(&bundle, &artifact, &policy, arena, &signer, NULL) < 0);
        policy.root = NULL;
        require(sigstore_verify(&bundle, &artifact, &policy, arena, &signer, NULL) < 0);
}

static void read_root(const char *text, size_t size)
{
        _cleanup_(trusted_root_freep) TrustedRoot *root = NULL;

        if (trusted_root_read(text, size, &root, NULL) < 0)
                return;
        for (size_t i = 0; i < root->signers.n; i++)
                require(sk_X509_num(root->signers.items[i].chain) > 0);
}

/* Signs the input as the first statement of a history. A chain never has a statement that none of
 * its keys has signed. */
static void read_chain(const char *text, size_t size, const TrustKeys *others)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(error_done) Error refused = { 0 };
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        StatementChain chain = { .keys = &keys }, foreign = { .keys = others };
        Buffer payload, envelope;
        TrustKey *key = NULL;

        buffer_init(&payload, FUZZ_ARENA_MAX);
        buffer_init(&envelope, FUZZ_ARENA_MAX);
        require(buffer_append(&payload, text, size) >= 0);
        require(trust_key_generate(KEY_TYPE_ED25519, &key, &error) == 0);
        require(trust_keys_add(&keys, key, &error) == 0);
        require(dsse_sign(key, STATEMENT_PAYLOAD_TYPE, &payload, &envelope, &error) == 0);
        if (chain_add(&chain, envelope.data, envelope.size, &error) >= 0)
                require(chain.n == 1 && name_is_valid(chain.name) && name_is_valid(chain.tenant));
        require(chain_add(&foreign, envelope.data, envelope.size, &refused) < 0 && foreign.n == 0);
        buffer_done(&payload);
        buffer_done(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        _cleanup_(arena_done) Arena arena;
        DsseEnvelope envelope = { .payload_type = STATEMENT_PAYLOAD_TYPE };
        const char *text;

        arena_init(&arena, FUZZ_ARENA_MAX);
        text = arena_memdup(&arena, data, size);
        require(trust_keys_read(&keys, "rfc8032", pem, strlen(pem), &error) == 0);
        if (!text)
                return 0;
        envelope.payload = text;
        envelope.payload_size = size;
        read_envelope(text, size, &keys, &arena);
        read_statement(&envelope, &arena);
        read_keys(text, size);
        read_signed(text, size, &arena);
        read_annotations(arena_strndup(&arena, text, size), &arena);
        read_bundle(text, size, &keys, &arena);
        read_root(text, size);
        read_chain(text, size, &keys);
        return 0;
}
