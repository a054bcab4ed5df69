/* SQL: transactions, the probe, and where all other statements stand. */

#include "store/sql.h"

#include <stddef.h>

#include "base/macros.h"

static const char *const sql_database[STMT_MAX_] = {
        [STMT_BEGIN] = "BEGIN IMMEDIATE",
        [STMT_COMMIT] = "COMMIT",
        [STMT_ROLLBACK] = "ROLLBACK",
        [STMT_PROBE] = "SELECT /*scan: of one row*/ 1 FROM sqlite_schema LIMIT 1",
};

const char *stmt_sql(StmtId id)
{
        static const char *const *const tables[] = { sql_objects,      sql_versions, sql_releases,
                                                     sql_environments, sql_events,   sql_database };

        for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
                if (tables[i][id])
                        return tables[i][id];
        return NULL; /* a test finds it */
}
