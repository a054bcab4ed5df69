/* Searches releases by properties and content. */

#include "store/image-json.h"
#include "store/releases.h"
#include "store/rows.h"
#include "store/stmt.h"

/* The statements of a search. One reads a page, one reads a page in reverse order, and one counts
 * all releases. */
typedef struct SearchWay {
        StmtId page, count;
        /* equal to page if the search has no statement for the reverse order */
        StmtId back;
        bool is_filtered;
} SearchWay;

/* Returns the most selective search for a filter. */
static const SearchWay *search_way(const ReleaseFilter *filter)
{
        static const SearchWay
                digest = { STMT_SEARCH_DIGEST, STMT_SEARCH_DIGEST_COUNT, STMT_SEARCH_DIGEST, true },
                layer = { STMT_SEARCH_LAYER, STMT_SEARCH_LAYER_COUNT, STMT_SEARCH_LAYER, true },
                base = { STMT_SEARCH_BASE, STMT_SEARCH_BASE_COUNT, STMT_SEARCH_BASE, true },
                component = { STMT_SEARCH_COMPONENT, STMT_SEARCH_COMPONENT_COUNT,
                              STMT_SEARCH_COMPONENT, true },
                status = { STMT_SEARCH_STATUS, STMT_SEARCH_STATUS_COUNT, STMT_SEARCH_STATUS, true },
                tenant = { STMT_SEARCH, STMT_SEARCH_COUNT, STMT_SEARCH, true },
                all = { STMT_SEARCH_ALL, STMT_SEARCH_ALL_COUNT, STMT_SEARCH_ALL_BACK, false };

        if (filter->digest)
                return &digest;
        if (filter->layer)
                return &layer;
        if (filter->base)
                return &base;
        if (filter->component_id)
                return &component;
        if (filter->status)
                return &status;
        return filter->version || filter->text || filter->label || filter->since > 0 ||
                               filter->until > 0
                       ? &tenant
                       : &all;
}

/* Binds the digest, layer or base of the filter. layer is borrowed until stmt_done(). */
static void bind_content(Stmt *stmt, const ReleaseFilter *filter, uint8_t layer[SHA256_BYTES])
{
        if (filter->digest)
                bind_text(stmt, ":digest", filter->digest);
        else if (filter->layer && image_digest_bytes(filter->layer, layer))
                bind_key(stmt, ":layer", (SortKey){ layer, SHA256_BYTES });
        else if (filter->base)
                bind_text(stmt, ":base", filter->base);
}

static void bind_filter(Stmt *stmt, const SearchWay *way, const ReleaseFilter *filter,
                        const char *tenant, uint8_t layer[SHA256_BYTES])
{
        bind_text(stmt, ":tenant", tenant);
        if (!way->is_filtered)
                return;
        bind_text(stmt, ":status", filter->status);
        bind_text(stmt, ":component", filter->component_id);
        bind_text(stmt, ":version", filter->version);
        bind_text(stmt, ":text", filter->text);
        bind_text(stmt, ":label", filter->label);
        bind_text(stmt, ":value", filter->label_value);
        bind_content(stmt, filter, layer);
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

/* Returns the statement that reads a page. SQLite steps over each row of an offset, so a page in
 * the second half is read in reverse order, and *page is changed accordingly. */
static StmtId nearer_end(const SearchWay *way, int64_t total, Page *page)
{
        int64_t limit = MIN(page->limit, total - page->offset);

        if (way->back == way->page || page->offset <= total / 2 || limit <= 0)
                return way->page;
        *page = (Page){ .limit = limit, .offset = total - page->offset - limit };
        return way->back;
}

int store_search(Store *store, const ReleaseFilter *filter, const Page *page, Arena *arena,
                 Releases *ret, Error *err)
{
        Uuid tenant = tenant_id(filter->tenant);
        const SearchWay *way = search_way(filter);
        uint8_t layer[SHA256_BYTES];
        int64_t total = 0;
        int r;

        {
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, way->count, &stmt, err);
                if (r < 0)
                        return r;
                bind_filter(&stmt, way, filter, tenant.text, layer);
                r = row_read(&stmt, read_count, arena, &total, err);
        }
        if (r >= 0) {
                _cleanup_(stmt_done) Stmt stmt = { 0 };
                Page from = *page;

                r = stmt_get(store, nearer_end(way, total, &from), &stmt, err);
                if (r < 0)
                        return r;
                bind_filter(&stmt, way, filter, tenant.text, layer);
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
