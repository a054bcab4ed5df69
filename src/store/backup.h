#pragma once

/* Copies of a database that is in use. */

#include "store/store.h"

/* A consistent copy of all, made in slices while everything goes on: 1 while there is more to do, 0
 * when the copy is whole and durable. The file must not exist. */
typedef struct StoreBackup StoreBackup;
int store_backup_new(Store *store, const char *path, StoreBackup **ret, Error *err);
int store_backup_step(StoreBackup *backup, Error *err);
StoreBackup *store_backup_free(StoreBackup *backup);
DEFINE_FREEP(StoreBackup, store_backup_free)
/* A name beside the database for a copy of it, malloc()ed, NULL without memory. What a daemon that
 * is killed leaves there is gone when the next one opens the database. */
char *store_copy_path(const Store *store);
