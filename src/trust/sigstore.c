#include "trust/sigstore.h"

#include <errno.h>
#include <openssl/err.h>

#include "base/escape.h"
#include "base/limits-trust.h"
#include "trust/entry-body.h"
#include "trust/hash.h"
#include "trust/log-entry.h"
#include "trust/sct.h"
#include "trust/time-stamp.h"

#define SHOWN_MAX 200
#define TIMES_MAX (LOG_ENTRIES_MAX + TIMESTAMPS_MAX)

/* The state of one verification. */
typedef struct Verification {
        const Bundle *bundle;
        const SigstoreArtifact *artifact;
        const SigstorePolicy *policy;
        Arena *arena;
        Buffer encoded; /* the encoding of the envelope */
        Bytes data;     /* what was signed */
        TrustKeys leaf; /* the key of the certificate */
        X509 *certificate;
        STACK_OF(X509) * between; /* other certificates of the bundle */
        const TrustKey *key;      /* has signed */
        usec_t times[TIMES_MAX];
        size_t n_times;
} Verification;

static void verification_done(Verification *v)
{
        buffer_done(&v->encoded);
        trust_keys_done(&v->leaf);
        X509_free(v->certificate);
        sk_X509_pop_free(v->between, X509_free);
}

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "%s", why);
}

/* --- the signature ---------------------------------------------------------------------------- */

static int check_digest(const MessageSignature *message, Bytes data, Error *err)
{
        Hash hash;
        int r;

        if (!message->digest.is_present)
                return 0;
        r = hash_compute(message->digest.algorithm, data, &hash, err);
        if (r < 0)
                return r;
        return hash_equals(&hash, message->digest.digest)
                       ? 0
                       : refuse("the digest in the bundle is that of another artifact", err);
}

/* Finds out what was signed. */
static int find_data(Verification *v, Error *err)
{
        const DsseEnvelope *envelope = &v->bundle->envelope;

        if (!v->bundle->message.is_present) {
                dsse_encode(envelope->payload_type, envelope->payload, envelope->payload_size,
                            &v->encoded);
                v->data = (Bytes){ (void *)v->encoded.data, v->encoded.size };
                return v->encoded.failed ? error_oom(err) : 0;
        }
        if (v->policy->predicate_type)
                return refuse("the bundle has a signature of the artifact, not a statement", err);
        if (v->artifact->data.size == 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the bundle has a signature of the artifact itself, of which only "
                                 "the digest is known");
        if (!digest_matches(v->artifact->digest, v->artifact->data.data, v->artifact->data.size))
                return refuse("the artifact does not have its digest", err);
        v->data = v->artifact->data;
        return check_digest(&v->bundle->message, v->data, err);
}

static int find_signer(Verification *v, Error *err)
{
        const TrustKeys *keys = v->bundle->has_key ? v->policy->keys : &v->leaf;
        const SignedData item = { .data = v->data.data,
                                  .size = v->data.size,
                                  .signature = v->bundle->signature.data,
                                  .signature_size = v->bundle->signature.size };
        int r = trust_keys_verify(keys, &item, &v->key, err);

        for (size_t i = 0; i < keys->n && r == 0; i++) {
                r = trust_key_verify_sha256(keys->items[i], &item, err);
                if (r > 0)
                        v->key = keys->items[i];
        }
        if (r != 0)
                return MIN(r, 0);
        return refuse(v->bundle->has_key
                              ? "the signature is not valid under any of the keys"
                              : "the signature is not valid under the key of the certificate",
                      err);
}

/* --- the certificate -------------------------------------------------------------------------- */

static int read_between(Verification *v, Error *err)
{
        v->between = sk_X509_new_null();
        if (!v->between)
                return error_oom(err);
        for (size_t i = 1; i < v->bundle->n_chain; i++) {
                X509 *item = NULL;
                int r = certificate_read("a certificate of the bundle", v->bundle->chain[i], &item,
                                         err);

                if (r < 0)
                        return r;
                if (!sk_X509_push(v->between, item)) {
                        X509_free(item);
                        return error_oom(err);
                }
                if (X509_self_signed(item, 0) == 1)
                        return refuse("the bundle has a root certificate; roots are pinned only",
                                      err);
        }
        return 0;
}

static int read_certificate(Verification *v, Error *err)
{
        TrustKey *key = NULL;
        int r = certificate_read("the certificate of the bundle", v->bundle->chain[0],
                                 &v->certificate, err);

        if (r >= 0)
                r = read_between(v, err);
        if (r >= 0)
                r = certificate_key(v->certificate, &key, err);
        return r < 0 ? r : trust_keys_add(&v->leaf, key, err);
}

/* An instance without any log has no timestamps of certificates either. */
static bool needs_sct(const SigstorePolicy *policy)
{
        return !policy->may_lack_log || policy->root->certificate_logs.n > 0;
}

/* Verifies the certificate at each time at which the signature is known to have existed. */
static int verify_certificate(const Verification *v, Error *err)
{
        int r = certificate_check_usage(v->certificate, err);

        for (size_t i = 0; i < v->n_times && r >= 0; i++) {
                const ChainQuery query = { v->certificate, v->between, v->times[i] };
                X509 *issuer = NULL;

                r = certificate_verify_chain(&query, &v->policy->root->signers, &issuer, err);
                if (r >= 0 && i == 0 && needs_sct(v->policy))
                        r = sct_verify(v->certificate, issuer, &v->policy->root->certificate_logs,
                                       err);
                X509_free(issuer);
        }
        return r;
}

static int check_identity(const Verification *v, SignerIdentity *ret, Error *err)
{
        char subject[SHOWN_MAX], issuer[SHOWN_MAX];
        SignerIdentity identity;
        int r = certificate_identity(v->certificate, v->arena, &identity, err);

        if (r >= 0)
                r = identity_is_allowed(&identity, v->policy->identities, v->policy->n_identities,
                                        err);
        if (r < 0)
                return r;
        if (r == 0)
                return error_set(err, ERROR_HOSTILE, -EACCES,
                                 "signed by '%s' (issuer '%s'), which the policy does not allow",
                                 escape_text(identity.subject, strlen(identity.subject), subject,
                                             sizeof(subject)),
                                 escape_text(identity.issuer, strlen(identity.issuer), issuer,
                                             sizeof(issuer)));
        *ret = identity;
        return 0;
}

/* --- times and logs --------------------------------------------------------------------------- */

static int verify_stamps(Verification *v, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < v->bundle->n_timestamps && r >= 0; i++) {
                r = time_stamp_verify(v->bundle->timestamps[i].bytes, v->bundle->signature,
                                      &v->policy->root->timestampers, &v->times[v->n_times], err);
                if (r >= 0)
                        v->n_times++;
        }
        return r;
}

static int verify_entries(Verification *v, Error *err)
{
        const Bundle *bundle = v->bundle;
        const LogProof proof = { &v->policy->root->entry_logs, v->policy->now, v->times,
                                 v->n_times };
        EntrySubject subject = { .signature = bundle->signature,
                                 .data = v->data,
                                 .key_id = trust_key_id(v->key) };
        int r = 0;

        if (!bundle->message.is_present)
                subject.payload = (Bytes){ (const void *)bundle->envelope.payload,
                                           bundle->envelope.payload_size };
        if (!bundle->has_key)
                subject.certificate = bundle->chain[0];
        subject.envelope = v->artifact->envelope;
        if (bundle->n_entries == 0 && !v->policy->may_lack_log)
                return refuse("the signature has no entry of a transparency log", err);
        if (bundle->n_entries == 0 && v->n_times == 0)
                return refuse("the signature has neither an entry of a transparency log nor a time "
                              "stamp",
                              err);
        for (size_t i = 0; i < bundle->n_entries && r >= 0; i++) {
                usec_t when = 0;

                r = log_entry_verify(&bundle->entries[i], &proof, &when, err);
                if (r >= 0)
                        r = entry_body_verify(&bundle->entries[i], &subject, err);
                if (r >= 0 && when > 0)
                        v->times[v->n_times++] = when;
        }
        return r;
}

/* --- the statement ---------------------------------------------------------------------------- */

static int check_statement(const Verification *v, const char **ret_type, Error *err)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        char shown[SHOWN_MAX];
        int r = statement_read_any(&v->bundle->envelope, v->arena, &statement, err);

        if (r < 0)
                return r;
        if (!map_has(&statement.digests, v->artifact->digest))
                return refuse("the statement is about other artifacts", err);
        if (v->policy->predicate_type &&
            !streq(v->policy->predicate_type, statement.predicate_type))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "the predicate type of the statement is '%s', not '%s'",
                                 escape_text(statement.predicate_type,
                                             strlen(statement.predicate_type), shown,
                                             sizeof(shown)),
                                 v->policy->predicate_type);
        *ret_type = statement.predicate_type;
        return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int check_material(const Bundle *bundle, const SigstorePolicy *policy, Error *err)
{
        if (bundle->has_key != (policy->keys != NULL))
                return refuse(bundle->has_key ? "signed by a key, but an identity is required"
                                              : "signed by an identity, but a key is required",
                              err);
        if (!bundle->has_key && !policy->root)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "identities cannot be verified without a trusted root");
        return 0;
}

static int verify(Verification *v, SigstoreSigner *ret, Error *err)
{
        int r = check_material(v->bundle, v->policy, err);

        if (r >= 0 && !v->bundle->has_key)
                r = read_certificate(v, err);
        if (r >= 0)
                r = find_data(v, err);
        if (r >= 0)
                r = find_signer(v, err);
        if (r >= 0 && v->policy->root)
                r = verify_stamps(v, err);
        if (r >= 0 && v->policy->root)
                r = verify_entries(v, err);
        if (r >= 0 && !v->bundle->has_key && v->n_times == 0)
                r = refuse("nothing proves the time of the signature", err);
        if (r >= 0 && !v->bundle->has_key)
                r = verify_certificate(v, err);
        if (r >= 0 && !v->bundle->has_key)
                r = check_identity(v, &ret->identity, err);
        if (r >= 0 && !v->bundle->message.is_present)
                r = check_statement(v, &ret->predicate_type, err);
        return r;
}

int sigstore_verify(const Bundle *bundle, const SigstoreArtifact *artifact,
                    const SigstorePolicy *policy, Arena *arena, SigstoreSigner *ret, Error *err)
{
        _cleanup_(verification_done) Verification v = {
                .bundle = bundle, .artifact = artifact, .policy = policy, .arena = arena
        };
        SigstoreSigner signer = { 0 };
        int r;

        buffer_init(&v.encoded, (size_t)2 * BUNDLE_MAX);
        r = verify(&v, &signer, err);
        ERR_clear_error();
        if (r < 0)
                return r;
        if (bundle->has_key)
                signer.key = v.key;
        for (size_t i = 0; i < v.n_times; i++)
                if (signer.when == 0 || v.times[i] < signer.when)
                        signer.when = v.times[i];
        *ret = signer;
        return 0;
}
