#pragma once

/* Copies a database that is in use. The driver of the database implements these functions. */

#include "store/store.h"

/* A consistent copy of the database. store_backup_step() copies a slice, so that other work can
 * continue between the calls. It returns 1 if there is more to do, and 0 when the copy is complete
 * and durable. */
typedef struct StoreBackup StoreBackup;
int store_backup_new(Store *store, StoreBackup **ret, Error *err);
int store_backup_step(StoreBackup *backup, Error *err);

/* Opens a descriptor that reads the copy from its start. The caller closes the descriptor, which
 * stays valid after store_backup_free(). store_backup_free() removes the file of the copy. */
int store_backup_open(StoreBackup *backup, Error *err);
/* Returns the media type of the copy. */
const char *store_backup_type(const StoreBackup *backup);

/* True if the file has the header of a database of relman. store_restore() checks the rest. */
bool store_is_copy(int fd);

StoreBackup *store_backup_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, store_backup_free)
