#include <cjson/cJSON.h>
#include <errno.h>

#include "base/limits.h"
#include "model/json.h"
#include "registry/internal.h"
#include "registry/wire/json-keys.h"

#define LIFETIME_MIN (60 * USEC_PER_SEC) /* the minimum in distribution's token specification */
#define LIFETIME_MAX USEC_PER_DAY

/* True if the text may be sent in a header. Allows more than the b64token of RFC 6750, because some
 * servers send other characters. */
static bool is_token(const char *text)
{
        for (const char *p = text; *p; p++)
                if (*p <= ' ' || *p >= 0x7f)
                        return false;
        return text[0] != '\0';
}

int token_parse(const char *json, size_t size, Arena *arena, const char **ret_token,
                usec_t *ret_lifetime, Error *err)
{
        static const char *const names[] = { "token", "access_token", "expires_in", NULL };
        const JsonKeys keys = { .names = names };
        _cleanup_(json_free) cJSON *parsed = NULL;
        const cJSON *expires;
        const char *token;
        double seconds;
        int r;

        r = json_read(json, size, &keys, &parsed, err);
        if (r < 0)
                return r;
        token = json_member_text(parsed, "token");
        if (!token)
                token = json_member_text(parsed, "access_token");
        if (!token || !is_token(token))
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "the answer holds no usable token");
        if (strlen(token) > TOKEN_VALUE_MAX)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "the token has %zu bytes, the limit is %d", strlen(token),
                                 TOKEN_VALUE_MAX);
        expires = cJSON_GetObjectItemCaseSensitive(parsed, "expires_in");
        seconds = cJSON_IsNumber(expires) ? expires->valuedouble : 0;
        *ret_lifetime = !(seconds > 60)   ? LIFETIME_MIN
                        : seconds > 86400 ? LIFETIME_MAX
                                          : (usec_t)seconds * USEC_PER_SEC;
        *ret_token = arena_strdup(arena, token);
        return *ret_token ? 0 : error_oom(err);
}
