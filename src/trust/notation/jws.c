#include <errno.h>

#include "base/limits-trust.h"
#include "registry/wire/json-keys.h"
#include "trust/base64.h"
#include "trust/json.h"
#include "trust/notation/headers.h"

static int read_json(const char *text, size_t size, const char *const *names, cJSON **ret,
                     Error *err)
{
        const JsonKeys keys = { .names = names, .complete = true, .exact = true };
        int r = json_read(text, size, &keys, ret, err);

        if (r < 0 || cJSON_IsObject(*ret))
                return r;
        cJSON_Delete(*ret);
        *ret = NULL;
        return notation_refuse("it is not a JSON object", err);
}

static int copy_text(const cJSON *json, const char *name, Arena *arena, Bytes *ret, Error *err)
{
        const char *text = trust_text(json, name), *copy;

        if (!text)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "not a Notary Project signature: '%s' is missing, or is not text",
                                 name);
        copy = arena_strdup(arena, text);
        if (!copy)
                return error_oom(err);
        *ret = (Bytes){ (const void *)copy, strlen(copy) };
        return 0;
}

static int refuse_bytes(const char *name, int r, Error *err)
{
        if (r == -ENOMEM)
                return error_oom(err);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "not a Notary Project signature: '%s' is not base64", name);
}

/* Reads a text, and what it encodes. */
static int read_encoded(const cJSON *json, const char *name, Arena *arena, Bytes *ret_text,
                        Bytes *ret, Error *err)
{
        unsigned char *data;
        int r = copy_text(json, name, arena, ret_text, err);

        if (r < 0)
                return r;
        r = base64url_decode((const char *)ret_text->data, ret_text->size, arena, &data,
                             &ret->size);
        if (r < 0)
                return refuse_bytes(name, r, err);
        ret->data = data;
        return 0;
}

/* --- unsigned attributes ---------------------------------------------------------------------- */

static int read_bytes(const cJSON *json, const char *name, Arena *arena, Bytes *ret, Error *err)
{
        const char *text = cJSON_GetStringValue(json);
        unsigned char *data = NULL;
        int r = text ? base64_decode(text, strlen(text), arena, &data, &ret->size) : -EINVAL;

        if (r < 0)
                return refuse_bytes(name, r, err);
        ret->data = data;
        return 0;
}

static int read_unsigned(const cJSON *json, Arena *arena, NotationEnvelope *ret, Error *err)
{
        const cJSON *chain = cJSON_GetObjectItemCaseSensitive(json, "x5c"),
                    *stamp = cJSON_GetObjectItemCaseSensitive(json, NOTATION_HEADER_STAMP), *item;
        const int n = cJSON_IsArray(chain) ? cJSON_GetArraySize(chain) : 0;
        Bytes *certificates;
        int r = 0;

        if (n < 1 || n > CHAIN_MAX)
                return notation_refuse(n < 1 ? "it has no chain of certificates (x5c)"
                                             : "it has too many certificates (x5c)",
                                       err);
        certificates = arena_alloc_array(arena, (size_t)n, sizeof(*certificates));
        if (!certificates)
                return error_oom(err);
        ret->chain = certificates;
        cJSON_ArrayForEach(item, chain)
        {
                r = read_bytes(item, "x5c", arena, &certificates[ret->n_chain++], err);
                if (r < 0)
                        return r;
        }
        return stamp ? read_bytes(stamp, NOTATION_HEADER_STAMP, arena, &ret->stamp, err) : 0;
}

/* --- signed attributes ------------------------------------------------------------------------ */

static int read_time(const cJSON *json, const char *name, usec_t *ret, Error *err)
{
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

        if (!item)
                return 0;
        if (cJSON_IsString(item) && time_parse(item->valuestring, ret) >= 0 && *ret > 0)
                return 0;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "not a Notary Project signature: '%s' is not a time", name);
}

static int read_critical(const cJSON *list, NotationHeaders *headers, Error *err)
{
        const cJSON *item;

        if (list && !cJSON_IsArray(list))
                return notation_refuse("'crit' is not a list", err);
        cJSON_ArrayForEach(item, list)
        {
                const char *name = cJSON_GetStringValue(item);
                int r = name ? notation_note_critical(
                                       headers, (Bytes){ (const void *)name, strlen(name) }, err)
                             : notation_refuse("an item of 'crit' is not text", err);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_headers(const cJSON *json, Arena *arena, NotationEnvelope *ret, Error *err)
{
        NotationHeaders headers = {
                .has_plugin = cJSON_HasObjectItem(json, NOTATION_HEADER_PLUGIN),
        };
        Bytes algorithm;
        int r = copy_text(json, "alg", arena, &algorithm, err);

        if (r >= 0)
                r = copy_text(json, "cty", arena, &headers.content_type, err);
        if (r >= 0)
                r = copy_text(json, NOTATION_HEADER_SCHEME, arena, &headers.scheme, err);
        if (r >= 0)
                r = read_time(json, NOTATION_HEADER_SIGNING_TIME, &headers.signing_time, err);
        if (r >= 0)
                r = read_time(json, NOTATION_HEADER_AUTHENTIC_TIME, &headers.authentic_time, err);
        if (r >= 0)
                r = read_time(json, NOTATION_HEADER_EXPIRY, &headers.expiry, err);
        if (r >= 0)
                r = read_critical(cJSON_GetObjectItemCaseSensitive(json, "crit"), &headers, err);
        if (r < 0)
                return r;
        ret->algorithm = notation_algorithm_of_jws((const char *)algorithm.data);
        if (!ret->algorithm)
                return notation_refuse("its algorithm is not one of PS256, PS384, PS512, ES256, "
                                       "ES384 and ES512",
                                       err);
        return notation_check_headers(&headers, ret, err);
}

/* RFC 7515, 4: an attribute must not be both signed and unsigned. */
static int check_apart(const cJSON *signed_ones, const cJSON *others, Error *err)
{
        const cJSON *item;

        cJSON_ArrayForEach(item, others) if (
                cJSON_HasObjectItem(
                        signed_ones,
                        item->string)) return notation_refuse("an attribute is both signed and unsigned",
                                                              err);
        return 0;
}

static int read_signed(Bytes text, const cJSON *others, Arena *arena, NotationEnvelope *ret,
                       Error *err)
{
        static const char *const names[] = { "alg",
                                             "cty",
                                             "crit",
                                             NOTATION_HEADER_SCHEME,
                                             NOTATION_HEADER_SIGNING_TIME,
                                             NOTATION_HEADER_AUTHENTIC_TIME,
                                             NOTATION_HEADER_EXPIRY,
                                             NOTATION_HEADER_PLUGIN,
                                             NULL };
        cJSON *json = NULL;
        int r = read_json((const char *)text.data, text.size, names, &json, err);

        if (r < 0)
                return r;
        r = check_apart(json, others, err);
        if (r >= 0)
                r = read_headers(json, arena, ret, err);
        cJSON_Delete(json);
        return r;
}

/* --- the envelope ----------------------------------------------------------------------------- */

static int read_envelope(const cJSON *json, Arena *arena, NotationEnvelope *ret, Error *err)
{
        const cJSON *others = cJSON_GetObjectItemCaseSensitive(json, "header");
        Bytes payload = { 0 }, protected = { 0 }, headers = { 0 }, signature = { 0 };
        char *signed_bytes;
        int r;

        if (cJSON_GetArraySize(json) != 4) /* none but these four */
                return notation_refuse("its members are not payload, protected, header and "
                                       "signature",
                                       err);
        r = read_encoded(json, "payload", arena, &payload, &ret->payload, err);
        if (r >= 0)
                r = read_encoded(json, "protected", arena, &protected, &headers, err);
        if (r >= 0)
                r = read_encoded(json, "signature", arena, &signature, &ret->signature, err);
        if (r >= 0)
                r = read_unsigned(others, arena, ret, err);
        if (r >= 0)
                r = read_signed(headers, others, arena, ret, err);
        if (r < 0)
                return r;
        signed_bytes = arena_printf(arena, "%s.%s", (const char *)protected.data,
                                    (const char *)payload.data);
        if (!signed_bytes)
                return error_oom(err);
        ret->signed_bytes = (Bytes){ (void *)signed_bytes, strlen(signed_bytes) };
        return 0;
}

int notation_read_jws(Bytes data, Arena *arena, NotationEnvelope *ret, Error *err)
{
        static const char *const names[] = { "payload",   "protected", "header",
                                             "signature", "x5c",       NOTATION_HEADER_STAMP,
                                             NULL };
        cJSON *json = NULL;
        int r = read_json((const char *)data.data, data.size, names, &json, err);

        if (r >= 0)
                r = read_envelope(json, arena, ret, err);
        cJSON_Delete(json);
        return r;
}
