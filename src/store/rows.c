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
