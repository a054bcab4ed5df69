#include "base/digest.h"

/* Uses the deprecated SHA functions of OpenSSL, because they allocate nothing. EVP and the one-shot
 * functions allocate memory, and could fail. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

typedef struct Algorithm {
        const char *prefix;
        void (*hash)(const void *data, size_t size, unsigned char *ret_hash);
        size_t size; /* bytes of the hash */
} Algorithm;

static void hash_sha256(const void *data, size_t size, unsigned char *ret_hash)
{
        SHA256_CTX context;

        (void)SHA256_Init(&context); /* the SHA functions cannot fail */
        (void)SHA256_Update(&context, data, size);
        (void)SHA256_Final(ret_hash, &context);
}

static void hash_sha512(const void *data, size_t size, unsigned char *ret_hash)
{
        SHA512_CTX context;

        (void)SHA512_Init(&context); /* the SHA functions cannot fail */
        (void)SHA512_Update(&context, data, size);
        (void)SHA512_Final(ret_hash, &context);
}

static const Algorithm algorithms[] = {
        { "sha256:", hash_sha256, SHA256_DIGEST_LENGTH },
        { "sha512:", hash_sha512, SHA512_DIGEST_LENGTH },
};

static const Algorithm *algorithm_of(const char *digest)
{
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
                if (text_begins_with(digest, algorithms[i].prefix))
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

bool digest_is_prefix(const char *text)
{
        const Algorithm *algorithm = algorithm_of(text);
        size_t size;

        if (algorithm)
                text += strlen(algorithm->prefix);
        size = strspn(text, "0123456789abcdef");
        return !text[size] && size >= DIGEST_PREFIX_MIN && size < DIGEST_SIZE_MAX;
}

bool digest_has_prefix(const char *digest, const char *prefix)
{
        const Algorithm *algorithm = algorithm_of(digest);

        if (algorithm && !algorithm_of(prefix))
                digest += strlen(algorithm->prefix);
        return strncmp(digest, prefix, strlen(prefix)) == 0;
}

static void write_digest(const char *prefix, const unsigned char *hash, size_t size,
                         char ret_digest[DIGEST_SIZE_MAX])
{
        size_t n = strlen(prefix);

        memcpy(ret_digest, prefix, n + 1);
        text_hex(hash, size, ret_digest + n);
}

static void hash_data(const Algorithm *algorithm, const void *data, size_t size,
                      char ret_digest[DIGEST_SIZE_MAX])
{
        unsigned char hash[SHA512_DIGEST_LENGTH];

        algorithm->hash(data, size, hash);
        write_digest(algorithm->prefix, hash, algorithm->size, ret_digest);
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
        SHA256_CTX context;
};

DigestStream *digest_stream_free(DigestStream *stream)
{
        free(stream);
        return NULL;
}

DigestStream *digest_stream_new(void)
{
        DigestStream *stream = calloc(1, sizeof(*stream));

        if (stream)
                (void)SHA256_Init(&stream->context); /* the SHA functions cannot fail */
        return stream;
}

void digest_stream_add(DigestStream *stream, const void *data, size_t size)
{
        (void)SHA256_Update(&stream->context, data, size); /* the SHA functions cannot fail */
}

void digest_stream_end(DigestStream *stream, char ret_digest[DIGEST_SIZE_MAX])
{
        unsigned char hash[SHA256_DIGEST_LENGTH];

        (void)SHA256_Final(hash, &stream->context); /* the SHA functions cannot fail */
        write_digest(algorithms[0].prefix, hash, algorithms[0].size, ret_digest);
}

void digest_sha1(const void *data, size_t size, const char *const *texts,
                 unsigned char ret_hash[20])
{
        SHA_CTX context;

        (void)SHA1_Init(&context); /* the SHA functions cannot fail */
        (void)SHA1_Update(&context, data, size);
        for (; *texts; texts++)
                (void)SHA1_Update(&context, *texts, strlen(*texts) + 1);
        (void)SHA1_Final(ret_hash, &context);
}
