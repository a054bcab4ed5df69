#pragma once

/* SQLite as store's own files see it: statements prepared once and kept, values bound by name (an
 * unknown name is a fault of ours and stops the program), rows read in order of their columns. */

#include <sqlite3.h>
#include <sys/types.h>

#include "base/arena.h"
#include "store/backup.h"
#include "store/events.h"
#include "store/sql.h"

/* The database, its write-ahead log (-wal) and the index of that (-shm). */
#define STORE_FILES 3

typedef struct StoreFile {
        dev_t device;
        ino_t inode; /* 0: none */
} StoreFile;

struct Store {
        sqlite3 *db;
        char *path;
        char *notice; /* what people must be told of its opening; NULL: nothing */
        int lock_fd;
        bool is_backup; /* a copy of one, that is looked over before it is restored */
        sqlite3_stmt *statements[STMT_MAX_];
        StoreStats stats;
        EventWatch *watches;
        StoreTrouble trouble;
        StoreWatch watch;
        StoreBackup *backups; /* under way */
        int pending;          /* cause of doubt that is seen to before the next use; 0: none */
        unsigned n_in_use;    /* statements */
        int doubt;            /* why it was opened anew since the last commit; 0: it was not */
        Error lost;           /* why it cannot be used any more */
        StoreFile files[STORE_FILES]; /* that are open; none for a reader */
        bool is_stuck;                /* a transaction failed, and could not even be rolled back */
};

/* A statement in use: reset and unbound when it goes out of scope. */
typedef struct Stmt {
        Store *store;
        sqlite3_stmt *stmt;
        int bound;  /* parameter that was bound last */
        int column; /* next to be read */
        int failed; /* a binding could not be made: told by stmt_step() */
} Stmt;

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err);
void stmt_done(Stmt *stmt);

void bind_text(Stmt *stmt, const char *name,
               const char *text); /* NULL binds NULL; borrowed until stmt_done */
void bind_int(Stmt *stmt, const char *name, int64_t value);
void bind_blob(Stmt *stmt, const char *name, SortKey key);
void bind_time(Stmt *stmt, const char *name, usec_t wall); /* RFC 3339; copied */

/* 1: a row, 0: the end. */
int stmt_step(Stmt *stmt, Error *err);

/* For a statement that returns no rows. */
int stmt_run(Stmt *stmt, Error *err);

/* The next column. Text and keys are copied to the arena; NULL if the column is, or memory ran out:
 * then stmt->failed is set, and the reader's caller checks it once a row. */
const char *read_text(Stmt *stmt, Arena *arena);
const char *read_static(Stmt *stmt); /* valid until the next step; never NULL */
int64_t read_int(Stmt *stmt);
usec_t read_time(Stmt *stmt);
SortKey read_key(Stmt *stmt, Arena *arena);

/* Those under way read through a connection that is closed now: they fail. */
void store_backups_end(Store *store);

/* An Error for what SQLite says now. */
int store_error(Store *store, int sqlite_code, Error *err);
/* -EBADMSG: what is in the database cannot be. */
int store_damaged(const Store *store, const char *what, Error *err);
