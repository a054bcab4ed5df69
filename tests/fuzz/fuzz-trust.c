/* Fuzzes keys in PEM, envelopes and statements. No signature of an input may be valid for a key
 * that the input does not have. */

#include "base/limits-trust.h"
#include "fuzz.h"
#include "trust/base64.h"
#include "trust/simple-signing.h"
#include "trust/statement.h"

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
static void read_signed(const char *text, size_t size)
{
        static const char digest[] =
                "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        SimpleSigning item = { .payload = text, .size = size };
        Buffer signature, encoded;
        const TrustKey *found;
        TrustKey *key = NULL;

        buffer_init(&signature, SIGNATURE_TEXT_MAX);
        buffer_init(&encoded, SIGNATURE_TEXT_MAX);
        require(trust_key_generate(KEY_TYPE_ED25519, &key, &error) == 0);
        require(trust_keys_add(&keys, key, &error) == 0);
        require(trust_key_sign(key, text, size, &signature, &error) == 0);
        base64_encode(signature.data, signature.size, &encoded);
        item.signature = encoded.data;
        if (simple_signing_verify(&item, digest, &keys, &found, &error) >= 0)
                require(size > strlen(digest)); /* checks only the size, because JSON may escape the
                                                 * characters of the digest */
        buffer_done(&signature);
        buffer_done(&encoded);
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
        read_signed(text, size);
        return 0;
}
