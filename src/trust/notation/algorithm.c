#include "trust/notation/algorithm.h"

#include <errno.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "trust/certificate.h"

static const NotationAlgorithm algorithms[] = {
        { "PS256", -37, "rsa", 2048, "SHA256" },
        { "PS384", -38, "rsa", 3072, "SHA384" },
        { "PS512", -39, "rsa", 4096, "SHA512" },
        { "ES256", -7, "ecdsa-p256", 256, "SHA256" },
        { "ES384", -35, "ecdsa-p384", 384, "SHA384" },
        { "ES512", -36, "ecdsa-p521", 521, "SHA512" },
};

static void free_context(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

static void free_signature(ECDSA_SIG **signature)
{
        ECDSA_SIG_free(*signature);
}

const NotationAlgorithm *notation_algorithm_of_jws(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
                if (streq(algorithms[i].jws, name))
                        return &algorithms[i];
        return NULL;
}

const NotationAlgorithm *notation_algorithm_of_cose(int64_t number)
{
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
                if (algorithms[i].cose == number)
                        return &algorithms[i];
        return NULL;
}

static int check_key(X509 *certificate, const NotationAlgorithm *algorithm, Error *err)
{
        const int bits = EVP_PKEY_get_bits(X509_get0_pubkey(certificate));
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        int r = certificate_key(certificate, &key, err);

        if (r < 0)
                return r;
        if (streq(trust_key_algorithm(key), algorithm->key) && bits == algorithm->bits)
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the signature uses algorithm %s, which is not the one of the "
                         "certificate's key (%s with %d bits)",
                         algorithm->jws, trust_key_algorithm(key), bits);
}

/* Encodes an ECDSA signature, which is r and s one after the other, in DER. Sets *ret to NULL if
 * the signature has another size. Otherwise the caller frees it with OPENSSL_free(). */
static int encode_ecdsa(const NotationAlgorithm *algorithm, Bytes signature, unsigned char **ret,
                        size_t *ret_size)
{
        const int half = (algorithm->bits + CHAR_BIT - 1) / CHAR_BIT;
        _cleanup_(free_signature) ECDSA_SIG *pair = ECDSA_SIG_new();
        BIGNUM *first, *second;
        int size;

        *ret = NULL;
        if (!pair)
                return -ENOMEM;
        if (signature.size != 2 * (size_t)half)
                return 0;
        first = BN_bin2bn(signature.data, half, NULL);
        second = BN_bin2bn(signature.data + half, half, NULL);
        if (!first || !second || ECDSA_SIG_set0(pair, first, second) != 1) {
                BN_free(first);
                BN_free(second);
                return -ENOMEM;
        }
        size = i2d_ECDSA_SIG(pair, ret);
        if (size < 0)
                return -ENOMEM;
        *ret_size = (size_t)size;
        return 0;
}

/* Returns 1 if the signature is valid, 0 if not, or -ENOMEM. */
static int verify(EVP_PKEY *key, const NotationAlgorithm *algorithm, Bytes data, Bytes signature)
{
        _cleanup_(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *parameters = NULL; /* freed with context */
        int r;

        if (!context)
                return -ENOMEM;
        r = EVP_DigestVerifyInit_ex(context, &parameters, algorithm->hash, NULL, NULL, key, NULL);
        if (r == 1 && EVP_PKEY_is_a(key, "RSA"))
                r = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        if (r == 1)
                r = EVP_DigestVerify(context, signature.data, signature.size, data.data, data.size);
        return r == 1;
}

int notation_verify_signature(X509 *certificate, const NotationAlgorithm *algorithm,
                              Bytes signed_bytes, Bytes signature, Error *err)
{
        unsigned char *der = NULL;
        size_t size = 0;
        int r = check_key(certificate, algorithm, err);

        if (r < 0)
                return r;
        if (streq(algorithm->key, "rsa"))
                r = verify(X509_get0_pubkey(certificate), algorithm, signed_bytes, signature);
        else {
                r = encode_ecdsa(algorithm, signature, &der, &size);
                if (der)
                        r = verify(X509_get0_pubkey(certificate), algorithm, signed_bytes,
                                   (Bytes){ der, size });
                OPENSSL_free(der);
        }
        ERR_clear_error();
        if (r < 0)
                return error_oom(err);
        return r > 0 ? 0
                     : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "the signature is not valid under the key of its certificate");
}
