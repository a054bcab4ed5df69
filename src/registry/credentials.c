#include "registry/credentials.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

#define DOCKER_CONFIG_MAX (1024 * 1024)

void credentials_done(Credentials *credentials)
{
        secret_forget(&credentials->password);
        secret_forget(&credentials->token);
        secret_forget(&credentials->identity_token);
        free(credentials->username);
        free(credentials->helper);
        *credentials = (Credentials){ 0 };
}

static int read_docker_config(const CredentialsPlan *plan, Credentials *ret, Error *err)
{
        const char *path = plan->auth->docker_config;
        char *data = NULL;
        size_t size;
        int r;

        r = file_read(path, DOCKER_CONFIG_MAX, &data, &size, err);
        if (r < 0)
                return error_prefix(err, r, "credentials");
        r = credentials_from_docker(data, size, plan, ret, err);
        secret_forget(&data);
        return r < 0 ? error_prefix(err, r, "credentials: '%s'", path) : 0;
}

int credentials_read(const CredentialsPlan *plan, Credentials *ret, Error *err)
{
        const RegistryAuth *auth = plan->auth;
        int r = 0;

        *ret = (Credentials){ 0 };
        if (auth->token_file)
                return secret_read(&(SecretPlace){ .file = auth->token_file }, &ret->token, err);
        if (auth->docker_config)
                return read_docker_config(plan, ret, err);
        if (auth->helper) {
                ret->helper = strdup(auth->helper);
                return ret->helper ? 0 : error_oom(err);
        }
        if (!auth->username)
                return 0;
        r = secret_read(&(SecretPlace){ .file = auth->password_file,
                                        .credential = auth->password_credential,
                                        .folder = plan->folder,
                                        .has_lines = true },
                        &ret->password, err);
        if (r < 0)
                return r;
        ret->username = strdup(auth->username);
        return ret->username ? 0 : error_oom(err);
}

bool credentials_are_secret(const Credentials *credentials)
{
        return credentials->username || credentials->identity_token;
}

int credentials_copy(const Credentials *from, Credentials *ret)
{
        *ret = (Credentials){
                .username = from->username ? strdup(from->username) : NULL,
                .password = from->password ? strdup(from->password) : NULL,
                .token = from->token ? strdup(from->token) : NULL,
                .identity_token = from->identity_token ? strdup(from->identity_token) : NULL,
        };
        if ((from->username && !ret->username) || (from->password && !ret->password) ||
            (from->token && !ret->token) || (from->identity_token && !ret->identity_token)) {
                credentials_done(ret);
                return -ENOMEM;
        }
        return 0;
}

char *credentials_basic(const Credentials *credentials)
{
        char *plain = text_printf("%s:%s", credentials->username, credentials->password);
        size_t size = plain ? strlen(plain) : 0;
        char *result;

        if (!plain)
                return NULL;
        result = malloc(6 + 4 * (size / 3 + 1) + 1);
        if (result) {
                memcpy(result, "Basic ", 6);
                (void)EVP_EncodeBlock((unsigned char *)result + 6, (unsigned char *)plain,
                                      (int)size);
        }
        secret_forget(&plain);
        return result;
}
