/* Makes calls of libcrypto fail as if memory had run out. Its own allocations never fail in tests,
 * because it may crash then. The linker replaces the calls of relman by these functions (--wrap),
 * and not the calls that libcrypto makes itself. */

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "failing.h"

/* DEFINE_CALL(type, result of a failure, name, parameters, arguments) */
#define DEFINE_CALL(type, failure, name, parameters, arguments)                                    \
        type __real_##name parameters;                                                             \
        type __wrap_##name parameters;                                                             \
        type __wrap_##name parameters                                                              \
        {                                                                                          \
                if (!failing_now(FAILING_ALLOCATIONS, __builtin_return_address(0)))                \
                        return __real_##name arguments;                                            \
                ERR_raise(ERR_LIB_CRYPTO, ERR_R_MALLOC_FAILURE);                                   \
                return failure;                                                                    \
        }

DEFINE_CALL(BIO *, NULL, BIO_new, (const BIO_METHOD *method), (method))
DEFINE_CALL(BIO *, NULL, BIO_new_mem_buf, (const void *data, int size), (data, size))
DEFINE_CALL(BIGNUM *, NULL, BN_bin2bn, (const unsigned char *data, int size, BIGNUM *number),
            (data, size, number))
DEFINE_CALL(ECDSA_SIG *, NULL, ECDSA_SIG_new, (void), ())
DEFINE_CALL(EVP_MD_CTX *, NULL, EVP_MD_CTX_new, (void), ())
DEFINE_CALL(int, 0, EVP_Q_digest,
            (OSSL_LIB_CTX * library, const char *name, const char *properties, const void *data,
             size_t size, unsigned char *digest, size_t *n),
            (library, name, properties, data, size, digest, n))
DEFINE_CALL(ASN1_OBJECT *, NULL, OBJ_txt2obj, (const char *text, int no_name), (text, no_name))
DEFINE_CALL(OPENSSL_STACK *, NULL, OPENSSL_sk_new_null, (void), ())
DEFINE_CALL(int, 0, OPENSSL_sk_push, (OPENSSL_STACK * stack, const void *data), (stack, data))
DEFINE_CALL(X509 *, NULL, X509_dup, (const X509 *certificate), (certificate))
DEFINE_CALL(X509_STORE *, NULL, X509_STORE_new, (void), ())
DEFINE_CALL(int, 0, X509_STORE_add_cert, (X509_STORE * store, X509 *certificate),
            (store, certificate))
DEFINE_CALL(X509_STORE_CTX *, NULL, X509_STORE_CTX_new, (void), ())
DEFINE_CALL(int, 0, X509_STORE_CTX_init,
            (X509_STORE_CTX * context, X509_STORE *store, X509 *leaf, STACK_OF(X509) * chain),
            (context, store, leaf, chain))
DEFINE_CALL(int, -1, i2d_PUBKEY, (const EVP_PKEY *key, unsigned char **der), (key, der))
DEFINE_CALL(int, -1, ASN1_STRING_to_UTF8, (unsigned char **text, const ASN1_STRING *string),
            (text, string))
