/* Writes and reads positions and dead letters of receivers. */

#include "store/apply.h"
#include "store/events.h"
#include "store/rows.h"
#include "store/stmt.h"

static void bind_optional_time(Stmt *stmt, const char *name, usec_t wall)
{
        if (wall > 0)
                bind_time(stmt, name, wall);
        else
                bind_text(stmt, name, NULL);
}

int apply_put_receiver(Store *store, const Change *change, Error *err)
{
        const ReceiverState *receiver = change->receiver;
        _cleanup_(stmt_done) Stmt stmt = { 0 }, forget = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_RECEIVER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":name", receiver->name);
        bind_int(&stmt, ":position", receiver->position);
        bind_optional_time(&stmt, ":delivered", receiver->delivered_at);
        bind_optional_time(&stmt, ":failing", receiver->failing_since);
        bind_text(&stmt, ":problem", receiver->problem);
        r = stmt_run(&stmt, err);
        if (r >= 0)
                r = stmt_get(store, STMT_FORGET_DEAD_LETTERS, &forget, err);
        if (r < 0)
                return r;
        bind_text(&forget, ":name", receiver->name);
        bind_int(&forget, ":position", receiver->position);
        return stmt_run(&forget, err);
}

int apply_add_dead_letter(Store *store, const Change *change, Error *err)
{
        const DeadLetter *letter = change->dead_letter;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ADD_DEAD_LETTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":name", letter->receiver);
        bind_int(&stmt, ":sequence", letter->sequence);
        bind_text(&stmt, ":problem", letter->problem);
        bind_time(&stmt, ":at", letter->at);
        return stmt_run(&stmt, err);
}

int apply_prune_events(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PRUNE_EVENTS, &stmt, err);
        if (r < 0)
                return r;
        bind_int(&stmt, ":sequence", change->sequence);
        bind_time(&stmt, ":before", change->at);
        return stmt_run(&stmt, err);
}

/* --- queries ---------------------------------------------------------------------------------- */

static void read_receiver(Stmt *stmt, Arena *arena, void *row)
{
        ReceiverState *receiver = row;

        receiver->name = read_text(stmt, arena);
        receiver->position = read_int(stmt);
        receiver->delivered_at = read_time(stmt);
        receiver->failing_since = read_time(stmt);
        receiver->problem = read_text(stmt, arena);
        receiver->n_dead = read_int(stmt);
        receiver->n_pending = read_int(stmt);
}

int store_receiver(Store *store, const char *name, Arena *arena, ReceiverState *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = (ReceiverState){ .name = name };
        r = stmt_get(store, STMT_RECEIVER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":name", name);
        return row_read(&stmt, read_receiver, arena, ret, err);
}

static void read_dead_letter(Stmt *stmt, Arena *arena, void *row)
{
        DeadLetter *letter = row;

        letter->receiver = read_text(stmt, arena);
        letter->sequence = read_int(stmt);
        letter->problem = read_text(stmt, arena);
        letter->at = read_time(stmt);
}

int store_dead_letters(Store *store, const char *receiver, size_t limit, Arena *arena,
                       DeadLetters *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DEAD_LETTERS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":name", receiver);
        bind_int(&stmt, ":limit", (int64_t)limit);
        return rows_read(&stmt, sizeof(DeadLetter), read_dead_letter, arena, (Rows *)ret, err);
}

int store_event_sequence(Store *store, const char *id, int64_t *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_EVENT_BY_ID, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", id);
        r = stmt_step(&stmt, err);
        if (r > 0)
                *ret = read_int(&stmt);
        return r;
}
