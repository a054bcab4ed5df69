#include "trust/dsse.h"

#include <errno.h>

#include "base/limits-trust.h"
#include "registry/wire/json-keys.h"
#include "trust/base64.h"
#include "trust/json.h"

#define SIGNATURE_MAX ((size_t)4096) /* bytes of a signature of relman */

void dsse_encode(const char *payload_type, const char *payload, size_t size, Buffer *out)
{
        (void)buffer_printf(out, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type, size);
        (void)buffer_append(out, payload, size);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int refuse(const char *field, const char *why, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "not a DSSE envelope: %s %s", field, why);
}

/* Decodes the base64 of a member. A missing member is refused. */
static int read_bytes(const cJSON *object, const char *name, Arena *arena, unsigned char **ret,
                      size_t *ret_size, Error *err)
{
        const char *text = trust_text(object, name);
        int r;

        if (!text)
                return refuse(name, "is missing, or is not text", err);
        r = base64_decode(text, strlen(text), arena, ret, ret_size);
        if (r == -ENOMEM)
                return error_oom(err);
        return r < 0 ? refuse(name, "is not base64", err) : 0;
}

static int read_signature(const cJSON *json, Arena *arena, DsseSignature *ret, Error *err)
{
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "keyid");
        unsigned char *data;
        int r = read_bytes(json, "sig", arena, &data, &ret->size, err);

        if (r < 0)
                return r;
        if (id && !cJSON_IsString(id) && !cJSON_IsNull(id))
                return refuse("keyid", "is not text", err);
        ret->data = data;
        ret->key_id = arena_strdup(arena, cJSON_IsString(id) ? id->valuestring : "");
        return ret->key_id ? 0 : error_oom(err);
}

static int read_signatures(const cJSON *list, Arena *arena, DsseEnvelope *ret, Error *err)
{
        const int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
        const cJSON *item;
        int r = 0;

        if (n < 1 || n > SIGNATURES_MAX)
                return refuse("signatures", n < 1 ? "has no signature" : "has too many signatures",
                              err);
        ret->signatures = arena_alloc_array(arena, (size_t)n, sizeof(*ret->signatures));
        if (!ret->signatures)
                return error_oom(err);
        cJSON_ArrayForEach(item, list)
        {
                r = read_signature(item, arena, &ret->signatures[ret->n_signatures++], err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_envelope(const cJSON *json, Arena *arena, DsseEnvelope *ret, Error *err)
{
        const char *type = trust_text(json, "payloadType");
        unsigned char *payload;
        int r;

        if (!type)
                return refuse("payloadType", "is missing, or is not text", err);
        ret->payload_type = arena_strdup(arena, type);
        if (!ret->payload_type)
                return error_oom(err);
        r = read_bytes(json, "payload", arena, &payload, &ret->payload_size, err);
        if (r < 0)
                return r;
        ret->payload = (const char *)payload;
        return read_signatures(cJSON_GetObjectItemCaseSensitive(json, "signatures"), arena, ret,
                               err);
}

int dsse_read(const char *text, size_t size, Arena *arena, DsseEnvelope *ret, Error *err)
{
        static const char *const names[] = { "payload", "payloadType", "signatures",
                                             "sig",     "keyid",       NULL };
        const JsonKeys keys = { .names = names, .complete = true, .exact = true };
        DsseEnvelope envelope = { 0 };
        cJSON *json = NULL;
        int r;

        if (size > ENVELOPE_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG,
                                 "not a DSSE envelope: more than %d bytes", ENVELOPE_MAX);
        r = json_read(text, size, &keys, &json, err);
        if (r >= 0)
                r = json ? read_envelope(json, arena, &envelope, err)
                         : refuse("it", "is not JSON", err);
        cJSON_Delete(json);
        if (r >= 0)
                *ret = envelope;
        return r;
}

/* --- verifying and signing -------------------------------------------------------------------- */

int dsse_verify(const DsseEnvelope *envelope, const TrustKeys *keys, const TrustKey **ret_key,
                Error *err)
{
        _cleanup_(buffer_done) Buffer encoded;
        SignedData item;
        int r = 0;

        buffer_init(&encoded, (size_t)ENVELOPE_MAX * 2);
        dsse_encode(envelope->payload_type, envelope->payload, envelope->payload_size, &encoded);
        if (encoded.failed)
                return error_oom(err);
        item = (SignedData){ .data = encoded.data, .size = encoded.size };
        for (size_t i = 0; i < envelope->n_signatures && r == 0; i++) {
                item.signature = envelope->signatures[i].data;
                item.signature_size = envelope->signatures[i].size;
                r = trust_keys_verify(keys, &item, ret_key, err);
        }
        return r;
}

int dsse_sign(const TrustKey *key, const char *payload_type, const Buffer *payload, Buffer *out,
              Error *err)
{
        _cleanup_(buffer_done) Buffer encoded;
        _cleanup_(buffer_done) Buffer signature;
        int r;

        buffer_init(&signature, SIGNATURE_MAX);
        buffer_init(&encoded, (size_t)ENVELOPE_MAX * 2);
        dsse_encode(payload_type, payload->data, payload->size, &encoded);
        if (encoded.failed || payload->failed)
                return error_oom(err);
        r = trust_key_sign(key, encoded.data, encoded.size, &signature, err);
        if (r < 0)
                return r;
        (void)buffer_puts(out, "{\"payload\":\"");
        base64_encode(payload->data, payload->size, out);
        (void)buffer_printf(
                out, "\",\"payloadType\":\"%s\",\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"",
                payload_type, trust_key_id(key));
        base64_encode(signature.data, signature.size, out);
        (void)buffer_puts(out, "\"}]}\n");
        return out->failed ? error_oom(err) : 0;
}
