#include "store/export.h"

#include <errno.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/schema/json-writer.h"
#include "store/sqlite/schema.h"

#define SQL_MAX 512

typedef struct Export {
        SqliteStore store;
        FILE *to;
        DigestStream *digest; /* of the lines so far; NULL: the next line is the last one */
        Buffer line;
        Exported result;
} Export;

static void export_done(Export *export)
{
        (void)sqlite3_close(export->store.db); /* no statement is open */
        digest_stream_free(export->digest);
        buffer_done(&export->line);
}

static Json begin_line(Export *export)
{
        Json json = { .out = &export->line };

        buffer_clear(&export->line);
        json_begin(&json, NULL, '{');
        return json;
}

static int end_line(Export *export, Json *json, Error *err)
{
        Buffer *line = &export->line;

        json_end(json, '}');
        (void)buffer_putc(line, '\n');
        if (line->failed == -EFBIG)
                return error_set(err, ERROR_INVALID, -EFBIG, "a row is larger than %zu bytes",
                                 EXPORT_LINE_MAX);
        if (line->failed)
                return error_oom(err);
        if (fwrite(line->data, 1, line->size, export->to) != line->size)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot write the export: %s",
                                 strerror(errno));
        if (export->digest)
                digest_stream_add(export->digest, line->data, line->size);
        return 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

static int write_head(Export *export, Error *err)
{
        Json json = begin_line(export);
        char now[TIME_TEXT_SIZE];

        json_text(&json, "format", EXPORT_FORMAT);
        json_int(&json, "version", EXPORT_VERSION);
        json_int(&json, "schema", export->result.schema);
        json_text(&json, "exportedAt", time_format(time_wall(), now));
        return end_line(export, &json, err);
}

static bool is_utf8(const char *text, size_t size)
{
        uint32_t c;

        for (size_t i = 0, n; i < size; i += n) {
                n = utf8_decode(text + i, size - i, &c);
                if (n == 0 || c == 0)
                        return false;
        }
        return true;
}

/* Appends the value of a column. Omits SQL NULL. */
static int write_value(Export *export, sqlite3_stmt *stmt, int column, Json *json, Error *err)
{
        const char *name = sqlite3_column_name(stmt, column);
        const char *text;
        size_t size;

        switch (sqlite3_column_type(stmt, column)) {
        case SQLITE_NULL: return 0;
        case SQLITE_INTEGER: json_int(json, name, sqlite3_column_int64(stmt, column)); return 0;
        case SQLITE_BLOB: {
                const unsigned char *data = sqlite3_column_blob(stmt, column);
                _cleanup_(freep) char *hex = NULL;

                size = (size_t)sqlite3_column_bytes(stmt, column);
                hex = malloc(2 * size + 1);
                if (!hex)
                        return error_oom(err);
                text_hex(data, size, hex);
                json_text(json, name, hex);
                return 0;
        }
        default: /* the tables are STRICT and have no other type than TEXT */
                text = (const char *)sqlite3_column_text(stmt, column);
                size = (size_t)sqlite3_column_bytes(stmt, column);
                if (!text)
                        return error_oom(err);
                if (!is_utf8(text, size))
                        return sqlite_damaged(&export->store, "a text is not UTF-8", err);
                json_text(json, name, text);
                return 0;
        }
}

static int write_row(Export *export, const char *table, sqlite3_stmt *stmt, Error *err)
{
        const int n = sqlite3_column_count(stmt);
        Json json = begin_line(export);
        int r = 0;

        json_text(&json, "table", table);
        json_begin(&json, "row", '{');
        for (int i = 0; i < n && r >= 0; i++)
                r = write_value(export, stmt, i, &json, err);
        json_end(&json, '}');
        export->result.n_rows++;
        return r < 0 ? r : end_line(export, &json, err);
}

static int write_rows(Export *export, const char *table, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        char sql[SQL_MAX];
        int code, r = 0;

        (void)snprintf(sql, sizeof(sql), "SELECT * FROM \"%.200s\"", table);
        code = sqlite3_prepare_v2(export->store.db, sql, -1, &stmt, NULL);
        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW)
                        r = write_row(export, table, stmt, err);
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(&export->store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

static int write_tables(Export *export, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(export->store.db, SCHEMA_TABLES, -1, &stmt, NULL), r = 0;

        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
                        const char *table = (const char *)sqlite3_column_text(stmt, 0);

                        r = table ? write_rows(export, table, err) : error_oom(err);
                }
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(&export->store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

static int write_sequences(Export *export, Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code, r = 0;

        code = sqlite3_prepare_v2(export->store.db,
                                  "SELECT name, seq FROM sqlite_sequence ORDER BY name", -1, &stmt,
                                  NULL);
        if (code == SQLITE_OK)
                while (r >= 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
                        Json json = begin_line(export);

                        json_text(&json, "table", (const char *)sqlite3_column_text(stmt, 0));
                        json_int(&json, "sequence", sqlite3_column_int64(stmt, 1));
                        r = end_line(export, &json, err);
                }
        if (r >= 0 && code != SQLITE_DONE)
                r = sqlite_error(&export->store, code, err);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return r;
}

static int write_end(Export *export, Error *err)
{
        Json json = begin_line(export);
        char digest[DIGEST_SIZE_MAX];

        digest_stream_end(export->digest, digest);
        export->digest = digest_stream_free(export->digest);
        json_begin(&json, "end", '{');
        json_int(&json, "rows", (int64_t) export->result.n_rows);
        json_text(&json, "digest", digest);
        json_end(&json, '}');
        return end_line(export, &json, err);
}

/* --- the database ----------------------------------------------------------------------------- */

static int open_source(Export *export, const char *path, Error *err)
{
        SqliteStore *store = &export->store;
        bool is_empty = false;
        int code, r;

        store->path = (char *)(uintptr_t)path; /* only read */
        code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READONLY, NULL);
        if (code != SQLITE_OK)
                return sqlite_error(store, code, err);
        r = schema_distrust(store, err);
        if (r >= 0)
                r = sqlite_exec(store, "BEGIN", err);
        if (r >= 0)
                r = schema_version(store, &export->result.schema, &is_empty, err);
        if (r >= 0 && is_empty)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "'%s' holds nothing; name a database of relman, or a backup", path);
        return r < 0 ? r : schema_compare(store, export->result.schema, err);
}

int sqlite_export(const char *path, FILE *to, Exported *ret, Error *err)
{
        _cleanup_(export_done) Export export = { .to = to, .digest = digest_stream_new() };
        int r;

        buffer_init(&export.line, EXPORT_LINE_MAX);
        if (!export.digest)
                return error_oom(err);
        r = open_source(&export, path, err);
        if (r >= 0)
                r = write_head(&export, err);
        if (r >= 0)
                r = write_tables(&export, err);
        if (r >= 0)
                r = write_sequences(&export, err);
        if (r >= 0)
                r = write_end(&export, err);
        if (r < 0)
                return r;
        *ret = export.result;
        return 0;
}
