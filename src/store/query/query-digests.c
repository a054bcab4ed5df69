#include "store/digests.h"
#include "store/rows.h"
#include "store/stmt.h"

static void read_digest_release(Stmt *stmt, Arena *arena, void *row)
{
        DigestRelease *release = row;

        release->id = read_text(stmt, arena);
        release->name = read_text(stmt, arena);
        release->repository = read_text(stmt, arena);
        (void)release_status_from_string(read_static(stmt), &release->status); /* always valid */
        release->created_at = read_time(stmt);
}

int store_digest_releases(Store *store, const DigestQuery *query, Arena *arena, DigestReleases *ret,
                          Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Uuid id = tenant_id(query->tenant);
        int r;

        r = stmt_get(store, STMT_DIGEST_RELEASES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":tenant", id.text);
        bind_text(&stmt, ":digest", query->digest);
        bind_int(&stmt, ":limit", (int64_t)query->limit);
        return rows_read(&stmt, sizeof(DigestRelease), read_digest_release, arena, (Rows *)ret,
                         err);
}

static void read_gone(Stmt *stmt, Arena *arena, void *row)
{
        GoneDigest *gone = row;

        gone->release_id = read_text(stmt, arena);
        gone->component_id = read_text(stmt, arena);
        gone->digest = read_text(stmt, arena);
        gone->since = read_time(stmt);
}

int store_page_gone_digests(Store *store, const char *ids, Arena *arena, GoneDigests *ret,
                            Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_GONE_DIGESTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(GoneDigest), read_gone, arena, (Rows *)ret, err);
}

static void read_digest_row(Stmt *stmt, Arena *arena, void *row)
{
        DigestRow *of = row;

        of->digest = read_text(stmt, arena);
        of->of_digest = read_text(stmt, arena);
        of->repository = read_text(stmt, arena);
        of->release_id = read_text(stmt, arena);
        of->release = read_text(stmt, arena);
        of->is_needed = read_int(stmt) != 0;
}

int store_digest_rows(Store *store, const DigestWalk *walk, Arena *arena, DigestRows *ret,
                      Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Uuid tenant = tenant_id(walk->tenant);
        int r;

        r = stmt_get(store, walk->repository ? STMT_DIGEST_ROWS_OF_REPOSITORY : STMT_DIGEST_ROWS,
                     &stmt, err);
        if (r < 0)
                return r;
        if (walk->repository)
                bind_text(&stmt, ":wanted", walk->repository);
        bind_text(&stmt, ":tenant", tenant.text);
        bind_text(&stmt, ":kept", walk->kept);
        bind_text(&stmt, ":digest", walk->digest);
        bind_text(&stmt, ":of", walk->of_digest);
        bind_text(&stmt, ":repository", walk->at_repository);
        bind_text(&stmt, ":release", walk->release_id);
        bind_int(&stmt, ":limit", (int64_t)walk->limit);
        return rows_read(&stmt, sizeof(DigestRow), read_digest_row, arena, (Rows *)ret, err);
}
