/* Reads tenants. */

#include "store/rows.h"
#include "store/stmt.h"
#include "store/tenants.h"

int store_has_tenant(Store *store, const char *name, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TENANT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":name", name);
        return stmt_step(&stmt, err);
}

static void read_tenant(Stmt *stmt, Arena *arena, void *row)
{
        Tenant *tenant = row;

        tenant->name = read_text(stmt, arena);
        tenant->created_at = read_time(stmt);
}

int store_tenants(Store *store, Arena *arena, Tenants *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TENANTS, &stmt, err);
        return r < 0 ? r : rows_read(&stmt, sizeof(Tenant), read_tenant, arena, (Rows *)ret, err);
}
