#include "registry/credentials.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

#define SECRET_MAX (64 * 1024)

static void forget(char **secret)
{
        if (*secret)
                OPENSSL_cleanse(*secret, strlen(*secret));
        free(*secret);
        *secret = NULL;
}

void credentials_done(Credentials *credentials)
{
        forget(&credentials->password);
        forget(&credentials->token);
        free(credentials->username);
        credentials->username = NULL;
}

/* A secret is the file's first line; anything that could end a header is refused. */
static int read_secret(const char *path, char **ret, Error *err)
{
        char *data = NULL;
        size_t size = 0;
        int r;

        r = file_read(path, SECRET_MAX, &data, &size, err);
        if (r < 0)
                return error_prefix(err, r, "credentials");
        while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r'))
                data[--size] = '\0';
        if (size == 0 || strlen(data) != size || strpbrk(data, "\r\n")) {
                forget(&data);
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "credentials: '%s' must hold one line of text", path);
        }
        *ret = data;
        return 0;
}

static int read_named(const char *folder, const char *name, char **ret, Error *err)
{
        _cleanup_(freep) char *path = NULL;

        if (!folder)
                return error_set(
                        err, ERROR_INVALID, -ENOENT,
                        "credential '%s' is not there: $CREDENTIALS_DIRECTORY is not set; add "
                        "LoadCredential=%s:/path to the unit",
                        name, name);
        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return error_oom(err);
        }
        return read_secret(path, ret, err);
}

int credentials_read(const RegistryAuth *auth, const char *folder, Credentials *ret, Error *err)
{
        int r = 0;

        *ret = (Credentials){ 0 };
        if (auth->token_file)
                return read_secret(auth->token_file, &ret->token, err);
        if (!auth->username)
                return 0;
        if (auth->password_file)
                r = read_secret(auth->password_file, &ret->password, err);
        else if (auth->password_credential)
                r = read_named(folder, auth->password_credential, &ret->password, err);
        if (r < 0)
                return r;
        ret->username = strdup(auth->username);
        return ret->username ? 0 : error_oom(err);
}

char *credentials_basic(const Credentials *credentials)
{
        char *plain = NULL, *result = NULL;
        int size = asprintf(&plain, "%s:%s", credentials->username, credentials->password);

        if (size < 0)
                return NULL;
        result = malloc(6 + 4 * ((size_t)size / 3 + 1) + 1);
        if (result) {
                memcpy(result, "Basic ", 6);
                (void)EVP_EncodeBlock((unsigned char *)result + 6, (unsigned char *)plain, size);
        }
        forget(&plain);
        return result;
}
