#include "store/sqlite/connection.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "store/sqlite/copy.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/place.h"
#include "store/sqlite/schema.h"

#define BUSY_MSEC        5000
#define CHECKPOINT_PAGES 1000
#define BUSY_PAGES       (10 * CHECKPOINT_PAGES)

/* --- opening ---------------------------------------------------------------------------------- */

static void checkpoint(SqliteStore *store, const char *name, int n_pages)
{
        int cause;

        if (sqlite3_wal_checkpoint_v2(store->db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) ==
            SQLITE_OK)
                return;
        cause = sqlite_cause(store, sqlite3_extended_errcode(store->db));
        /* another process may be writing a checkpoint */
        if (cause == SQLITE_BUSY && n_pages < BUSY_PAGES)
                return;
        store->pending = cause;
}

/* Replaces SQLite's default hook, which does not report a failed checkpoint. After a failure the
 * committed data stays in the journal, and the next checkpoint writes it. */
static int on_commit(void *userdata, sqlite3 *db, const char *name, int n_pages)
{
        (void)db;
        if (n_pages >= CHECKPOINT_PAGES)
                checkpoint(userdata, name, n_pages);
        return SQLITE_OK;
}

/* Only this connection writes and checkpoints; readers do neither. (A bug in the WAL of SQLite up
 * to 3.51.2 needs two writers.) */
static int prepare_writing(SqliteStore *store, Error *err)
{
        int r;

        (void)sqlite3_wal_hook(store->db, on_commit, store); /* replaces the default hook */
        r = sqlite_exec(store, "PRAGMA journal_mode = WAL", err);
        return r < 0 ? r : sqlite_exec(store, "PRAGMA synchronous = FULL", err);
}

/* Turns off locks and memory statistics, because relman has one thread. The calls fail harmlessly
 * once SQLite is in use. */
static void set_up_library(void)
{
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Prepares the connection for reads, after the schema was checked. */
static int prepare_reading(SqliteStore *store, Error *err)
{
        int r = sqlite_exec(store, "PRAGMA foreign_keys = ON", err);

        /* Keeps statement journals in memory, because SQLite would write temporary files page by
         * page. temp_store also applies to sorting. An upgrade sorts large tables, so temp_store is
         * set only afterwards. */
        if (r >= 0)
                r = sqlite_exec(store, "PRAGMA temp_store = MEMORY", err);
        return r < 0 ? r : seal_check_all(store, store_n_migrations, err);
}

static int bring_up_to_date(SqliteStore *store, usec_t now, Error *err)
{
        _cleanup_(freep) char *backup = NULL;
        int r;

        r = schema_upgrade(store, now, &backup, err);
        if (r >= 0)
                r = prepare_reading(store, err);
        if (r < 0 || !backup)
                return r;
        free(store->base.notice);
        store->base.notice = text_printf(
                "database '%s' has the schema of this program now; as it was before it is kept as '%s'",
                store->path, backup);
        if (!store->base.notice)
                return error_oom(err);
        return 0;
}

static int check_readable(const SqliteStore *store, unsigned version, Error *err)
{
        if (version == store_n_migrations)
                return 0;
        return fault_set(
                err, STORE_FAULT_NEWER,
                "database '%s' has schema %u, this program needs %u; let relmand open it once to "
                "upgrade it",
                store->path, version, store_n_migrations);
}

/* Checks that relman made the database before anything is read through its schema. */
static int check_file(SqliteStore *store, unsigned *ret_version, Error *err)
{
        bool is_empty = false;
        int r;

        r = schema_distrust(store, err);
        if (r >= 0)
                r = schema_version(store, ret_version, &is_empty, err);
        if (r >= 0)
                r = schema_compare(store, *ret_version, err);
        if (r >= 0)
                r = schema_check(store, CHECK_QUICK, err);
        return r < 0 ? r : schema_check_numbers(store, err);
}

static int connect_to(SqliteStore *store, int flags, unsigned *ret_version, Error *err)
{
        int code;

        set_up_library();
        code = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
        if (code != SQLITE_OK)
                return sqlite_error(store, code, err);
        (void)sqlite3_busy_timeout(store->db, BUSY_MSEC);
        (void)sqlite3_extended_result_codes(store->db, 1);
        if (flags & SQLITE_OPEN_READONLY)
                (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return check_file(store, ret_version, err);
}

/* Checks that relman made the database, and that it is intact and not newer, before anything is
 * written. */
int connection_open(SqliteStore *store, const StoreOptions *options, Error *err)
{
        unsigned version = 0;
        int r;

        r = connect_to(store,
                       options->read_only ? SQLITE_OPEN_READONLY
                                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                       &version, err);
        if (options->read_only)
                return r < 0 ? r : check_readable(store, version, err);
        if (r >= 0)
                r = prepare_writing(store, err);
        if (r >= 0)
                r = bring_up_to_date(store, options->now, err);
        if (r >= 0)
                r = sqlite_prepare_controls(store, err);
        return r < 0 || store->lock_fd < 0 ? r : place_note(store, err);
}

/* Ends all statements and backups first, because SQLite does not close a connection with an open
 * one. */
void connection_close(SqliteStore *store)
{
        sqlite_copies_end(store);
        for (size_t i = 0; i < STMT_MAX_; i++) {
                (void)sqlite3_finalize(store->statements[i]); /* repeats the result of step */
                store->statements[i] = NULL;
        }
        for (size_t i = 0; i < CONTROL_MAX_; i++) {
                (void)sqlite3_finalize(store->controls[i]); /* repeats the result of step */
                store->controls[i] = NULL;
        }
        /* writes a checkpoint; if that fails, committed data stays in the journal */
        (void)sqlite3_close(store->db);
        store->db = NULL;
        store->pending = 0;
}

/* --- new connection --------------------------------------------------------------------------- */

static void report_connection(const SqliteStore *store, const Error *failure)
{
        if (store->watch.renewed)
                store->watch.renewed(store->watch.userdata, failure);
}

/* Marks the store as lost and closes the connection. If a statement is in use, the connection stays
 * open, but no new statement can begin. */
static int lose(SqliteStore *store, Error *reason, Error *err)
{
        if (store->n_in_use == 0)
                connection_close(store);
        error_move(&store->base.lost, reason);
        report_connection(store, &store->base.lost);
        return store_is_lost(&store->base, err);
}

static int lose_disk(SqliteStore *store, const Error *failure, Error *err)
{
        _cleanup_(error_done) Error reason = { 0 };

        (void)error_set(&reason, ERROR_INTERNAL, failure->code,
                        "%s, again after the disk had failed; see the disk's own messages (dmesg)",
                        error_message(failure));
        return lose(store, &reason, err);
}

/* Writes committed data into the database and empties the journal. Otherwise data of a failed
 * commit could reappear when a new connection reads the journal. If a reader prevents this, the
 * index of the journal in use excludes such data. */
static int settle(SqliteStore *store, Error *err)
{
        int code;

        (void)sqlite3_busy_timeout(store->db, 0);
        code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        if (code == SQLITE_OK)
                return 0;
        code = sqlite3_extended_errcode(store->db);
        return sqlite_cause(store, code) == SQLITE_IOERR ? sqlite_error(store, code, err) : 0;
}

int connection_check_place(SqliteStore *store, Error *err)
{
        _cleanup_(error_done) Error reason = { 0 };
        int r;

        r = store_is_lost(&store->base, err);
        if (r < 0)
                return r;
        r = place_check(store, &reason);
        if (r == -ESTALE) {
                /* if the database was moved without its journal, closing the connection would lose
                 * data that is only in the journal */
                if (store->db)
                        (void)settle(store, NULL);
                return lose(store, &reason, err);
        }
        if (r < 0)
                error_move(err, &reason);
        return r;
}

static int reopen(SqliteStore *store, Error *err)
{
        unsigned version = 0;
        int r;

        r = connect_to(store, SQLITE_OPEN_READWRITE, &version, err);
        if (r >= 0)
                r = check_readable(store, version, err);
        if (r >= 0)
                r = prepare_writing(store, err);
        if (r >= 0)
                r = prepare_reading(store, err);
        if (r >= 0)
                r = sqlite_prepare_controls(store, err);
        return r < 0 ? r : place_note(store, err);
}

static int open_again(SqliteStore *store, Error *err)
{
        _cleanup_(error_done) Error failure = { 0 };
        int r;

        r = reopen(store, &failure);
        if (r >= 0) {
                report_connection(store, NULL);
                return 0;
        }
        if (r != -ENOMEM && r != -ENOSPC && r != -EBUSY)
                return r == -ESTALE ? lose(store, &failure, err) : lose_disk(store, &failure, err);
        /* the failure may be temporary, so the next use tries again */
        connection_close(store);
        error_move(err, &failure);
        return r;
}

static void renew(SqliteStore *store)
{
        _cleanup_(error_done) Error failure = { 0 };

        sqlite_copies_end(store);
        if (place_check(store, &failure) == -ESTALE) {
                (void)lose(store, &failure, NULL);
                return;
        }
        error_done(&failure);
        if (settle(store, &failure) < 0) {
                (void)lose_disk(store, &failure, NULL);
                return;
        }
        connection_close(store);
        (void)open_again(store, NULL); /* the next use reports the failure */
}

/* True if SQLite could not take a lock. relman is the only writer, so its own connection probably
 * failed to release the lock. Closing the connection releases it. If another process has the lock,
 * relman does not try more than once. */
static bool is_lock(int cause)
{
        return cause == SQLITE_BUSY || cause == SQLITE_PROTOCOL;
}

void connection_doubt(SqliteStore *store, int cause)
{
        _cleanup_(error_done) Error failure = { 0 };

        if (store->lock_fd < 0 || (cause != SQLITE_IOERR && !is_lock(cause)) ||
            (is_lock(cause) && store->doubt))
                return;
        if (cause == SQLITE_IOERR && store->doubt == SQLITE_IOERR) {
                (void)sqlite_error(store, SQLITE_IOERR, &failure);
                (void)lose_disk(store, &failure, NULL);
                return;
        }
        store->doubt = cause;
        renew(store);
}

void connection_note(SqliteStore *store, int sqlite_code)
{
        if (sqlite_cause(store, sqlite_code) == SQLITE_PROTOCOL)
                store->pending = SQLITE_PROTOCOL;
}

int connection_ensure(SqliteStore *store, Error *err)
{
        int cause = store->pending, r;

        r = store_is_lost(&store->base, err);
        if (r < 0)
                return r;
        if (store->db && cause && store->n_in_use == 0 && sqlite3_get_autocommit(store->db)) {
                store->pending = 0;
                connection_doubt(store, cause);
        }
        if (store->db)
                return 0;
        r = store_is_lost(&store->base, err); /* the steps above may have lost the store */
        return r < 0 ? r : open_again(store, err);
}
