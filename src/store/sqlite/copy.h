#pragma once

/* Copies of a database in use, for backups and before upgrades. A copy reads through the open
 * connection of the store. */

#include "store/sqlite/sqlite.h"

struct SqliteBackup {
        StoreBackup base; /* must be first */
        char *path;
        bool is_private; /* the copy is removed when the backup is freed */
        sqlite3 *to;
        /* NULL: the copy is complete, or the store's connection was closed */
        sqlite3_backup *backup;
        struct SqliteBackup *next;
};

/* Makes the file of a copy. Takes ownership of path, also on failure. If path is NULL, reports that
 * memory ran out. The file of a private copy is removed when the copy is freed. */
int sqlite_copy_new(SqliteStore *store, char *path, bool is_private, StoreBackup **ret, Error *err);
int sqlite_copy_step(StoreBackup *backup, Error *err);
StoreBackup *sqlite_copy_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, sqlite_copy_free)
/* Makes all copies in progress fail, because their connection is being closed. */
void sqlite_copies_end(SqliteStore *store);
