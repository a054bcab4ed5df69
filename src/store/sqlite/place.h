#pragma once

/* Checks that the files of the open database are still at its path. SQLite continues to write to
 * files that were moved, replaced or removed, and that data would be lost. */

#include "store/sqlite/sqlite.h"

/* Records the database, its write-ahead log and its index. Fails with -ESTALE if another database
 * than before is at the path. */
int place_note(SqliteStore *store, Error *err);

/* Returns 0 if the files are those recorded, or none were recorded. -ESTALE: one was moved,
 * replaced or removed. Any other error: the folder could not be read. */
int place_check(const SqliteStore *store, Error *err);
