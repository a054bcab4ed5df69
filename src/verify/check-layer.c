#include "verify/check-layer.h"

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

static int verify_bundle(const LayerQuestion *question, const ReadLayer *read,
                         const TrustKeys *keys, Arena *arena, const TrustKey **ret, Error *err)
{
        const SigstoreArtifact artifact = { .digest = question->digest, .data = question->image };
        const SigstorePolicy policy = { .keys = keys,
                                        .predicate_type =
                                                read->needs_image ? NULL : COSIGN_SIGN_PREDICATE,
                                        .now = question->now };
        SigstoreSigner signer;
        int r = sigstore_verify(&read->bundle, &artifact, &policy, arena, &signer, err);

        if (r >= 0)
                *ret = signer.key;
        return r;
}

int layer_verify(const LayerQuestion *question, const ReadLayer *read, const VerifyDemand *demand,
                 Arena *arena, const char **ret_file, Error *err)
{
        const SimpleSigning item = { .payload = (const char *)question->data.data,
                                     .size = question->data.size,
                                     .signature = question->layer->signature };
        const TrustKey *key = NULL;
        int r;

        if (question->layer->is_bundle)
                r = verify_bundle(question, read, &demand->keys, arena, &key, err);
        else
                r = simple_signing_verify(&item, question->digest, &demand->keys, &key, err);
        for (size_t i = 0; i < demand->keys.n && r >= 0; i++)
                if (demand->keys.items[i] == key)
                        *ret_file = demand->files[i];
        return r;
}
