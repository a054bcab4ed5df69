#include "store/sqlite/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

#define STEP_PAGES 256 /* pages of one step, about a megabyte, which takes a few milliseconds */

static SqliteStore *backup_store(const SqliteBackup *backup)
{
        return sqlite_store(backup->base.store);
}

static int fail(const SqliteBackup *backup, int code, Error *err)
{
        return fault_set(err, code == SQLITE_FULL ? STORE_FAULT_FULL : STORE_FAULT_FAILED,
                         "cannot back up database '%s' to '%s': %s", backup_store(backup)->path,
                         backup->path, sqlite3_errstr(code));
}

static void give_up(SqliteBackup *backup)
{
        /* ignores the result, because the backup is incomplete anyway */
        if (backup->backup)
                (void)sqlite3_backup_finish(backup->backup);
        backup->backup = NULL;
}

void sqlite_copies_end(SqliteStore *store)
{
        for (SqliteBackup *backup = store->backups; backup; backup = backup->next)
                give_up(backup);
}

StoreBackup *sqlite_copy_free(StoreBackup *base)
{
        SqliteBackup *backup = (SqliteBackup *)base;

        if (!backup)
                return NULL;
        for (SqliteBackup **link = &backup_store(backup)->backups; *link; link = &(*link)->next)
                if (*link == backup) {
                        *link = backup->next;
                        break;
                }
        give_up(backup);
        if (backup->to)
                (void)sqlite3_close(backup->to); /* cannot fail: it has no statements */
        if (backup->is_private && backup->path)
                (void)unlink(backup->path); /* the file may not exist */
        free(backup->path);
        free(backup);
        return NULL;
}

/* Makes the file and begins the copy. */
static int begin(SqliteBackup *backup, Error *err)
{
        SqliteStore *store = backup_store(backup);
        _cleanup_(close_fd) int fd = -1;
        int code;

        fd = open(backup->path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot make '%s': %s", backup->path,
                                 strerror(errno));
        code = sqlite3_open_v2(backup->path, &backup->to, SQLITE_OPEN_READWRITE, NULL);
        if (code == SQLITE_OK)
                backup->backup = sqlite3_backup_init(backup->to, "main", store->db, "main");
        if (!backup->backup)
                return fail(backup, code != SQLITE_OK ? code : sqlite3_errcode(backup->to), err);
        backup->next = store->backups;
        store->backups = backup;
        return 0;
}

int sqlite_copy_new(SqliteStore *store, char *path, bool is_private, StoreBackup **ret, Error *err)
{
        SqliteBackup *backup = calloc(1, sizeof(*backup));
        int r;

        if (!backup || !path) {
                free(backup);
                free(path);
                return error_oom(err);
        }
        *backup = (SqliteBackup){ { &store->base }, .path = path, .is_private = is_private };
        r = begin(backup, err);
        if (r < 0)
                (void)sqlite_copy_free(&backup->base);
        else
                *ret = &backup->base;
        return r;
}

/* SQLite adds changes to the copy that the same connection makes meanwhile. */
int sqlite_copy_step(StoreBackup *base, Error *err)
{
        SqliteBackup *backup = (SqliteBackup *)base;
        _cleanup_(close_fd) int fd = -1;
        int code;

        if (!backup->backup)
                return fault_set(err, STORE_FAULT_FAILED,
                                 "cannot back up database '%s' to '%s': the disk failed, and the "
                                 "database was reopened meanwhile; make the backup again",
                                 backup_store(backup)->path, backup->path);
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
