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
        if (!text_ends_with(path, LOCK_SUFFIX))
                return NULL;
        return arena_printf(arena, "%.*s" LOCK_STATEMENT_SUFFIX,
                            (int)(strlen(path) - strlen(LOCK_SUFFIX)), path);
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
                r = lock_statement_verify(item, text, size, arena, &key, err);
        if (r < 0 && err->code != -ENOMEM)
                err->kind =
                        ERROR_HOSTILE; /* whatever is wrong with it, the lockfile is not signed */
        if (r < 0)
                return error_prefix(err, r, "%s", path);
        printf("%s: signed with key %s\n", path, trust_key_id(key));
        return 0;
}
