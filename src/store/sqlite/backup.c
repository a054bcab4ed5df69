#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/quarantine.h"

#define STEP_PAGES 256 /* a megabyte: some milliseconds */

struct StoreBackup {
        Store *store;
        char *path;
        sqlite3 *to;
        sqlite3_backup *backup; /* NULL: done, or the store's connection is gone */
        struct StoreBackup *next;
};

static int fail(const StoreBackup *backup, int code, Error *err)
{
        return error_set(err, ERROR_INTERNAL, code == SQLITE_FULL ? -ENOSPC : -EIO,
                         "cannot back up database '%s' to '%s': %s", backup->store->path,
                         backup->path, sqlite3_errstr(code));
}

static void give_up(StoreBackup *backup)
{
        if (backup->backup)
                (void)sqlite3_backup_finish(backup->backup); /* it was given up */
        backup->backup = NULL;
}

void store_backups_end(Store *store)
{
        for (StoreBackup *backup = store->backups; backup; backup = backup->next)
                give_up(backup);
}

StoreBackup *store_backup_free(StoreBackup *backup)
{
        if (!backup)
                return NULL;
        for (StoreBackup **link = &backup->store->backups; *link; link = &(*link)->next)
                if (*link == backup) {
                        *link = backup->next;
                        break;
                }
        give_up(backup);
        if (backup->to)
                (void)sqlite3_close(backup->to); /* nothing is open in it */
        free(backup->path);
        free(backup);
        return NULL;
}

char *store_copy_path(const Store *store)
{
        return aside_copy_path(store->path, time_wall());
}

int store_backup_new(Store *store, const char *path, StoreBackup **ret, Error *err)
{
        _cleanup_(store_backup_freep) StoreBackup *backup = calloc(1, sizeof(*backup));
        _cleanup_(close_fd) int fd = -1;
        int code, r;

        if (!backup)
                return error_oom(err);
        backup->store = store;
        backup->path = strdup(path);
        if (!backup->path)
                return error_oom(err);
        r = connection_ensure(store, err);
        if (r < 0)
                return r;
        fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot make '%s': %s", path,
                                 strerror(errno));
        code = sqlite3_open_v2(path, &backup->to, SQLITE_OPEN_READWRITE, NULL);
        if (code == SQLITE_OK)
                backup->backup = sqlite3_backup_init(backup->to, "main", store->db, "main");
        if (!backup->backup)
                return fail(backup, code != SQLITE_OK ? code : sqlite3_errcode(backup->to), err);
        backup->next = store->backups;
        store->backups = backup;
        *ret = TAKE(backup);
        return 0;
}

/* What is written meanwhile by the same connection goes into the copy too. */
int store_backup_step(StoreBackup *backup, Error *err)
{
        _cleanup_(close_fd) int fd = -1;
        int code;

        if (!backup->backup)
                return error_set(err, ERROR_INTERNAL, -EIO,
                                 "cannot back up database '%s' to '%s': the disk failed, and the "
                                 "database was opened anew meanwhile; make the backup again",
                                 backup->store->path, backup->path);
        code = sqlite3_backup_step(backup->backup, STEP_PAGES);
        if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
                return 1;
        if (code == SQLITE_DONE) {
                code = sqlite3_backup_finish(backup->backup);
                backup->backup = NULL;
        }
        if (code != SQLITE_OK)
                return fail(backup, code, err);
        fd = open(backup->path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot sync '%s': %s", backup->path,
                                 strerror(errno));
        return 0;
}

const char *store_path(const Store *store)
{
        return store->path;
}
