#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/macros.h"

typedef struct Method {
        const char *name;
        const EVP_MD *(*standard)(void);
        EVP_MD *fetched;
} Method;

/* libcrypto looks a method up anew each time it is used unless it was fetched, and that takes as
 * long as hashing a name. What is fetched is kept until the program ends. */
static const EVP_MD *method_get(Method *method)
{
        if (!method->fetched)
                method->fetched = EVP_MD_fetch(NULL, method->name, NULL);
        return method->fetched ? method->fetched : method->standard();
}

static Method sha1 = { "SHA1", EVP_sha1, NULL };
static Method sha256 = { "SHA256", EVP_sha256, NULL };
static Method sha512 = { "SHA512", EVP_sha512, NULL };

typedef struct Algorithm {
        const char *prefix;
        Method *method;
        size_t size; /* of the hash in bytes */
} Algorithm;

static const Algorithm algorithms[] = {
        { "sha256:", &sha256, 32 },
        { "sha512:", &sha512, 64 },
};

static const Algorithm *algorithm_of(const char *digest)
{
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
                if (strncmp(digest, algorithms[i].prefix, strlen(algorithms[i].prefix)) == 0)
                        return &algorithms[i];
        return NULL;
}

bool digest_is_valid(const char *text)
{
        const Algorithm *algorithm = algorithm_of(text);
        size_t n;

        if (!algorithm)
                return false;
        text += strlen(algorithm->prefix);
        n = strspn(text, "0123456789abcdef");
        return n == 2 * algorithm->size && !text[n];
}

static void write_digest(const char *prefix, const unsigned char *hash, size_t size,
                         char ret_digest[DIGEST_SIZE_MAX])
{
        static const char hex[] = "0123456789abcdef";
        size_t at = strlen(prefix);

        memcpy(ret_digest, prefix, at);
        for (size_t i = 0; i < size; i++) {
                ret_digest[at++] = hex[hash[i] >> 4];
                ret_digest[at++] = hex[hash[i] & 15];
        }
        ret_digest[at] = '\0';
}

/* SHA-2 of memory cannot fail in libcrypto but for lack of memory; then no digest matches anything.
 */
static void hash_data(const Algorithm *algorithm, const void *data, size_t size,
                      char ret_digest[DIGEST_SIZE_MAX])
{
        unsigned char hash[EVP_MAX_MD_SIZE];

        if (EVP_Digest(data, size, hash, NULL, method_get(algorithm->method), NULL) == 1)
                write_digest(algorithm->prefix, hash, algorithm->size, ret_digest);
        else
                ret_digest[0] = '\0';
}

void digest_sha256(const void *data, size_t size, char ret_digest[DIGEST_SIZE_MAX])
{
        hash_data(&algorithms[0], data, size, ret_digest);
}

bool digest_matches(const char *digest, const void *data, size_t size)
{
        const Algorithm *algorithm = algorithm_of(digest);
        char actual[DIGEST_SIZE_MAX];

        if (!algorithm || !digest_is_valid(digest))
                return false;
        hash_data(algorithm, data, size, actual);
        return streq(actual, digest);
}

struct DigestStream {
        EVP_MD_CTX *context;
        bool failed;
};

DigestStream *digest_stream_free(DigestStream *stream)
{
        if (!stream)
                return NULL;
        EVP_MD_CTX_free(stream->context);
        free(stream);
        return NULL;
}

DigestStream *digest_stream_new(void)
{
        DigestStream *stream = calloc(1, sizeof(*stream));

        if (!stream)
                return NULL;
        stream->context = EVP_MD_CTX_new();
        if (!stream->context || EVP_DigestInit_ex(stream->context, method_get(&sha256), NULL) != 1)
                return digest_stream_free(stream);
        return stream;
}

void digest_stream_add(DigestStream *stream, const void *data, size_t size)
{
        if (EVP_DigestUpdate(stream->context, data, size) != 1)
                stream->failed = true;
}

void digest_stream_end(DigestStream *stream, char ret_digest[DIGEST_SIZE_MAX])
{
        unsigned char hash[EVP_MAX_MD_SIZE];

        if (!stream->failed && EVP_DigestFinal_ex(stream->context, hash, NULL) == 1)
                write_digest(algorithms[0].prefix, hash, algorithms[0].size, ret_digest);
        else
                ret_digest[0] = '\0';
}

void digest_sha1(const void *data, size_t size, unsigned char ret_hash[20])
{
        memset(ret_hash, 0, 20);
        (void)EVP_Digest(data, size, ret_hash, NULL, method_get(&sha1), NULL); /* for names only */
}
