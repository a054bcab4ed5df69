#pragma once

/* Copies a database that is in use. The driver of the database implements these functions. */

#include "store/store.h"

/* A consistent copy of the database, made in slices while other work continues. store_backup_step()
 * returns 1 while there is more to do, and 0 when the copy is complete and durable. */
typedef struct StoreBackup StoreBackup;
int store_backup_new(Store *store, StoreBackup **ret, Error *err);
int store_backup_step(StoreBackup *backup, Error *err);

/* Opens a descriptor that reads the copy from its start. The caller closes the descriptor, which
 * stays usable after the backup was freed. Freeing the backup removes the file of the copy. */
int store_backup_open(StoreBackup *backup, Error *err);
/* Returns the media type of the copy. */
const char *store_backup_type(const StoreBackup *backup);

/* True if the file begins like a copy of a database. store_restore() checks the rest. */
bool store_is_copy(int fd);

StoreBackup *store_backup_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, store_backup_free)
