#pragma once

/* Copies of a database that is in use, as its driver makes them. */

#include "store/store.h"

/* A consistent copy of everything, made in slices while other work goes on: 1 while there is more
 * to do, 0 when the copy is complete and durable. */
typedef struct StoreBackup StoreBackup;
int store_backup_new(Store *store, StoreBackup **ret, Error *err);
int store_backup_step(StoreBackup *backup, Error *err);

/* A descriptor that reads the copy from its start, for the caller to close. It outlives the backup,
 * which keeps nothing of the copy when it is freed. */
int store_backup_open(StoreBackup *backup, Error *err);
/* The media type of the copy. */
const char *store_backup_type(const StoreBackup *backup);

/* Whether a file begins as a copy does. That says nothing of the rest: restore checks it. */
bool store_is_copy(int fd);

StoreBackup *store_backup_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, store_backup_free)
