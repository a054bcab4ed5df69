#include "store/stmt.h"

#include "store/driver.h"

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err)
{
        Stmt stmt = { .store = store };
        int r = store->driver->get(&stmt, id, err);

        store->stats.n_statements++;
        if (r >= 0)
                *ret = stmt;
        return r;
}

void stmt_done(Stmt *stmt)
{
        if (stmt->handle)
                stmt->store->driver->done(stmt);
        stmt->handle = NULL;
}

static void stmt_note(Stmt *stmt, int r)
{
        if (r < 0)
                stmt->failed = r;
}

void bind_text(Stmt *stmt, const char *name, const char *text)
{
        stmt_note(stmt, stmt->store->driver->bind_text(stmt, name, text, false));
}

void bind_int(Stmt *stmt, const char *name, int64_t value)
{
        stmt_note(stmt, stmt->store->driver->bind_int(stmt, name, value));
}

void bind_key(Stmt *stmt, const char *name, SortKey key)
{
        stmt_note(stmt, stmt->store->driver->bind_key(stmt, name, key));
}

void bind_time(Stmt *stmt, const char *name, usec_t wall)
{
        char text[TIME_TEXT_SIZE];

        stmt_note(stmt, stmt->store->driver->bind_text(stmt, name, time_format(wall, text), true));
}

int stmt_step(Stmt *stmt, Error *err)
{
        if (stmt->failed)
                return error_oom(err);
        stmt->column = 0;
        return stmt->store->driver->step(stmt, err);
}

int stmt_run(Stmt *stmt, Error *err)
{
        int r = stmt_step(stmt, err);

        if (r >= 0)
                stmt->store->stats.n_rows += (uint64_t)stmt->store->driver->n_written(stmt);
        return MIN(r, 0);
}

int stmt_run_with(Store *store, StmtId id, const char *name, const char *value, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = stmt_get(store, id, &stmt, err);

        if (r < 0)
                return r;
        bind_text(&stmt, name, value);
        return stmt_run(&stmt, err);
}

/* Returns the text of the next column. NULL: the column is NULL, or memory ran out and stmt->failed
 * is set. */
static const char *next_text(Stmt *stmt, size_t *ret_size)
{
        const char *text = NULL;

        *ret_size = 0;
        stmt_note(stmt, stmt->store->driver->read_text(stmt, stmt->column++, &text, ret_size));
        return text;
}

const char *read_text(Stmt *stmt, Arena *arena)
{
        const char *text, *copy;
        size_t size;

        text = next_text(stmt, &size);
        if (!text)
                return NULL;
        copy = arena_strndup(arena, text, size);
        if (!copy)
                stmt->failed = -ENOMEM;
        return copy;
}

const char *read_static(Stmt *stmt)
{
        size_t size;
        const char *text = next_text(stmt, &size);

        return text ? text : "";
}

int64_t read_int(Stmt *stmt)
{
        return stmt->store->driver->read_int(stmt, stmt->column++);
}

usec_t read_time(Stmt *stmt)
{
        usec_t wall = 0;

        (void)time_parse(read_static(stmt), &wall); /* only valid values are stored */
        return wall;
}

SortKey read_key(Stmt *stmt, Arena *arena)
{
        SortKey key = { 0 };

        stmt_note(stmt, stmt->store->driver->read_key(stmt, stmt->column++, &key));
        key.data = arena_memdup(arena, key.data, key.data ? key.size : 0);
        if (!key.data)
                stmt->failed = -ENOMEM;
        return key;
}
