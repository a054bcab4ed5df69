/* Reads the tags of a repository page by page, and computes one digest over all of them. The tags
 * of each page go to the collector at once; the bytes of the page are not kept. The digest of OCI's
 * list is the hash of the bytes, so that an unchanged list of one page need not be parsed. The
 * pages of a connector contain other data too. So the digest of a connector's list is the hash of
 * the tags and their digests. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/connector.h"
#include "registry/internal.h"
#include "registry/layout.h"
#include "registry/tag-collector.h"
#include "registry/tag-links.h"
#include "registry/tag-slices.h"

#define MIB ((size_t)1024 * 1024)
/* Bytes of memory for each byte of a page, at most. The shortest element, "a", takes an item, a
 * text and two slots of the index. */
#define KEPT_PER_BYTE 12
#define SEEN_MAX      (4 * TAG_PAGES_MAX * (size_t)DIGEST_SIZE_MAX)

typedef struct TagPages {
        const Connector *connector; /* NULL: OCI's API */
        TagCollector collector;
        unsigned n_pages;
        char *first_url;
        size_t n_bytes;    /* bytes of all pages so far */
        size_t n_digested; /* tags that were added to the digest */
        size_t n_kept;     /* memory of collector and slices, counted in the call's share */
        size_t n_max;      /* number of tags; 0: no limit */
        size_t n_reserved; /* upper bound of n_kept after the page that is added in slices */
        usec_t began_at;   /* monotonic */
        Arena arena;       /* memory of the tags */
        Arena seen_arena;
        Map seen; /* digests of all requested URLs and received pages, to detect a cycle */
        char page_digest[DIGEST_SIZE_MAX]; /* digest of the last page */
        DigestStream *digest;
        char known_digest[DIGEST_SIZE_MAX];
        char known_etag[ETAG_SIZE_MAX];
        char etag[ETAG_SIZE_MAX]; /* ETag of the first page */
        char *if_none_match;
        const char *headers[3];
        bool known_with_digests; /* the known list had the digest of every tag */
        bool not_modified, stale;
        bool fell_back; /* the vendor's API refused the repository: OCI's list is read instead */
        bool checked;   /* check_url was requested in this call */
        TagSlices slices;
        char *next; /* URL of the next page, while the tags of a page are added in slices */
} TagPages;

static TagPages *tag_pages_free(TagPages *pages)
{
        if (!pages)
                return NULL;
        free(pages->first_url);
        free(pages->if_none_match);
        free(pages->next);
        tag_slices_done(&pages->slices);
        tag_collector_done(&pages->collector);
        map_done(&pages->seen);
        arena_done(&pages->seen_arena);
        arena_done(&pages->arena);
        digest_stream_free(pages->digest);
        free(pages);
        return NULL;
}

static void pages_free(RegistryCall *call)
{
        tag_pages_free(call->pages);
}

/* Calls done. The caller frees the call afterwards. */
static void complete(RegistryCall *call, const TagList *list, const Error *error)
{
        TagsDone done = call->tags_done;
        void *userdata = call->userdata;

        call->http = NULL;
        done(list, error, userdata);
}

static void fail(RegistryCall *call, Error *error)
{
        complete(call, NULL, error);
        error_done(error);
        call_free(call);
}

/* --- the end of the list ---------------------------------------------------------------------- */

static int not_believed(const RegistryCall *call, int r, Error *err)
{
        if (err->kind == ERROR_INVALID)
                err->kind = ERROR_HOSTILE;
        return error_prefix(err, r, "GET %.*s", (int)strcspn(call->url, "?"), call->url);
}

/* Adds the tags and digests of a connector's page to the digest of the list. Push times are not
 * added: if only they change, the list counts as unchanged. */
static void digest_collected(TagPages *pages)
{
        for (; pages->n_digested < pages->collector.n; pages->n_digested++) {
                const ListedTag *tag = &pages->collector.tags[pages->n_digested];

                digest_stream_add(pages->digest, tag->tag, strlen(tag->tag) + 1);
                if (tag->digest)
                        digest_stream_add(pages->digest, tag->digest, strlen(tag->digest));
                digest_stream_add(pages->digest, "", 1);
        }
}

/* Adds the tags that had two different digests to the digest of the list. The collector dropped
 * their digests after digest_collected(). */
static void digest_disputed(TagPages *pages)
{
        const TagCollector *collector = &pages->collector;

        for (size_t i = 0; collector->n_disputed > 0 && i < collector->n; i++)
                if (!collector->tags[i].digest)
                        digest_stream_add(pages->digest, collector->tags[i].tag,
                                          strlen(collector->tags[i].tag) + 1);
}

static void finish(RegistryCall *call)
{
        TagPages *pages = call->pages;
        TagCollector *collector = &pages->collector;
        _cleanup_(listed_tags_done) ListedTags owned = { 0 };
        TagList list = { .n_pages = pages->n_pages, .stale = pages->stale };

        if (pages->connector)
                digest_disputed(pages);
        digest_stream_end(pages->digest, list.digest);
        if (pages->not_modified)
                memcpy(list.digest, pages->known_digest, sizeof(list.digest));
        if (pages->n_pages <= 1)
                memcpy(list.etag, pages->not_modified ? pages->known_etag : pages->etag,
                       sizeof(list.etag));
        list.unchanged = list.digest[0] && streq(list.digest, pages->known_digest);
        list.with_digests =
                pages->connector && (pages->not_modified ? pages->known_with_digests
                                                         : tags_all_have_digests(collector));
        if (!list.unchanged) {
                list.n_rejected = collector->n_rejected;
                list.first_rejected = collector->first_rejected;
                owned = tag_collector_take(collector);
                list.owned = &owned;
                list.tags = owned.items;
                list.n_tags = owned.n;
        }
        if (pages->fell_back)
                fall_back_refused(call->registry, call->repository, time_monotonic());
        else if (pages->connector)
                fall_back_worked(call->registry, call->repository);
        complete(call, &list, NULL);
        call_free(call);
}

/* --- the next page ---------------------------------------------------------------------------- */

/* Sets *ret to the URL of the next numbered page, malloc()ed, if there is one. */
static int next_number(RegistryCall *call, bool more, char **ret, Error *err)
{
        TagPages *pages = call->pages;

        if (!more)
                return 0;
        *ret = text_printf("%s&page=%u", pages->first_url, pages->n_pages + 1);
        return *ret ? 0 : error_oom(err);
}

/* Adds a digest to seen. Returns 1 if it is new, 0 if it was known, or -ENOMEM. */
static int remember(TagPages *pages, const char *digest)
{
        const char *key = arena_strdup(&pages->seen_arena, digest);

        return key ? map_put(&pages->seen, key, pages, NULL) : -ENOMEM;
}

/* Adds the digest of a URL to seen. The URL itself may be kilobytes long. */
static int remember_url(TagPages *pages, const char *url)
{
        char digest[DIGEST_SIZE_MAX];

        digest_sha256(url, strlen(url), digest);
        return remember(pages, digest);
}

static int count_page(RegistryCall *call, const HttpResponse *response, Error *err)
{
        TagPages *pages = call->pages;
        int r;

        pages->n_pages++;
        pages->n_bytes += response->body_size;
        if (pages->n_pages > TAG_PAGES_MAX || pages->n_bytes > TAG_LIST_MAX ||
            time_monotonic() - pages->began_at - call->waited > TAG_LIST_SECONDS_MAX * USEC_PER_SEC)
                return tags_distrust(call, "its list of tags does not end", err);
        digest_sha256(response->body, response->body_size, pages->page_digest);
        r = remember(pages, pages->page_digest);
        if (r == 0)
                return tags_distrust(call, "it gives the same page twice", err);
        if (r < 0)
                return error_oom(err);
        if (!pages->connector)
                digest_stream_add(pages->digest, response->body, response->body_size);
        return 0;
}

static void on_page(RegistryCall *call, const HttpResponse *response, const Error *error);

/* NOLINTNEXTLINE(readability-non-const-parameter): request_start() takes ownership of url */
static int ask(RegistryCall *call, char *url, Error *err)
{
        TagPages *pages = call->pages;
        const RequestPlan plan = { .method = HTTP_GET,
                                   .url = url,
                                   .headers = pages->headers,
                                   .body_max = TAG_PAGE_MAX,
                                   .auth = call->pages->connector ? call->pages->connector->auth
                                                                  : REQUEST_AS_REGISTRY,
                                   .answer = on_page };

        pages->headers[0] = "Accept: application/json";
        pages->headers[1] = pages->n_pages == 0 ? pages->if_none_match : NULL;
        return request_start(call, &plan, err);
}

static int read_connector_page(RegistryCall *call, const HttpResponse *response, bool *ret_more,
                               Error *err)
{
        TagPages *pages = call->pages;
        JsonSpan page;
        int r;

        r = tags_read_page(response->body, response->body_size, &page, err);
        if (r >= 0)
                r = pages->connector->parse(page, &pages->collector, ret_more, err);
        if (r >= 0)
                digest_collected(pages);
        return r < 0 ? not_believed(call, r, err) : 0;
}

/* True if the list is unchanged and has one page, which then need not be parsed. */
static bool is_known_page(const TagPages *pages)
{
        return pages->n_pages == 1 && streq(pages->known_digest, pages->page_digest);
}

/* Returns 1 if the tags are added in slices. */
static int read_oci_page(RegistryCall *call, const HttpResponse *response, bool is_last, Error *err)
{
        TagPages *pages = call->pages;
        JsonSpan tags;
        int r;

        if (is_last && is_known_page(pages))
                return 0;
        r = tags_find(response->body, response->body_size, &tags, err);
        if (r >= 0)
                r = tag_slices_start(&pages->slices, tags, err);
        return r < 0 ? not_believed(call, r, err) : r;
}

/* Returns false if the share cannot get the memory for the tags of this page now. The caller then
 * requests the page again later. */
static bool has_room(RegistryCall *call, const HttpResponse *response)
{
        size_t left = BUDGET_ALONE - MIN(call->share.used, BUDGET_ALONE);
        size_t size = MIN(response->body_size * KEPT_PER_BYTE, left);

        call->pages->n_reserved = call->pages->n_kept + size;
        if (call->share.alone)
                return true;
        if (budget_take(&call->share, size) < 0)
                return false;
        budget_give(&call->share, size);
        return true;
}

static int check_size(RegistryCall *call, Error *err)
{
        TagPages *pages = call->pages;
        size_t size = tag_collector_size(&pages->collector), kept = size + pages->slices.size;
        int r;

        /* has_room() reserved memory for the complete page, which stays reserved until its end */
        if (pages->slices.size > 0 && !call->share.alone)
                kept = MAX(kept, pages->n_reserved);
        r = budget_replace(&call->share, pages->n_kept, kept);
        pages->n_kept = kept;
        if (pages->n_max > 0 && pages->collector.n > pages->n_max)
                return error_set(err, ERROR_UNREACHABLE, TAGS_TOO_MANY, "more than %zu tags",
                                 pages->n_max);
        if (size <= LIST_MEMORY_MAX && r >= 0)
                return 0;
        return error_set(err, ERROR_HOSTILE, -EFBIG,
                         "GET " TAGS_LIST_FORMAT
                         ": its %zu tags take %zu MiB of memory, the limit is "
                         "%zu MiB; what was known stays",
                         call->registry->url, call->repository, call->pages->collector.n,
                         size / MIB, LIST_MEMORY_MAX / MIB);
}

static void note_headers(TagPages *pages, const HttpResponse *response)
{
        const char *etag = http_header(response, "ETag", NULL);
        const char *warning = http_header(response, "Warning", NULL);

        if (pages->n_pages == 0 && etag && strlen(etag) < sizeof(pages->etag))
                (void)snprintf(pages->etag, sizeof(pages->etag), "%s", etag);
        pages->stale =
                pages->stale ||
                (warning && (strncmp(warning, "110", 3) == 0 || strncmp(warning, "111", 3) == 0));
}

/* Returns 1 if the tags are added in slices: on_sliced() continues. */
static int take_page(RegistryCall *call, const HttpResponse *response, char **ret_next, Error *err)
{
        TagPages *pages = call->pages;
        bool more = false;
        int r;

        if (response->status == 304 && pages->n_pages == 0 && pages->if_none_match) {
                pages->not_modified = true;
                return 0;
        }
        /* 404 for a later page: the cursor has expired, but the repository exists */
        if (response->status == 404 && pages->n_pages > 0)
                return tags_distrust(call, "the list changed while it was read", err);
        if (response->status != 200)
                return answer_error(call, response, err);
        note_headers(pages, response);
        r = count_page(call, response, err);
        if (r >= 0 && pages->connector)
                r = read_connector_page(call, response, &more, err);
        if (r >= 0)
                r = pages->connector && pages->connector->by_number
                            ? next_number(call, more, ret_next, err)
                            : tags_next_url(call, pages->first_url, response, ret_next, err);
        if (r >= 0 && *ret_next && remember_url(pages, *ret_next) == 0)
                r = tags_distrust(call, "its Link headers lead in a ring", err);
        if (r >= 0 && !pages->connector)
                r = read_oci_page(call, response, !*ret_next, err);
        if (r >= 0 && check_size(call, err) < 0)
                r = -EFBIG;
        return r;
}

/* If the vendor's API refused this repository, selects OCI's list and returns true. */
static bool fall_back(RegistryCall *call, const HttpResponse *response)
{
        TagPages *pages = call->pages;
        unsigned status = response->status;

        if (!pages->connector || pages->n_pages > 0 || status < 400 || status >= 500 ||
            status == 408 || status == 429)
                return false;
        pages->connector = NULL;
        pages->fell_back = true;
        return true;
}

static int begin(RegistryCall *call, Error *err);

/* Receives the answer of check_url. Unless the answer shows that the vendor's list is complete,
 * relman reads OCI's list. */
static void on_check(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        TagPages *pages = call->pages;
        usec_t now = time_monotonic();
        Error own = { 0 };
        JsonSpan answer;

        if (error) {
                complete(call, NULL, error);
                call_free(call);
                return;
        }
        if (response->status != 200) {
                if (!fall_back(call, response)) {
                        (void)answer_error(call, response, &own);
                        fail(call, &own);
                        return;
                }
        } else if (tags_read_page(response->body, response->body_size, &answer, &own) >= 0 &&
                   json_span_is_object(answer)) {
                fall_back_checked(call->registry, call->repository,
                                  pages->connector->lists_all(answer), now);
                if (fall_back_is_on(call->registry, call->repository, now))
                        pages->connector = NULL;
        } else {
                error_done(&own);
                pages->connector = NULL;
                pages->fell_back = true;
        }
        pages->checked = true;
        if (begin(call, &own) < 0)
                fail(call, &own);
}

static int ask_check(RegistryCall *call, Error *err)
{
        static const char *const headers[] = { "Accept: application/json", NULL };
        const Connector *connector = call->pages->connector;
        const RequestPlan plan = { .method = HTTP_GET,
                                   .url = connector->check_url(call->registry, call->repository),
                                   .headers = headers,
                                   .body_max = TAG_PAGE_MAX,
                                   .auth = connector->auth,
                                   .answer = on_check };

        return plan.url ? request_start(call, &plan, err) : error_oom(err);
}

static bool needs_check(const RegistryCall *call)
{
        const TagPages *pages = call->pages;

        return pages->connector && pages->connector->check_url && !pages->checked &&
               !fall_back_lists_all(call->registry, call->repository, time_monotonic());
}

static int begin(RegistryCall *call, Error *err)
{
        TagPages *pages = call->pages;
        char *url = NULL;

        if (needs_check(call))
                return ask_check(call, err);
        free(pages->first_url);
        pages->first_url = NULL;
        if (pages->connector)
                pages->first_url = pages->connector->list_url(call->registry, call->repository);
        else
                pages->first_url =
                        text_printf(TAGS_LIST_FORMAT, call->registry->url, call->repository);
        if (pages->first_url)
                url = strdup(pages->first_url);
        if (!url || remember_url(pages, url) < 0) {
                free(url);
                return error_oom(err);
        }
        return ask(call, url, err);
}

/* Requests the next page, or ends the list. r is the result of this page. Takes ownership of
 * next. */
static void end_page(RegistryCall *call, int r, char *next, Error *err)
{
        if (r < 0)
                free(next);
        else if (next)
                r = ask(call, next, err);
        else {
                finish(call);
                return;
        }
        if (r < 0)
                fail(call, err);
}

/* Continues after a slice. r is 1 if more slices follow. */
static void on_sliced(int r, Error *err, void *userdata)
{
        RegistryCall *call = userdata;

        if (r < 0)
                r = not_believed(call, r, err);
        else if (check_size(call, err) < 0)
                r = -EFBIG;
        if (r <= 0)
                end_page(call, r, TAKE(call->pages->next), err);
}

static void on_page(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        char *next = NULL;
        Error own = { 0 };
        int r;

        if (error) {
                complete(call, NULL, error);
                call_free(call);
                return;
        }
        if (fall_back(call, response)) {
                if (begin(call, &own) < 0)
                        fail(call, &own);
                return;
        }
        if (response->status == 200 && !has_room(call, response)) {
                request_send_with_room(call);
                return;
        }
        r = take_page(call, response, &next, &own);
        if (r > 0)
                call->pages->next = next;
        else
                end_page(call, r, next, &own);
}

DEFINE_FREEP(TagPages, tag_pages_free)

static int list_layout(RegistryCall *call, const char *known_digest, RegistryCall **ret, Error *err)
{
        int r;

        call->known_digest = strdup(known_digest);
        r = !call->known_digest ? error_oom(err) : layout_start(call, LAYOUT_TAGS, err);
        if (r < 0) {
                call_free(call);
                return r;
        }
        *ret = call;
        return 0;
}

static int pages_new(const ListQuestion *known, TagPages **ret)
{
        _cleanup_(tag_pages_freep) TagPages *pages = calloc(1, sizeof(*pages));

        if (!pages)
                return -ENOMEM;
        arena_init(&pages->arena, LIST_MEMORY_MAX + TAG_PAGE_MAX);
        arena_init(&pages->seen_arena, SEEN_MAX);
        pages->began_at = time_monotonic();
        pages->collector.arena = &pages->arena;
        pages->collector.now = time_wall();
        pages->digest = digest_stream_new();
        if (!pages->digest)
                return -ENOMEM;
        if (known && known->digest)
                (void)snprintf(pages->known_digest, sizeof(pages->known_digest), "%s",
                               known->digest);
        if (known && known->etag)
                (void)snprintf(pages->known_etag, sizeof(pages->known_etag), "%s", known->etag);
        pages->known_with_digests = known && known->with_digests;
        pages->n_max = known ? known->n_max : 0;
        *ret = TAKE(pages);
        return 0;
}

/* Makes the request for the list conditional. "Not modified" does not show which tags lack a
 * digest, so a vendor's list is requested in full unless all its tags had one. */
static int ask_for_changes(TagPages *pages)
{
        if (!pages->known_digest[0] || !pages->known_etag[0] ||
            (pages->connector && !pages->known_with_digests))
                return 0;
        pages->if_none_match = text_printf("If-None-Match: %s", pages->known_etag);
        return pages->if_none_match ? 0 : -ENOMEM;
}

int registry_list_tags(Registry *registry, const char *repository, const ListQuestion *known,
                       TagsReceiver receiver, RegistryCall **ret, Error *err)
{
        const char *known_digest = known && known->digest ? known->digest : "";
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        r = call_new(registry, repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->tags_done = receiver.done;
        if (registry->is_layout)
                return list_layout(TAKE(call), known_digest, ret, err);
        if (pages_new(known, &call->pages) < 0)
                return error_oom(err);
        call->free_part = pages_free;
        call->pages->slices = (TagSlices){ .event = http_client_event(registry->http),
                                           .collector = &call->pages->collector,
                                           .done = on_sliced,
                                           .userdata = call };
        if (!fall_back_is_on(registry, repository, time_monotonic()))
                call->pages->connector = registry->connector;
        if (ask_for_changes(call->pages) < 0)
                return error_oom(err);
        r = begin(call, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
