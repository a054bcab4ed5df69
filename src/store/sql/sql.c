#include "store/sql/sql.h"

#include <assert.h>
#include <stddef.h>

#include "base/macros.h"

const StmtText *stmt_text(StmtId id)
{
        static const StmtText *const tables[] = { sql_objects,      sql_versions,  sql_releases,
                                                  sql_environments, sql_checks,    sql_events,
                                                  sql_images,       sql_statements };
        size_t i = 0;

        while (i < ARRAY_SIZE(tables) - 1 && !tables[i][id].shared && !tables[i][id].sqlite)
                i++;
        /* a test checks that each statement has a text */
        assert(tables[i][id].shared || tables[i][id].sqlite);
        return &tables[i][id];
}
