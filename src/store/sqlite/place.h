#pragma once

/* Whether the files of the open database are still the ones at its path. SQLite goes on writing to
 * files that were moved, replaced or removed: what it stores there cannot be found again. */

#include "store/sqlite/sqlite.h"

/* Remembers the database, its write-ahead log and the index of that. Fails with -ESTALE if another
 * database than before is at the path. */
int place_note(SqliteStore *store, Error *err);

/* 0: the files are the remembered ones, or none were remembered. -ESTALE: one was moved, replaced
 * or removed. Any other error: the folder could not be read. */
int place_check(const SqliteStore *store, Error *err);
