#include <errno.h>

#include "store/sqlite/sqlite.h"

/* True if a write failed because of a disk quota. SQLite reports such a failure as an I/O error. */
static bool is_quota(const SqliteStore *store)
{
        sqlite3_file *journal = NULL;
        int of_journal = 0, of_database = 0;

        (void)sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_LAST_ERRNO, &of_database);
        (void)sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &journal);
        if (journal && journal->pMethods)
                (void)journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO,
                                                      &of_journal);
        return of_journal == EDQUOT || of_database == EDQUOT;
}

/* A failed fsync stays an I/O error even if the disk is full, because its data may be lost. */
int sqlite_cause(const SqliteStore *store, int sqlite_code)
{
        switch (sqlite_code) {
        case SQLITE_IOERR_NOMEM: return SQLITE_NOMEM;
        case SQLITE_IOERR_SHMSIZE: return SQLITE_FULL;
        case SQLITE_IOERR_WRITE: return store->db && is_quota(store) ? SQLITE_FULL : SQLITE_IOERR;
        default: return sqlite_code & 0xff;
        }
}

StoreFault sqlite_fault(int cause)
{
        switch (cause) {
        case SQLITE_FULL: return STORE_FAULT_FULL;
        case SQLITE_BUSY: return STORE_FAULT_BUSY;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return STORE_FAULT_DAMAGED;
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM: return STORE_FAULT_DENIED;
        case SQLITE_IOERR: return STORE_FAULT_FAILED;
        default: return STORE_FAULT_NONE; /* a lack of memory, or an error of the statement */
        }
}

int sqlite_error(SqliteStore *store, int sqlite_code, Error *err)
{
        const char *said = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(sqlite_code);
        int cause = sqlite_cause(store, sqlite_code);

        if (cause == SQLITE_NOMEM)
                return error_oom(err);
        switch (sqlite_fault(cause)) {
        case STORE_FAULT_FULL:
                return fault_set(err, STORE_FAULT_FULL,
                                 "database '%s': no room left on the disk; nothing was changed",
                                 store->path);
        case STORE_FAULT_BUSY:
                return fault_set(err, STORE_FAULT_BUSY,
                                 "database '%s' is in use by another process", store->path);
        case STORE_FAULT_DAMAGED: return sqlite_damaged(store, said, err);
        case STORE_FAULT_DENIED:
                return fault_set(err, STORE_FAULT_DENIED, "cannot use database '%s': %s",
                                 store->path, said);
        case STORE_FAULT_NONE:
        case STORE_FAULT_FAILED:
        case STORE_FAULT_LOCKED:
        case STORE_FAULT_NEWER:
        case STORE_FAULT_MOVED:
        case STORE_FAULT_MAX_: break;
        }
        return fault_set(err, STORE_FAULT_FAILED, "database '%s': %s", store->path, said);
}

int sqlite_damaged(const SqliteStore *store, const char *what, Error *err)
{
        if (store->is_backup)
                return fault_set(err, STORE_FAULT_DAMAGED,
                                 "backup '%s' is damaged (%s); name another one: nothing was "
                                 "restored",
                                 store->path, what);
        return fault_set(err, STORE_FAULT_DAMAGED,
                         "database '%s' is damaged (%s); replace it with a backup ('relmanctl "
                         "restore'), or move it away and relman rebuilds it from specs, "
                         "registries and lockfiles",
                         store->path, what);
}
