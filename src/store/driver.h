#pragma once

/* A database behind the store: one const table of functions. The files of src/store know a database
 * through this table alone. A driver allocates a struct that begins with a Store, and frees it.
 *
 * A driver prepares a statement once and keeps it. It reports failures with fault_set(), so that
 * callers can tell them apart without knowing the database. */

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
        /* Reads something small; see store_probe(). */
        int (*probe)(Store *store, Error *err);

        /* Before a transaction: the database can be used and is still the one that was opened, and
         * nothing is left of a transaction that failed. */
        int (*prepare)(Store *store, Error *err);
        int (*begin)(Store *store, Error *err);
        /* 0: durable, and in the database that was opened. */
        int (*commit)(Store *store, Error *err);
        /* After begin(), commit() or a statement between them failed: nothing of the transaction
         * is kept. Returns what is wrong with the database, STORE_FAULT_NONE if nothing is. */
        StoreFault (*rollback)(Store *store);

        /* A statement that stmt_get() has filled with the store. */
        int (*get)(Stmt *stmt, StmtId id, Error *err);
        void (*done)(Stmt *stmt);
        /* Values: 0, or -ENOMEM. An unknown name is a fault of ours and stops the program. Text and
         * keys are borrowed until done(), unless is_copied. NULL binds NULL. */
        int (*bind_text)(Stmt *stmt, const char *name, const char *text, bool is_copied);
        int (*bind_int)(Stmt *stmt, const char *name, int64_t value);
        int (*bind_key)(Stmt *stmt, const char *name, SortKey key);
        /* 1: a row, 0: the end. */
        int (*step)(Stmt *stmt, Error *err);
        /* Rows that the statement wrote. */
        int64_t (*n_written)(const Stmt *stmt);
        /* A column of the row, valid until the next step: 0, or -ENOMEM. NULL is NULL, and 0. */
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

/* What every driver's struct begins with. */
struct Store {
        const StoreDriver *driver;
        char *name;   /* the database, as messages say it */
        char *notice; /* about its opening, for people; NULL: none */
        StoreStats stats;
        EventWatch *watches;
        StoreTrouble trouble;
        Error lost; /* why it cannot be used any more */
};

/* Frees what the store itself holds. */
void store_done(Store *store);

/* What every driver's backup begins with. */
struct StoreBackup {
        Store *store;
};

extern const StoreDriver store_sqlite;
