#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/migrations.h"
#include "store/stmt.h"

/* "relM", so that file(1) and we can tell our databases from others'. */
#define APPLICATION_ID 0x72656c4d
#define BUSY_MSEC      5000

static int exec(Store *store, const char *sql, Error *err)
{
        int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

        return code == SQLITE_OK ? 0 : store_error(store, code, err);
}

/* The first column of the first row of a pragma. */
static int pragma_int(Store *store, const char *sql, int64_t *ret, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code == SQLITE_ROW)
                *ret = sqlite3_column_int64(stmt, 0);
        (void)sqlite3_finalize(stmt); /* repeats what step said */
        return code == SQLITE_ROW ? 0 : store_error(store, code, err);
}

static int check_integrity(Store *store, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
        int r = 0;

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code != SQLITE_ROW)
                r = store_error(store, code, err);
        else if (!streq((const char *)sqlite3_column_text(stmt, 0), "ok"))
                r = error_set(
                        err, ERROR_INTERNAL, -EBADMSG,
                        "database '%s' is damaged (%s); move it away and restore a backup, or let relman build "
                        "it anew from specs, registries and lockfiles",
                        store->path, (const char *)sqlite3_column_text(stmt, 0));
        (void)sqlite3_finalize(stmt); /* repeats what step said */
        return r;
}

/* --- migrations ------------------------------------------------------------------------------- */

static int write_backup(Store *store, const char *path, Error *err)
{
        sqlite3 *to = NULL;
        sqlite3_backup *backup = NULL;
        _cleanup_(close_fd) int fd = -1;
        int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

        if (code == SQLITE_OK)
                backup = sqlite3_backup_init(to, "main", store->db, "main");
        if (backup) {
                (void)sqlite3_backup_step(backup, -1); /* finish repeats what step said */
                code = sqlite3_backup_finish(backup);
        } else if (code == SQLITE_OK)
                code = sqlite3_errcode(to);
        (void)sqlite3_close(to); /* nothing is open in it */
        fd = code == SQLITE_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0 || fsync(fd) < 0)
                return error_set(
                        err, ERROR_INTERNAL, -EIO,
                        "cannot back up database '%s' to '%s' before its schema is upgraded: %s",
                        store->path, path,
                        code != SQLITE_OK ? sqlite3_errstr(code) : strerror(errno));
        return 0;
}

/* PATH.VERSION-YYYYMMDDTHHMMSSZ.bak */
static int back_up(Store *store, unsigned version, usec_t now, Error *err)
{
        _cleanup_(freep) char *path = NULL;
        char text[TIME_TEXT_SIZE], compact[TIME_TEXT_SIZE];
        size_t n = 0;

        (void)time_format(now, text);
        for (const char *p = text; *p; p++)
                if (*p != '-' && *p != ':')
                        compact[n++] = *p;
        compact[n] = '\0';
        if (asprintf(&path, "%s.%u-%s.bak", store->path, version, compact) < 0) {
                path = NULL;
                return error_oom(err);
        }
        log_debug("database '%s': schema %u is backed up to '%s'", store->path, version, path);
        return write_backup(store, path, err);
}

/* All steps in one transaction: a cut at any point leaves the old schema or the new one. */
static int migrate(Store *store, unsigned from, Error *err)
{
        char pragma[64];
        int r;

        r = exec(store, "BEGIN IMMEDIATE", err);
        for (unsigned i = from; i < store_n_migrations && r >= 0; i++)
                r = exec(store, store_migrations[i], err);
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", APPLICATION_ID);
        if (r >= 0)
                r = exec(store, pragma, err);
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %u", store_n_migrations);
        if (r >= 0)
                r = exec(store, pragma, err);
        if (r >= 0)
                r = exec(store, "COMMIT", err);
        if (r < 0)
                (void)exec(store, "ROLLBACK", NULL); /* may be rolled back already */
        return r;
}

static int check_schema(Store *store, const StoreOptions *options, Error *err)
{
        int64_t version = 0, application = 0, n_tables = 0;
        int r;

        r = pragma_int(store, "PRAGMA user_version", &version, err);
        if (r >= 0)
                r = pragma_int(store, "PRAGMA application_id", &application, err);
        if (r >= 0)
                r = pragma_int(store, "SELECT count(*) FROM sqlite_schema", &n_tables, err);
        if (r < 0)
                return r;
        if (n_tables > 0 && application != APPLICATION_ID)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' is a database, but not one of relman; set state.path to another file",
                        store->path);
        if (version > store_n_migrations)
                return error_set(
                        err, ERROR_INVALID, -EPROTONOSUPPORT,
                        "database '%s' has schema %lld, this program knows schemas up to %u; run a newer "
                        "relman, or restore a backup of an older schema ('%s.*.bak')",
                        store->path, (long long)version, store_n_migrations, store->path);
        if (version == store_n_migrations)
                return 0;
        if (options->read_only)
                return error_set(
                        err, ERROR_INVALID, -EPROTONOSUPPORT,
                        "database '%s' has schema %lld, this program needs %u; let relmand open it once to "
                        "upgrade it",
                        store->path, (long long)version, store_n_migrations);
        r = n_tables > 0 ? back_up(store, (unsigned)version, options->now, err) : 0;
        return r < 0 ? r : migrate(store, (unsigned)version, err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int take_lock(Store *store, Error *err)
{
        _cleanup_(freep) char *path = NULL;
        int r;

        if (streq(store->path, ":memory:"))
                return 0;
        if (asprintf(&path, "%s.lock", store->path) < 0) {
                path = NULL;
                return error_oom(err);
        }
        r = file_lock(path, &store->lock_fd, err);
        return r < 0 ? error_prefix(err, r, "database '%s'", store->path) : 0;
}

/* One connection writes and checkpoints; readers never do (a fault in SQLite's WAL up to 3.51.2
 * needs two). */
static int configure(Store *store, bool read_only, Error *err)
{
        int r;

        (void)sqlite3_busy_timeout(store->db, BUSY_MSEC);
        (void)sqlite3_extended_result_codes(store->db, 1);
        if (read_only) {
                (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
                return 0;
        }
        r = exec(store, "PRAGMA journal_mode = WAL", err);
        if (r >= 0)
                r = exec(store, "PRAGMA synchronous = FULL", err);
        return r < 0 ? r : exec(store, "PRAGMA foreign_keys = ON", err);
}

static int open_database(Store *store, const StoreOptions *options, Error *err)
{
        int flags = options->read_only ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        int code = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
        int r;

        if (code != SQLITE_OK)
                return store_error(store, code, err);
        r = configure(store, options->read_only, err);
        if (r >= 0)
                r = check_integrity(store, err);
        return r < 0 ? r : check_schema(store, options, err);
}

int store_open(const StoreOptions *options, Store **ret, Error *err)
{
        _cleanup_(store_closep) Store *store = calloc(1, sizeof(*store));
        int r;

        if (!store)
                return error_oom(err);
        store->lock_fd = -1;
        store->path = strdup(options->path);
        if (!store->path)
                return error_oom(err);
        r = options->read_only ? 0 : take_lock(store, err);
        if (r >= 0)
                r = open_database(store, options, err);
        if (r < 0)
                return r;
        *ret = TAKE(store);
        return 0;
}

Store *store_close(Store *store)
{
        if (!store)
                return NULL;
        for (size_t i = 0; i < STMT_MAX_; i++)
                (void)sqlite3_finalize(store->statements[i]); /* repeats what step said */
        (void)sqlite3_close(store->db); /* checkpoints; what was committed is safe either way */
        close_fd(&store->lock_fd);
        free(store->path);
        free(store);
        return NULL;
}

int store_probe(Store *store, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PROBE, &stmt, err);
        if (r >= 0)
                r = stmt_step(&stmt, err);
        return MIN(r, 0);
}

void store_stats(const Store *store, StoreStats *ret)
{
        *ret = store->stats;
}
