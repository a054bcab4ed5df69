#include <errno.h>

#include "store/sqlite/connection.h"

int store_error(Store *store, int sqlite_code, Error *err)
{
        const char *said = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(sqlite_code);

        switch (connection_cause(store, sqlite_code)) {
        case SQLITE_FULL:
                return error_set(err, ERROR_INTERNAL, -ENOSPC,
                                 "database '%s': no room left on the disk; nothing was changed",
                                 store->path);
        case SQLITE_BUSY:
                return error_set(err, ERROR_INTERNAL, -EBUSY,
                                 "database '%s' is in use by another process", store->path);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return store_damaged(store, said, err);
        case SQLITE_NOMEM: return error_oom(err);
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
                return error_set(err, ERROR_INVALID, -EACCES, "cannot use database '%s': %s",
                                 store->path, said);
        default:
                return error_set(err, ERROR_INTERNAL, -EIO, "database '%s': %s", store->path, said);
        }
}

int store_damaged(const Store *store, const char *what, Error *err)
{
        if (store->is_backup)
                return error_set(err, ERROR_INTERNAL, -EBADMSG,
                                 "backup '%s' is damaged (%s); name another one: nothing was "
                                 "restored",
                                 store->path, what);
        return error_set(err, ERROR_INTERNAL, -EBADMSG,
                         "database '%s' is damaged (%s); put a backup in its place with 'relmanctl "
                         "restore', or move it away and relman builds it anew from specs, "
                         "registries and lockfiles",
                         store->path, what);
}
