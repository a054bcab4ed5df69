/* The JSON Schema of the lines of an export, from the newest schema of the database. */

#include <errno.h>

#include "model/schema/json-writer.h"
#include "store/export.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/schema.h"

/* clang-format off */
#define HEAD \
        "{\"description\":\"The first line.\",\"properties\":{\"format\":{\"const\":\"" EXPORT_FORMAT "\"}," \
        "\"version\":{\"const\":1},\"schema\":{\"type\":\"integer\"}," \
        "\"exportedAt\":{\"type\":\"string\",\"format\":\"date-time\"}}," \
        "\"required\":[\"format\",\"version\",\"schema\"]}"
#define SEQUENCE \
        "{\"description\":\"The greatest number that a table ever gave.\"," \
        "\"properties\":{\"table\":{\"type\":\"string\"},\"sequence\":{\"type\":\"integer\"}}," \
        "\"required\":[\"table\",\"sequence\"],\"additionalProperties\":false}"
#define END \
        "{\"description\":\"The last line: the number of rows, and the digest of all lines before it.\"," \
        "\"properties\":{\"end\":{\"type\":\"object\",\"properties\":" \
        "{\"rows\":{\"type\":\"integer\"},\"digest\":{\"type\":\"string\"}},\"required\":[\"rows\",\"digest\"]}}," \
        "\"required\":[\"end\"],\"additionalProperties\":false}"
/* clang-format on */

static void close_store(SqliteStore *store)
{
        (void)sqlite3_close(store->db); /* no statement is open */
}

static const char *doc_of(const char *table)
{
        for (const ExportTable *t = export_tables; t->name; t++)
                if (streq(t->name, table))
                        return t->doc;
        return NULL;
}

/* Describes the rows of a table. */
static int describe_row(SqliteStore *store, const char *table, Json *json, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code;

        code = sqlite3_prepare_v2(store->db,
                                  "SELECT name, type, \"notnull\" OR pk FROM pragma_table_info(?)",
                                  -1, &stmt, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
        json_begin(json, "properties", '{');
        while (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
                const char *type = (const char *)sqlite3_column_text(stmt, 1);

                json_begin(json, (const char *)sqlite3_column_text(stmt, 0), '{');
                json_text(json, "type", streq(type, "INTEGER") ? "integer" : "string");
                if (streq(type, "BLOB"))
                        json_text(json, "contentEncoding", "base16");
                json_end(json, '}');
                code = SQLITE_OK;
        }
        json_end(json, '}');
        json_begin(json, "required", '[');
        (void)sqlite3_reset(stmt); /* repeats the result of step */
        while (code == SQLITE_DONE && sqlite3_step(stmt) == SQLITE_ROW)
                if (sqlite3_column_int(stmt, 2))
                        json_text(json, NULL, (const char *)sqlite3_column_text(stmt, 0));
        json_end(json, ']');
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return code == SQLITE_DONE ? 0 : sqlite_error(store, code, err);
}

static int describe_table(SqliteStore *store, const char *table, Json *json, Error *err)
{
        const char *doc = doc_of(table);
        int r;

        if (!doc)
                return error_set(err, ERROR_INTERNAL, -ENOENT, "table '%s' is not described",
                                 table);
        json_begin(json, NULL, '{');
        json_text(json, "description", doc);
        json_begin(json, "properties", '{');
        json_begin(json, "table", '{');
        json_text(json, "const", table);
        json_end(json, '}');
        json_begin(json, "row", '{');
        json_text(json, "type", "object");
        json_bool(json, "additionalProperties", false);
        r = describe_row(store, table, json, err);
        json_end(json, '}');
        json_end(json, '}');
        json_raw(json, "required", "[\"table\",\"row\"]");
        json_bool(json, "additionalProperties", false);
        json_end(json, '}');
        return r;
}

static int describe_tables(SqliteStore *store, Json *json, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db, SCHEMA_TABLES, -1, &stmt, NULL), r = 0;

        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW)
                        r = describe_table(store, (const char *)sqlite3_column_text(stmt, 0), json,
                                           err);
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

int sqlite_export_schema(Buffer *out, Error *err)
{
        _cleanup_(close_store) SqliteStore store = { 0 };
        Json json = { .out = out };
        int r;

        r = schema_make(&store, store_n_migrations, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_text(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
        json_text(&json, "title", "a line of an export of relman");
        json_text(&json, "type", "object");
        json_begin(&json, "oneOf", '[');
        json_raw(&json, NULL, HEAD);
        r = describe_tables(&store, &json, err);
        json_raw(&json, NULL, SEQUENCE);
        json_raw(&json, NULL, END);
        json_end(&json, ']');
        json_end(&json, '}');
        (void)buffer_putc(out, '\n');
        return r < 0 ? r : out->failed ? error_oom(err) : 0;
}
