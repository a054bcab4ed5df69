#pragma once

/* The connection to the database, and the handling of a failing disk.
 *
 * After a failed fsync the system may have dropped the written data and may report success for the
 * next fsync. So relman closes the connection and opens a new one, which reads and checks the data
 * on the disk. The store is lost if this fails, or if the disk fails again before a transaction was
 * stored. The store is also lost if the database was moved, replaced or removed. The process must
 * then exit, and its next start checks the database. The lock file stays locked until the process
 * exits. */

#include "store/sqlite/sqlite.h"

/* Opens store->path and checks the database (quick_check). Afterwards a writer can begin
 * transactions. */
int connection_open(SqliteStore *store, const StoreOptions *options, Error *err);
/* Closes the connection. Ends open statements and backups, and writes committed data into the
 * database as far as the disk allows. */
void connection_close(SqliteStore *store);

/* Called after a transaction failed with this cause and was rolled back, while no statement is in
 * use. Opens a new connection if the cause requires that. */
void connection_doubt(SqliteStore *store, int cause);
/* Called after a statement failed: the next use repairs the connection if needed. */
void connection_note(SqliteStore *store, int sqlite_code);
/* Checks that the files of the database are still at their path; otherwise the store is lost. */
int connection_check_place(SqliteStore *store, Error *err);
/* Called before each use of the connection. Opens a new connection if needed. */
int connection_ensure(SqliteStore *store, Error *err);
