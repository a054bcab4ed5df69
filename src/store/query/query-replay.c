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

/* A release with a component. The tag is NULL if the release does not count. */
typedef struct FormerRow {
        ReleasedTag of;
        const char *release_id;
} FormerRow;

static void read_former(Stmt *stmt, Arena *arena, void *row)
{
        FormerRow *former = row;

        released_tag_read(stmt, arena, &former->of);
        former->release_id = read_text(stmt, arena);
}

int store_former_tags(Store *store, const char *component_id, FormerCursor *cursor, Arena *arena,
                      ReleasedTags *ret, Error *err)
{
        struct {
                FormerRow *items;
                size_t n;
        } rows = { 0 };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_FORMER_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_time(&stmt, ":before", cursor->before);
        bind_text(&stmt, ":after", cursor->after.text);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        r = rows_read(&stmt, sizeof(FormerRow), read_former, arena, (Rows *)&rows, err);
        if (r < 0)
                return r;
        *ret = (ReleasedTags){ arena_alloc_array(arena, rows.n + 1, sizeof(ReleasedTag)), 0 };
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < rows.n; i++)
                if (rows.items[i].of.tag)
                        ret->items[ret->n++] = rows.items[i].of;
        if (rows.n > 0)
                (void)snprintf(cursor->after.text, sizeof(cursor->after.text), "%s",
                               rows.items[rows.n - 1].release_id);
        return rows.n == cursor->limit;
}

int store_manifests_after(Store *store, const char *component_id, ManifestCursor *cursor,
                          Arena *arena, Manifests *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_MANIFESTS_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":after", cursor->after);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        r = rows_read(&stmt, sizeof(Manifest), manifest_read, arena, (Rows *)ret, err);
        if (r >= 0 && ret->n > 0)
                cursor->after = ret->items[ret->n - 1].digest;
        return r;
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
