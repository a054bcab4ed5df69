/* Fuzzes Notary Project signatures as JWS and as COSE, trust stores and trusted identities. No
 * input has a valid signature, because the trust store is empty or has only a root of the input. */

#include "base/limits-trust.h"
#include "fuzz.h"
#include "trust/base64.h"
#include "trust/notation/cbor-item.h"
#include "trust/notation/notation.h"
#include "trust/time-stamp.h"

static void read_cbor(Bytes data)
{
        CborReader reader = { data };

        while (reader.rest.size > 0) {
                const size_t before = reader.rest.size;

                if (cbor_skip(&reader) < 0)
                        break;
                require(reader.rest.size < before && reader.rest.data <= data.data + data.size);
        }
}

static bool is_inside(Bytes part, Bytes all)
{
        return part.data >= all.data && part.size <= all.size &&
               (size_t)(part.data - all.data) <= all.size - part.size;
}

static void read_chain(const NotationEnvelope *envelope, const NotationPolicy *policy, Arena *arena)
{
        STACK_OF(X509) *chain = NULL;

        if (notation_chain_read(envelope, &chain, NULL) < 0)
                return;
        require(sk_X509_num(chain) == (int)envelope->n_chain);
        require(notation_chain_verify(chain, &policy->store->types[TRUST_STORE_CA], policy->now,
                                      NULL) < 0);
        require(subject_show(sk_X509_value(chain, 0), arena));
        require(subject_is_allowed(sk_X509_value(chain, 0), policy->identities,
                                   policy->n_identities, NULL) == 1);
        sk_X509_pop_free(chain, X509_free);
}

static void read_envelope(NotationFormat format, Bytes data, Arena *arena)
{
        static const TrustStore empty;
        static const SubjectRule anybody;
        static const NotationArtifact artifact = {
                "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, 1
        };
        const NotationPolicy policy = {
                .store = &empty, .identities = &anybody, .n_identities = 1, .now = USEC_PER_DAY
        };
        NotationEnvelope envelope;
        NotationSigner signer;
        TimeRange range;

        if (notation_envelope_read(format, data, arena, &envelope, NULL) < 0)
                return;
        require(envelope.algorithm && envelope.n_chain > 0 && envelope.n_chain <= CHAIN_MAX);
        require(envelope.signing_time > 0 && envelope.expiry > 0);
        require(envelope.signed_bytes.size > envelope.payload.size);
        if (format == NOTATION_COSE)
                require(is_inside(envelope.payload, data) && is_inside(envelope.signature, data));
        require(notation_verify(&envelope, &artifact, &policy, arena, &signer, NULL) < 0);
        require(time_token_verify(envelope.stamp, envelope.signature, &empty.types[TRUST_STORE_TSA],
                                  &range, NULL) < 0);
        read_chain(&envelope, &policy, arena);
}

static void read_identity(const char *text, Arena *arena)
{
        SubjectRule rule;

        if (subject_rule_read(text, arena, &rule, NULL) < 0)
                return;
        require(rule.n <= DN_ATTRIBUTES_MAX && (rule.n >= 3 || streq(text, "*")));
        for (size_t i = 0; i < rule.n; i++)
                require(rule.attributes[i].value[0] && rule.attributes[i].oid[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(arena_done) Arena arena;
        TrustStore store = { 0 };
        Bytes text;

        arena_init(&arena, FUZZ_ARENA_MAX);
        text = (Bytes){ (const void *)fuzz_text(&arena, data, size), size };
        if (!text.data)
                return 0;
        read_cbor(text);
        read_envelope(NOTATION_JWS, text, &arena);
        read_envelope(NOTATION_COSE, text, &arena);
        read_identity((const char *)text.data, &arena);
        if (trust_store_read(&store, TRUST_STORE_CA, "it", text, NULL) >= 0)
                require(store.types[TRUST_STORE_CA].n > 0);
        trust_store_done(&store);
        return 0;
}
