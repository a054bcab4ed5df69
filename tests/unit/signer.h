#pragma once

/* Makes keys and signatures with libcrypto only, for tests of src/trust. */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "trust/key.h"
#include "unit.h"

typedef struct Made {
        EVP_PKEY *pkey;
        const char *public_pem;
} Made;

static inline Made make_key(Arena *arena, const char *type, const char *curve, size_t bits)
{
        Made made = { .pkey = curve  ? EVP_PKEY_Q_keygen(NULL, NULL, type, curve)
                              : bits ? EVP_PKEY_Q_keygen(NULL, NULL, type, bits)
                                     : EVP_PKEY_Q_keygen(NULL, NULL, type) };
        BIO *bio = BIO_new(BIO_s_mem());
        char *text = NULL;
        long size;

        assert_non_null(made.pkey);
        assert_int_equal(PEM_write_bio_PUBKEY(bio, made.pkey), 1);
        size = BIO_get_mem_data(bio, &text);
        made.public_pem = arena_strndup(arena, text, (size_t)size);
        BIO_free(bio);
        return made;
}

static inline SignedData sign_with(Arena *arena, EVP_PKEY *pkey, const char *hash, int padding,
                                   const char *text)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *parameters = NULL;
        unsigned char *signature;
        size_t size = 0;

        assert_int_equal(EVP_DigestSignInit_ex(context, &parameters, hash, NULL, NULL, pkey, NULL),
                         1);
        if (padding)
                assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, padding), 1);
        assert_int_equal(EVP_DigestSign(context, NULL, &size, (const void *)text, strlen(text)), 1);
        signature = arena_alloc_bytes(arena, size);
        assert_int_equal(
                EVP_DigestSign(context, signature, &size, (const void *)text, strlen(text)), 1);
        EVP_MD_CTX_free(context);
        return (SignedData){ text, strlen(text), signature, size };
}

static inline void read_keys(TrustKeys *keys, const char *pem)
{
        Error error = { 0 };

        assert_case(trust_keys_read(keys, "k", pem, strlen(pem), &error) == 0, "%s",
                    error_message(&error));
}

static inline int verify(const TrustKey *key, const SignedData *item)
{
        Error error = { 0 };
        int r = trust_key_verify(key, item, &error);

        assert_int_equal(error.kind, ERROR_NONE);
        return r;
}
