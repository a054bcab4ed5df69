#pragma once

/* A database as a file: whether it is one of ours and whole, which schema it has, and bringing that
 * up to ours. */

#include "store/sqlite/sqlite.h"

/* "relM", so that file(1) and we can tell our databases from others'. It stands in the file's
 * header, most significant byte first. */
#define APPLICATION_ID        0x72656c4d
#define APPLICATION_ID_OFFSET 68

/* Whether a file with this header, as far as the end of the application id, says that it is ours.
 */
bool schema_is_ours(const char *head);

int sqlite_exec(SqliteStore *store, const char *sql, Error *err);
/* The first column of the first row. */
int sqlite_number(SqliteStore *store, const char *sql, int64_t *ret, Error *err);

typedef enum CheckDepth {
        CHECK_QUICK, /* pages, rows and constraints: at every start */
        CHECK_WHOLE, /* indexes against tables and foreign keys too: before a copy is trusted */
} CheckDepth;

/* -EBADMSG with what is wrong. */
int schema_check(SqliteStore *store, CheckDepth depth, Error *err);

/* The version; *ret_is_empty if nothing is in it yet. A database of another program, or of a newer
 * relman (-EPROTONOSUPPORT, both versions named), is refused. */
int schema_version(SqliteStore *store, unsigned *ret, bool *ret_is_empty, Error *err);

/* schema-compare.c: whether the database has exactly the tables, indexes, triggers and views of
 * that version. -EBADMSG: one of ours is missing or altered. -EINVAL: there is one that relman did
 * not make. */
int schema_compare(SqliteStore *store, unsigned version, Error *err);
/* -EBADMSG: numbered rows have come to where no relman comes. */
int schema_check_numbers(SqliteStore *store, Error *err);

/* For each connection, before anything is read through it; schema_compare() comes next, so that no
 * view, trigger or virtual table of a stranger's file is ever used. */
int schema_distrust(SqliteStore *store, Error *err);

/* Backs up and migrates to our version, in one transaction: a cut at any point leaves the old
 * schema or the new one. Foreign keys must be off; they are checked before it is committed.
 * *ret_backup: the backup's path, malloc()ed; NULL if it was empty. */
int schema_upgrade(SqliteStore *store, usec_t now, char **ret_backup, Error *err);

/* seal-check.c: of all releases that have a seal, in a database of this schema. -EBADMSG names the
 * release whose seal does not fit. */
int seal_check_all(SqliteStore *store, unsigned schema, Error *err);
