#include "api/http/token-file.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"

/* The resolution of file times is a tick of the kernel; on some file systems it is one second. Two
 * changes within that time give the file the same times. */
#define SETTLED_AFTER (2 * USEC_PER_SEC)

static usec_t usec_of(const struct timespec *at)
{
        return (usec_t)at->tv_sec * USEC_PER_SEC + (usec_t)at->tv_nsec / 1000;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
               usec_of(&a->st_mtim) == usec_of(&b->st_mtim) &&
               usec_of(&a->st_ctim) == usec_of(&b->st_ctim);
}

static int read_again(TokenFile *file, const char *path, Error *err)
{
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        arena_clear(&file->arena);
        arena_init(&file->arena, API_REQUEST_MAX);
        r = file_read(path, TOKEN_FILE_MAX, &text, &size, err);
        return r < 0 ? r : tokens_parse(text, &file->arena, &file->tokens, err);
}

int token_file_read(TokenFile *file, const char *path, const ApiTokens **ret, Error *err)
{
        struct stat now = { 0 };
        usec_t changed;
        int r;

        /* stat() comes before the read, so the next request finds a change between the two */
        if (stat(path, &now) < 0 || !file->is_settled || !is_same(&now, &file->of)) {
                changed = usec_of(&now.st_ctim);
                file->of = now;
                file->is_settled = changed > 0 && changed + SETTLED_AFTER < time_wall();
                r = read_again(file, path, err);
                if (r < 0) {
                        file->is_settled = false;
                        return r;
                }
        }
        *ret = &file->tokens;
        return 0;
}

void token_file_done(TokenFile *file)
{
        arena_done(&file->arena);
}
