#pragma once

/* Checks that the files of the open database are still at their paths. Otherwise SQLite would
 * continue to write to files that were moved, replaced or removed, and the data would be lost. */

#include "store/sqlite/sqlite.h"

/* Records the files: the database, its write-ahead log and the index of the log. Fails with -ESTALE
 * if the path now has another database than the one recorded before. */
int place_note(SqliteStore *store, Error *err);

/* Returns 0 if the files are those recorded, or none were recorded. -ESTALE: one was moved,
 * replaced or removed. Any other error: a file could not be checked. */
int place_check(const SqliteStore *store, Error *err);
