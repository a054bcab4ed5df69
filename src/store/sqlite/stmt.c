#include <assert.h>

#include "store/sqlite/connection.h"

const char *sqlite_text(StmtId id)
{
        const StmtText *text = stmt_text(id);

        return text->sqlite ? text->sqlite : text->shared;
}

int sqlite_get(Stmt *stmt, StmtId id, Error *err)
{
        SqliteStore *store = sqlite_store(stmt->store);
        int r = connection_ensure(store, err);

        if (r >= 0 && store->is_stuck)
                r = sqlite_undo_uncommitted(store, err);
        if (r < 0)
                return r;
        if (!store->statements[id]) {
                int code =
                        sqlite3_prepare_v3(store->db, sqlite_text(id), -1,
                                           SQLITE_PREPARE_PERSISTENT, &store->statements[id], NULL);

                if (code != SQLITE_OK)
                        return sqlite_error(store, code, err);
        }
        stmt->handle = store->statements[id];
        store->n_in_use++;
        return 0;
}

void sqlite_done(Stmt *stmt)
{
        (void)sqlite3_reset(stmt->handle); /* repeats the result of step */
        (void)sqlite3_clear_bindings(stmt->handle);
        sqlite_store(stmt->store)->n_in_use--;
}

/* Returns the index of a parameter. Tries the next parameter first, because parameters are usually
 * bound in order. Then searches by name. */
static int index_of(Stmt *stmt, const char *name)
{
        const char *next = sqlite3_bind_parameter_name(stmt->handle, stmt->bound + 1);

        stmt->bound = next && streq(next, name) ? stmt->bound + 1
                                                : sqlite3_bind_parameter_index(stmt->handle, name);
        assert(stmt->bound > 0);
        return stmt->bound;
}

/* Converts the result of a bind function. The parameter exists, so only a lack of memory can make
 * binding fail. */
static int bound(int code)
{
        return code == SQLITE_OK ? 0 : -ENOMEM;
}

int sqlite_bind_text(Stmt *stmt, const char *name, const char *text, bool is_copied)
{
        return bound(sqlite3_bind_text(stmt->handle, index_of(stmt, name), text, -1,
                                       is_copied ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

int sqlite_bind_int(Stmt *stmt, const char *name, int64_t value)
{
        return bound(sqlite3_bind_int64(stmt->handle, index_of(stmt, name), value));
}

int sqlite_bind_key(Stmt *stmt, const char *name, SortKey key)
{
        return bound(sqlite3_bind_blob64(stmt->handle, index_of(stmt, name),
                                         key.size > 0 ? key.data : (const void *)"", key.size,
                                         SQLITE_STATIC));
}

int sqlite_step(Stmt *stmt, Error *err)
{
        SqliteStore *store = sqlite_store(stmt->store);
        int code = sqlite3_step(stmt->handle);

        if (code == SQLITE_ROW)
                return 1;
        if (code == SQLITE_DONE)
                return 0;
        connection_note(store, code);
        return sqlite_error(store, code, err);
}

int64_t sqlite_n_written(const Stmt *stmt)
{
        return sqlite3_changes64(sqlite_store(stmt->store)->db);
}

int sqlite_read_text(Stmt *stmt, int column, const char **ret, size_t *ret_size)
{
        const char *text;

        if (sqlite3_column_type(stmt->handle, column) == SQLITE_NULL)
                return 0;
        text = (const char *)sqlite3_column_text(stmt->handle, column);
        if (!text)
                return -ENOMEM;
        *ret = text;
        *ret_size = (size_t)sqlite3_column_bytes(stmt->handle, column);
        return 0;
}

int64_t sqlite_read_int(Stmt *stmt, int column)
{
        return sqlite3_column_int64(stmt->handle, column);
}

int sqlite_read_key(Stmt *stmt, int column, SortKey *ret)
{
        ret->data = sqlite3_column_blob(stmt->handle, column);
        ret->size = (size_t)sqlite3_column_bytes(stmt->handle, column);
        return !ret->data && ret->size > 0 ? -ENOMEM : 0;
}
