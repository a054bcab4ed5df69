#pragma once

/* Checks whether relman made a database and whether it is intact, reads the version of its schema,
 * and upgrades it to the current schema. */

#include "store/sqlite/sqlite.h"

/* "relM" in the header of the file, most significant byte first. file(1) and relman recognize
 * databases of relman by this number. */
#define APPLICATION_ID        0x72656c4d
#define APPLICATION_ID_OFFSET 68

/* True if the header has relman's application id. head: the first APPLICATION_ID_OFFSET + 4 bytes
 * of the file, or more. */
bool schema_is_ours(const char *head);

int sqlite_exec(SqliteStore *store, const char *sql, Error *err);
/* Runs a query; sets *ret to the first column of its first row. */
int sqlite_number(SqliteStore *store, const char *sql, int64_t *ret, Error *err);

typedef enum CheckDepth {
        CHECK_QUICK, /* pages, rows and constraints: at every start */
        CHECK_WHOLE, /* also indexes against tables, and foreign keys: for a copy */
} CheckDepth;

/* Checks the integrity of the database. If it is damaged, returns -EBADMSG and describes the damage
 * in err. */
int schema_check(SqliteStore *store, CheckDepth depth, Error *err);

/* Sets *ret to the version of the schema, and *ret_is_empty to true if the database is empty.
 * Refuses a database of another program or of a newer relman (-EPROTONOSUPPORT). */
int schema_version(SqliteStore *store, unsigned *ret, bool *ret_is_empty, Error *err);

/* schema-compare.c: checks that the database has exactly the tables, indexes, triggers and views of
 * a version. Returns -EBADMSG if one is missing or altered. Returns -EINVAL if there is an object
 * that relman did not make. */
int schema_compare(SqliteStore *store, unsigned version, Error *err);
/* Returns -EBADMSG if a row number is greater than relman can ever reach. */
int schema_check_numbers(SqliteStore *store, Error *err);

/* Called for each new connection before it reads through the schema. The caller must then call
 * schema_compare(), so that relman uses no view, trigger or virtual table of an untrusted file. */
int schema_distrust(SqliteStore *store, Error *err);

/* The names of the tables, without those of SQLite. */
#define SCHEMA_TABLES                                                                              \
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "        \
        "ORDER BY name"

/* Opens an empty database in memory with this version of the schema. */
int schema_make(SqliteStore *store, unsigned version, Error *err);

/* Migrates the database from one version to another in one transaction. Foreign keys must be off;
 * they are checked before the commit, unless the database was empty. */
int schema_migrate(SqliteStore *store, unsigned from, unsigned to, Error *err);

/* Backs up the database and migrates it to the current version in one transaction. If the process
 * is killed, the file has either the old or the new schema. Foreign keys must be off, as for
 * schema_migrate(). Sets *ret_backup to the path of the backup, which the caller frees;
 * NULL if the database was empty. */
int schema_upgrade(SqliteStore *store, usec_t now, char **ret_backup, Error *err);

/* seal-check.c: checks all releases with a seal, in a database with this version of the schema.
 * Returns -EBADMSG with the name of a release whose seal does not match. */
int seal_check_all(SqliteStore *store, unsigned schema, Error *err);
