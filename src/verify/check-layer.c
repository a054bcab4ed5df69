#include "verify/check-layer.h"

#include <errno.h>

#include "base/escape.h"
#include "trust/sigstore.h"
#include "trust/simple-signing.h"

int layer_read(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        int r;

        *ret = (ReadLayer){ 0 };
        if (!question->layer->is_bundle)
                return 0;
        r = bundle_read((const char *)question->data.data, question->data.size, arena, &ret->bundle,
                        err);
        if (r < 0)
                return r;
        ret->needs_image = ret->bundle.message.is_present;
        if (ret->needs_image)
                return 0;
        r = statement_read_any(&ret->bundle.envelope, arena, &statement, err);
        if (r >= 0 && !streq(statement.predicate_type, COSIGN_SIGN_PREDICATE))
                ret->attestation = statement.predicate_type;
        return r;
}

/* --- cosign ----------------------------------------------------------------------------------- */

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

static int verify_bundle(const LayerQuestion *question, const ReadLayer *read,
                         const VerifyDemand *demand, Arena *arena, SigstoreSigner *ret, Error *err)
{
        const SigstoreArtifact artifact = { .digest = question->digest, .data = question->image };
        const SigstorePolicy policy = { .keys = demand->keys.n > 0 ? &demand->keys : NULL,
                                        .identities = demand->identities,
                                        .n_identities = demand->n_identities,
                                        .root = demand->root,
                                        .predicate_type =
                                                read->needs_image ? NULL : COSIGN_SIGN_PREDICATE,
                                        .now = question->now };

        return sigstore_verify(&read->bundle, &artifact, &policy, arena, ret, err);
}

static int verify_simple(const LayerQuestion *question, const VerifyDemand *demand,
                         const TrustKey **ret, Error *err)
{
        const SimpleSigning item = { .payload = (const char *)question->data.data,
                                     .size = question->data.size,
                                     .signature = question->layer->signature };

        if (demand->root)
                return error_set(err, ERROR_INVALID, -EOPNOTSUPP,
                                 "relman verifies %s in Sigstore bundles only; sign with cosign 3, "
                                 "or with --new-bundle-format",
                                 demand->n_identities > 0 ? "identities"
                                                          : "entries of transparency logs");
        return simple_signing_verify(&item, question->digest, &demand->keys, ret, err);
}

static int verify_cosign(const LayerQuestion *question, const ReadLayer *read,
                         const VerifyDemand *demand, Arena *arena, const char **ret, Error *err)
{
        SigstoreSigner signer = { 0 };
        int r;

        if (question->layer->is_bundle)
                r = verify_bundle(question, read, demand, arena, &signer, err);
        else
                r = verify_simple(question, demand, &signer.key, err);
        if (r < 0)
                return r;
        *ret = describe_signer(&signer, demand, arena);
        return *ret ? 0 : error_oom(err);
}

/* --- all types -------------------------------------------------------------------------------- */

typedef int (*LayerVerify)(const LayerQuestion *question, const ReadLayer *read,
                           const VerifyDemand *demand, Arena *arena, const char **ret, Error *err);

static const LayerVerify verifiers[VERIFY_TYPE_MAX_] = {
        [VERIFY_COSIGN] = verify_cosign,
};

int layer_verify(const LayerQuestion *question, const ReadLayer *read, const VerifyDemand *demand,
                 Arena *arena, const char **ret_signer, Error *err)
{
        return verifiers[demand->type](question, read, demand, arena, ret_signer, err);
}
