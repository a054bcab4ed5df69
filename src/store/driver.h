#pragma once

/* The interface to a database: a const table of functions for each kind of database. The files of
 * src/store use a database only through this table. A driver allocates and frees a struct that
 * begins with a Store.
 *
 * A driver prepares a statement once and keeps it. It reports failures with fault_set(), so that
 * callers can distinguish failures without knowing the database. */

#include "store/backup.h"
#include "store/events.h"
#include "store/export.h"
#include "store/fault.h"
#include "store/restore.h"
#include "store/stmt.h"

typedef struct StoreDriver {
        /* See store_open(). */
        int (*open)(const StoreOptions *options, Store **ret, Error *err);
        /* Closes the database. Calls store_done() and frees the store. */
        void (*close)(Store *store);
        /* Reads a small value; see store_probe(). */
        int (*probe)(Store *store, Error *err);

        /* Called before a transaction. Checks that the database is usable and that its files were
         * not moved or replaced. Rolls back a failed transaction that is still open. */
        int (*prepare)(Store *store, Error *err);
        int (*begin)(Store *store, Error *err);
        /* Returns 0 once the transaction is durable in the database that was opened. */
        int (*commit)(Store *store, Error *err);
        /* Called after begin(), commit() or a statement between them failed. Rolls the transaction
         * back. Returns the fault of the database, or STORE_FAULT_NONE. */
        StoreFault (*rollback)(Store *store);

        /* Prepares the statement. stmt_get() has already set stmt->store. */
        int (*get)(Stmt *stmt, StmtId id, Error *err);
        void (*done)(Stmt *stmt);
        /* Bind a value to a parameter. Return 0 or -ENOMEM. An unknown name is a bug in relman and
         * aborts the program. Text and keys are borrowed until done(), unless is_copied. NULL binds
         * SQL NULL. */
        int (*bind_text)(Stmt *stmt, const char *name, const char *text, bool is_copied);
        int (*bind_int)(Stmt *stmt, const char *name, int64_t value);
        int (*bind_key)(Stmt *stmt, const char *name, SortKey key);
        /* Returns 1 for a row, 0 at the end. */
        int (*step)(Stmt *stmt, Error *err);
        /* Returns the number of rows that the statement wrote. */
        int64_t (*n_written)(const Stmt *stmt);
        /* Read a column of the row. The result is valid until the next step. Return 0 or -ENOMEM.
         * SQL NULL is read as NULL or 0. */
        int (*read_text)(Stmt *stmt, int column, const char **ret, size_t *ret_size);
        int64_t (*read_int)(Stmt *stmt, int column);
        int (*read_key)(Stmt *stmt, int column, SortKey *ret);

        /* See backup.h and restore.h. */
        int (*backup_new)(Store *store, StoreBackup **ret, Error *err);
        int (*backup_step)(StoreBackup *backup, Error *err);
        int (*backup_open)(StoreBackup *backup, Error *err);
        StoreBackup *(*backup_free)(StoreBackup *backup);
        const char *backup_type; /* media type of a copy */
        bool (*is_copy)(int fd);
        int (*restore)(const RestoreOptions *options, Restored *ret, Error *err);

        /* See export.h. */
        int (*export)(const char *path, FILE *to, Exported *ret, Error *err);
        int (*import)(const ImportOptions *options, Exported *ret, Restored *ret_restored,
                      Error *err);
        int (*export_schema)(Buffer *out, Error *err);
} StoreDriver;

/* The first member of every driver's struct. */
struct Store {
        const StoreDriver *driver;
        char *name;   /* name of the database in messages */
        char *notice; /* see store_notice(); NULL: none */
        StoreStats stats;
        EventWatch *watches;
        StoreTrouble trouble;
        Error lost; /* why the store can no longer be used */
};

/* driver.c: frees the members of the store. */
void store_done(Store *store);

/* The first member of every driver's backup. */
struct StoreBackup {
        Store *store;
};

extern const StoreDriver store_sqlite;
