#include "api/http/session.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"

#define ID_SIZE    16 /* hexadecimal digits */
#define NONCE_SIZE 16 /* bytes */
#define MAC_SIZE   32 /* bytes */
#define TEXT_MAX   512

/* --- the key ---------------------------------------------------------------------------------- */

static int read_key(SessionKey *key, const char *path, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r = file_read(path, SESSION_KEY_SIZE, &data, &size, err);

        if (r < 0)
                return r;
        if (size == SESSION_KEY_SIZE)
                memcpy(key->bytes, data, SESSION_KEY_SIZE);
        OPENSSL_cleanse(data, size);
        return size == SESSION_KEY_SIZE
                       ? 0
                       : error_set(err, ERROR_INVALID, -EINVAL,
                                   "'%s' is not a session key of %d bytes; remove it, and relmand "
                                   "makes another",
                                   path, SESSION_KEY_SIZE);
}

int session_key_load(SessionKey *key, const char *path)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = 0;

        if (key->is_loaded)
                return 0;
        if (path)
                r = read_key(key, path, &error);
        if (!path || r < 0) {
                if (RAND_bytes(key->bytes, SESSION_KEY_SIZE) != 1)
                        return -EIO;
        }
        if (r < 0 && error.kind == ERROR_NOT_FOUND) {
                error_done(&error);
                r = file_replace(path, key->bytes, SESSION_KEY_SIZE, 0600, &error);
        }
        if (r < 0)
                log_warning("api: sessions end when relmand stops: %s", error_message(&error));
        key->is_loaded = true;
        return 0;
}

void session_key_forget(SessionKey *key)
{
        OPENSSL_cleanse(key->bytes, sizeof(key->bytes));
        key->is_loaded = false;
}

/* --- sessions --------------------------------------------------------------------------------- */

/* Computes the MAC of a purpose, a hash and a text, as hexadecimal digits. */
static int mac_of(const SessionKey *key, const char *const parts[3], char ret[2 * MAC_SIZE + 1])
{
        unsigned char mac[EVP_MAX_MD_SIZE];
        char text[TEXT_MAX];
        unsigned size = 0;
        int n = snprintf(text, sizeof(text), "%s\n%s\n%s", parts[0], parts[1], parts[2]);

        if (n < 0 || (size_t)n >= sizeof(text))
                return -EINVAL;
        if (!HMAC(EVP_sha256(), key->bytes, SESSION_KEY_SIZE, (const unsigned char *)text,
                  (size_t)n, mac, &size) ||
            size != MAC_SIZE)
                return -EIO;
        text_hex(mac, MAC_SIZE, ret);
        return 0;
}

static void id_of(const ApiToken *token, char ret[ID_SIZE + 1])
{
        char digest[DIGEST_SIZE_MAX];

        digest_sha256(token->name, strlen(token->name), digest);
        (void)snprintf(ret, ID_SIZE + 1, "%.*s", ID_SIZE, digest + strlen("sha256:"));
}

int session_make(const SessionKey *key, const ApiToken *token, usec_t expires_at,
                 char ret[SESSION_SIZE])
{
        char id[ID_SIZE + 1], nonce[2 * NONCE_SIZE + 1], mac[2 * MAC_SIZE + 1], head[SESSION_SIZE];
        unsigned char random[NONCE_SIZE];

        if (RAND_bytes(random, sizeof(random)) != 1)
                return -EIO;
        text_hex(random, sizeof(random), nonce);
        id_of(token, id);
        (void)snprintf(head, sizeof(head), "%s.%llu.%s", id,
                       (unsigned long long)(expires_at / USEC_PER_SEC), nonce);
        if (mac_of(key, (const char *const[3]){ "session", token->hash, head }, mac) < 0)
                return -EIO;
        (void)snprintf(ret, SESSION_SIZE, "%.*s.%s", (int)(SESSION_SIZE - sizeof(mac) - 1), head,
                       mac);
        return 0;
}

/* Splits a session at its last dot, and reads when it ends. */
static int session_split(const char *session, char head[SESSION_SIZE], const char **ret_mac,
                         usec_t *ret_expires_at)
{
        const char *dot = strrchr(session, '.'), *from = strchr(session, '.');
        char seconds[24];
        uint64_t number;
        size_t size;

        if (strlen(session) >= SESSION_SIZE || !dot || from == dot)
                return -EINVAL;
        (void)snprintf(head, SESSION_SIZE, "%.*s", (int)(dot - session), session);
        size = strcspn(from + 1, ".");
        if (size >= sizeof(seconds))
                return -EINVAL;
        (void)snprintf(seconds, sizeof(seconds), "%.*s", (int)size, from + 1);
        if (parse_uint64(seconds, &number) < 0 || number > INT64_MAX / USEC_PER_SEC)
                return -EINVAL;
        *ret_mac = dot + 1;
        *ret_expires_at = number * USEC_PER_SEC;
        return 0;
}

bool session_text_equals(const char *a, const char *b)
{
        size_t size = strlen(a);

        return strlen(b) == size && CRYPTO_memcmp(a, b, size) == 0;
}

const ApiToken *session_find(const SessionKey *key, const ApiTokens *tokens, const char *session,
                             usec_t *ret_expires_at)
{
        char head[SESSION_SIZE], id[ID_SIZE + 1], mac[2 * MAC_SIZE + 1];
        usec_t now = time_wall();
        const char *given;

        if (session_split(session, head, &given, ret_expires_at) < 0 || now >= *ret_expires_at)
                return NULL;
        for (size_t i = 0; i < tokens->n; i++) {
                const ApiToken *token = &tokens->items[i];

                id_of(token, id);
                if (strncmp(head, id, ID_SIZE) == 0 && !token_has_expired(token, now) &&
                    mac_of(key, (const char *const[3]){ "session", token->hash, head }, mac) >= 0 &&
                    session_text_equals(mac, given))
                        return token;
        }
        return NULL;
}

int session_csrf(const SessionKey *key, const char *session, char ret[SESSION_CSRF_SIZE])
{
        return mac_of(key, (const char *const[3]){ "csrf", "", session }, ret);
}
