#include "trust/notation/notation.h"

#include <errno.h>
#include <inttypes.h>

#include "base/limits-trust.h"
#include "base/text.h"
#include "registry/wire/json-keys.h"
#include "trust/json.h"
#include "trust/notation/algorithm.h"
#include "trust/time-stamp.h"

/* --- times ------------------------------------------------------------------------------------ */

/* Verifies the chain now. The result holds until a certificate expires. */
static int check_now(STACK_OF(X509) * chain, const Authorities *roots, const NotationPolicy *policy,
                     NotationSigner *ret, Error *err)
{
        int r = notation_chain_verify(chain, roots, policy->now, err);

        if (r >= 0)
                ret->until = MIN(ret->until, notation_chain_end(chain));
        return r;
}

/* Verifies the chain at the time of the time stamp, or now if there is none. */
static int check_x509(const NotationEnvelope *envelope, STACK_OF(X509) * chain,
                      const NotationPolicy *policy, NotationSigner *ret, Error *err)
{
        const Authorities *stampers = &policy->store->types[TRUST_STORE_TSA],
                          *roots = &policy->store->types[TRUST_STORE_CA];
        TimeRange range;
        int r;

        if (envelope->stamp.size == 0 || stampers->n == 0)
                return check_now(chain, roots, policy, ret, err);
        r = time_token_verify(envelope->stamp, envelope->signature, stampers, &range, err);
        if (r >= 0 && range.from > policy->now + CLOCKS_MAY_DIFFER)
                r = error_set(err, ERROR_HOSTILE, -EBADMSG, "the time stamp is in the future");
        if (r >= 0)
                r = notation_chain_verify(chain, roots, range.from, err);
        if (r >= 0)
                r = notation_chain_verify(chain, roots, range.until, err);
        if (r >= 0)
                ret->when = range.until;
        return r;
}

/* Verifies the chain at the time that the signature claims, and at a time that is proved. Only the
 * claim of a signing authority is a proof. A signer with another root could claim a time at which
 * its certificate had not expired, so its certificate must also be valid now. */
static int check_chain(const NotationEnvelope *envelope, STACK_OF(X509) * chain,
                       const NotationPolicy *policy, NotationSigner *ret, Error *err)
{
        const Authorities *authorities = &policy->store->types[TRUST_STORE_SIGNING_AUTHORITY];
        const bool is_proof = envelope->scheme == NOTATION_SIGNING_AUTHORITY && authorities->n > 0;
        int r;

        if (envelope->signing_time > policy->now + CLOCKS_MAY_DIFFER)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "the signature is of a time in the future");
        if (!is_proof)
                authorities = &policy->store->types[TRUST_STORE_CA];
        r = notation_chain_verify(chain, authorities, envelope->signing_time, err);
        if (r >= 0 && envelope->scheme == NOTATION_X509)
                return check_x509(envelope, chain, policy, ret, err);
        if (r >= 0 && !is_proof)
                return check_now(chain, authorities, policy, ret, err);
        if (r >= 0)
                ret->when = envelope->signing_time;
        return r;
}

static int check_times(const NotationEnvelope *envelope, STACK_OF(X509) * chain,
                       const NotationPolicy *policy, NotationSigner *ret, Error *err)
{
        char time[TIME_TEXT_SIZE];
        int r = check_chain(envelope, chain, policy, ret, err);

        if (r < 0 || policy->now < envelope->expiry)
                return r;
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "the signature has expired at %s",
                         time_format(envelope->expiry, time));
}

/* --- the signer ------------------------------------------------------------------------------- */

static int check_identity(X509 *leaf, const NotationPolicy *policy, const char *subject, Error *err)
{
        int r = subject_is_allowed(leaf, policy->identities, policy->n_identities, err);

        if (r != 0)
                return MIN(r, 0);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the signer '%s' is none of the trusted identities", subject);
}

/* --- the payload ------------------------------------------------------------------------------ */

static int check_target(const cJSON *json, const NotationArtifact *artifact, Error *err)
{
        const cJSON *target = cJSON_GetObjectItemCaseSensitive(json, "targetArtifact");
        const char *digest = trust_text(target, "digest"), *type = trust_text(target, "mediaType");
        int64_t size;

        if (!digest || !streq(digest, artifact->digest))
                return trust_refuse_payload("digest", digest, artifact->digest, err);
        if (!type || (artifact->media_type && !streq(type, artifact->media_type)))
                return trust_refuse_payload("mediaType", type, artifact->media_type, err);
        if (trust_integer(cJSON_GetObjectItemCaseSensitive(target, "size"), &size) < 0)
                return trust_refuse_payload("size", NULL, NULL, err);
        if (size != artifact->size)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "the size of the signed payload is %" PRId64
                                 ", not that of the image (%" PRId64 ")",
                                 size, artifact->size);
        return 0;
}

static int check_payload(Bytes payload, const NotationArtifact *artifact, Error *err)
{
        static const char *const names[] = { "targetArtifact", "mediaType",   "digest", "size",
                                             "artifactType",   "annotations", NULL };
        static const char *const open[] = { "annotations", NULL };
        const JsonKeys keys = { .names = names, .open = open, .complete = true, .exact = true };
        cJSON *json = NULL;
        int r;

        if (payload.size > SIGNED_PAYLOAD_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG, "the payload has more than %d bytes",
                                 SIGNED_PAYLOAD_MAX);
        r = json_read((const char *)payload.data, payload.size, &keys, &json, err);
        if (r >= 0)
                r = json ? check_target(json, artifact, err)
                         : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                     "the signed payload is not JSON");
        cJSON_Delete(json);
        return r;
}

int notation_verify(const NotationEnvelope *envelope, const NotationArtifact *artifact,
                    const NotationPolicy *policy, Arena *arena, NotationSigner *ret, Error *err)
{
        _cleanup_(free_chain) STACK_OF(X509) *chain = NULL;
        NotationSigner signer = { .until = envelope->expiry };
        X509 *leaf;
        int r = notation_chain_read(envelope, &chain, err);

        if (r < 0)
                return r;
        leaf = sk_X509_value(chain, 0);
        r = notation_verify_signature(leaf, envelope->algorithm, envelope->signed_bytes,
                                      envelope->signature, err);
        if (r >= 0)
                r = check_times(envelope, chain, policy, &signer, err);
        if (r < 0)
                return r;
        signer.subject = subject_show(leaf, arena);
        if (!signer.subject)
                return error_oom(err);
        r = check_identity(leaf, policy, signer.subject, err);
        if (r >= 0)
                r = check_payload(envelope->payload, artifact, err);
        if (r >= 0)
                *ret = signer;
        return r;
}
