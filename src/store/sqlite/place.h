#pragma once

/* Checks that the files of the open database are still at their paths. If they were moved, replaced
 * or removed, SQLite would continue to write to them, and the data would be lost. */

#include "store/sqlite/sqlite.h"

/* Records the files: the database, its write-ahead log and the index of the log. Fails with -ESTALE
 * if another database than the recorded one is now at the path. */
int place_note(SqliteStore *store, Error *err);

/* Returns 0 if the files are the recorded ones, or if none were recorded. -ESTALE: a file was
 * moved, replaced or removed. Other errors: a file could not be checked. */
int place_check(const SqliteStore *store, Error *err);
