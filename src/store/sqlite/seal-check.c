#include <stdio.h>

#include "store/seal.h"
#include "store/sqlite/schema.h"

static int seal_check_row(SqliteStore *store, sqlite3_stmt *stmt, Error *err)
{
        const char *parts[SEAL_PARTS], *wanted;
        char seal[DIGEST_SIZE_MAX], what[300];

        for (int i = 0; i < SEAL_PARTS; i++) {
                parts[i] = (const char *)sqlite3_column_text(stmt, i);
                /* no part is NULL, so NULL means that memory ran out */
                if (!parts[i])
                        return error_oom(err);
        }
        wanted = (const char *)sqlite3_column_text(stmt, SEAL_PARTS);
        if (!wanted || seal_make(parts, seal) < 0)
                return error_oom(err);
        if (streq(seal, wanted))
                return 0;
        (void)snprintf(what, sizeof(what), "release '%.255s' is not as it was resolved", parts[1]);
        return sqlite_damaged(store, what, err);
}

int seal_check_all(SqliteStore *store, unsigned schema, Error *err)
{
        static const char sql[] =
                "SELECT id, name, display_name, components, coalesce(source_ref, ''), spec_digest, created_at, seal "
                "FROM releases WHERE seal IS NOT NULL";
        sqlite3_stmt *stmt = NULL;
        int code, r = 0;

        if (schema < SEAL_SINCE)
                return 0;
        code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW)
                        r = seal_check_row(store, stmt, err);
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}
