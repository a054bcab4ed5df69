/* Reads releases with their components. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "store/digests.h"
#include "store/pages.h"
#include "store/release-json.h"
#include "store/releases.h"
#include "store/rows.h"
#include "store/stmt.h"

static int read_release(Stmt *stmt, Arena *arena, Release *ret, Error *err)
{
        const char *file;
        int r;

        *ret = (Release){ 0 };
        ret->id = uuid_of_text(read_static(stmt));
        ret->tenant = read_text(stmt, arena);
        ret->name = read_text(stmt, arena);
        ret->display_name = read_text(stmt, arena);
        r = components_from_json(read_static(stmt), arena, &ret->components, err);
        if (r >= 0)
                r = source_ref_from_json(read_static(stmt), arena, &ret->source_ref, err);
        if (r < 0)
                return r;
        (void)release_status_from_string(read_static(stmt), &ret->status); /* always valid */
        r = pairs_from_json(read_static(stmt), arena, &ret->metadata, err);
        if (r < 0)
                return r;
        ret->spec_digest = read_text(stmt, arena);
        file = read_text(stmt, arena);
        if (file)
                ret->declared_at = arena_printf(arena, "%s:%lld", file, (long long)read_int(stmt));
        else
                (void)read_int(stmt);
        ret->created_at = read_time(stmt);
        ret->updated_at = read_time(stmt);
        (void)managed_by_from_string(read_static(stmt), &ret->managed_by); /* always valid */
        ret->stream_id = read_text(stmt, arena);
        ret->sequence = read_int(stmt);
        ret->created_by = read_text(stmt, arena);
        ret->created_person = read_text(stmt, arena);
        return stmt->failed || (file && !ret->declared_at) ? error_oom(err) : 0;
}

int releases_read(Stmt *stmt, Arena *arena, Releases *ret, Error *err)
{
        _cleanup_(freep) Release *items = NULL;
        size_t n = 0, capacity = 0;
        int r;

        while ((r = stmt_step(stmt, err)) > 0) {
                if (vec_reserve(&items, &capacity, n + 1, sizeof(*items)) < 0)
                        return error_oom(err);
                r = read_release(stmt, arena, &items[n++], err);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        ret->items = arena_memdup(arena, items, n * sizeof(*items));
        ret->n = n;
        return ret->items ? 0 : error_oom(err);
}

/* Reads the row of a statement that returns at most one row. Returns 1 if there was one, 0 if
 * not. */
static int one_read(Stmt *stmt, Arena *arena, Release *ret, Error *err)
{
        int r = stmt_step(stmt, err);

        if (r <= 0)
                return r;
        r = read_release(stmt, arena, ret, err);
        return r < 0 ? r : 1;
}

int store_page_releases(Store *store, const char *ids, Arena *arena, Releases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_RELEASES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return releases_read(&stmt, arena, ret, err);
}

static void read_release_head(Stmt *stmt, Arena *arena, void *row)
{
        Release *release = row;

        release->id = uuid_of_text(read_static(stmt));
        release->name = read_text(stmt, arena);
        release->display_name = read_text(stmt, arena);
        (void)release_status_from_string(read_static(stmt), &release->status); /* always valid */
        release->stream_id = read_text(stmt, arena);
        release->sequence = read_int(stmt);
        release->created_by = read_text(stmt, arena);
        release->created_person = read_text(stmt, arena);
}

static int release_heads(Store *store, StmtId id, const char *ids, Arena *arena, Releases *ret,
                         Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(Release), read_release_head, arena, (Rows *)ret, err);
}

int store_page_release_heads(Store *store, const char *ids, Arena *arena, Releases *ret, Error *err)
{
        return release_heads(store, STMT_PAGE_RELEASE_HEADS, ids, arena, ret, err);
}

int store_page_candidates(Store *store, const char *stream_ids, Arena *arena, Releases *ret,
                          Error *err)
{
        return release_heads(store, STMT_PAGE_CANDIDATES, stream_ids, arena, ret, err);
}

int store_release(Store *store, const char *id, Arena *arena, Release *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", id);
        return one_read(&stmt, arena, ret, err);
}

static void read_pair(Stmt *stmt, Arena *arena, void *row)
{
        TagDigest *pair = row;

        pair->tag = read_text(stmt, arena);
        pair->digest = read_text(stmt, arena);
        pair->release = read_text(stmt, arena);
        pair->environment = read_text(stmt, arena);
}

int store_live_tags(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                    Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_LIVE_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(TagDigest), read_pair, arena, (Rows *)ret, err);
}

static int one_release(Store *store, StmtId id, const char *stream, Arena *arena, Release *ret,
                       Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":stream", stream);
        return one_read(&stmt, arena, ret, err);
}

int store_stream_newest(Store *store, const char *stream_id, Arena *arena, Release *ret, Error *err)
{
        return one_release(store, STMT_STREAM_NEWEST, stream_id, arena, ret, err);
}

int store_stream_candidate(Store *store, const char *stream_id, Arena *arena, Release *ret,
                           Error *err)
{
        return one_release(store, STMT_STREAM_CANDIDATES, stream_id, arena, ret, err);
}

static void read_named(Stmt *stmt, Arena *arena, void *row)
{
        NamedRelease *release = row;

        release->id = read_text(stmt, arena);
        release->name = read_text(stmt, arena);
}

int store_stream_old(Store *store, const char *stream_id, int64_t keep, Arena *arena,
                     NamedReleases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_STREAM_OLD, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":stream", stream_id);
        bind_int(&stmt, ":keep", keep);
        return rows_read(&stmt, sizeof(NamedRelease), read_named, arena, (Rows *)ret, err);
}

int store_named_releases(Store *store, const char *tenant, const char *names, Arena *arena,
                         NamedReleases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Uuid id = tenant_id(tenant);
        int r;

        r = stmt_get(store, STMT_NAMED_RELEASES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":tenant", id.text);
        bind_text(&stmt, ":ids", names);
        return rows_read(&stmt, sizeof(NamedRelease), read_named, arena, (Rows *)ret, err);
}

int store_page_needs(Store *store, const char *ids, const char *digest, Arena *arena,
                     NamedReleases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_NEEDS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        bind_text(&stmt, ":digest", digest);
        return rows_read(&stmt, sizeof(NamedRelease), read_named, arena, (Rows *)ret, err);
}

static void read_use(Stmt *stmt, Arena *arena, void *row)
{
        ReleaseUse *use = row;

        use->id = read_text(stmt, arena);
        use->tenant = read_text(stmt, arena);
        use->name = read_text(stmt, arena);
        (void)release_status_from_string(read_static(stmt), &use->status); /* always valid */
        use->n_promoting = read_int(stmt);
        use->n_deployed = read_int(stmt);
}

int store_release_use(Store *store, Arena *arena, ReleaseUses *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASE_USE, &stmt, err);
        return r < 0 ? r : rows_read(&stmt, sizeof(ReleaseUse), read_use, arena, (Rows *)ret, err);
}

int store_releases_of_component(Store *store, const char *component_id, const Page *page,
                                Arena *arena, Releases *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASES_OF_COMPONENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":limit", page->limit);
        bind_int(&stmt, ":offset", page->offset);
        return releases_read(&stmt, arena, ret, err);
}
