#include "trust/simple-signing.h"

#include <errno.h>

#include "base/limits-trust.h"
#include "registry/wire/json-keys.h"
#include "trust/base64.h"
#include "trust/json.h"

#define PAYLOAD_TYPE "cosign container image signature"

/* --- the payload ------------------------------------------------------------------------------ */

static int check_payload(const cJSON *json, const char *digest, Error *err)
{
        const cJSON *critical = cJSON_GetObjectItemCaseSensitive(json, "critical");
        const char *type = trust_text(critical, "type"),
                   *of = trust_text(cJSON_GetObjectItemCaseSensitive(critical, "image"),
                                    "docker-manifest-digest");

        if (!type || !streq(type, PAYLOAD_TYPE))
                return trust_refuse_payload("critical.type", type, "'" PAYLOAD_TYPE "'", err);
        if (!of || !streq(of, digest))
                return trust_refuse_payload("docker-manifest-digest", of, digest, err);
        return 0;
}

/* --- the signature ---------------------------------------------------------------------------- */

int simple_signing_read(Bytes payload, const CosignAnnotations *annotations, Arena *arena,
                        Bundle *ret, Error *err)
{
        const char *text = annotations->signature;
        Bundle bundle = { 0 };
        unsigned char *signature;
        size_t size;
        int r;

        if (!text)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the layer has no annotation " COSIGN_SIGNATURE_ANNOTATION);
        if (payload.size > SIGNED_PAYLOAD_MAX || strlen(text) > SIGNATURE_TEXT_MAX)
                return error_set(
                        err, ERROR_INVALID, -EFBIG,
                        "the payload has more than %d bytes, or its signature more than %d",
                        SIGNED_PAYLOAD_MAX, SIGNATURE_TEXT_MAX);
        if (payload.size == 0)
                return error_set(err, ERROR_INVALID, -EINVAL, "the signed payload is empty");
        r = annotations_read(annotations, arena, &bundle, err);
        if (r < 0)
                return r;
        r = base64_decode(text, strlen(text), arena, &signature, &size);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return error_set(err, ERROR_INVALID, r,
                                 "annotation " COSIGN_SIGNATURE_ANNOTATION " is not base64");
        bundle.signature = (Bytes){ signature, size };
        bundle.message = (MessageSignature){ .is_present = true, .signature = bundle.signature };
        *ret = bundle;
        return 0;
}

int simple_signing_verify(const SimpleSigning *item, const char *digest,
                          const SigstorePolicy *policy, Arena *arena, SigstoreSigner *ret,
                          Error *err)
{
        static const char *const names[] = {
                "critical", "type", "image", "docker-manifest-digest", "identity", "optional", NULL
        };
        static const char *const open[] = { "optional", NULL };
        const JsonKeys known = { .names = names, .open = open, .complete = true, .exact = true };
        const char *text = (const char *)item->payload.data;
        char own[DIGEST_SIZE_MAX];
        const SigstoreArtifact artifact = { .digest = own, .data = item->payload };
        SigstoreSigner signer;
        cJSON *json = NULL;
        int r;

        digest_sha256(text, item->payload.size, own);
        r = sigstore_verify(item->bundle, &artifact, policy, arena, &signer, err);
        if (r >= 0)
                r = json_read(text, item->payload.size, &known, &json, err);
        if (r >= 0)
                r = json ? check_payload(json, digest, err)
                         : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                     "the signed payload is not JSON");
        cJSON_Delete(json);
        if (r >= 0)
                *ret = signer;
        return MIN(r, 0);
}
