#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "event/internal.h"

int event_sign(const char *secret, const Buffer *body, usec_t now, Arena *arena,
               EventHeaders *headers, Error *err)
{
        unsigned long long at = now / USEC_PER_SEC;
        unsigned char mac[EVP_MAX_MD_SIZE];
        char hex[2 * EVP_MAX_MD_SIZE + 1];
        _cleanup_(buffer_done) Buffer text;
        unsigned size = 0;

        buffer_init(&text, body->size + 64);
        (void)buffer_printf(&text, "%llu.", at);
        if (buffer_append(&text, body->data, body->size) < 0)
                return error_oom(err);
        if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text.data,
                  text.size, mac, &size))
                return error_set(err, ERROR_INTERNAL, -EIO, "cannot sign");
        text_hex(mac, size, hex);
        headers->lines[headers->n++] = arena_printf(arena, "Relman-Timestamp: %llu", at);
        headers->lines[headers->n++] = arena_printf(arena, "Relman-Signature: sha256=%s", hex);
        return headers->lines[headers->n - 1] && headers->lines[headers->n - 2] ? 0
                                                                                : error_oom(err);
}
