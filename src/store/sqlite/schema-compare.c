/* Checks that a database has exactly the schema of its version. A trigger or view that a person
 * added would run in statements of relman, and a missing table would make them fail later.
 *
 * A file with the newest schema is recognized by the digest of its schema, which is known at build
 * time. If the digest differs, the schema is compared with that of an empty database in memory,
 * made by the same migrations. This takes ten times as long, but finds the object that differs.
 * Both schemas are read in the order of names. */

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/limits.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/schema.h"

#define SHOWN_MAX 100 /* largest size of a name in a message */

#define LIST "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name, type"

enum {
        SCHEMA_TYPE,
        SCHEMA_NAME,
        SCHEMA_TABLE,
        SCHEMA_SQL
};

typedef struct SchemaList {
        SqliteStore store; /* the database in memory; unused for the file */
        sqlite3_stmt *stmt;
        bool has_row;
} SchemaList;

static void schema_list_done(SchemaList *list)
{
        (void)sqlite3_finalize(list->stmt); /* repeats the result of step */
        (void)sqlite3_close(list->store.db);
}

static const char *schema_column(const SchemaList *list, int column)
{
        const char *text = (const char *)sqlite3_column_text(list->stmt, column);

        return text ? text : "";
}

static int schema_list_next(SchemaList *list, SqliteStore *store, Error *err)
{
        int code = sqlite3_step(list->stmt);

        list->has_row = code == SQLITE_ROW;
        return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : sqlite_error(store, code, err);
}

static int schema_list_begin(SchemaList *list, SqliteStore *store, Error *err)
{
        int code = sqlite3_prepare_v2(store->db, LIST, -1, &list->stmt, NULL);

        return code == SQLITE_OK ? schema_list_next(list, store, err)
                                 : sqlite_error(store, code, err);
}

static int schema_list_expected(SchemaList *list, unsigned version, Error *err)
{
        int r = schema_make(&list->store, version, err);

        return r < 0 ? r : schema_list_begin(list, &list->store, err);
}

/* Reports an object that relman did not make. This is not damage: a person added the object and
 * must remove it. */
static int schema_extra(const SqliteStore *store, const SchemaList *list, Error *err)
{
        const char *name = schema_column(list, SCHEMA_NAME);
        const char *type = schema_column(list, SCHEMA_TYPE);
        char shown[SHOWN_MAX];

        (void)escape_text(name, strlen(name), shown, sizeof(shown));
        if (store->is_backup)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "backup '%s' has the %.20s '%s', which relman did not make; name "
                                 "another one: nothing was restored",
                                 store->path, type, shown);
        return error_set(
                err, ERROR_INVALID, -EINVAL,
                "database '%s' has the %.20s '%s', which relman did not make; drop it, or put "
                "a backup in the database's place with 'relmanctl restore'",
                store->path, type, shown);
}

static int schema_lacks(const SqliteStore *store, const SchemaList *list, const char *how,
                        Error *err)
{
        char what[SHOWN_MAX];

        (void)snprintf(what, sizeof(what), "%.20s '%.60s' %s", schema_column(list, SCHEMA_TYPE),
                       schema_column(list, SCHEMA_NAME), how);
        return sqlite_damaged(store, what, err);
}

/* True for the tables that ANALYZE makes. A person may run ANALYZE. */
static bool schema_is_statistics(const SchemaList *list)
{
        return strncmp(schema_column(list, SCHEMA_NAME), "sqlite_stat", strlen("sqlite_stat")) ==
                       0 &&
               streq(schema_column(list, SCHEMA_TYPE), "table");
}

static int schema_order(const SchemaList *a, const SchemaList *b)
{
        int order;

        if (!a->has_row || !b->has_row)
                return !a->has_row - !b->has_row;
        order = strcmp(schema_column(a, SCHEMA_NAME), schema_column(b, SCHEMA_NAME));
        return order ? order : strcmp(schema_column(a, SCHEMA_TYPE), schema_column(b, SCHEMA_TYPE));
}

static void digest_add_column(DigestStream *stream, const SchemaList *list, int column)
{
        const char *text = schema_column(list, column);

        digest_stream_add(stream, text, strlen(text) + 1);
}

/* Sets *ret to true if the schema has the digest of the newest version (state/schema.digest). */
static int schema_is_newest(SqliteStore *store, bool *ret, Error *err)
{
        _cleanup_(schema_list_done) SchemaList found = { 0 };
        _cleanup_(digest_stream_freep) DigestStream *stream = digest_stream_new();
        char digest[DIGEST_SIZE_MAX];
        int r;

        if (!stream)
                return error_oom(err);
        r = schema_list_begin(&found, store, err);
        while (r >= 0 && found.has_row) {
                if (!schema_is_statistics(&found))
                        for (int column = SCHEMA_TYPE; column <= SCHEMA_SQL; column++)
                                digest_add_column(stream, &found, column);
                r = schema_list_next(&found, store, err);
        }
        digest_stream_end(stream, digest);
        if (r >= 0)
                *ret = streq(digest, store_schema_digest);
        return r;
}

/* Compares the schema object by object. */
static int schema_compare_objects(SqliteStore *store, unsigned version, Error *err)
{
        _cleanup_(schema_list_done) SchemaList expected = { 0 };
        _cleanup_(schema_list_done) SchemaList found = { 0 };
        int r;

        r = schema_list_expected(&expected, version, err);
        if (r >= 0)
                r = schema_list_begin(&found, store, err);
        while (r >= 0 && (expected.has_row || found.has_row)) {
                int order = schema_order(&found, &expected);

                if (order < 0 && !schema_is_statistics(&found))
                        return schema_extra(store, &found, err);
                if (order > 0)
                        return schema_lacks(store, &expected, "is missing", err);
                if (order == 0 && (!streq(schema_column(&found, SCHEMA_TABLE),
                                          schema_column(&expected, SCHEMA_TABLE)) ||
                                   !streq(schema_column(&found, SCHEMA_SQL),
                                          schema_column(&expected, SCHEMA_SQL))))
                        return schema_lacks(store, &expected, "is not as relman makes it", err);
                r = schema_list_next(&found, store, err);
                if (r >= 0 && order == 0)
                        r = schema_list_next(&expected, &expected.store, err);
        }
        return r;
}

int schema_compare(SqliteStore *store, unsigned version, Error *err)
{
        bool is_newest = false;
        int r = version == store_n_migrations ? schema_is_newest(store, &is_newest, err) : 0;

        return r < 0 || is_newest ? r : schema_compare_objects(store, version, err);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int check_number(SqliteStore *store, const char *sql, const char *what, Error *err)
{
        int64_t n = 0;
        char text[SHOWN_MAX];
        int r;

        r = sqlite_number(store, sql, &n, err);
        if (r < 0 || (n >= 0 && n <= SEQUENCE_MAX))
                return r;
        (void)snprintf(text, sizeof(text), "%s: number %lld", what, (long long)n);
        return sqlite_damaged(store, text, err);
}

/* Checks the largest row number of a table. If it were near the maximum, no numbers would be left
 * for new rows. */
static int check_rows(SqliteStore *store, const char *table, Error *err)
{
        char sql[SHOWN_MAX + 40];

        (void)snprintf(sql, sizeof(sql), "SELECT coalesce(max(rowid), 0) FROM \"%.80s\"", table);
        return check_number(store, sql, table, err);
}

int schema_check_numbers(SqliteStore *store, Error *err)
{
        static const char tables[] =
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
        static const char worst[] =
                "SELECT coalesce(max(CASE WHEN typeof(seq) <> 'integer' OR seq < 0 "
                "THEN 9223372036854775807 ELSE seq END), 0) FROM sqlite_sequence";
        sqlite3_stmt *stmt = NULL;
        bool any = false;
        int code, r = 0;

        code = sqlite3_prepare_v2(store->db, tables, -1, &stmt, NULL);
        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
                        any = true;
                        r = check_rows(store, (const char *)sqlite3_column_text(stmt, 0), err);
                }
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r < 0 || !any ? r : check_number(store, worst, "sqlite_sequence", err);
}
