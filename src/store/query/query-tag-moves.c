/* Reads moves of version tags, and the digests that releases have for tags. */

#include "store/rows.h"
#include "store/stmt.h"
#include "store/version-pages.h"

void tag_move_read(Stmt *stmt, Arena *arena, void *row)
{
        TagMove *move = row;

        move->tag = read_text(stmt, arena);
        move->digest = read_text(stmt, arena);
        move->keeps = read_text(stmt, arena);
        move->since = read_time(stmt);
        move->allowed_by = read_text(stmt, arena);
        move->allowed_at = (usec_t)read_int(stmt);
        move->reason = read_text(stmt, arena);
}

int store_tag_moves(Store *store, const char *component_id, Arena *arena, TagMoves *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAG_MOVES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(TagMove), tag_move_read, arena, (Rows *)ret, err);
}

void released_tag_read(Stmt *stmt, Arena *arena, void *row)
{
        ReleasedTag *released = row;

        released->tag = read_text(stmt, arena);
        released->digest = read_text(stmt, arena);
        released->at = read_time(stmt);
}

int store_released_tags(Store *store, const char *component_id, Arena *arena, ReleasedTags *ret,
                        Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASED_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(ReleasedTag), released_tag_read, arena, (Rows *)ret, err);
}
