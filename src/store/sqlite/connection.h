#pragma once

/* The one connection to the database, and its handling of a failing disk.
 *
 * After a failed fsync the system may have dropped the written data and may report success for the
 * next fsync. So the connection is closed, and a new one reads and checks the data on the disk. The
 * store is lost if that fails, or if the disk fails again before anything could be stored. The
 * process must then exit, and the next start checks the database. The lock file stays locked
 * meanwhile. The store is also lost if its database was moved, replaced or removed. */

#include "store/sqlite/sqlite.h"

/* Opens store->path and checks it (quick_check). A writer can then begin transactions. */
int connection_open(SqliteStore *store, const StoreOptions *options, Error *err);
/* Ends open statements and backups. Writes committed data into the database as far as the disk
 * allows. */
void connection_close(SqliteStore *store);

/* Called after a transaction failed with this cause, after the rollback, while no statement is in
 * use. */
void connection_doubt(SqliteStore *store, int cause);
/* Called after a statement failed: the next use repairs the connection if needed. */
void connection_note(SqliteStore *store, int sqlite_code);
/* Checks that the files of the database are still at their path; otherwise the store is lost. */
int connection_check_place(SqliteStore *store, Error *err);
/* Called before each use. */
int connection_ensure(SqliteStore *store, Error *err);
