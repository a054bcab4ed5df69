/* Makes a database of the lines of an export. The rows are inserted into an empty database of the
 * schema that the lines have, with triggers off: what triggers made is among the rows. Then the
 * database is upgraded, and put in place and checked like a backup. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/parse.h"
#include "base/text.h"
#include "base/uuid.h"
#include "model/json.h"
#include "store/export.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/quarantine.h"
#include "store/sqlite/schema.h"

#define NODES_MAX   (4 * EXPORT_LINE_MAX)
#define COLUMNS_MAX 64
#define NAME_SIZE   64
#define SHOWN_SIZE  100
#define SQL_MAX     1024

typedef enum ColumnType {
        COLUMN_TEXT,
        COLUMN_INTEGER,
        COLUMN_BLOB,
} ColumnType;

typedef struct Column {
        char name[NAME_SIZE];
        ColumnType type;
} Column;

/* The table of the rows that are being inserted. */
typedef struct Target {
        char name[NAME_SIZE];
        Column columns[COLUMNS_MAX];
        size_t n_columns;
        sqlite3_stmt *insert;
} Target;

typedef struct Import {
        const ImportOptions *options;
        SqliteStore store;
        char *temporary;
        Buffer line;
        uint64_t n_lines;
        DigestStream *digest; /* of the lines before this one */
        Arena arena;          /* of the line */
        Target target;
        Exported result;
} Import;

static void close_store(Import *import)
{
        (void)sqlite3_finalize(import->target.insert); /* repeats the result of step */
        import->target.insert = NULL;
        (void)sqlite3_close(import->store.db); /* no statement is open */
        import->store.db = NULL;
}

static void import_done(Import *import)
{
        close_store(import);
        if (import->temporary) {
                (void)unlink(import->temporary);
                (void)quarantine_drop_journal(import->temporary, NULL);
        }
        free(import->temporary);
        buffer_done(&import->line);
        digest_stream_free(import->digest);
        arena_done(&import->arena);
}

static int refuse(const Import *import, Error *err, const char *why, const char *what)
{
        char shown[SHOWN_SIZE];

        return error_set(err, ERROR_INVALID, -EINVAL,
                         "'%s' line %" PRIu64 ": %s%s%s%s: nothing was imported",
                         import->options->name, import->n_lines, why, what ? " '" : "",
                         what ? escape_text(what, strlen(what), shown, sizeof(shown)) : "",
                         what ? "'" : "");
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Reads the next line without its end. Returns 0 at the end of the file. */
static int read_line(Import *import, Error *err)
{
        Buffer *line = &import->line;
        int c;

        buffer_clear(line);
        while ((c = getc_unlocked(import->options->from)) != EOF && c != '\n')
                if (buffer_putc(line, (char)c) < 0)
                        break;
        if (ferror(import->options->from))
                return error_set(err, ERROR_INTERNAL, -errno, "cannot read '%s': %s",
                                 import->options->name, strerror(errno));
        if (c == EOF && line->size == 0)
                return 0;
        import->n_lines++;
        if (line->failed == -EFBIG)
                return refuse(import, err, "the line is too long", NULL);
        return line->failed ? error_oom(err) : 1;
}

static int parse_line(Import *import, Node **ret, Error *err)
{
        int r;

        arena_clear(&import->arena);
        r = json_to_node(import->line.data, import->line.size, &import->arena, ret, err);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return error_prefix(err, r, "'%s' line %" PRIu64, import->options->name,
                                    import->n_lines);
        return (*ret)->type == NODE_MAPPING ? 0 : refuse(import, err, "is not an object", NULL);
}

static int read_number(const Node *object, const char *name, int64_t *ret)
{
        const Node *node = node_get(object, name);

        return node && node->type == NODE_SCALAR && node->style == SCALAR_LITERAL
                       ? parse_int64(node->text, ret)
                       : -EINVAL;
}

static int read_head(Import *import, Error *err)
{
        int64_t version = 0, schema = 0;
        const char *format;
        Node *node = NULL;
        int r = read_line(import, err);

        if (r == 0)
                return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is empty",
                                 import->options->name);
        if (r >= 0)
                r = parse_line(import, &node, err);
        if (r < 0)
                return r;
        format = node_get_text(node, "format");
        if (!format || !streq(format, EXPORT_FORMAT) ||
            read_number(node, "version", &version) < 0 ||
            read_number(node, "schema", &schema) < 0 || schema < 1)
                return refuse(import, err,
                              "this is no export of relman, which relmanctl export writes", NULL);
        if (version > EXPORT_VERSION || schema > store_n_migrations)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' has schema %" PRId64 " and version %" PRId64
                        ", this program reads schemas up to %u and version %d; import it with a newer relman",
                        import->options->name, schema, version, store_n_migrations, EXPORT_VERSION);
        import->result.schema = (unsigned)schema;
        return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static ColumnType type_of(const char *text)
{
        return streq(text, "INTEGER") ? COLUMN_INTEGER
               : streq(text, "BLOB")  ? COLUMN_BLOB
                                      : COLUMN_TEXT;
}

static int read_columns(Import *import, const char *table, Error *err)
{
        Target *target = &import->target;
        sqlite3_stmt *stmt = NULL;
        int code;

        target->n_columns = 0;
        code = sqlite3_prepare_v2(import->store.db, "SELECT name, type FROM pragma_table_info(?)",
                                  -1, &stmt, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
        while (code == SQLITE_OK && target->n_columns < COLUMNS_MAX &&
               (code = sqlite3_step(stmt)) == SQLITE_ROW) {
                Column *column = &target->columns[target->n_columns++];

                (void)snprintf(column->name, sizeof(column->name), "%s",
                               (const char *)sqlite3_column_text(stmt, 0));
                column->type = type_of((const char *)sqlite3_column_text(stmt, 1));
                code = SQLITE_OK;
        }
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return code == SQLITE_DONE ? 0 : sqlite_error(&import->store, code, err);
}

/* Prepares the insertion of rows into another table. */
static int turn_to(Import *import, const char *table, Error *err)
{
        Target *target = &import->target;
        char sql[SQL_MAX];
        size_t n;
        int code, r;

        if (target->insert && streq(target->name, table))
                return 0;
        (void)sqlite3_finalize(target->insert); /* repeats the result of step */
        target->insert = NULL;
        if (strlen(table) >= NAME_SIZE || text_begins_with(table, "sqlite_"))
                return refuse(import, err, "the schema has no table", table);
        r = read_columns(import, table, err);
        if (r < 0)
                return r;
        if (target->n_columns == 0)
                return refuse(import, err, "the schema has no table", table);
        (void)snprintf(target->name, sizeof(target->name), "%s", table);
        n = (size_t)snprintf(sql, sizeof(sql), "INSERT INTO \"%s\" VALUES (", target->name);
        for (size_t i = 0; i < target->n_columns; i++)
                n += (size_t)snprintf(sql + n, sizeof(sql) - n, i > 0 ? ", ?" : "?");
        (void)snprintf(sql + n, sizeof(sql) - n, ")");
        code = sqlite3_prepare_v2(import->store.db, sql, -1, &target->insert, NULL);
        return code == SQLITE_OK ? 0 : refuse(import, err, "no row can be put into", table);
}

static int bind_bytes(Import *import, int at, const char *hex, Error *err)
{
        const size_t n = strlen(hex) / 2;
        unsigned char *data = arena_alloc(&import->arena, n + 1);

        if (!data)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                const int high = parse_hex_digit(hex[2 * i]), low = parse_hex_digit(hex[2 * i + 1]);

                if (high < 0 || low < 0)
                        return -EINVAL;
                data[i] = (unsigned char)(high << 4 | low);
        }
        if (hex[2 * n])
                return -EINVAL;
        return sqlite3_bind_blob(import->target.insert, at, data, (int)n, SQLITE_STATIC) ==
                               SQLITE_OK
                       ? 0
                       : error_oom(err);
}

/* Returns -EINVAL if the value does not have the type of the column. */
static int bind_value(Import *import, int at, ColumnType type, const Node *value, Error *err)
{
        sqlite3_stmt *insert = import->target.insert;
        int64_t number;

        if (!value || value->type == NODE_NULL)
                return sqlite3_bind_null(insert, at) == SQLITE_OK ? 0 : error_oom(err);
        if (value->type != NODE_SCALAR ||
            (value->style == SCALAR_LITERAL) != (type == COLUMN_INTEGER))
                return -EINVAL;
        if (type == COLUMN_BLOB)
                return bind_bytes(import, at, value->text, err);
        if (type == COLUMN_TEXT)
                return sqlite3_bind_text(insert, at, value->text, -1, SQLITE_STATIC) == SQLITE_OK
                               ? 0
                               : error_oom(err);
        if (parse_int64(value->text, &number) < 0)
                return -EINVAL;
        return sqlite3_bind_int64(insert, at, number) == SQLITE_OK ? 0 : error_oom(err);
}

/* Returns the first member that is no column. */
static const char *unknown_column(const Target *target, const Node *row)
{
        for (size_t i = 0; i < row->n; i++) {
                size_t j = 0;

                while (j < target->n_columns &&
                       !streq(target->columns[j].name, row->entries[i].key))
                        j++;
                if (j == target->n_columns)
                        return row->entries[i].key;
        }
        return NULL;
}

static int insert_row(Import *import, const char *table, const Node *row, Error *err)
{
        Target *target = &import->target;
        const char *unknown;
        int code, r;

        r = turn_to(import, table, err);
        if (r < 0)
                return r;
        unknown = unknown_column(target, row);
        if (unknown)
                return refuse(import, err, "the table has no column", unknown);
        for (size_t i = 0; i < target->n_columns; i++) {
                r = bind_value(import, (int)i + 1, target->columns[i].type,
                               node_get(row, target->columns[i].name), err);
                if (r == -EINVAL)
                        return refuse(import, err, "of another type than its column is",
                                      target->columns[i].name);
                if (r < 0)
                        return r;
        }
        code = sqlite3_step(target->insert);
        if (code != SQLITE_DONE) {
                r = sqlite_error(&import->store, code, err);
                return error_prefix(err, r, "'%s' line %" PRIu64, import->options->name,
                                    import->n_lines);
        }
        (void)sqlite3_reset(target->insert); /* repeats the result of step */
        import->result.n_rows++;
        return 0;
}

static int run_numbered(Import *import, const char *sql, const char *table, int64_t number,
                        Error *err)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(import->store.db, sql, -1, &stmt, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
        if (code == SQLITE_OK)
                code = sqlite3_bind_int64(stmt, 2, number);
        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        (void)sqlite3_finalize(stmt); /* repeats the result of step */
        return code == SQLITE_DONE ? 0 : sqlite_error(&import->store, code, err);
}

/* Lets a table number on after the greatest number that it ever gave. */
static int set_sequence(Import *import, const char *table, int64_t number, Error *err)
{
        int r;

        if (text_begins_with(table, "sqlite_"))
                return refuse(import, err, "the schema has no table", table);
        r = run_numbered(
                import,
                "INSERT INTO sqlite_sequence (name, seq) SELECT name, ?2 FROM sqlite_schema "
                "WHERE type = 'table' AND name = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
                table, number, err);
        if (r >= 0)
                r = run_numbered(import,
                                 "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
                                 table, number, err);
        if (r >= 0 && sqlite3_changes(import->store.db) == 0)
                r = refuse(import, err, "the schema has no table", table);
        return r;
}

/* --- the lines after the first one ------------------------------------------------------------ */

static int check_end(Import *import, const Node *end, Error *err)
{
        const char *digest = node_get_text(end, "digest");
        char is[DIGEST_SIZE_MAX];
        int64_t n_rows;
        int r;

        digest_stream_end(import->digest, is);
        if (read_number(end, "rows", &n_rows) < 0 || n_rows < 0 ||
            (uint64_t)n_rows != import->result.n_rows || !digest || !streq(digest, is))
                return refuse(import, err, "the lines before are not those that were exported",
                              NULL);
        r = read_line(import, err);
        return r > 0 ? refuse(import, err, "there is a line after the last one", NULL) : r;
}

/* Takes one line. Returns 1 if it was the last one. */
static int take_line(Import *import, Error *err)
{
        const Node *row, *end;
        const char *table;
        int64_t number;
        Node *node;
        int r;

        r = parse_line(import, &node, err);
        if (r < 0)
                return r;
        end = node_get(node, "end");
        if (end) {
                r = check_end(import, end, err);
                return r < 0 ? r : 1;
        }
        table = node_get_text(node, "table");
        row = node_get(node, "row");
        if (table && row && row->type == NODE_MAPPING)
                return insert_row(import, table, row, err);
        if (table && read_number(node, "sequence", &number) >= 0)
                return set_sequence(import, table, number, err);
        return refuse(import, err, "it has neither a row nor a sequence of a table", NULL);
}

static int take_lines(Import *import, Error *err)
{
        int r;

        do {
                digest_stream_add(import->digest, import->line.data, import->line.size);
                digest_stream_add(import->digest, "\n", 1);
                r = read_line(import, err);
                if (r == 0)
                        return refuse(import, err, "the file ends here, without its last line",
                                      NULL);
                if (r > 0)
                        r = take_line(import, err);
        } while (r == 0);
        return MIN(r, 0);
}

/* --- the database ----------------------------------------------------------------------------- */

static int check_place(const ImportOptions *options, Error *err)
{
        struct stat st;

        if (lstat(options->path, &st) < 0)
                return errno == ENOENT
                               ? 0
                               : error_set(err, ERROR_INTERNAL, -errno, "cannot inspect '%s': %s",
                                           options->path, strerror(errno));
        return error_set(
                err, ERROR_CONFLICT, -EEXIST,
                "there is a database '%s'; stop relmand and move it away, or name another place with --state",
                options->path);
}

static int make_store(Import *import, Error *err)
{
        const Uuid id = uuid_new(time_wall());
        SqliteStore *store = &import->store;
        int fd, code, r;

        /* relmand removes files with such a name at its start */
        import->temporary = text_printf("%s.%s.tmp", import->options->path, id.text);
        if (!import->temporary)
                return error_oom(err);
        fd = open(import->temporary, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0) {
                r = error_set(err, ERROR_INTERNAL, -errno, "cannot make '%s': %s",
                              import->temporary, strerror(errno));
                free(import->temporary);
                import->temporary = NULL;
                return r;
        }
        (void)close(fd);                                        /* nothing was written */
        store->path = (char *)(uintptr_t)import->options->name; /* for messages */
        code = sqlite3_open_v2(import->temporary, &store->db, SQLITE_OPEN_READWRITE, NULL);
        if (code != SQLITE_OK)
                return sqlite_error(store, code, err);
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        /* the file becomes durable when it is put in place */
        r = sqlite_exec(store, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", err);
        return r < 0 ? r : schema_migrate(store, 0, import->result.schema, err);
}

static int fill(Import *import, Error *err)
{
        int r = sqlite_exec(&import->store, "BEGIN", err);

        if (r >= 0)
                r = take_lines(import, err);
        (void)sqlite3_finalize(import->target.insert); /* repeats the result of step */
        import->target.insert = NULL;
        if (r >= 0)
                r = sqlite_exec(&import->store, "COMMIT", err);
        if (r < 0)
                return r;
        (void)sqlite3_db_config(import->store.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
        return schema_migrate(&import->store, import->result.schema, store_n_migrations, err);
}

int sqlite_import(const ImportOptions *options, Exported *ret, Restored *ret_restored, Error *err)
{
        _cleanup_(import_done)
                Import import = { .options = options, .digest = digest_stream_new() };
        RestoreOptions restore = { .name = options->name,
                                   .path = options->path,
                                   .now = options->now };
        int r;

        buffer_init(&import.line, EXPORT_LINE_MAX);
        arena_init(&import.arena, NODES_MAX);
        if (!import.digest)
                return error_oom(err);
        r = check_place(options, err);
        if (r >= 0)
                r = read_head(&import, err);
        if (r >= 0)
                r = make_store(&import, err);
        if (r >= 0)
                r = fill(&import, err);
        if (r < 0)
                return r;
        close_store(&import);
        restore.from = import.temporary;
        r = sqlite_restore(&restore, ret_restored, err);
        if (r < 0)
                return r;
        *ret = import.result;
        return 0;
}
