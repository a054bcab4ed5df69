/* Reads moves of version tags, the digests that tags had, and those that releases have for tags. */

#include "model/tag-past.h"
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

/* --- history ---------------------------------------------------------------------------------- */

static void tag_past_read(Stmt *stmt, Arena *arena, void *row)
{
        TagPast *past = row;
        const char *change;

        past->tag = read_text(stmt, arena);
        past->digest = read_text(stmt, arena);
        past->next = read_text(stmt, arena);
        past->since = (usec_t)read_int(stmt);
        past->until = (usec_t)read_int(stmt);
        change = read_text(stmt, arena);
        past->change = change ? image_change_from_string(change) : IMAGE_CHANGE_UNKNOWN;
}

int store_tag_history(Store *store, const char *component_id, const char *tag, Arena *arena,
                      TagPasts *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAG_HISTORY, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":tag", tag);
        return rows_read(&stmt, sizeof(TagPast), tag_past_read, arena, (Rows *)ret, err);
}

int store_tag_pasts(Store *store, const char *component_id, const Page *page, Arena *arena,
                    TagPasts *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAG_PASTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":limit", (int64_t)page->limit);
        bind_int(&stmt, ":offset", (int64_t)page->offset);
        return rows_read(&stmt, sizeof(TagPast), tag_past_read, arena, (Rows *)ret, err);
}
