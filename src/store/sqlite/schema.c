#include "store/sqlite/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sqlite/copy.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/quarantine.h"

int sqlite_exec(SqliteStore *store, const char *sql, Error *err)
{
        int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

        return code == SQLITE_OK ? 0 : sqlite_error(store, code, err);
}

int sqlite_number(SqliteStore *store, const char *sql, int64_t *ret, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code == SQLITE_ROW)
                *ret = sqlite3_column_int64(stmt, 0);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return code == SQLITE_ROW ? 0 : sqlite_error(store, code, err);
}

/* Forbids writes to the schema table, and treats cells that exceed their page as damage.
 * SQLITE_DBCONFIG_TRUSTED_SCHEMA stays on: without it SQLite 3.40 would not even read relman's own
 * schema, because constraints use json_valid(). */
int schema_distrust(SqliteStore *store, Error *err)
{
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        return sqlite_exec(store, "PRAGMA cell_size_check = ON", err);
}

/* --- integrity -------------------------------------------------------------------------------- */

/* Runs a check that returns one row, "ok", on success. */
static int check_ok(SqliteStore *store, const char *sql, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
        int r = 0;

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code != SQLITE_ROW)
                r = sqlite_error(store, code, err);
        else if (!streq((const char *)sqlite3_column_text(stmt, 0), "ok"))
                r = sqlite_damaged(store, (const char *)sqlite3_column_text(stmt, 0), err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

/* Runs a check that returns one row for each fault. */
static int check_references(SqliteStore *store, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, "PRAGMA foreign_key_check", -1, &stmt, NULL);
        char what[160];
        int r = 0;

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code == SQLITE_ROW) {
                (void)snprintf(what, sizeof(what), "a row of '%.60s' belongs to none of '%.60s'",
                               (const char *)sqlite3_column_text(stmt, 0),
                               (const char *)sqlite3_column_text(stmt, 2));
                r = sqlite_damaged(store, what, err);
        } else if (code != SQLITE_DONE)
                r = sqlite_error(store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

/* Names the schema "main". Without it SQLite also opens its empty temporary database, and then
 * reads the schema of the file again when temp_store is set. */
int schema_check(SqliteStore *store, CheckDepth depth, Error *err)
{
        int r = check_ok(store,
                         depth == CHECK_QUICK ? "PRAGMA main.quick_check(1)"
                                              : "PRAGMA main.integrity_check(1)",
                         err);

        return r < 0 || depth == CHECK_QUICK ? r : check_references(store, err);
}

bool schema_is_ours(const char *head)
{
        static const char id[] = { 'r', 'e', 'l', 'M' };

        return memcmp(head + APPLICATION_ID_OFFSET, id, sizeof(id)) == 0;
}

/* --- version ---------------------------------------------------------------------------------- */

int schema_version(SqliteStore *store, unsigned *ret, bool *ret_is_empty, Error *err)
{
        int64_t version = 0, application = 0, n_tables = 0;
        int r;

        r = sqlite_number(store, "PRAGMA user_version", &version, err);
        if (r >= 0)
                r = sqlite_number(store, "PRAGMA application_id", &application, err);
        if (r >= 0)
                r = sqlite_number(store, "SELECT count(*) FROM sqlite_schema", &n_tables, err);
        if (r < 0)
                return r;
        if (n_tables > 0 && application != APPLICATION_ID)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' is a database, but not one of relman; set state.path to another file",
                        store->path);
        if (version > store_n_migrations)
                return fault_set(
                        err, STORE_FAULT_NEWER,
                        "database '%s' has schema %lld, this program knows schemas up to %u; run a newer "
                        "relman, or restore a backup of an older schema ('%s.*.bak')",
                        store->path, (long long)version, store_n_migrations, store->path);
        if (version < 0 || (version == 0 && n_tables > 0))
                return sqlite_damaged(store, "it has tables, but no version of their schema", err);
        *ret = (unsigned)version;
        *ret_is_empty = n_tables == 0;
        return 0;
}

/* --- migrations ------------------------------------------------------------------------------- */

/* Writes a copy of the database to path. The copy gets this name only when it is complete and
 * durable. */
static int write_backup(SqliteStore *store, const char *path, Error *err)
{
        _cleanup_(sqlite_copy_freep) StoreBackup *backup = NULL;
        _cleanup_(freep) char *partial = NULL;
        int r;

        partial = text_printf("%s.upgrade.tmp", store->path);
        if (!partial)
                return error_oom(err);
        /* a killed process may have left this file; sqlite_copy_new() reports other failures */
        (void)unlink(partial);
        r = sqlite_copy_new(store, strdup(partial), false, &backup, err);
        if (r >= 0)
                do
                        r = sqlite_copy_step(backup, err);
                while (r > 0);
        if (r >= 0 && rename(partial, path) < 0)
                r = error_set(err, ERROR_INTERNAL, -errno, "cannot rename '%s' to '%s': %s",
                              partial, path, strerror(errno));
        if (r >= 0)
                return file_sync_folder(path, err);
        if (r != -EEXIST)
                (void)unlink(partial); /* the first failure is already reported */
        return error_prefix(err, r, "before the schema is upgraded");
}

int schema_migrate(SqliteStore *store, unsigned from, unsigned to, Error *err)
{
        char pragma[64];
        int r;

        r = sqlite_exec(store, "BEGIN IMMEDIATE", err);
        for (unsigned i = from; i < to && r >= 0; i++) {
                r = sqlite_exec(store, store_migrations[i], err);
                if (r < 0)
                        r = error_prefix(err, r, "schema %u to %u", i, i + 1);
        }
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", APPLICATION_ID);
        if (r >= 0)
                r = sqlite_exec(store, pragma, err);
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %u", to);
        if (r >= 0)
                r = sqlite_exec(store, pragma, err);
        if (r >= 0 && from > 0)
                r = check_references(store, err);
        if (r >= 0)
                r = sqlite_exec(store, "COMMIT", err);
        /* the transaction may have been rolled back already */
        if (r < 0)
                (void)sqlite_exec(store, "ROLLBACK", NULL);
        return r;
}

int schema_make(SqliteStore *store, unsigned version, Error *err)
{
        int code, r = 0;

        store->path = (char *)(uintptr_t) ":memory:"; /* for messages */
        code = sqlite3_open(":memory:", &store->db);
        if (code != SQLITE_OK)
                return sqlite_error(store, code, err);
        for (unsigned i = 0; i < version && r >= 0; i++)
                r = sqlite_exec(store, store_migrations[i], err);
        return r;
}

int schema_upgrade(SqliteStore *store, usec_t now, char **ret_backup, Error *err)
{
        _cleanup_(freep) char *backup = NULL;
        unsigned version = 0;
        char what[16];
        bool is_empty = false;
        int r;

        *ret_backup = NULL;
        r = schema_version(store, &version, &is_empty, err);
        if (r < 0 || version == store_n_migrations)
                return r;
        (void)snprintf(what, sizeof(what), "%u", version);
        if (!is_empty)
                r = quarantine_name(store->path, what, now, ".bak", &backup, err);
        if (r >= 0 && backup)
                r = write_backup(store, backup, err);
        if (r < 0)
                return r;
        r = schema_migrate(store, version, store_n_migrations, err);
        /* the database is unchanged, and the next attempt makes another backup */
        if (r < 0 && backup)
                (void)unlink(backup);
        if (r >= 0)
                *ret_backup = TAKE(backup);
        return r;
}
