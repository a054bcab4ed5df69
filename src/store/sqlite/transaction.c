#include "store/sqlite/connection.h"

static int control_run(SqliteStore *store, ControlId id, Error *err)
{
        int r = connection_ensure(store, err), code;

        if (r >= 0 && store->is_stuck && id != CONTROL_ROLLBACK)
                r = sqlite_undo_uncommitted(store, err);
        if (r >= 0)
                r = sqlite_prepare_control(store, id, err);
        if (r < 0)
                return r;
        code = sqlite3_step(store->controls[id]);
        if (code != SQLITE_DONE && code != SQLITE_ROW) {
                connection_note(store, code);
                r = sqlite_error(store, code, err);
        }
        (void)sqlite3_reset(store->controls[id]); /* repeats the result of step */
        return r;
}

int sqlite_undo_uncommitted(SqliteStore *store, Error *err)
{
        if (!sqlite3_get_autocommit(store->db)) {
                (void)sqlite3_step(store->controls[CONTROL_ROLLBACK]);
                (void)sqlite3_reset(store->controls[CONTROL_ROLLBACK]); /* see is_stuck */
        }
        store->is_stuck = !sqlite3_get_autocommit(store->db);
        return store->is_stuck ? error_oom(err) : 0;
}

int sqlite_prepare(Store *base, Error *err)
{
        SqliteStore *store = sqlite_store(base);
        int r = connection_ensure(store, err);

        if (r >= 0)
                r = connection_check_place(store, err);
        /* the previous transaction could not be rolled back */
        if (r >= 0 && !sqlite3_get_autocommit(store->db))
                (void)control_run(store, CONTROL_ROLLBACK, NULL); /* else begin() fails */
        return MIN(r, 0);
}

int sqlite_begin(Store *base, Error *err)
{
        return control_run(sqlite_store(base), CONTROL_BEGIN, err);
}

int sqlite_commit(Store *base, Error *err)
{
        SqliteStore *store = sqlite_store(base);
        int r = control_run(store, CONTROL_COMMIT, err);

        if (r < 0)
                return r;
        store->doubt = 0;
        /* committed data may be in a moved file; other errors lose nothing */
        (void)connection_check_place(store, NULL);
        return store_is_lost(base, err);
}

StoreFault sqlite_rollback(Store *base)
{
        SqliteStore *store = sqlite_store(base);
        int cause;

        if (!store->db || store_is_lost(base, NULL) < 0)
                return STORE_FAULT_NONE;
        cause = sqlite_cause(store, sqlite3_extended_errcode(store->db));
        if (!sqlite3_get_autocommit(store->db))
                (void)control_run(store, CONTROL_ROLLBACK, NULL); /* else begin() fails */
        store->is_stuck = !sqlite3_get_autocommit(store->db);
        connection_doubt(store, cause);
        return sqlite_fault(cause);
}

int sqlite_probe(Store *base, Error *err)
{
        SqliteStore *store = sqlite_store(base);
        int r = connection_check_place(store, err);

        return r < 0 ? r : control_run(store, CONTROL_PROBE, err);
}
