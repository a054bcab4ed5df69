/* The catalog: releases by what they are and hold. */

#include "store/releases.h"
#include "store/rows.h"
#include "store/stmt.h"

/* The narrowest way in: by what is rarest. */
static StmtId way_in(const ReleaseFilter *filter)
{
        if (filter->digest)
                return STMT_SEARCH_DIGEST;
        if (filter->component_id)
                return STMT_SEARCH_COMPONENT;
        if (filter->status)
                return STMT_SEARCH_STATUS;
        return filter->version || filter->text || filter->label || filter->since > 0 ||
                               filter->until > 0
                       ? STMT_SEARCH
                       : STMT_SEARCH_ALL;
}

static void bind_filter(Stmt *stmt, StmtId id, const ReleaseFilter *filter, const char *tenant)
{
        bind_text(stmt, ":tenant", tenant);
        if (id == STMT_SEARCH_ALL || id == STMT_SEARCH_ALL_BACK)
                return;
        bind_text(stmt, ":status", filter->status);
        bind_text(stmt, ":component", filter->component_id);
        bind_text(stmt, ":version", filter->version);
        bind_text(stmt, ":text", filter->text);
        bind_text(stmt, ":label", filter->label);
        bind_text(stmt, ":value", filter->label_value);
        if (filter->digest)
                bind_text(stmt, ":digest", filter->digest);
        if (filter->since > 0)
                bind_time(stmt, ":since", filter->since);
        if (filter->until > 0)
                bind_time(stmt, ":until", filter->until);
}

static void read_count(Stmt *stmt, Arena *arena, void *row)
{
        (void)arena;
        *(int64_t *)row = read_int(stmt);
}

/* An offset is walked entry by entry: a page of the second half is reached from the end. */
static StmtId nearer_end(StmtId id, int64_t total, Page *page)
{
        int64_t limit = MIN(page->limit, total - page->offset);

        if (id != STMT_SEARCH_ALL || page->offset <= total / 2 || limit <= 0)
                return id;
        *page = (Page){ .limit = limit, .offset = total - page->offset - limit };
        return STMT_SEARCH_ALL_BACK;
}

int store_search(Store *store, const ReleaseFilter *filter, const Page *page, Arena *arena,
                 Releases *ret, Error *err)
{
        Uuid tenant = tenant_id(filter->tenant);
        StmtId id = way_in(filter);
        int64_t total = 0;
        int r;

        {
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, (StmtId)(id + 1), &stmt, err); /* its _COUNT stands next */
                if (r < 0)
                        return r;
                bind_filter(&stmt, id, filter, tenant.text);
                r = row_read(&stmt, read_count, arena, &total, err);
        }
        if (r >= 0) {
                _cleanup_(stmt_done) Stmt stmt = { 0 };
                Page from = *page;

                id = nearer_end(id, total, &from);
                r = stmt_get(store, id, &stmt, err);
                if (r < 0)
                        return r;
                bind_filter(&stmt, id, filter, tenant.text);
                bind_int(&stmt, ":limit", from.limit);
                bind_int(&stmt, ":offset", from.offset);
                r = releases_read(&stmt, arena, ret, err);
                ret->total = total;
        }
        return MIN(r, 0);
}

int store_release_counts(Store *store, ReleaseCounts *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        ReleaseCounts counts = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASE_COUNTS, &stmt, err);
        if (r < 0)
                return r;
        while ((r = stmt_step(&stmt, err)) > 0) {
                ReleaseStatus status;

                if (release_status_from_string(read_static(&stmt), &status) >= 0)
                        counts.of[status] = read_int(&stmt);
        }
        if (r >= 0)
                *ret = counts;
        return r;
}

int store_release_by_name(Store *store, const char *tenant, const char *name, Arena *arena,
                          Release *ret, Error *err)
{
        Uuid id = tenant_id(tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Releases found;
        int r;

        r = stmt_get(store, STMT_RELEASE_BY_NAME, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":tenant", id.text);
        bind_text(&stmt, ":name", name);
        r = releases_read(&stmt, arena, &found, err);
        if (r < 0)
                return r;
        if (found.n > 0)
                *ret = found.items[0];
        return found.n > 0;
}
