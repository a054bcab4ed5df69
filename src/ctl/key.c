/* key: makes a key pair for signing lockfiles. FILE has the private key, FILE.pub the public
 * key. */

#include "trust/key.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "ctl/options.h"

#define PEM_MAX ((size_t)16 * 1024)

static const char *const type_names[KEY_TYPE_MAX_ + 1] = {
        [KEY_TYPE_ED25519] = "ed25519",
        [KEY_TYPE_P256] = "ecdsa-p256",
};

static int find_type(const char *name, KeyType *ret, Error *err)
{
        for (*ret = 0; *ret < KEY_TYPE_MAX_; ++*ret)
                if (streq(name, type_names[*ret]))
                        return 0;
        return ctl_unknown("type of key", name, type_names, KEY_TYPE_MAX_, err);
}

/* Returns an error if the file exists: a key that is overwritten cannot be restored. */
static int check_absent(const char *path, Error *err)
{
        return access(path, F_OK) < 0 && errno == ENOENT
                       ? 0
                       : error_set(err, ERROR_CONFLICT, -EEXIST,
                                   "'%s' exists, and keys are not replaced: use another name",
                                   path);
}

/* Writes the public key last: if its file exists, the private key is complete. */
static int save(const TrustKey *key, const char *path, const char *public_path, Error *err)
{
        _cleanup_(buffer_done) Buffer pem;
        int r;

        buffer_init(&pem, PEM_MAX);
        r = trust_key_write_private(key, &pem, err);
        if (r >= 0)
                r = file_replace(path, pem.data, pem.size, 0600, err);
        OPENSSL_cleanse(pem.data, pem.size);
        buffer_clear(&pem);
        if (r >= 0)
                r = trust_key_write_public(key, &pem, err);
        return r < 0 ? r : file_replace(public_path, pem.data, pem.size, 0644, err);
}

static int make(const char *path, KeyType type, Error *err)
{
        _cleanup_(freep) char *public_path = text_printf("%s.pub", path);
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        int r;

        if (!public_path)
                return error_oom(err);
        r = check_absent(path, err);
        if (r >= 0)
                r = check_absent(public_path, err);
        if (r >= 0)
                r = trust_key_generate(type, &key, err);
        if (r >= 0)
                r = save(key, path, public_path, err);
        if (r < 0)
                return r;
        printf("%s: private key, for LoadCredential= of relmand\n"
               "%s: public key, for relmanctl verify --key; its id is %s\n",
               path, public_path, trust_key_id(key));
        return CTL_OK;
}

int verb_key(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "type", NULL };
        const CtlTakes takes = { takes_options, 2, 2, "new FILE [--type ed25519|ecdsa-p256]" };
        static const char *const words[] = { "new", NULL };
        _cleanup_(ctl_options_done) CtlOptions options;
        KeyType type = KEY_TYPE_ED25519;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && !streq(options.names[0], words[0]))
                r = ctl_unknown("argument", options.names[0], words, 1, err);
        if (r >= 0 && options.type)
                r = find_type(options.type, &type, err);
        return r < 0 ? r : make(options.names[1], type, err);
}
