#pragma once

/* Shared declarations of the driver for SQLite. */

#include <sqlite3.h>
#include <sys/types.h>

#include "store/driver.h"

/* The database, its write-ahead log (-wal) and the index of the log (-shm). */
#define STORE_FILES 3

typedef struct StoreFile {
        dev_t device;
        ino_t inode; /* 0: the file is not recorded */
} StoreFile;

/* Statements that only SQLite needs. */
typedef enum ControlId {
        CONTROL_BEGIN,
        CONTROL_COMMIT,
        CONTROL_ROLLBACK,
        CONTROL_PROBE,
        CONTROL_MAX_,
} ControlId;

typedef struct SqliteBackup SqliteBackup;

typedef struct SqliteStore {
        Store base; /* must be first */
        sqlite3 *db;
        char *path;
        StoreWatch watch;
        int lock_fd;
        bool is_backup; /* the database is a copy that store_restore() checks */
        sqlite3_stmt *statements[STMT_MAX_];
        sqlite3_stmt *controls[CONTROL_MAX_];
        SqliteBackup *backups; /* copies in progress */
        /* cause of a failure that connection_ensure() has to handle; 0: none */
        int pending;
        unsigned n_in_use; /* number of statements in use */
        /* why the connection was reopened after the last commit; 0: it was not */
        int doubt;
        /* the recorded files of the database; none for a reader */
        StoreFile files[STORE_FILES];
        bool is_stuck; /* a transaction failed and could not be rolled back */
} SqliteStore;

static inline SqliteStore *sqlite_store(Store *store)
{
        return (SqliteStore *)store;
}

/* Returns the text of a statement in SQLite's dialect. */
const char *sqlite_text(StmtId id);

/* stmt.c: see driver.h. */
int sqlite_get(Stmt *stmt, StmtId id, Error *err);
void sqlite_done(Stmt *stmt);
int sqlite_bind_text(Stmt *stmt, const char *name, const char *text, bool is_copied);
int sqlite_bind_int(Stmt *stmt, const char *name, int64_t value);
int sqlite_bind_key(Stmt *stmt, const char *name, SortKey key);
int sqlite_step(Stmt *stmt, Error *err);
int64_t sqlite_n_written(const Stmt *stmt);
int sqlite_read_text(Stmt *stmt, int column, const char **ret, size_t *ret_size);
int64_t sqlite_read_int(Stmt *stmt, int column);
int sqlite_read_key(Stmt *stmt, int column, SortKey *ret);

/* transaction.c: see driver.h. */
int sqlite_prepare(Store *store, Error *err);
int sqlite_begin(Store *store, Error *err);
int sqlite_commit(Store *store, Error *err);
StoreFault sqlite_rollback(Store *store);
int sqlite_probe(Store *store, Error *err);
/* Rolls back uncommitted changes before a read, because lockfiles and answers must not contain
 * them. */
int sqlite_undo_uncommitted(SqliteStore *store, Error *err);

/* control.c: prepares a control statement, if it is not prepared yet. */
int sqlite_prepare_control(SqliteStore *store, ControlId id, Error *err);
/* Prepares all control statements, so that COMMIT and ROLLBACK are ready if memory runs out during
 * a transaction. */
int sqlite_prepare_controls(SqliteStore *store, Error *err);

/* backup.c: see store/backup.h. copy.h has the other functions of a backup. */
int sqlite_backup_new(Store *store, StoreBackup **ret, Error *err);
int sqlite_backup_open(StoreBackup *backup, Error *err);
bool sqlite_is_copy(int fd);
/* Removes copies that a killed daemon left in the folder of its database. */
void sqlite_backups_sweep(const char *path);

/* restore.c: see store/restore.h. */
int sqlite_restore(const RestoreOptions *options, Restored *ret, Error *err);

/* export.c, import.c and export-schema.c: see store/export.h. */
int sqlite_export(const char *path, FILE *to, Exported *ret, Error *err);
int sqlite_import(const ImportOptions *options, Exported *ret, Restored *ret_restored, Error *err);
int sqlite_export_schema(Buffer *out, Error *err);

/* error.c: returns the primary result code for an extended result code of SQLite. I/O errors that
 * are caused by lack of memory or space become SQLITE_NOMEM or SQLITE_FULL. */
int sqlite_cause(const SqliteStore *store, int sqlite_code);
/* Sets *err from SQLite's current message. Returns a negative errno. */
int sqlite_error(SqliteStore *store, int sqlite_code, Error *err);
/* Sets *err to STORE_FAULT_DAMAGED, because the database contains an impossible value. */
int sqlite_damaged(const SqliteStore *store, const char *what, Error *err);
/* Returns the fault for a result of sqlite_cause(). STORE_FAULT_NONE: the database did not cause
 * the failure. */
StoreFault sqlite_fault(int cause);
