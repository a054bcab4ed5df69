#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/uuid.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"

#define STEP_PAGES  256 /* a megabyte: a few milliseconds */
#define COPY_SUFFIX ".tmp"

struct SqliteBackup {
        StoreBackup base; /* first */
        char *path;
        bool is_private; /* the copy is removed when the backup is freed */
        sqlite3 *to;
        sqlite3_backup *backup; /* NULL: complete, or the store's connection was closed */
        struct SqliteBackup *next;
};

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
        if (backup->backup)
                (void)sqlite3_backup_finish(backup->backup); /* the backup was given up */
        backup->backup = NULL;
}

void sqlite_backups_end(SqliteStore *store)
{
        for (SqliteBackup *backup = store->backups; backup; backup = backup->next)
                give_up(backup);
}

StoreBackup *sqlite_backup_free(StoreBackup *base)
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
                (void)sqlite3_close(backup->to); /* nothing is open in it */
        if (backup->is_private && backup->path)
                (void)unlink(backup->path); /* the file may not exist */
        free(backup->path);
        free(backup);
        return NULL;
}

/* backup owns its path. */
static int begin(SqliteBackup *backup, Error *err)
{
        SqliteStore *store = backup_store(backup);
        _cleanup_(close_fd) int fd = -1;
        int code, r;

        r = connection_ensure(store, err);
        if (r < 0)
                return r;
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

/* path: malloc()ed, owned; NULL: there was no memory for it. */
static int backup_new(SqliteStore *store, char *path, bool is_private, StoreBackup **ret,
                      Error *err)
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
                (void)sqlite_backup_free(&backup->base);
        else
                *ret = &backup->base;
        return r;
}

int sqlite_backup_to(SqliteStore *store, const char *path, StoreBackup **ret, Error *err)
{
        return backup_new(store, strdup(path), false, ret, err);
}

int sqlite_backup_new(Store *base, StoreBackup **ret, Error *err)
{
        SqliteStore *store = sqlite_store(base);
        Uuid id = uuid_new(time_wall());

        return backup_new(store, text_printf("%s.%s" COPY_SUFFIX, store->path, id.text), true, ret,
                          err);
}

/* The copy includes changes that the same connection writes meanwhile. */
int sqlite_backup_step(StoreBackup *base, Error *err)
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

int sqlite_backup_open(StoreBackup *base, Error *err)
{
        const SqliteBackup *backup = (const SqliteBackup *)base;
        int fd = open(backup->path, O_RDONLY | O_CLOEXEC);

        return fd >= 0 ? fd
                       : error_set(err, ERROR_INTERNAL, -errno, "cannot read '%s': %s",
                                   backup->path, strerror(errno));
}

bool sqlite_is_copy(int fd)
{
        static const char magic[] = "SQLite format 3";
        char head[APPLICATION_ID_OFFSET + 4];

        return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
               memcmp(head, magic, sizeof(magic)) == 0 && schema_is_ours(head);
}

/* --- copies that a killed daemon left --------------------------------------------------------- */

/* True for "NAME.UUID.tmp", and SQLite's file for it: "NAME.UUID.tmp-journal". */
static bool is_copy(const char *entry, const char *name)
{
        size_t size = strlen(name);
        Uuid id = { 0 };

        if (strncmp(entry, name, size) != 0 || entry[size] != '.' ||
            strlen(entry + size + 1) < sizeof(id.text))
                return false;
        memcpy(id.text, entry + size + 1, sizeof(id.text) - 1);
        return uuid_is_valid(id.text) &&
               strncmp(entry + size + sizeof(id.text), COPY_SUFFIX, strlen(COPY_SUFFIX)) == 0;
}

void sqlite_backups_sweep(const char *path)
{
        const char *slash = strrchr(path, '/');
        _cleanup_(freep) char *folder =
                slash ? text_printf("%.*s", (int)(slash - path) + 1, path) : text_printf(".");
        DIR *dir = folder ? opendir(folder) : NULL;
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (is_copy(entry->d_name, slash ? slash + 1 : path))
                        (void)unlinkat(dirfd(dir), entry->d_name,
                                       0); /* a copy that remains only takes disk space */
        if (dir)
                (void)closedir(dir); /* read only */
}
