#include "store/sqlite/place.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"

static const char *const suffixes[STORE_FILES] = { "", "-wal", "-shm" };

static int file_at(const SqliteStore *store, const char *suffix, StoreFile *ret, Error *err)
{
        _cleanup_(freep) char *path = text_printf("%s%s", store->path, suffix);
        struct stat status;

        if (!path)
                return error_oom(err);
        *ret = (StoreFile){ 0 };
        if (stat(path, &status) >= 0)
                *ret = (StoreFile){ .device = status.st_dev, .inode = status.st_ino };
        else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot check '%s': %s", path,
                                 strerror(errno));
        return 0;
}

static bool is_same(const StoreFile *a, const StoreFile *b)
{
        return a->device == b->device && a->inode == b->inode;
}

static int moved(const SqliteStore *store, const char *suffix, const StoreFile *now, Error *err)
{
        return fault_set(err, STORE_FAULT_MOVED,
                         "'%s%s' was %s while relmand had it open, so nothing more is stored; stop "
                         "relmand, put the file back or restore a backup ('relmanctl restore'), "
                         "and start relmand",
                         store->path, suffix, now->inode ? "replaced" : "moved or removed");
}

int place_note(SqliteStore *store, Error *err)
{
        StoreFile now[STORE_FILES];
        int r;

        for (size_t i = 0; i < STORE_FILES; i++) {
                r = file_at(store, suffixes[i], &now[i], err);
                if (r < 0)
                        return r;
        }
        if (store->files[0].inode && !is_same(&store->files[0], &now[0]))
                return moved(store, "", &now[0], err);
        memcpy(store->files, now, sizeof(now));
        return 0;
}

int place_check(const SqliteStore *store, Error *err)
{
        for (size_t i = 0; i < STORE_FILES; i++) {
                StoreFile now;
                int r;

                if (!store->files[i].inode)
                        continue;
                r = file_at(store, suffixes[i], &now, err);
                if (r < 0)
                        return r;
                if (!is_same(&store->files[i], &now))
                        return moved(store, suffixes[i], &now, err);
        }
        return 0;
}
