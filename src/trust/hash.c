#include "trust/hash.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/text.h"

int hash_compute(const char *algorithm, Bytes data, Hash *ret, Error *err)
{
        static const struct {
                const char *name, *libcrypto;
        } names[] = {
                { "sha256", "SHA256" },   { "sha384", "SHA384" },   { "sha512", "SHA512" },
                { "SHA2_256", "SHA256" }, { "SHA2_384", "SHA384" }, { "SHA2_512", "SHA512" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                size_t size = 0;

                if (!streq(names[i].name, algorithm))
                        continue;
                if (EVP_Q_digest(NULL, names[i].libcrypto, NULL, data.data, data.size, ret->data,
                                 &size) != 1) {
                        ERR_clear_error();
                        return error_oom(err);
                }
                ret->size = (unsigned)size;
                return 0;
        }
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "the hash algorithm is not one of SHA-256, SHA-384 and SHA-512");
}

bool hash_equals_hex(const Hash *hash, const char *hex)
{
        char text[2 * HASH_SIZE_MAX + 1];

        text_hex(hash->data, hash->size, text);
        return streq(text, hex);
}

bool hash_equals(const Hash *hash, Bytes bytes)
{
        return bytes_equal((Bytes){ hash->data, hash->size }, bytes);
}
