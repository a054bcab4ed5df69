#include "base/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"

void secret_forget(char **secret)
{
        if (*secret)
                OPENSSL_cleanse(*secret, strlen(*secret));
        free(*secret);
        *secret = NULL;
}

static int read_path(const char *path, bool has_lines, char **ret, Error *err)
{
        char *data = NULL;
        size_t size = 0;
        int r;

        r = file_read(path, SECRET_MAX, &data, &size, err);
        if (r < 0)
                return error_prefix(err, r, "credentials");
        while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r'))
                data[--size] = '\0';
        if (size == 0 || strlen(data) != size || (!has_lines && strpbrk(data, "\r\n"))) {
                secret_forget(&data);
                return error_set(err, ERROR_INVALID, -EINVAL, "credentials: '%s' must hold %s",
                                 path, has_lines ? "text" : "one line of text");
        }
        *ret = data;
        return 0;
}

int secret_read(const SecretPlace *place, char **ret, Error *err)
{
        _cleanup_(freep) char *path = NULL;

        *ret = NULL;
        if (place->file)
                return read_path(place->file, place->has_lines, ret, err);
        if (!place->credential)
                return 0;
        if (!place->folder)
                return error_set(
                        err, ERROR_INVALID, -ENOENT,
                        "credential '%s' is not there: $CREDENTIALS_DIRECTORY is not set; add "
                        "LoadCredential=%s:/path to the unit",
                        place->credential, place->credential);
        path = text_printf("%s/%s", place->folder, place->credential);
        if (!path)
                return error_oom(err);
        return read_path(path, place->has_lines, ret, err);
}
