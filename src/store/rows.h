#pragma once

/* Reads the rows of a statement into an array of structs in an arena. */

#include "store/events.h"
#include "store/releases.h"
#include "store/stmt.h"

/* The layout of every struct {items, n} that a query fills. */
typedef struct Rows {
        void *items;
        size_t n;
} Rows;

/* Fills one zeroed struct from the columns of a row, in their order. */
typedef void (*ReadRow)(Stmt *stmt, Arena *arena, void *row);

int rows_read(Stmt *stmt, size_t size, ReadRow read, Arena *arena, Rows *ret, Error *err);

/* query-versions.c: each function reads a row of the statements that return its type. */
void tag_read(Stmt *stmt, Arena *arena, void *row);
void channel_read(Stmt *stmt, Arena *arena, void *row);
void version_read(Stmt *stmt, Arena *arena, void *row);
void manifest_read(Stmt *stmt, Arena *arena, void *row);

/* query-tag-moves.c */
void tag_move_read(Stmt *stmt, Arena *arena, void *row);
void released_tag_read(Stmt *stmt, Arena *arena, void *row);

/* query-images.c: a row with the facts of an image. */
typedef struct ImageRow {
        const char *digest, *facts;
        const char *layers; /* digests of layers as hexadecimal bytes; NULL: they are in facts */
        const char *base; /* digest of the base image, where facts refer to it; NULL: they do not */
} ImageRow;
typedef struct ImageRows {
        ImageRow *items;
        size_t n;
} ImageRows;
void image_row_read(Stmt *stmt, Arena *arena, void *row);
int image_rows_parse(const ImageRows *rows, Arena *arena, ImageFactList *ret, Error *err);

/* query-releases.c */
int releases_read(Stmt *stmt, Arena *arena, Releases *ret, Error *err);

/* Reads at most one row. Returns 1 if there was one, 0 if not. */
int row_read(Stmt *stmt, ReadRow read, Arena *arena, void *ret, Error *err);

/* Binds the common parameters of statements about events and the audit log. tenant is borrowed
 * until stmt_done(). */
void filter_bind(Stmt *stmt, const Uuid *tenant, const EventFilter *filter);
/* Runs a statement that returns a number. Sets *ret to the number, or to 0 if there is no row. */
int last_sequence(Store *store, StmtId id, int64_t *ret, Error *err);
