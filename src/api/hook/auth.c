#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "api/hook/hook.h"
#include "base/digest.h"
#include "base/macros.h"
#include "base/text.h"

/* Compares the digests of the texts, so that the time shows neither their first difference nor
 * their lengths. */
static bool equal(const char *a, const char *b)
{
        char x[DIGEST_SIZE_MAX] = "", y[DIGEST_SIZE_MAX] = "";

        digest_sha256(a, strlen(a), x);
        digest_sha256(b, strlen(b), y);
        return CRYPTO_memcmp(x, y, sizeof(x)) == 0;
}

static bool is_signature(const HookProof *proof, const char *secret, const EVP_MD *hash,
                         const char *hex)
{
        unsigned char mac[EVP_MAX_MD_SIZE];
        char wanted[2 * EVP_MAX_MD_SIZE + 1];
        unsigned size = 0;

        if (!HMAC(hash, secret, (int)strlen(secret), (const unsigned char *)proof->body,
                  proof->body_size, mac, &size))
                return false;
        text_hex(mac, size, wanted);
        return equal(wanted, hex);
}

/* Decodes the credentials of "Basic ..." and compares the password with the secret. Ignores the
 * user name. */
static bool is_basic(const char *encoded, const char *secret)
{
        unsigned char text[1024];
        size_t size = strlen(encoded), n_padding = 0;
        const char *colon;
        int n;

        if (size == 0 || size % 4 != 0 || size / 4 * 3 >= sizeof(text))
                return false;
        while (n_padding < 2 && encoded[size - 1 - n_padding] == '=')
                n_padding++;
        n = EVP_DecodeBlock(text, (const unsigned char *)encoded, (int)size);
        if (n < 0)
                return false;
        text[(size_t)n - n_padding] = '\0';
        colon = strchr((const char *)text, ':');
        return colon && equal(colon + 1, secret);
}

static bool is_authorization(const char *value, const char *secret)
{
        if (strncasecmp(value, "Basic ", 6) == 0)
                return is_basic(value + 6 + strspn(value + 6, " "), secret);
        if (strncasecmp(value, "Bearer ", 7) == 0)
                return equal(value + 7 + strspn(value + 7, " "), secret);
        return equal(value, secret);
}

/* Artifactory sends the secret itself, or an HMAC-SHA-256 if its webhook is configured to sign. */
static bool is_jfrog_token(const HookProof *proof, const char *secret)
{
        return equal(proof->jfrog_token, secret) ||
               is_signature(proof, secret, EVP_sha256(), proof->jfrog_token);
}

static bool knows_secret(const HookProof *proof, const char *secret)
{
        if (proof->hub_signature)
                return strncmp(proof->hub_signature, "sha256=", 7) == 0 &&
                       is_signature(proof, secret, EVP_sha256(), proof->hub_signature + 7);
        if (proof->gitea_signature)
                return is_signature(proof, secret, EVP_sha256(), proof->gitea_signature);
        if (proof->nexus_signature)
                return is_signature(proof, secret, EVP_sha1(), proof->nexus_signature);
        if (proof->jfrog_token)
                return is_jfrog_token(proof, secret);
        return (proof->authorization && is_authorization(proof->authorization, secret)) ||
               (proof->gitlab_token && equal(proof->gitlab_token, secret)) ||
               (proof->in_url && equal(proof->in_url, secret));
}

bool hook_is_authentic(const HookProof *proof, const char *secret)
{
        bool has_secret = secret && secret[0];

        return knows_secret(proof, has_secret ? secret : "no secret is known") && has_secret;
}
