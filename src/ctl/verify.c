#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "lock/lock.h"

#define LOCK_ARENA_MAX ((size_t)256 * 1024 * 1024)

static int verify(const char *path, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        _cleanup_(freep) char *data = NULL;
        size_t size = 0;
        Lock lock;
        int r;

        arena_init(&arena, LOCK_ARENA_MAX);
        r = file_read(path, LOCK_FILE_MAX, &data, &size, err);
        if (r >= 0)
                r = lock_read_native(path, data, size, &arena, &lock, err);
        if (r < 0)
                return r;
        printf("%s: good: release %s, %zu components, lockDigest %s\n", path, lock.release.name,
               lock.release.components.n, lock.lock_digest);
        return 0;
}

int verb_verify(int argc, char **argv, Error *err)
{
        int status = CTL_OK;

        if (argc < 2)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "verify takes the lockfiles to check");
        for (int i = 1; i < argc; i++) {
                _cleanup_(error_done) Error error = { 0 };

                if (argv[i][0] == '-')
                        return ctl_unknown("option of verify", argv[i], NULL, 0, err);
                if (verify(argv[i], &error) >= 0)
                        continue;
                log_error("%s", error_message(&error));
                status = MAX(status, error.kind == ERROR_HOSTILE ? CTL_ALTERED : CTL_USAGE);
        }
        return status;
}
