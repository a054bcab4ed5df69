/* The statements that only SQLite needs. */

#include "store/sqlite/sqlite.h"

static const char *const texts[CONTROL_MAX_] = {
        [CONTROL_BEGIN] = "BEGIN IMMEDIATE",
        [CONTROL_COMMIT] = "COMMIT",
        [CONTROL_ROLLBACK] = "ROLLBACK",
        [CONTROL_PROBE] = "SELECT 1 FROM sqlite_schema LIMIT 1",
};

int sqlite_prepare_control(SqliteStore *store, ControlId id, Error *err)
{
        int code = SQLITE_OK;

        if (!store->controls[id])
                code = sqlite3_prepare_v3(store->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT,
                                          &store->controls[id], NULL);
        return code == SQLITE_OK ? 0 : sqlite_error(store, code, err);
}

int sqlite_prepare_controls(SqliteStore *store, Error *err)
{
        int r = 0;

        for (ControlId id = 0; id < CONTROL_MAX_ && r >= 0; id++)
                r = sqlite_prepare_control(store, id, err);
        return r;
}
