#pragma once

/* Statements for the files of src/store. The driver prepares and keeps them. Values are bound by
 * name; an unknown name is a bug in relman and aborts the program. Columns are read in order. */

#include "base/arena.h"
#include "store/sql/sql.h"
#include "store/store.h"

/* A statement in use. stmt_done() resets the statement and removes its values. */
typedef struct Stmt {
        Store *store;
        void *handle; /* used by the driver */
        int bound;    /* the last bound parameter; only the driver uses it */
        int column;   /* the next column to read */
        int failed;   /* error of a bind or read function; stmt_step() returns it */
} Stmt;

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err);
void stmt_done(Stmt *stmt);

/* Bind a value, which is borrowed until stmt_done(). NULL binds SQL NULL. */
void bind_text(Stmt *stmt, const char *name, const char *text);
void bind_int(Stmt *stmt, const char *name, int64_t value);
void bind_key(Stmt *stmt, const char *name, SortKey key);
/* Binds the time as text (RFC 3339), which is copied. */
void bind_time(Stmt *stmt, const char *name, usec_t wall);

/* Returns 1 for a row, 0 at the end. */
int stmt_step(Stmt *stmt, Error *err);

/* Runs a statement that returns no rows. */
int stmt_run(Stmt *stmt, Error *err);
/* Runs a statement that has one parameter, a text. */
int stmt_run_with(Store *store, StmtId id, const char *name, const char *value, Error *err);

/* Read the next column. Text and keys are copied to the arena. read_text() returns NULL if the
 * column is NULL or if memory ran out. If memory ran out, stmt->failed is set. The caller checks it
 * once for each row. */
const char *read_text(Stmt *stmt, Arena *arena);
const char *read_static(Stmt *stmt); /* valid until the next step; never NULL */
int64_t read_int(Stmt *stmt);
usec_t read_time(Stmt *stmt);
SortKey read_key(Stmt *stmt, Arena *arena);
