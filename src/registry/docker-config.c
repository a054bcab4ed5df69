/* Docker's config.json and what credential helpers answer: credHelpers of the host, else
 * credsStore, else auths. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "model/json.h"
#include "registry/credentials.h"
#include "registry/json-keys.h"

#define DOCKER_HUB_KEY "https://index.docker.io/v1/" /* Docker Hub's own name there */

/* A helper's name is part of a program's. */
bool helper_name_is_valid(const char *name)
{
        return *name &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                       strlen(name);
}

/* A key is a host, or a URL of it: https://HOST/v1/. */
static bool is_key_of(const char *key, const char *host)
{
        size_t size = strlen(host);

        if (streq(host, "docker.io") && streq(key, DOCKER_HUB_KEY))
                return true;
        if (strncmp(key, "https://", 8) == 0)
                key += 8;
        else if (strncmp(key, "http://", 7) == 0)
                key += 7;
        if (strncasecmp(key, host, size) != 0)
                return false;
        key += size;
        return streq(key, "") || streq(key, "/") || streq(key, "/v1") || streq(key, "/v1/") ||
               streq(key, "/v2") || streq(key, "/v2/");
}

static const cJSON *find(const cJSON *map, const char *host)
{
        const cJSON *item;

        cJSON_ArrayForEach(item, map)
        {
                if (is_key_of(item->string, host))
                        return item;
        }
        return NULL;
}

static int set(char **to, const char *text, size_t size, Error *err)
{
        if (memchr(text, '\r', size) || memchr(text, '\n', size))
                return error_set(err, ERROR_INVALID, -EINVAL, "a secret with a line break");
        *to = strndup(text, size);
        return *to ? 0 : error_oom(err);
}

static int set_login(Credentials *ret, const char *username, const char *password, Error *err)
{
        int r = set(&ret->username, username, strlen(username), err);

        return r < 0 ? r : set(&ret->password, password, strlen(password), err);
}

/* "auth" is base64 of user:password; docker pads it with NULs, and the password may hold colons. */
static int decode_auth(const char *auth, Credentials *ret, Error *err)
{
        size_t size = strlen(auth);
        unsigned char *plain = malloc(size + 4);
        const char *colon;
        int n, r;

        if (!plain)
                return error_oom(err);
        n = size % 4 == 0 ? EVP_DecodeBlock(plain, (const unsigned char *)auth, (int)size) : -1;
        if (n >= 0)
                plain[n] = '\0';
        colon = n > 0 ? strchr((const char *)plain, ':') : NULL;
        if (!colon)
                r = error_set(err, ERROR_INVALID, -EINVAL, "auth is not base64 of user:password");
        else {
                r = set(&ret->username, (const char *)plain, (size_t)(colon - (const char *)plain),
                        err);
                if (r >= 0)
                        r = set(&ret->password, colon + 1, strlen(colon + 1), err);
        }
        OPENSSL_cleanse(plain, size + 4);
        free(plain);
        return r;
}

static int read_auth(const cJSON *entry, Credentials *ret, Error *err)
{
        const char *identity = json_member_text(entry, "identitytoken"),
                   *token = json_member_text(entry, "registrytoken"),
                   *auth = json_member_text(entry, "auth"),
                   *username = json_member_text(entry, "username"),
                   *password = json_member_text(entry, "password");

        if (token)
                return set(&ret->token, token, strlen(token), err);
        if (identity)
                return set(&ret->identity_token, identity, strlen(identity), err);
        if (username && password)
                return set_login(ret, username, password, err);
        return auth ? decode_auth(auth, ret, err) : 0;
}

static int set_helper(Credentials *ret, const char *name, Error *err)
{
        if (!helper_name_is_valid(name))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the name of a credential helper has letters, digits, . _ - only");
        return set(&ret->helper, name, strlen(name), err);
}

int credentials_from_docker(const char *json, size_t size, const char *host, Credentials *ret,
                            Error *err)
{
        static const char *const names[] = { "credHelpers",   "credsStore",    "auths",
                                             "identitytoken", "registrytoken", "auth",
                                             "username",      "password",      NULL };
        static const char *const open[] = { "auths",   "credHelpers", "HttpHeaders", "proxies",
                                            "plugins", "aliases",     "features",    NULL };
        const JsonKeys keys = { .names = names, .open = open };
        _cleanup_(json_free) cJSON *config = NULL;
        const cJSON *entry;
        const char *store;
        int r;

        r = json_read(json, size, &keys, &config, err);
        if (r < 0)
                return r;
        if (!cJSON_IsObject(config))
                return error_set(err, ERROR_INVALID, -EINVAL, "not a JSON object");
        entry = find(cJSON_GetObjectItemCaseSensitive(config, "credHelpers"), host);
        if (cJSON_IsString(entry))
                return set_helper(ret, entry->valuestring, err);
        store = json_member_text(config, "credsStore");
        if (store)
                return set_helper(ret, store, err);
        entry = find(cJSON_GetObjectItemCaseSensitive(config, "auths"), host);
        return entry ? read_auth(entry, ret, err) : 0;
}

int credentials_from_helper(const char *json, size_t size, Credentials *ret, Error *err)
{
        static const char *const names[] = { "Username", "Secret", NULL };
        const JsonKeys keys = { .names = names };
        _cleanup_(json_free) cJSON *answer = NULL;
        const char *username, *secret;
        int r;

        r = json_read(json, size, &keys, &answer, err);
        if (r < 0)
                return r;
        username = json_member_text(answer, "Username");
        secret = json_member_text(answer, "Secret");
        if (!username || !secret)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "its answer holds no Username and Secret");
        if (streq(username, "<token>"))
                return set(&ret->identity_token, secret, strlen(secret), err);
        return set_login(ret, username, secret, err);
}
