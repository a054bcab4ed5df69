#include "trust/simple-signing.h"

#include <errno.h>

#include "base/limits-trust.h"
#include "base/text.h"
#include "registry/wire/json-keys.h"
#include "trust/base64.h"
#include "trust/json.h"

#define SIGNATURE_ARENA_MAX ((size_t)4 * SIGNATURE_TEXT_MAX)

#define PAYLOAD_TYPE "cosign container image signature"

/* --- the signature ---------------------------------------------------------------------------- */

static int find_signer(const SimpleSigning *item, const TrustKeys *keys, const TrustKey **ret_key,
                       Error *err)
{
        SignedData signed_data = { .data = item->payload, .size = item->size };
        _cleanup_(arena_done) Arena arena;
        unsigned char *signature;
        int r;

        arena_init(&arena, SIGNATURE_ARENA_MAX);
        r = base64_decode(item->signature, strlen(item->signature), &arena, &signature,
                          &signed_data.signature_size);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return error_set(err, ERROR_INVALID, r,
                                 "annotation " SIMPLE_SIGNING_ANNOTATION " is not base64");
        signed_data.signature = signature;
        r = trust_keys_verify(keys, &signed_data, ret_key, err);
        if (r != 0)
                return MIN(r, 0);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the signature is not valid under any of %zu key%s", keys->n,
                         text_plural(keys->n));
}

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

int simple_signing_verify(const SimpleSigning *item, const char *digest, const TrustKeys *keys,
                          const TrustKey **ret_key, Error *err)
{
        static const char *const names[] = {
                "critical", "type", "image", "docker-manifest-digest", "identity", "optional", NULL
        };
        static const char *const open[] = { "optional", NULL };
        const JsonKeys known = { .names = names, .open = open, .complete = true, .exact = true };
        const TrustKey *key;
        cJSON *json = NULL;
        int r;

        if (!item->signature)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the layer has no annotation " SIMPLE_SIGNING_ANNOTATION);
        if (item->size > SIGNED_PAYLOAD_MAX || strlen(item->signature) > SIGNATURE_TEXT_MAX)
                return error_set(
                        err, ERROR_INVALID, -EFBIG,
                        "the payload has more than %d bytes, or its signature more than %d",
                        SIGNED_PAYLOAD_MAX, SIGNATURE_TEXT_MAX);
        r = find_signer(item, keys, &key, err);
        if (r >= 0)
                r = json_read(item->payload, item->size, &known, &json, err);
        if (r >= 0)
                r = json ? check_payload(json, digest, err)
                         : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                     "the signed payload is not JSON");
        cJSON_Delete(json);
        if (r >= 0)
                *ret_key = key;
        return MIN(r, 0);
}
