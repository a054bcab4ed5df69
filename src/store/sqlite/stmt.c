#include <assert.h>
#include <errno.h>

#include "store/sqlite/connection.h"

/* What was not committed is never read: it would get into lockfiles and answers. */
static int take_back(Store *store, Error *err)
{
        if (!sqlite3_get_autocommit(store->db)) {
                (void)sqlite3_step(store->statements[STMT_ROLLBACK]);
                (void)sqlite3_reset(store->statements[STMT_ROLLBACK]); /* it is looked at below */
        }
        store->is_stuck = !sqlite3_get_autocommit(store->db);
        return store->is_stuck ? error_oom(err) : 0;
}

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err)
{
        int r = connection_ensure(store, err);

        if (r >= 0 && store->is_stuck && id != STMT_ROLLBACK)
                r = take_back(store, err);
        if (r < 0)
                return r;
        if (!store->statements[id]) {
                int code =
                        sqlite3_prepare_v3(store->db, stmt_sql(id), -1, SQLITE_PREPARE_PERSISTENT,
                                           &store->statements[id], NULL);

                if (code != SQLITE_OK)
                        return store_error(store, code, err);
        }
        *ret = (Stmt){ .store = store, .stmt = store->statements[id] };
        store->n_in_use++;
        return 0;
}

void stmt_done(Stmt *stmt)
{
        if (!stmt->stmt)
                return;
        (void)sqlite3_reset(stmt->stmt); /* repeats what step said */
        (void)sqlite3_clear_bindings(stmt->stmt);
        stmt->stmt = NULL;
        stmt->store->n_in_use--;
}

/* Parameters are mostly bound in their order: then the next one is it, which saves a search among
 * all names. */
static int index_of(Stmt *stmt, const char *name)
{
        const char *next = sqlite3_bind_parameter_name(stmt->stmt, stmt->bound + 1);

        stmt->bound = next && streq(next, name) ? stmt->bound + 1
                                                : sqlite3_bind_parameter_index(stmt->stmt, name);
        assert(stmt->bound > 0);
        return stmt->bound;
}

static void check(Stmt *stmt, int code)
{
        if (code != SQLITE_OK)
                stmt->failed = -ENOMEM; /* nothing else can fail once the name is right */
}

void bind_text(Stmt *stmt, const char *name, const char *text)
{
        check(stmt, sqlite3_bind_text(stmt->stmt, index_of(stmt, name), text, -1, SQLITE_STATIC));
}

void bind_int(Stmt *stmt, const char *name, int64_t value)
{
        check(stmt, sqlite3_bind_int64(stmt->stmt, index_of(stmt, name), value));
}

void bind_blob(Stmt *stmt, const char *name, SortKey key)
{
        check(stmt, sqlite3_bind_blob64(stmt->stmt, index_of(stmt, name),
                                        key.size > 0 ? key.data : (const void *)"", key.size,
                                        SQLITE_STATIC));
}

void bind_time(Stmt *stmt, const char *name, usec_t wall)
{
        char text[TIME_TEXT_SIZE];

        check(stmt, sqlite3_bind_text(stmt->stmt, index_of(stmt, name), time_format(wall, text), -1,
                                      SQLITE_TRANSIENT));
}

int stmt_step(Stmt *stmt, Error *err)
{
        int code;

        if (stmt->failed)
                return error_oom(err);
        code = sqlite3_step(stmt->stmt);
        stmt->column = 0;
        if (code == SQLITE_ROW)
                return 1;
        if (code == SQLITE_DONE)
                return 0;
        connection_note(stmt->store, code);
        return store_error(stmt->store, code, err);
}

int stmt_run(Stmt *stmt, Error *err)
{
        int r = stmt_step(stmt, err);

        if (r >= 0)
                stmt->store->stats.n_rows += (uint64_t)sqlite3_changes64(stmt->store->db);
        return MIN(r, 0);
}

/* The next column's text; NULL if it has none, or if memory ran out, which is noted. */
static const char *next_text(Stmt *stmt, int column)
{
        const char *text;

        if (sqlite3_column_type(stmt->stmt, column) == SQLITE_NULL)
                return NULL;
        text = (const char *)sqlite3_column_text(stmt->stmt, column);
        if (!text)
                stmt->failed = -ENOMEM;
        return text;
}

const char *read_text(Stmt *stmt, Arena *arena)
{
        int column = stmt->column++;
        const char *text = next_text(stmt, column), *copy;

        if (!text)
                return NULL;
        copy = arena_strndup(arena, text, (size_t)sqlite3_column_bytes(stmt->stmt, column));
        if (!copy)
                stmt->failed = -ENOMEM;
        return copy;
}

const char *read_static(Stmt *stmt)
{
        const char *text = next_text(stmt, stmt->column++);

        return text ? text : "";
}

int64_t read_int(Stmt *stmt)
{
        return sqlite3_column_int64(stmt->stmt, stmt->column++);
}

usec_t read_time(Stmt *stmt)
{
        usec_t wall = 0;

        (void)time_parse(read_static(stmt), &wall); /* we wrote it */
        return wall;
}

SortKey read_key(Stmt *stmt, Arena *arena)
{
        int column = stmt->column++;
        const void *data = sqlite3_column_blob(stmt->stmt, column);
        SortKey key = { .size = (size_t)sqlite3_column_bytes(stmt->stmt, column) };

        key.data = arena_memdup(arena, data, data ? key.size : 0);
        if (!key.data || (!data && key.size > 0))
                stmt->failed = -ENOMEM;
        return key;
}
