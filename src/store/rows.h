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

/* Fills one zeroed struct from the columns, in order. */
typedef void (*ReadRow)(Stmt *stmt, Arena *arena, void *row);

int rows_read(Stmt *stmt, size_t size, ReadRow read, Arena *arena, Rows *ret, Error *err);

/* query-versions.c: read a row whose columns are in the order of the statements for this type. */
void tag_read(Stmt *stmt, Arena *arena, void *row);
void channel_read(Stmt *stmt, Arena *arena, void *row);
void version_read(Stmt *stmt, Arena *arena, void *row);
void manifest_read(Stmt *stmt, Arena *arena, void *row);

/* query-tag-moves.c */
void tag_move_read(Stmt *stmt, Arena *arena, void *row);
void released_tag_read(Stmt *stmt, Arena *arena, void *row);

/* query-images.c: rows with the facts of an image, and the function that parses them. */
typedef struct ImageRow {
        const char *digest, *facts;
        const char *layers; /* bytes of their digests in hexadecimal; NULL: they are in facts */
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

/* Binds the common parameters of statements about events and the audit. tenant: borrowed until
 * stmt_done(). */
void filter_bind(Stmt *stmt, const Uuid *tenant, const EventFilter *filter);
/* Runs a statement that returns a number. Sets *ret to the number, or to 0 if there is no row. */
int last_sequence(Store *store, StmtId id, int64_t *ret, Error *err);
