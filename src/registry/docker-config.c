/* Reads docker's config.json and podman's auth.json, and the answers of credential helpers. In a
 * file, the host's entry in credHelpers has precedence over credsStore, and credsStore over auths.
 *
 * A key of auths is HOST, HOST/NAMESPACE or a URL such as https://HOST/v1/, whose path is ignored.
 * HOST/NAMESPACE (podman) applies to the repositories below it; the longest matching key wins.
 * Hosts are compared in canonical form. Docker's key for Docker Hub is https://index.docker.io/v1/.
 * Keys of credHelpers are only hosts.
 *
 * Names of members may have any case, as in Go's decoder, which docker and podman use. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/macros.h"
#include "model/image/host.h"
#include "model/json.h"
#include "registry/credentials.h"
#include "registry/wire/json-keys.h"

static const char *config_text(const cJSON *object, const char *name)
{
        const cJSON *member = cJSON_GetObjectItem(object, name);

        return cJSON_IsString(member) && member->valuestring[0] ? member->valuestring : NULL;
}

/* Allows only safe characters, because the name becomes part of a program's name. */
bool helper_name_is_valid(const char *name)
{
        return *name &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                       strlen(name);
}

typedef struct ConfigKey {
        char host[HOST_MAX];
        const char *namespace; /* "" if it applies to the complete host */
        size_t namespace_size;
} ConfigKey;

static bool is_complete_host(const char *path, size_t size)
{
        return size == 0 ||
               (size == 2 && (strncmp(path, "v1", 2) == 0 || strncmp(path, "v2", 2) == 0));
}

static bool key_parse(const char *key, ConfigKey *ret)
{
        const char *scheme = strstr(key, "://"), *host = scheme ? scheme + 3 : key, *path;
        size_t size = strcspn(host, "/");

        if (!host_canonical(host, size, host_default_port(key), ret->host))
                return false;
        path = host + size + strspn(host + size, "/");
        size = strlen(path);
        while (size > 0 && path[size - 1] == '/')
                size--;
        ret->namespace = path;
        ret->namespace_size = scheme || is_complete_host(path, size) ? 0 : size;
        return true;
}

static bool key_holds(const ConfigKey *key, const char *repository)
{
        size_t size = key->namespace_size;

        return size == 0 || (strncmp(repository, key->namespace, size) == 0 &&
                             (repository[size] == '\0' || repository[size] == '/'));
}

/* Returns the entry for an image: the one with the longest namespace. Among the entries for the
 * complete host, the one that is spelled exactly like the host wins, else the first. */
static const cJSON *find(const cJSON *map, const CredentialsPlan *plan, bool *ret_scoped)
{
        const cJSON *item, *best = NULL;
        size_t best_size = 0;
        ConfigKey key;

        if (!cJSON_IsObject(map)) /* elements of an array have no keys */
                return NULL;
        cJSON_ArrayForEach(item, map)
        {
                if (!key_parse(item->string, &key) || !streq(key.host, plan->host))
                        continue;
                *ret_scoped = *ret_scoped || key.namespace_size > 0;
                if (!key_holds(&key, plan->repository))
                        continue;
                if (!best || key.namespace_size > best_size ||
                    (best_size == 0 && streq(item->string, plan->host))) {
                        best = item;
                        best_size = key.namespace_size;
                }
        }
        return best;
}

static int set(char **to, const char *text, size_t size, Error *err)
{
        *to = strndup(text, size);
        return *to ? 0 : error_oom(err);
}

/* Sets a token. It is sent in a header unchanged, so it must not contain blanks or control
 * characters. */
static int set_token(char **to, const char *text, Error *err)
{
        for (const char *p = text; *p; p++)
                if ((unsigned char)*p <= ' ' || *p == 0x7f)
                        return error_set(
                                err, ERROR_INVALID, -EINVAL,
                                "a token with a blank, a line break or a control character");
        return set(to, text, strlen(text), err);
}

static int set_login(Credentials *ret, const char *username, const char *password, Error *err)
{
        int r = set(&ret->username, username, strlen(username), err);

        return r < 0 ? r : set(&ret->password, password, strlen(password), err);
}

/* Decodes base64 without its line breaks. Returns the number of bytes, -1 if the text is invalid,
 * or -ENOMEM. */
static int decode_base64(const char *text, unsigned char *ret)
{
        size_t size = strlen(text), n = 0, padding = 0;
        char *line = malloc(size + 1);
        int r = -1;

        if (!line)
                return -ENOMEM;
        for (const char *p = text; *p; p++)
                if (*p != '\r' && *p != '\n')
                        line[n++] = *p;
        while (padding < n && padding < 2 && line[n - 1 - padding] == '=')
                padding++;
        if (n > 0 && n % 4 == 0)
                r = EVP_DecodeBlock(ret, (const unsigned char *)line, (int)n);
        OPENSSL_cleanse(line, n);
        free(line);
        return r < 0 ? -1 : r - (int)padding;
}

/* Decodes "auth": base64 of user:password, which docker pads with NULs. The password may contain
 * any character but NUL, such as colons and line breaks (Google's _json_key). */
static int decode_auth(const char *auth, Credentials *ret, Error *err)
{
        size_t capacity = strlen(auth) + 4;
        unsigned char *plain = malloc(capacity);
        const char *colon = NULL;
        int n, r;

        if (!plain)
                return error_oom(err);
        n = decode_base64(auth, plain);
        while (n > 0 && plain[n - 1] == '\0')
                n--;
        if (n > 0 && !memchr(plain, '\0', (size_t)n)) {
                plain[n] = '\0';
                colon = strchr((const char *)plain, ':');
        }
        if (n == -ENOMEM)
                r = error_oom(err);
        else if (!colon)
                r = error_set(err, ERROR_INVALID, -EINVAL, "auth is not base64 of user:password");
        else {
                r = set(&ret->username, (const char *)plain, (size_t)(colon - (const char *)plain),
                        err);
                if (r >= 0)
                        r = set(&ret->password, colon + 1, strlen(colon + 1), err);
        }
        OPENSSL_cleanse(plain, capacity);
        free(plain);
        return r;
}

/* Reads the credentials of an entry. As in docker, auth has precedence over username and password.
 */
static int read_auth(const cJSON *entry, Credentials *ret, Error *err)
{
        const char *identity = config_text(entry, "identitytoken"),
                   *token = config_text(entry, "registrytoken"), *auth = config_text(entry, "auth"),
                   *username = config_text(entry, "username"),
                   *password = config_text(entry, "password");

        if (token)
                return set_token(&ret->token, token, err);
        if (identity)
                return set_token(&ret->identity_token, identity, err);
        if (auth)
                return decode_auth(auth, ret, err);
        return username && password ? set_login(ret, username, password, err) : 0;
}

static int set_helper(Credentials *ret, const char *name, Error *err)
{
        if (!helper_name_is_valid(name))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the name of a credential helper has letters, digits, . _ - only");
        return set(&ret->helper, name, strlen(name), err);
}

static bool is_docker_hub_url(const char *key)
{
        return streq(key, "https://index.docker.io/v1/");
}

/* Returns the helper of a host. Returns "" if credHelpers has an empty entry, which also disables
 * credsStore (as in docker). Returns NULL if the file names no helper. */
static const char *find_helper(const cJSON *config, const CredentialsPlan *plan)
{
        const cJSON *helpers = cJSON_GetObjectItem(config, "credHelpers");
        const cJSON *item = cJSON_IsObject(helpers) ? helpers->child : NULL;
        char host[HOST_MAX];

        for (; item; item = item->next) {
                const char *key = is_docker_hub_url(item->string) ? "docker.io" : item->string;

                if (cJSON_IsString(item) && !strchr(key, '/') &&
                    host_canonical(key, strlen(key), "443", host) && streq(host, plan->host))
                        return item->valuestring;
        }
        return config_text(config, "credsStore");
}

int credentials_from_docker(const char *json, size_t size, const CredentialsPlan *plan,
                            Credentials *ret, Error *err)
{
        static const char *const names[] = { "credHelpers",   "credsStore",    "auths",
                                             "identitytoken", "registrytoken", "auth",
                                             "username",      "password",      NULL };
        static const char *const open[] = { "auths",   "credHelpers", "HttpHeaders", "proxies",
                                            "plugins", "aliases",     "features",    NULL };
        const JsonKeys keys = { .names = names, .open = open };
        _cleanup_(json_free) cJSON *config = NULL;
        const cJSON *entry;
        const char *helper;
        int r;

        r = json_read(json, size, &keys, &config, err);
        if (r < 0)
                return r;
        if (!cJSON_IsObject(config))
                return error_set(err, ERROR_INVALID, -EINVAL, "not a JSON object");
        helper = find_helper(config, plan);
        if (helper && *helper)
                return set_helper(ret, helper, err);
        entry = find(cJSON_GetObjectItem(config, "auths"), plan, &ret->is_scoped);
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
        username = config_text(answer, "Username");
        secret = config_text(answer, "Secret");
        if (!username || !secret)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "its answer holds no Username and Secret");
        if (streq(username, "<token>"))
                return set_token(&ret->identity_token, secret, err);
        return set_login(ret, username, secret, err);
}
