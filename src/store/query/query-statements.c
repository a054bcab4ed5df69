/* Writes and reads the signed statements of environments. */

#include "store/apply.h"
#include "store/rows.h"
#include "store/statements.h"
#include "store/stmt.h"

int apply_add_statement(Store *store, const Change *change, Error *err)
{
        const StatementRow *row = change->statement;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ADD_STATEMENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", row->environment_id);
        bind_int(&stmt, ":number", row->number);
        bind_text(&stmt, ":digest", row->digest);
        bind_time(&stmt, ":at", row->at);
        bind_text(&stmt, ":envelope", row->envelope);
        return stmt_run(&stmt, err);
}

static void read_head(Stmt *stmt, Arena *arena, void *row)
{
        StatementHead *head = row;

        head->number = read_int(stmt);
        head->digest = read_text(stmt, arena);
        head->n_unsigned = read_int(stmt);
}

static void read_count(Stmt *stmt, Arena *arena, void *row)
{
        StatementHead *head = row;

        (void)arena;
        head->n_unsigned = read_int(stmt);
}

int store_statement_head(Store *store, const char *environment_id, Arena *arena, StatementHead *ret,
                         Error *err)
{
        _cleanup_(stmt_done) Stmt head = { 0 };
        _cleanup_(stmt_done) Stmt count = { 0 };
        int r;

        *ret = (StatementHead){ 0 };
        r = stmt_get(store, STMT_STATEMENT_HEAD, &head, err);
        if (r < 0)
                return r;
        bind_text(&head, ":environment", environment_id);
        r = row_read(&head, read_head, arena, ret, err);
        if (r != 0)
                return MIN(r, 0);
        r = stmt_get(store, STMT_COUNT_HISTORY, &count, err);
        if (r < 0)
                return r;
        bind_text(&count, ":environment", environment_id);
        return MIN(row_read(&count, read_count, arena, ret, err), 0);
}

static void read_statement(Stmt *stmt, Arena *arena, void *row)
{
        StatementRow *statement = row;

        statement->environment_id = read_text(stmt, arena);
        statement->number = read_int(stmt);
        statement->digest = read_text(stmt, arena);
        statement->at = read_time(stmt);
        statement->envelope = read_text(stmt, arena);
}

int store_statements(Store *store, const char *environment_id, const Page *page, Arena *arena,
                     StatementRows *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_STATEMENTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_int(&stmt, ":after", page->offset);
        bind_int(&stmt, ":limit", page->limit);
        return rows_read(&stmt, sizeof(StatementRow), read_statement, arena, (Rows *)ret, err);
}
