#pragma once

/* Shared declarations of SQLite's driver: its connection, and errors. */

#include <sqlite3.h>
#include <sys/types.h>

#include "store/driver.h"

/* The database, its write-ahead log (-wal) and the index of that (-shm). */
#define STORE_FILES 3

typedef struct StoreFile {
        dev_t device;
        ino_t inode; /* 0: none */
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
        bool is_backup; /* the database is a copy that is checked before it is restored */
        sqlite3_stmt *statements[STMT_MAX_];
        sqlite3_stmt *controls[CONTROL_MAX_];
        SqliteBackup *backups; /* in progress */
        int pending;           /* cause of a failure that is handled before the next use; 0: none */
        unsigned n_in_use;     /* statements */
        int doubt;             /* why it was reopened since the last commit; 0: it was not */
        StoreFile files[STORE_FILES]; /* the open files; none for a reader */
        bool is_stuck;                /* a transaction failed and could not be rolled back */
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
/* Undoes uncommitted changes before a read: they must not get into lockfiles and answers. */
int sqlite_undo_uncommitted(SqliteStore *store, Error *err);

/* control.c: prepares the statement unless it is prepared. */
int sqlite_prepare_control(SqliteStore *store, ControlId id, Error *err);
/* Prepares all: if memory runs out within a transaction, COMMIT and ROLLBACK must be ready. */
int sqlite_prepare_controls(SqliteStore *store, Error *err);

/* backup.c and copy.h: see driver.h. */
int sqlite_backup_new(Store *store, StoreBackup **ret, Error *err);
int sqlite_backup_open(StoreBackup *backup, Error *err);
bool sqlite_is_copy(int fd);
/* Removes copies that a killed daemon left in the folder of its database. */
void sqlite_backups_sweep(const char *path);

int sqlite_restore(const RestoreOptions *options, Restored *ret, Error *err);

/* error.c: reduces SQLite's extended result code to the primary one. I/O errors for lack of memory
 * or space become SQLITE_NOMEM or SQLITE_FULL. */
int sqlite_cause(const SqliteStore *store, int sqlite_code);
/* Sets an Error from SQLite's current message. */
int sqlite_error(SqliteStore *store, int sqlite_code, Error *err);
/* Sets STORE_FAULT_DAMAGED: the database contains an impossible value. */
int sqlite_damaged(const SqliteStore *store, const char *what, Error *err);
/* Returns the fault for a sqlite_cause(); STORE_FAULT_NONE if it is not the database's. */
StoreFault sqlite_fault(int cause);
