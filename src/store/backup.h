#pragma once

/* Copies a database in use. The driver implements this. */

#include "store/store.h"

/* A consistent copy of the database, made in slices while other work continues. Steps return 1
 * while there is more to do, and 0 when the copy is complete and durable. */
typedef struct StoreBackup StoreBackup;
int store_backup_new(Store *store, StoreBackup **ret, Error *err);
int store_backup_step(StoreBackup *backup, Error *err);

/* Opens a descriptor that reads the copy from its start; the caller closes it. It outlives the
 * backup, which removes the copy when it is freed. */
int store_backup_open(StoreBackup *backup, Error *err);
/* Returns the media type of the copy. */
const char *store_backup_type(const StoreBackup *backup);

/* True if data begins like a copy. restore checks the rest. */
bool store_is_copy(int fd);

StoreBackup *store_backup_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, store_backup_free)
