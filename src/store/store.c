#include "store/store.h"

#include "store/driver.h"

int store_open(const StoreOptions *options, Store **ret, Error *err)
{
        return store_sqlite.open(options, ret, err);
}

Store *store_close(Store *store)
{
        if (store)
                store->driver->close(store);
        return NULL;
}

const char *store_name(const Store *store)
{
        return store->name;
}

const char *store_notice(const Store *store)
{
        return store->notice;
}

int store_probe(Store *store, Error *err)
{
        return store->driver->probe(store, err);
}

const StoreTrouble *store_trouble(const Store *store)
{
        return &store->trouble;
}

void store_stats(const Store *store, StoreStats *ret)
{
        *ret = store->stats;
}

/* --- backup and restore ----------------------------------------------------------------------- */

int store_backup_new(Store *store, StoreBackup **ret, Error *err)
{
        return store->driver->backup_new(store, ret, err);
}

int store_backup_step(StoreBackup *backup, Error *err)
{
        return backup->store->driver->backup_step(backup, err);
}

int store_backup_open(StoreBackup *backup, Error *err)
{
        return backup->store->driver->backup_open(backup, err);
}

const char *store_backup_type(const StoreBackup *backup)
{
        return backup->store->driver->backup_type;
}

bool store_is_copy(int fd)
{
        return store_sqlite.is_copy(fd);
}

StoreBackup *store_backup_free(StoreBackup *backup)
{
        return backup ? backup->store->driver->backup_free(backup) : NULL;
}

int store_restore(const RestoreOptions *options, Restored *ret, Error *err)
{
        return store_sqlite.restore(options, ret, err);
}

int store_export(const char *path, FILE *to, Exported *ret, Error *err)
{
        return store_sqlite.export(path, to, ret, err);
}

int store_import(const ImportOptions *options, Exported *ret, Restored *ret_restored, Error *err)
{
        return store_sqlite.import(options, ret, ret_restored, err);
}

int store_export_schema(Buffer *out, Error *err)
{
        return store_sqlite.export_schema(out, err);
}
