/* Verifies the signed statement beside a lockfile. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits-trust.h"
#include "base/limits.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "lock/statement.h"

int lock_keys_read(const char *path, TrustKeys *ret, Error *err)
{
        _cleanup_(freep) char *pem = NULL;
        size_t size;
        int r;

        r = file_read(path, SECRET_MAX, &pem, &size, err);
        return r < 0 ? r : trust_keys_read(ret, path, pem, size, err);
}

/* Returns the path of the statement. Returns NULL if path does not have the suffix of lockfiles. */
static const char *statement_path(const char *path, Arena *arena)
{
        const size_t size = strlen(path), end = strlen(LOCK_SUFFIX);

        if (size <= end || !streq(path + size - end, LOCK_SUFFIX))
                return NULL;
        return arena_printf(arena, "%.*s" LOCK_STATEMENT_SUFFIX, (int)(size - end), path);
}

static int check_statement(const SignedLock *item, const char *text, size_t size, Arena *arena,
                           const TrustKey **ret_key, Error *err)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        DsseEnvelope envelope;
        int r;

        r = dsse_read(text, size, arena, &envelope, err);
        if (r >= 0)
                r = dsse_verify(&envelope, item->keys, ret_key, err);
        if (r == 0)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "no signature is valid under the keys of --key; the statement "
                                 "names key %s",
                                 envelope.signatures[0].key_id[0] ? envelope.signatures[0].key_id
                                                                  : "none");
        if (r >= 0)
                r = statement_read(&envelope, arena, &statement, err);
        return r < 0 ? r
                     : lock_statement_check(&statement, item->lock, item->data, item->size, err);
}

int lock_verify_signature(const SignedLock *item, Arena *arena, Error *err)
{
        const char *path = statement_path(item->path, arena);
        _cleanup_(freep) char *text = NULL;
        const TrustKey *key = NULL;
        size_t size;
        int r;

        if (!path)
                return arena->failed
                               ? error_oom(err)
                               : error_set(err, ERROR_INVALID, -EINVAL,
                                           "'%s': --key needs a file NAME" LOCK_SUFFIX
                                           " with its NAME" LOCK_STATEMENT_SUFFIX " beside it",
                                           item->path);
        r = file_read(path, ENVELOPE_MAX, &text, &size, err);
        if (r >= 0)
                r = check_statement(item, text, size, arena, &key, err);
        if (r < 0)
                return error_prefix(err, r, "%s", path);
        printf("%s: signed with key %s\n", path, trust_key_id(key));
        return 0;
}
