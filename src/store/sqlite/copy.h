#pragma once

/* Copies of a database in use: those of backups, and the one that an upgrade makes first. They need
 * an open connection, and do not open one. */

#include "store/sqlite/sqlite.h"

struct SqliteBackup {
        StoreBackup base; /* first */
        char *path;
        bool is_private; /* the copy is removed when the backup is freed */
        sqlite3 *to;
        sqlite3_backup *backup; /* NULL: complete, or the store's connection was closed */
        struct SqliteBackup *next;
};

/* Makes the file. Takes ownership of path, also on failure; NULL: there was no memory for it. A
 * private copy is removed when it is freed. */
int sqlite_copy_new(SqliteStore *store, char *path, bool is_private, StoreBackup **ret, Error *err);
int sqlite_copy_step(StoreBackup *backup, Error *err);
StoreBackup *sqlite_copy_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, sqlite_copy_free)
/* Fails all copies in progress: their connection is closed. */
void sqlite_copies_end(SqliteStore *store);
