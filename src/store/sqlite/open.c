#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/copy.h"
#include "store/sqlite/quarantine.h"
#include "store/sqlite/schema.h"

/* --- opening ---------------------------------------------------------------------------------- */

static int take_lock(SqliteStore *store, Error *err)
{
        _cleanup_(freep) char *path = NULL;
        int r;

        if (streq(store->path, ":memory:"))
                return 0;
        path = text_printf("%s.lock", store->path);
        if (!path)
                return error_oom(err);
        if (access(path, F_OK) >= 0 && access(store->path, F_OK) < 0 && errno == ENOENT) {
                store->base.notice = text_printf(
                        "there is no database '%s', although relmand has run with it before; a new "
                        "one is made: data that is not in specs, registries or lockfiles is lost; if "
                        "it was moved, stop relmand, move it back, or restore a backup ('relmanctl "
                        "restore'), and start relmand",
                        store->path);
                if (!store->base.notice)
                        return error_oom(err);
        }
        r = file_lock(path, &store->lock_fd, err);
        return r < 0 ? error_prefix(err, r, "database '%s'", store->path) : 0;
}

/* --- damage ----------------------------------------------------------------------------------- */

/* True if relman made the file. If state.path names another file by mistake, that file must not be
 * changed. */
static bool is_ours(const char *path)
{
        _cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        char head[APPLICATION_ID_OFFSET + 4];

        return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) && schema_is_ours(head);
}

/* Quarantines the damaged database. Makes the second names durable before it removes the first
 * names. */
static int quarantine(SqliteStore *store, const StoreOptions *options, Error *damage, Error *err)
{
        _cleanup_(freep) char *kept = NULL;
        int r;

        connection_close(store);
        r = quarantine_keep(store->path, "damaged", options->now, &kept, err);
        if (r >= 0)
                r = file_remove(store->path, err);
        if (r >= 0)
                r = quarantine_drop_journal(store->path, err);
        if (r < 0)
                return error_prefix(err, r, "%s", error_message(damage));
        store->base.notice = text_printf(
                "%s; it is kept as '%s' and rebuilt: data that is not in specs, registries or lockfiles is lost "
                "(objects made over the API, approvals, holds, histories, events, audit)",
                error_message(damage), kept);
        if (!store->base.notice)
                return error_oom(err);
        return 0;
}

/* Reads a file to its end. SQLite reports an unreadable disk as a malformed database, so a database
 * counts as damaged only if all its files can be read. */
static int read_through(const char *path, const char *suffix, Error *err)
{
        _cleanup_(freep) char *name = text_printf("%s%s", path, suffix);
        _cleanup_(close_fd) int fd = name ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
        char block[64 * 1024];
        ssize_t n;

        if (!name)
                return error_oom(err);
        if (fd < 0)
                return errno == ENOENT ? 0
                                       : error_set(err, ERROR_INTERNAL, -EIO,
                                                   "cannot read '%s': %s", name, strerror(errno));
        do
                n = read(fd, block, sizeof(block));
        while (n > 0);
        return n == 0 ? 0
                      : error_set(err, ERROR_INTERNAL, -EIO,
                                  "cannot read '%s': %s; see the disk's own messages (dmesg)", name,
                                  strerror(errno));
}

static int check_again(SqliteStore *store, const StoreOptions *options, Error *damage, Error *err)
{
        int r;

        connection_close(store);
        r = read_through(store->path, "", err);
        if (r >= 0)
                r = read_through(store->path, "-wal", err);
        if (r < 0)
                return r;
        error_done(damage);
        r = connection_open(store, options, damage);
        if (r < 0 && r != -EBADMSG)
                error_move(err, damage);
        return r;
}

static int open_or_rebuild(SqliteStore *store, const StoreOptions *options, Error *err)
{
        _cleanup_(error_done) Error damage = { 0 };
        int r;

        r = connection_open(store, options, &damage);
        if (r >= 0)
                return r;
        if (r != -EBADMSG || !options->may_rebuild || !is_ours(store->path)) {
                error_move(err, &damage);
                return r;
        }
        r = check_again(store, options, &damage, err);
        if (r != -EBADMSG)
                return r;
        r = quarantine(store, options, &damage, err);
        return r < 0 ? r : connection_open(store, options, err);
}

static void sqlite_close(Store *base)
{
        SqliteStore *store = sqlite_store(base);

        connection_close(store);
        close_fd(&store->lock_fd);
        free(store->path);
        store_done(base);
        free(store);
}

static int sqlite_open(const StoreOptions *options, Store **ret, Error *err)
{
        SqliteStore *store = calloc(1, sizeof(*store));
        int r;

        if (!store)
                return error_oom(err);
        store->base.driver = &store_sqlite;
        store->lock_fd = -1;
        store->watch = options->watch;
        store->path = strdup(options->path);
        store->base.name = strdup(options->path);
        r = !store->path || !store->base.name ? error_oom(err)
            : options->read_only              ? 0
                                              : take_lock(store, err);
        if (r >= 0 && !options->read_only)
                sqlite_backups_sweep(store->path);
        if (r >= 0)
                r = open_or_rebuild(store, options, err);
        if (r < 0)
                sqlite_close(&store->base);
        else
                *ret = &store->base;
        return r;
}

const StoreDriver store_sqlite = {
        .open = sqlite_open,
        .close = sqlite_close,
        .probe = sqlite_probe,
        .prepare = sqlite_prepare,
        .begin = sqlite_begin,
        .commit = sqlite_commit,
        .rollback = sqlite_rollback,
        .get = sqlite_get,
        .done = sqlite_done,
        .bind_text = sqlite_bind_text,
        .bind_int = sqlite_bind_int,
        .bind_key = sqlite_bind_key,
        .step = sqlite_step,
        .n_written = sqlite_n_written,
        .read_text = sqlite_read_text,
        .read_int = sqlite_read_int,
        .read_key = sqlite_read_key,
        .backup_new = sqlite_backup_new,
        .backup_step = sqlite_copy_step,
        .backup_open = sqlite_backup_open,
        .backup_free = sqlite_copy_free,
        .backup_type = "application/vnd.sqlite3",
        .is_copy = sqlite_is_copy,
        .restore = sqlite_restore,
        .export = sqlite_export,
        .import = sqlite_import,
        .export_schema = sqlite_export_schema,
};
