/* Reads the past of tags and streams, for a replay. */

#include <stdio.h>

#include "store/replay-pages.h"
#include "store/rows.h"
#include "store/stmt.h"

static void read_history(Stmt *stmt, Arena *arena, void *row)
{
        TagRecord *tag = row;

        tag->tag = read_text(stmt, arena);
        tag->digest = read_text(stmt, arena);
        tag->changed_at = (usec_t)read_int(stmt);
}

int store_tag_history_after(Store *store, const char *component_id, HistoryCursor *cursor,
                            Arena *arena, TagRecords *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        const TagRecord *last;
        int r;

        r = stmt_get(store, STMT_TAG_HISTORY_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":after", cursor->tag);
        bind_int(&stmt, ":at", (int64_t)cursor->at);
        bind_text(&stmt, ":digest", cursor->digest);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        r = rows_read(&stmt, sizeof(TagRecord), read_history, arena, (Rows *)ret, err);
        if (r < 0 || ret->n == 0)
                return r;
        last = &ret->items[ret->n - 1];
        (void)snprintf(cursor->tag, sizeof(cursor->tag), "%s", last->tag);
        (void)snprintf(cursor->digest, sizeof(cursor->digest), "%s", last->digest);
        cursor->at = last->changed_at;
        return r;
}

int store_former_tags(Store *store, const char *component_id, usec_t before, Arena *arena,
                      ReleasedTags *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_FORMER_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_time(&stmt, ":before", before);
        return rows_read(&stmt, sizeof(ReleasedTag), released_tag_read, arena, (Rows *)ret, err);
}

int store_stream_after(Store *store, StreamCursor *cursor, Arena *arena, Releases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_STREAM_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":stream", cursor->stream_id);
        bind_int(&stmt, ":after", cursor->sequence);
        bind_time(&stmt, ":since", cursor->since);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        r = releases_read(&stmt, arena, ret, err);
        if (r >= 0 && ret->n > 0)
                cursor->sequence = ret->items[ret->n - 1].sequence;
        return r;
}
