#include "daemon-signing.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"

static int read_private(const SigningSpec *spec, const char *credentials, Signing *ret, Error *err)
{
        const SecretPlace place = { .credential = spec->credential,
                                    .folder = credentials,
                                    .has_lines = !spec->uri };
        _cleanup_(secret_forget) char *secret = NULL;
        TrustKey *key = NULL;
        int r = spec->credential ? secret_read(&place, &secret, err) : 0;

        if (r >= 0 && spec->uri)
                r = trust_key_load(spec->uri, secret, &key, err);
        else if (r >= 0 && secret)
                r = trust_key_read_private(spec->credential, secret, strlen(secret), &key, err);
        return r < 0 ? r : trust_keys_add(&ret->keys, key, err);
}

/* Reads an old public key. Its file must have exactly one key. */
static int read_old(const OldKey *old, Signing *ret, Error *err)
{
        const size_t n_before = ret->keys.n;
        _cleanup_(freep) char *pem = NULL;
        size_t size;
        int r;

        r = file_read(old->file, SECRET_MAX, &pem, &size, err);
        if (r >= 0)
                r = trust_keys_read(&ret->keys, old->file, pem, size, err);
        if (r < 0)
                return r;
        if (ret->keys.n != n_before + 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'%s' has %zu keys; oldKeys needs a file for each", old->file,
                                 ret->keys.n - n_before);
        ret->until[n_before] = old->until;
        return 0;
}

int daemon_read_keys(const Config *config, const char *credentials, Signing *ret, Error *err)
{
        const SigningSpec *spec = &config->signing;
        int r;

        if (!spec->credential && !spec->uri)
                return 0;
        r = read_private(spec, credentials, ret, err);
        for (size_t i = 0; i < spec->old_keys.n && r >= 0; i++)
                r = read_old(&spec->old_keys.items[i], ret, err);
        return r < 0 ? error_prefix(err, r, "signing") : 0;
}
