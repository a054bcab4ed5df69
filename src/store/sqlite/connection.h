#pragma once

/* The one connection to the database, and what happens to it when the disk fails.
 *
 * After a failed sync the system may have dropped what was written and call the next sync good, so
 * nothing more is built on what that connection believes: it is closed, and another one reads and
 * checks what is on the disk. If that fails, or nothing could be stored in between and the disk
 * fails again, the store is lost, and its process is to end: the next start finds out. The lock
 * file stays locked all the while. A database that was moved, replaced or removed under the process
 * loses the store as well. */

#include "store/sqlite/sqlite.h"

/* Opens store->path and checks it (quick_check); a writer is ready for transactions then. */
int connection_open(SqliteStore *store, const StoreOptions *options, Error *err);
/* Statements and backups under way end. What was committed is worked into the database as far as
 * the disk allows. */
void connection_close(SqliteStore *store);

/* What SQLite's extended result code comes to: its primary one, but for I/O errors that are lack of
 * memory (SQLITE_NOMEM) or room (SQLITE_FULL). */
int connection_cause(const SqliteStore *store, int sqlite_code);

/* After a transaction that failed with such a cause, once it is rolled back and no statement is in
 * use. */
void connection_doubt(SqliteStore *store, int cause);
/* After a statement that failed: whether it can be helped is seen to before the next use. */
void connection_note(SqliteStore *store, int sqlite_code);
/* Whether the files of the database are still where they were opened; else the store is lost. */
int connection_check_place(SqliteStore *store, Error *err);
/* Before each use. */
int connection_ensure(SqliteStore *store, Error *err);
