/* Reads which images releases have of components. */

#include "store/cells.h"
#include "store/rows.h"
#include "store/stmt.h"

int store_cells(Store *store, const CellQuery *query, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_CELLS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":releases", query->releases);
        bind_text(&stmt, ":components", query->components);
        while ((r = stmt_step(&stmt, err)) > 0) {
                Cell cell;

                cell.release = (size_t)read_int(&stmt);
                cell.component = (size_t)read_int(&stmt);
                cell.digest = read_static(&stmt);
                cell.tag = read_static(&stmt);
                cell.semver = read_static(&stmt);
                if (query->take(query->userdata, &cell) < 0)
                        return error_oom(err);
        }
        return r;
}

static void read_drift(Stmt *stmt, Arena *arena, void *row)
{
        CellDrift *drift = row;

        drift->component = (size_t)read_int(stmt);
        drift->tag = read_text(stmt, arena);
        drift->digest = read_text(stmt, arena);
}

int store_page_drift(Store *store, const char *components, Arena *arena, CellDrifts *ret,
                     Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_DRIFT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", components);
        return rows_read(&stmt, sizeof(CellDrift), read_drift, arena, (Rows *)ret, err);
}
