#pragma once

/* A database as a file: whether it is ours and intact, which schema it has, and upgrades to the
 * current schema. */

#include "store/sqlite/sqlite.h"

/* "relM", so that file(1) and we can recognize our databases. It is in the file's header, most
 * significant byte first. */
#define APPLICATION_ID        0x72656c4d
#define APPLICATION_ID_OFFSET 68

/* True if this header, up to the end of the application id, is ours. */
bool schema_is_ours(const char *head);

int sqlite_exec(SqliteStore *store, const char *sql, Error *err);
/* Reads the first column of the first row. */
int sqlite_number(SqliteStore *store, const char *sql, int64_t *ret, Error *err);

typedef enum CheckDepth {
        CHECK_QUICK, /* pages, rows and constraints: at every start */
        CHECK_WHOLE, /* also indexes against tables, and foreign keys: for a copy */
} CheckDepth;

/* Returns -EBADMSG with the fault. */
int schema_check(SqliteStore *store, CheckDepth depth, Error *err);

/* Reads the version; sets *ret_is_empty if the database is empty. A database of another program or
 * of a newer relman (-EPROTONOSUPPORT, both versions named) is refused. */
int schema_version(SqliteStore *store, unsigned *ret, bool *ret_is_empty, Error *err);

/* schema-compare.c: checks that the database has exactly the tables, indexes, triggers and views of
 * that version. -EBADMSG: one is missing or altered. -EINVAL: there is one that relman did not
 * make. */
int schema_compare(SqliteStore *store, unsigned version, Error *err);
/* Returns -EBADMSG if numbers of rows are greater than relman can ever reach. */
int schema_check_numbers(SqliteStore *store, Error *err);

/* Called for each connection before anything is read through the schema. schema_compare() follows,
 * so that no view, trigger or virtual table of an untrusted file is ever used. */
int schema_distrust(SqliteStore *store, Error *err);

/* Backs up and migrates to the current version in one transaction: if the process is killed, the
 * file has either the old or the new schema. Foreign keys must be off; they are checked before the
 * commit. *ret_backup: the backup's path, malloc()ed; NULL if the database was empty. */
int schema_upgrade(SqliteStore *store, usec_t now, char **ret_backup, Error *err);

/* seal-check.c: checks all releases with a seal, in a database of this schema. -EBADMSG names the
 * release whose seal does not match. */
int seal_check_all(SqliteStore *store, unsigned schema, Error *err);
