#pragma once

/* Statements as the files of src/store see them: prepared once and kept by the driver, values bound
 * by name (an unknown name is a fault of ours and stops the program), rows read in order of their
 * columns. */

#include "base/arena.h"
#include "store/sql.h"
#include "store/store.h"

/* A statement in use: reset and unbound when it goes out of scope. */
typedef struct Stmt {
        Store *store;
        void *handle; /* the driver's */
        int bound;    /* the driver's: parameter that was bound last */
        int column;   /* next to be read */
        int failed;   /* a value could not be bound or read: reported by stmt_step() */
} Stmt;

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err);
void stmt_done(Stmt *stmt);

void bind_text(Stmt *stmt, const char *name,
               const char *text); /* NULL binds NULL; borrowed until stmt_done */
void bind_int(Stmt *stmt, const char *name, int64_t value);
void bind_key(Stmt *stmt, const char *name, SortKey key);
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
