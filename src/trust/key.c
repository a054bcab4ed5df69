#include "trust/key.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits-trust.h"

#define GROUP_NAME_MAX     64
#define SIGNATURE_SIZE_MAX 256 /* bytes; those of all KeyTypes are shorter */

typedef struct Algorithm {
        const char *name;
        const char *type;  /* libcrypto's name of the key type */
        const char *group; /* libcrypto's name of the curve; NULL: none */
        const char *hash;  /* the algorithm defines it */
} Algorithm;

/* The first rows are indexed by KeyType. */
static const Algorithm algorithms[] = {
        [KEY_TYPE_ED25519] = { "ed25519", "ED25519", NULL, NULL },
        [KEY_TYPE_P256] = { "ecdsa-p256", "EC", "prime256v1", "SHA256" },
        { "ecdsa-p384", "EC", "secp384r1", "SHA384" },
        { "ecdsa-p521", "EC", "secp521r1", "SHA512" },
        { "rsa", "RSA", NULL, "SHA256" },
};

struct TrustKey {
        EVP_PKEY *pkey;
        EVP_PKEY *public_pkey; /* of a key in a token; NULL: pkey has the public key */
        const Algorithm *algorithm;
        char id[DIGEST_SIZE_MAX];
};

static void free_bio(BIO **bio)
{
        BIO_free_all(*bio);
}

static void free_context(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

/* Clears libcrypto's error queue. Otherwise the next user of libcrypto in this thread would report
 * these errors. Returns true if memory ran out. */
static bool clear_errors(void)
{
        bool is_oom = false;
        unsigned long code;

        while ((code = ERR_get_error()) != 0)
                is_oom = is_oom || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
        return is_oom;
}

/* --- supported keys --------------------------------------------------------------------------- */

static bool has_size(const EVP_PKEY *pkey)
{
        const int bits = EVP_PKEY_get_bits(pkey);

        return !EVP_PKEY_is_a(pkey, "RSA") || (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX);
}

/* Returns the algorithm of a key; NULL if it is not supported. A curve with explicit parameters is
 * not supported, because an attacker can make one that differs from a named curve only in its
 * generator. */
static const Algorithm *algorithm_of(const EVP_PKEY *pkey)
{
        char group[GROUP_NAME_MAX] = "";
        int is_explicit = 0;

        if (EVP_PKEY_is_a(pkey, "EC")) {
                (void)EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                                     sizeof(group), NULL); /* else it stays "" */
                (void)EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                             &is_explicit);
        }
        for (size_t i = 0; i < ARRAY_SIZE(algorithms) && !is_explicit; i++)
                if (EVP_PKEY_is_a(pkey, algorithms[i].type) &&
                    streq(algorithms[i].group ? algorithms[i].group : "", group))
                        return has_size(pkey) ? &algorithms[i] : NULL;
        return NULL;
}

static int refuse_type(const char *name, const EVP_PKEY *pkey, Error *err)
{
        const char *type = EVP_PKEY_get0_type_name(pkey);

        return error_set(err, ERROR_INVALID, -EINVAL,
                         "key '%s' (%s, %d bits) is not supported: use Ed25519, ECDSA with P-256, "
                         "P-384 or P-521, or RSA of %d to %d bits",
                         name, type ? type : "unknown", EVP_PKEY_get_bits(pkey), RSA_BITS_MIN,
                         RSA_BITS_MAX);
}

static EVP_PKEY *public_of(const TrustKey *key)
{
        return key->public_pkey ? key->public_pkey : key->pkey;
}

static int find_id(TrustKey *key)
{
        unsigned char *der = NULL;
        int size = i2d_PUBKEY(public_of(key), &der);

        if (size < 0)
                return -ENOMEM;
        digest_sha256(der, (size_t)size, key->id);
        OPENSSL_free(der);
        return 0;
}

/* Makes a key without an id. Takes ownership of pkey, also on failure. */
static int key_wrap(const char *name, EVP_PKEY *pkey, TrustKey **ret, Error *err)
{
        _cleanup_(trust_key_freep) TrustKey *key = calloc(1, sizeof(*key));

        if (!key) {
                EVP_PKEY_free(pkey);
                return error_oom(err);
        }
        key->pkey = pkey;
        key->algorithm = algorithm_of(pkey);
        (void)clear_errors(); /* errors about parameters that the key does not have */
        if (!key->algorithm)
                return refuse_type(name, pkey, err);
        *ret = TAKE(key);
        return 0;
}

/* Takes ownership of pkey, also on failure. */
static int key_new(const char *name, EVP_PKEY *pkey, TrustKey **ret, Error *err)
{
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        int r = key_wrap(name, pkey, &key, err);

        if (r < 0)
                return r;
        if (find_id(key) < 0) {
                (void)clear_errors();
                return error_oom(err);
        }
        *ret = TAKE(key);
        return 0;
}

TrustKey *trust_key_free(TrustKey *key)
{
        if (!key)
                return NULL;
        EVP_PKEY_free(key->pkey); /* overwrites a private key */
        EVP_PKEY_free(key->public_pkey);
        free(key);
        return NULL;
}

const char *trust_key_id(const TrustKey *key)
{
        return key->id;
}

const char *trust_key_algorithm(const TrustKey *key)
{
        return key->algorithm->name;
}

/* --- PEM -------------------------------------------------------------------------------------- */

/* Provides no passphrase. Without this callback libcrypto would ask for one on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type of the callback */
static int on_passphrase(char *buffer, int size, int writes, void *userdata)
{
        (void)buffer, (void)size, (void)writes, (void)userdata;
        return -1;
}

static int refuse_pem(const char *name, bool is_public, Error *err)
{
        if (clear_errors())
                return error_oom(err);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         is_public ? "'%s' has no public key in PEM, which begins with "
                                     "-----BEGIN PUBLIC KEY-----"
                                   : "'%s' has no private key in PEM without a passphrase; "
                                     "relmanctl key new FILE makes one",
                         name);
}

int trust_keys_add(TrustKeys *keys, TrustKey *key, Error *err)
{
        TrustKey **items = key ? reallocarray(keys->items, keys->n + 1, sizeof(TrustKey *)) : NULL;

        if (!items) {
                trust_key_free(key);
                return error_oom(err);
        }
        keys->items = items;
        keys->items[keys->n++] = key;
        return 0;
}

void trust_keys_done(TrustKeys *keys)
{
        for (size_t i = 0; i < keys->n; i++)
                trust_key_free(keys->items[i]);
        free(keys->items);
        *keys = (TrustKeys){ 0 };
}

/* The next block of a text in PEM. */
typedef struct PemBlock {
        char *name, *header;
        unsigned char *data;
        long size;
} PemBlock;

static void free_block(PemBlock *block)
{
        OPENSSL_free(block->name);
        OPENSSL_free(block->header);
        OPENSSL_clear_free(block->data, (size_t)block->size);
}

static EVP_PKEY *decode_public(const PemBlock *block)
{
        const unsigned char *at = block->data;
        EVP_PKEY *pkey =
                streq(block->name, PEM_STRING_PUBLIC) ? d2i_PUBKEY(NULL, &at, block->size) : NULL;

        if (!pkey || at == block->data + block->size)
                return pkey;
        EVP_PKEY_free(pkey);
        return NULL;
}

/* Reads the next public key. Returns 0 if there is none. */
static int read_next(const char *name, BIO *bio, TrustKey **ret, Error *err)
{
        _cleanup_(free_block) PemBlock block = { 0 };
        EVP_PKEY *pkey;
        int r;

        if (PEM_read_bio(bio, &block.name, &block.header, &block.data, &block.size) != 1) {
                if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                        return refuse_pem(name, true, err);
                (void)clear_errors(); /* the error at the end of the text */
                return 0;
        }
        pkey = decode_public(&block);
        r = pkey ? key_new(name, pkey, ret, err) : refuse_pem(name, true, err);
        return r < 0 ? r : 1;
}

int trust_keys_read(TrustKeys *keys, const char *name, const char *pem, size_t size, Error *err)
{
        _cleanup_(free_bio) BIO *bio = size <= INT_MAX ? BIO_new_mem_buf(pem, (int)size) : NULL;
        const size_t n_before = keys->n;
        TrustKey *key = NULL;
        int r = 1;

        if (!bio)
                return error_oom(err);
        while (r > 0 && keys->n < TRUST_KEYS_MAX) {
                r = read_next(name, bio, &key, err);
                if (r > 0 && trust_keys_add(keys, key, err) < 0)
                        r = -ENOMEM;
        }
        if (r < 0)
                return r;
        if (r > 0)
                return error_set(err, ERROR_INVALID, -E2BIG, "'%s' has more than %d keys", name,
                                 TRUST_KEYS_MAX - 1);
        return keys->n > n_before ? 0 : refuse_pem(name, true, err);
}

int trust_key_read_der(const char *name, const unsigned char *der, size_t size, TrustKey **ret,
                       Error *err)
{
        const unsigned char *at = der;
        EVP_PKEY *pkey = size <= LONG_MAX ? d2i_PUBKEY(NULL, &at, (long)size) : NULL;

        (void)clear_errors();
        if (pkey && at == der + size)
                return key_new(name, pkey, ret, err);
        EVP_PKEY_free(pkey);
        return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is not a public key in DER", name);
}

int trust_key_take(const char *name, EVP_PKEY *pkey, TrustKey **ret, Error *err)
{
        return key_wrap(name, pkey, ret, err);
}

int trust_key_read_private(const char *name, const char *pem, size_t size, TrustKey **ret,
                           Error *err)
{
        _cleanup_(free_bio) BIO *bio = size <= INT_MAX ? BIO_new_mem_buf(pem, (int)size) : NULL;
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        EVP_PKEY *pkey;
        int r;

        if (!bio)
                return error_oom(err);
        pkey = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, NULL);
        r = pkey ? key_new(name, pkey, &key, err) : refuse_pem(name, false, err);
        if (r < 0)
                return r;
        if (key->algorithm - algorithms >= KEY_TYPE_MAX_)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "key '%s' (%s) cannot sign: use Ed25519 or ECDSA with P-256; "
                                 "relmanctl key new FILE makes one",
                                 name, key->algorithm->name);
        *ret = TAKE(key);
        return 0;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void free_store(OSSL_STORE_CTX **store)
{
        (void)OSSL_STORE_close(*store);
}

static void free_method(UI_METHOD **method)
{
        UI_destroy_method(*method);
}

static void free_pkey(EVP_PKEY **pkey)
{
        EVP_PKEY_free(*pkey);
}

/* Provides the PIN of a token. */
static int on_pin(char *buffer, int size, int is_written, void *userdata)
{
        const char *pin = userdata;
        const size_t n = pin ? strlen(pin) : 0;

        (void)is_written;
        if (n == 0 || n > (size_t)size)
                return -1;
        for (size_t i = 0; i < n; i++) /* without a NUL, as libcrypto asks for */
                buffer[i] = pin[i];
        return (int)n;
}

/* The part of a URI after '?' may have a PIN, so messages do not show it. */
static int refuse_uri(const char *uri, const char *what, const char *next, Error *err)
{
        const unsigned long code = ERR_peek_error();
        const char *reason = code ? ERR_reason_error_string(code) : NULL;

        (void)error_set(err, ERROR_INVALID, -EINVAL, "key '%.*s' %s%s%s%s; %s",
                        (int)strcspn(uri, "?"), uri, what, reason ? " (" : "", reason ? reason : "",
                        reason ? ")" : "", next); /* the code is returned below */
        (void)clear_errors();
        return -EINVAL;
}

/* Reads the only private key of the store. */
static int load_key(const char *uri, OSSL_STORE_CTX *store, EVP_PKEY **ret, Error *err)
{
        _cleanup_(free_pkey) EVP_PKEY *pkey = NULL;

        while (!OSSL_STORE_eof(store)) {
                OSSL_STORE_INFO *info = OSSL_STORE_load(store);
                const bool is_key = info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY;
                const bool is_second = is_key && pkey;

                if (is_key && !pkey)
                        pkey = OSSL_STORE_INFO_get1_PKEY(info);
                OSSL_STORE_INFO_free(info);
                if (is_second)
                        return refuse_uri(uri, "is not the only one that its URI names",
                                          "add object= or id=", err);
                if (!info && OSSL_STORE_error(store))
                        break;
        }
        if (!pkey)
                return refuse_uri(uri, "was not found", "check token, object and PIN", err);
        (void)clear_errors();
        *ret = TAKE(pkey);
        return 0;
}

/* Makes a public key from its curve and its bytes. */
static EVP_PKEY *make_public(const Algorithm *algorithm, const unsigned char *bytes, size_t size)
{
        char *group = (char *)(uintptr_t)algorithm->group; /* only read */
        unsigned char *point = (void *)(uintptr_t)bytes;   /* only read */
        OSSL_PARAM parameters[] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };
        EVP_PKEY_CTX *context;
        EVP_PKEY *pkey = NULL;

        if (!group)
                return EVP_PKEY_new_raw_public_key_ex(NULL, algorithm->type, "provider=default",
                                                      bytes, size);
        parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
        parameters[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, size);
        context = EVP_PKEY_CTX_new_from_name(NULL, algorithm->type, "provider=default");
        if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
            EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
                pkey = NULL;
        EVP_PKEY_CTX_free(context);
        return pkey;
}

/* Reads the public key of a key in a token. A provider may encode the curve with explicit
 * parameters, which relman and others refuse, so only the bytes of the point are taken. */
static EVP_PKEY *read_public(const TrustKey *key)
{
        unsigned char *der = NULL;
        const int size = i2d_PUBKEY(key->pkey, &der);
        const unsigned char *at = der, *bytes = NULL;
        X509_PUBKEY *encoded = size > 0 ? d2i_X509_PUBKEY(NULL, &at, size) : NULL;
        EVP_PKEY *pkey = NULL;
        int n = 0;

        if (encoded && X509_PUBKEY_get0_param(NULL, &bytes, &n, NULL, encoded) == 1 && n > 0)
                pkey = make_public(key->algorithm, bytes, (size_t)n);
        X509_PUBKEY_free(encoded);
        OPENSSL_free(der);
        return pkey;
}

int trust_key_load(const char *uri, const char *pin, TrustKey **ret, Error *err)
{
        _cleanup_(free_method) UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(on_pin, 0);
        _cleanup_(free_store) OSSL_STORE_CTX *store = NULL;
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        EVP_PKEY *pkey = NULL;
        int r;

        if (!method)
                return error_oom(err);
        (void)clear_errors();
        store = OSSL_STORE_open(uri, method, (void *)(uintptr_t)pin, NULL, NULL); /* only read */
        if (!store)
                return refuse_uri(uri, "cannot be opened",
                                  "activate pkcs11-provider in openssl.cnf, or the file that "
                                  "OPENSSL_CONF names",
                                  err);
        (void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY); /* else all objects are read */
        r = load_key(uri, store, &pkey, err);
        if (r >= 0)
                r = key_wrap("of the token", pkey, &key, err);
        if (r < 0)
                return r;
        if (key->algorithm - algorithms >= KEY_TYPE_MAX_)
                return refuse_uri(uri, "cannot sign", "use Ed25519 or ECDSA with P-256", err);
        key->public_pkey = read_public(key);
        if (!key->public_pkey || find_id(key) < 0)
                return refuse_uri(uri, "has no public key in the token",
                                  "import the key with its public key", err);
        (void)clear_errors();
        *ret = TAKE(key);
        return 0;
}

static int write_pem(BIO *bio, bool is_written, Buffer *out, Error *err)
{
        char *text = NULL;
        long size = is_written ? BIO_get_mem_data(bio, &text) : 0;

        (void)clear_errors();
        return size > 0 && buffer_append(out, text, (size_t)size) >= 0 ? 0 : error_oom(err);
}

int trust_key_write_public(const TrustKey *key, Buffer *out, Error *err)
{
        _cleanup_(free_bio) BIO *bio = BIO_new(BIO_s_mem());

        return write_pem(bio, bio && PEM_write_bio_PUBKEY(bio, public_of(key)) == 1, out, err);
}

int trust_key_write_private(const TrustKey *key, Buffer *out, Error *err)
{
        /* the memory of this BIO is overwritten when it is freed */
        _cleanup_(free_bio) BIO *bio = BIO_new(BIO_s_secmem());

        return write_pem(bio,
                         bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL,
                                                              NULL) == 1,
                         out, err);
}

int trust_key_generate(KeyType type, TrustKey **ret, Error *err)
{
        const Algorithm *algorithm = &algorithms[type];
        EVP_PKEY *pkey = algorithm->group
                                 ? EVP_PKEY_Q_keygen(NULL, NULL, algorithm->type, algorithm->group)
                                 : EVP_PKEY_Q_keygen(NULL, NULL, algorithm->type);

        if (pkey)
                return key_new("new key", pkey, ret, err);
        (void)clear_errors();
        return error_set(err, ERROR_INTERNAL, -EIO, "libcrypto cannot make a key (%s)",
                         algorithm->name);
}

/* --- signing and verifying -------------------------------------------------------------------- */

int trust_key_sign(const TrustKey *key, const void *data, size_t size, Buffer *out, Error *err)
{
        _cleanup_(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[SIGNATURE_SIZE_MAX];
        size_t n = sizeof(signature);

        if (context &&
            EVP_DigestSignInit_ex(context, NULL, key->algorithm->hash, NULL, NULL, key->pkey,
                                  NULL) == 1 &&
            EVP_DigestSign(context, signature, &n, data, size) == 1)
                return buffer_append(out, signature, n) < 0 ? error_oom(err) : 0;
        (void)clear_errors();
        return error_set(err, ERROR_INTERNAL, -EIO, "cannot sign with key %s", key->id);
}

/* Returns 1 if the signature is valid, 0 if not, or -ENOMEM. padding: the RSA padding; 0 for other
 * keys. */
static int verify(const TrustKey *key, const char *hash, const SignedData *item, int padding)
{
        _cleanup_(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *parameters = NULL; /* freed with context */
        int r;

        if (!context)
                return -ENOMEM;
        r = EVP_DigestVerifyInit_ex(context, &parameters, hash, NULL, NULL, public_of(key), NULL);
        if (r == 1 && padding != 0)
                r = EVP_PKEY_CTX_set_rsa_padding(parameters, padding);
        if (r == 1)
                r = EVP_DigestVerify(context, item->signature, item->signature_size, item->data,
                                     item->size);
        return clear_errors() ? -ENOMEM : r == 1;
}

int trust_key_verify(const TrustKey *key, const SignedData *item, Error *err)
{
        int r;

        if (!EVP_PKEY_is_a(key->pkey, "RSA"))
                r = verify(key, key->algorithm->hash, item, 0);
        else {
                r = verify(key, key->algorithm->hash, item, RSA_PKCS1_PADDING);
                if (r == 0)
                        r = verify(key, key->algorithm->hash, item, RSA_PKCS1_PSS_PADDING);
        }
        return r < 0 ? error_oom(err) : r;
}

int trust_key_verify_sha256(const TrustKey *key, const SignedData *item, Error *err)
{
        int r = EVP_PKEY_is_a(key->pkey, "EC") ? verify(key, "SHA256", item, 0) : 0;

        return r < 0 ? error_oom(err) : r;
}

int trust_keys_verify(const TrustKeys *keys, const SignedData *item, const TrustKey **ret_key,
                      Error *err)
{
        int r = 0;

        for (size_t i = 0; i < keys->n && r == 0; i++) {
                r = trust_key_verify(keys->items[i], item, err);
                if (r > 0)
                        *ret_key = keys->items[i];
        }
        return r;
}
