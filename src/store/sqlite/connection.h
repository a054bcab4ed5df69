#pragma once

/* The connection to the database, and the handling of a failing disk.
 *
 * After a failed fsync the system may have dropped the written data, and may report success for the
 * next fsync. So relman closes the connection and opens a new one, which reads and checks the data
 * on the disk. The store is lost in these cases:
 * - A new connection cannot be opened. For lack of memory or space, or because of a lock of another
 *   process, the next use tries again instead.
 * - The disk fails again before a transaction was stored.
 * - The database was moved, replaced or removed.
 * The process must then exit, and its next start checks the database. The lock file stays locked
 * until the process exits. */

#include "store/sqlite/sqlite.h"

/* Opens store->path and checks the database (quick_check). If options->read_only is false,
 * transactions can begin afterwards. */
int connection_open(SqliteStore *store, const StoreOptions *options, Error *err);
/* Closes the connection. Ends open statements and backups. Writes committed data into the database
 * if the disk allows that. */
void connection_close(SqliteStore *store);

/* Called after a transaction failed with this cause and was rolled back. No statement may be in
 * use. Opens a new connection if the cause requires it. */
void connection_doubt(SqliteStore *store, int cause);
/* Called after a statement failed. If needed, the next use opens a new connection. */
void connection_note(SqliteStore *store, int sqlite_code);
/* Checks that the files of the database are still at their paths. If not, the store is lost. */
int connection_check_place(SqliteStore *store, Error *err);
/* Called before each use of the connection. Opens a new connection if needed. */
int connection_ensure(SqliteStore *store, Error *err);
