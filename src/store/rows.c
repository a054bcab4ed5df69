#include "store/rows.h"

#include <stdlib.h>

#include "base/vec.h"

int row_read(Stmt *stmt, ReadRow read, Arena *arena, void *ret, Error *err)
{
        int r = stmt_step(stmt, err);

        if (r <= 0)
                return r;
        read(stmt, arena, ret);
        return stmt->failed || arena->failed ? error_oom(err) : 1;
}

int rows_read(Stmt *stmt, size_t size, ReadRow read, Arena *arena, Rows *ret, Error *err)
{
        _cleanup_(freep) char *items = NULL;
        size_t n = 0, capacity = 0;
        int r;

        for (;;) {
                r = stmt_step(stmt, err);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
                if (vec_reserve(&items, &capacity, n + 1, size) < 0)
                        return error_oom(err);
                memset(items + n * size, 0, size);
                read(stmt, arena, items + n * size);
                if (stmt->failed || arena->failed)
                        return error_oom(err);
                n++;
        }
        ret->items = arena_memdup(arena, items, n * size);
        ret->n = n;
        return ret->items ? 0 : error_oom(err);
}

void filter_bind(Stmt *stmt, const Uuid *tenant, const EventFilter *filter)
{
        bind_text(stmt, ":tenant", tenant->text);
        bind_int(stmt, ":after", filter->after);
        bind_int(stmt, ":until", filter->until > 0 ? filter->until : INT64_MAX);
        if (filter->since > 0)
                bind_time(stmt, ":since", filter->since);
        else
                bind_text(stmt, ":since", "");
        bind_text(stmt, ":kind", filter->kind ? filter->kind : "");
        bind_text(stmt, ":name", filter->name ? filter->name : "");
        bind_int(stmt, ":limit", (int64_t)filter->limit);
}

int last_sequence(Store *store, StmtId id, int64_t *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = 0;
        r = stmt_get(store, id, &stmt, err);
        if (r >= 0)
                r = stmt_step(&stmt, err);
        if (r > 0)
                *ret = read_int(&stmt);
        return MIN(r, 0);
}
