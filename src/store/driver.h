#pragma once

/* The interface of a database: one const table of functions. The files of src/store use a database
 * only through this table. A driver allocates a struct that begins with a Store, and frees it.
 *
 * A driver prepares a statement once and keeps it. It reports failures with fault_set(), so that
 * callers can distinguish them without knowing the database. */

#include "store/backup.h"
#include "store/events.h"
#include "store/fault.h"
#include "store/restore.h"
#include "store/stmt.h"

typedef struct StoreDriver {
        /* See store_open(). */
        int (*open)(const StoreOptions *options, Store **ret, Error *err);
        /* Ends with store_done() and free(). */
        void (*close)(Store *store);
        /* Reads a small value; see store_probe(). */
        int (*probe)(Store *store, Error *err);

        /* Called before a transaction: checks that the database is usable and still the one that
         * was opened, and removes what is left of a failed transaction. */
        int (*prepare)(Store *store, Error *err);
        int (*begin)(Store *store, Error *err);
        /* Returns 0 if the transaction is durable, in the database that was opened. */
        int (*commit)(Store *store, Error *err);
        /* Called after begin(), commit() or a statement between them failed. Undoes the
         * transaction. Returns the fault of the database, or STORE_FAULT_NONE. */
        StoreFault (*rollback)(Store *store);

        /* Gets the statement for a Stmt that stmt_get() has filled with the store. */
        int (*get)(Stmt *stmt, StmtId id, Error *err);
        void (*done)(Stmt *stmt);
        /* Bind values. Return 0 or -ENOMEM. An unknown name is our own fault and aborts the
         * program. Text and keys are borrowed until done(), unless is_copied. NULL binds NULL. */
        int (*bind_text)(Stmt *stmt, const char *name, const char *text, bool is_copied);
        int (*bind_int)(Stmt *stmt, const char *name, int64_t value);
        int (*bind_key)(Stmt *stmt, const char *name, SortKey key);
        /* Returns 1 for a row, 0 at the end. */
        int (*step)(Stmt *stmt, Error *err);
        /* Returns the number of rows that the statement wrote. */
        int64_t (*n_written)(const Stmt *stmt);
        /* Read a column of the row, valid until the next step. Return 0 or -ENOMEM. SQL NULL gives
         * NULL or 0. */
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
} StoreDriver;

/* The first member of every driver's struct. */
struct Store {
        const StoreDriver *driver;
        char *name;   /* the database, as shown in messages */
        char *notice; /* a message about opening it; NULL: none */
        StoreStats stats;
        EventWatch *watches;
        StoreTrouble trouble;
        Error lost; /* why it can no longer be used */
};

/* driver.c: frees the memory of the store itself. */
void store_done(Store *store);

/* The first member of every driver's backup. */
struct StoreBackup {
        Store *store;
};

extern const StoreDriver store_sqlite;
