#include "verify/check-layer.h"

#include <errno.h>

#include "base/escape.h"
#include "trust/notation/notation.h"
#include "trust/predicate.h"
#include "trust/sigstore.h"
#include "trust/simple-signing.h"

/* --- reading ---------------------------------------------------------------------------------- */

void read_layer_done(ReadLayer *read)
{
        statement_done(&read->statement);
        *read = (ReadLayer){ 0 };
}

static int read_bundle(Bytes data, Arena *arena, ReadLayer *ret, Error *err)
{
        int r = bundle_read((const char *)data.data, data.size, arena, &ret->bundle, err);

        if (r < 0)
                return r;
        ret->needs_image = ret->bundle.message.is_present;
        return ret->needs_image
                       ? 0
                       : statement_read_any(&ret->bundle.envelope, arena, &ret->statement, err);
}

static int read_envelope(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err)
{
        const Bytes data = question->data;
        int r = annotations_read(&question->layer->annotations, arena, &ret->bundle, err);

        if (r >= 0)
                r = dsse_read((const char *)data.data, data.size, arena, &ret->bundle.envelope,
                              err);
        return r < 0 ? r : statement_read_any(&ret->bundle.envelope, arena, &ret->statement, err);
}

/* True if the manifest of the signature says which size the image has. */
static bool has_subject(const LayerQuestion *question)
{
        const LayerSubject *subject = &question->layer->subject;

        return subject->digest && streq(subject->digest, question->digest);
}

static int read_notary(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err)
{
        const NotationFormat format =
                question->layer->format == LAYER_COSE ? NOTATION_COSE : NOTATION_JWS;

        ret->is_notary = true;
        ret->needs_image = !has_subject(question);
        return notation_envelope_read(format, question->data, arena, &ret->notary, err);
}

int layer_read(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err)
{
        *ret = (ReadLayer){ 0 };
        switch (question->layer->format) {
        case LAYER_BUNDLE: return read_bundle(question->data, arena, ret, err);
        case LAYER_ENVELOPE: return read_envelope(question, arena, ret, err);
        case LAYER_JWS:
        case LAYER_COSE: return read_notary(question, arena, ret, err);
        case LAYER_SIMPLE:
                return simple_signing_read(question->data, &question->layer->annotations, arena,
                                           &ret->bundle, err);
        case LAYER_FORMAT_MAX_: break;
        }
        return 0;
}

/* --- signers ---------------------------------------------------------------------------------- */

/* Returns what a report says of the signer. */
static const char *describe_signer(const SigstoreSigner *signer, const VerifyDemand *demand,
                                   Arena *arena)
{
        const char *subject, *issuer;
        char at[TIME_TEXT_SIZE];

        for (size_t i = 0; signer->key && i < demand->keys.n; i++)
                if (demand->keys.items[i] == signer->key)
                        return arena_printf(arena, "the key in '%s'", demand->files[i]);
        subject = escape_dup(arena, signer->identity.subject, strlen(signer->identity.subject));
        issuer = escape_dup(arena, signer->identity.issuer, strlen(signer->identity.issuer));
        if (!subject || !issuer)
                return NULL;
        return arena_printf(arena, "'%s' (issuer '%s') at %s", subject, issuer,
                            time_format(signer->when, at));
}

/* Returns the predicate type of the statements that the demand requests. */
static const char *wanted_predicate(const VerifyDemand *demand)
{
        return demand->rule->predicate_type ? demand->rule->predicate_type : COSIGN_SIGN_PREDICATE;
}

static SigstorePolicy make_policy(const LayerQuestion *question, const VerifyDemand *demand)
{
        return (SigstorePolicy){ .keys = demand->keys.n > 0 ? &demand->keys : NULL,
                                 .identities = demand->identities,
                                 .n_identities = demand->n_identities,
                                 .root = demand->root,
                                 .may_lack_log = demand->rule->log == VERIFY_LOG_OPTIONAL,
                                 .now = question->now };
}

/* Returns a signature outside of a bundle as the demand reads it. A certificate beside the
 * signature may be that of a key, so it does not count if the demand has keys. */
static Bundle as_demanded(const ReadLayer *read, const VerifyDemand *demand)
{
        Bundle bundle = read->bundle;

        if (demand->keys.n > 0) {
                bundle.has_key = true;
                bundle.n_chain = 0;
        }
        return bundle;
}

/* Verifies the only signature of a bundle. */
static int verify_bundle(const LayerQuestion *question, const Bundle *bundle,
                         const VerifyDemand *demand, Arena *arena, SigstoreSigner *ret, Error *err)
{
        SigstoreArtifact artifact = { .digest = question->digest, .data = question->image };
        SigstorePolicy policy = make_policy(question, demand);

        if (!bundle->message.is_present)
                policy.predicate_type = wanted_predicate(demand);
        if (question->layer->format == LAYER_ENVELOPE)
                artifact.envelope = question->data;
        return sigstore_verify(bundle, &artifact, &policy, arena, ret, err);
}

/* --- signatures ------------------------------------------------------------------------------- */

static bool is_signature(const ReadLayer *read, const VerifyDemand *demand)
{
        const char *type = read->statement.predicate_type;

        (void)demand;
        return !read->is_notary && (!type || streq(type, COSIGN_SIGN_PREDICATE));
}

static int verify_simple(const LayerQuestion *question, const ReadLayer *read,
                         const VerifyDemand *demand, Arena *arena, SigstoreSigner *ret, Error *err)
{
        const Bundle bundle = as_demanded(read, demand);
        const SimpleSigning item = { .payload = question->data, .bundle = &bundle };
        const SigstorePolicy policy = make_policy(question, demand);

        return simple_signing_verify(&item, question->digest, &policy, arena, ret, err);
}

/* --- attestations ----------------------------------------------------------------------------- */

static bool is_attestation(const ReadLayer *read, const VerifyDemand *demand)
{
        const char *type = read->statement.predicate_type;

        return type && streq(type, demand->rule->predicate_type);
}

/* Verifies an envelope that is not in a bundle. One valid signature of several is enough. */
static int verify_envelope(const LayerQuestion *question, const ReadLayer *read,
                           const VerifyDemand *demand, Arena *arena, SigstoreSigner *ret,
                           Error *err)
{
        const DsseEnvelope *envelope = &read->bundle.envelope;
        int r = -EINVAL; /* dsse_read() refuses an envelope without signatures */

        for (size_t i = 0; i < envelope->n_signatures; i++) {
                DsseSignature *one = &envelope->signatures[i];
                Bundle bundle = as_demanded(read, demand);

                bundle.signature = (Bytes){ one->data, one->size };
                bundle.envelope.signatures = one;
                bundle.envelope.n_signatures = 1;
                error_done(err);
                r = verify_bundle(question, &bundle, demand, arena, ret, err);
                if (r >= 0)
                        break;
        }
        return r;
}

/* Sets *ret to the time when the attestation gets too old. */
static int check_age(const LayerQuestion *question, const VerifyRule *rule, usec_t when,
                     usec_t *ret, Error *err)
{
        char at[TIME_TEXT_SIZE], age[DURATION_TEXT_SIZE];

        *ret = 0;
        if (rule->max_age == 0)
                return 0;
        if (when == 0)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "nothing proves the time of the attestation, which maxAge needs");
        if (when + rule->max_age <= question->now)
                return error_set(err, ERROR_HOSTILE, -ETIME,
                                 "the attestation is of %s, and older than maxAge (%s)",
                                 time_format(when, at), duration_format(rule->max_age, age));
        *ret = when + rule->max_age;
        return 0;
}

static int check_predicate(const ReadLayer *read, const VerifyRule *rule, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < rule->require.n && r >= 0; i++)
                r = predicate_require(read->statement.predicate, rule->require.items[i].key,
                                      rule->require.items[i].value, err);
        return r;
}

/* --- Sigstore --------------------------------------------------------------------------------- */

static int verify_sigstore(const LayerQuestion *question, const ReadLayer *read,
                           const VerifyDemand *demand, Arena *arena, SigstoreSigner *ret,
                           Error *err)
{
        return question->layer->format == LAYER_BUNDLE
                       ? verify_bundle(question, &read->bundle, demand, arena, ret, err)
               : question->layer->format == LAYER_ENVELOPE
                       ? verify_envelope(question, read, demand, arena, ret, err)
                       : verify_simple(question, read, demand, arena, ret, err);
}

static int verify_cosign(const LayerQuestion *question, const ReadLayer *read,
                         const VerifyDemand *demand, Arena *arena, LayerSigner *ret, Error *err)
{
        SigstoreSigner signer = { 0 };
        LayerSigner result = { 0 };
        int r = verify_sigstore(question, read, demand, arena, &signer, err);

        if (r >= 0)
                r = check_predicate(read, demand->rule, err);
        if (r >= 0)
                r = check_age(question, demand->rule, signer.when, &result.until, err);
        if (r < 0)
                return r;
        result.text = describe_signer(&signer, demand, arena);
        if (!result.text)
                return error_oom(err);
        *ret = result;
        return 0;
}

/* --- Notary Project --------------------------------------------------------------------------- */

static bool is_notary(const ReadLayer *read, const VerifyDemand *demand)
{
        (void)demand;
        return read->is_notary;
}

static int verify_notation(const LayerQuestion *question, const ReadLayer *read,
                           const VerifyDemand *demand, Arena *arena, LayerSigner *ret, Error *err)
{
        const LayerSubject *subject = &question->layer->subject;
        const bool is_known = has_subject(question);
        const NotationArtifact artifact = { .digest = question->digest,
                                            .media_type = is_known ? subject->media_type : NULL,
                                            .size = is_known ? subject->size
                                                             : (int64_t)question->image.size };
        const NotationPolicy policy = { .store = &demand->store,
                                        .identities = demand->subjects,
                                        .n_identities = demand->n_subjects,
                                        .now = question->now };
        char at[TIME_TEXT_SIZE];
        NotationSigner signer;
        const char *text;
        int r = notation_verify(&read->notary, &artifact, &policy, arena, &signer, err);

        if (r < 0)
                return r;
        text = signer.when ? arena_printf(arena, "'%s' at %s", signer.subject,
                                          time_format(signer.when, at))
                           : arena_printf(arena, "'%s'", signer.subject);
        if (!text)
                return error_oom(err);
        *ret = (LayerSigner){ text, signer.until < USEC_INFINITY ? signer.until : 0 };
        return 0;
}

/* --- all types -------------------------------------------------------------------------------- */

/* The functions of a type of rules. */
typedef struct DemandType {
        const char *ending; /* of cosign's tag */
        bool (*concerns)(const ReadLayer *read, const VerifyDemand *demand);
        int (*verify)(const LayerQuestion *question, const ReadLayer *read,
                      const VerifyDemand *demand, Arena *arena, LayerSigner *ret, Error *err);
} DemandType;

static const DemandType types[VERIFY_TYPE_MAX_] = {
        [VERIFY_COSIGN] = { ".sig", is_signature, verify_cosign },
        [VERIFY_ATTESTATION] = { ".att", is_attestation, verify_cosign },
        [VERIFY_NOTATION] = { "", is_notary, verify_notation },
};

bool layer_may_concern(const SignatureLayer *layer, const VerifyDemand *demand)
{
        if (layer->format == LAYER_SIMPLE)
                return demand->type == VERIFY_COSIGN;
        return layer_is_notary(layer) == (demand->type == VERIFY_NOTATION);
}

bool layer_concerns(const ReadLayer *read, const VerifyDemand *demand)
{
        return types[demand->type].concerns(read, demand);
}

const char *demand_tag_ending(const VerifyDemand *demand)
{
        return types[demand->type].ending;
}

int layer_verify(const LayerQuestion *question, const ReadLayer *read, const VerifyDemand *demand,
                 Arena *arena, LayerSigner *ret, Error *err)
{
        return types[demand->type].verify(question, read, demand, arena, ret, err);
}

const char *layer_name(const SignatureLayer *layer)
{
        static const char *const names[LAYER_FORMAT_MAX_] = {
                [LAYER_SIMPLE] = "simple signing",
                [LAYER_BUNDLE] = "bundle",
                [LAYER_ENVELOPE] = "envelope",
                [LAYER_JWS] = "Notary Project signature (JWS)",
                [LAYER_COSE] = "Notary Project signature (COSE)",
        };

        return names[layer->format];
}
