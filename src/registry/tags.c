/* The tags of a repository: page after page, and one digest over all of it. Of OCI's API the bytes
 * are kept and read at the end, only if their digest is new; of a connector's, whose bytes tell of
 * much else, each page is read as it comes and the digest is over tags and their digests. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/vec.h"
#include "registry/connector.h"
#include "registry/internal.h"
#include "registry/layout.h"
#include "registry/link.h"

/* "n" is left out: most registries then answer at once, and some refuse the n they do not like. */
#define LIST_FORMAT "%s/v2/%s/tags/list"

typedef struct Page {
        char *data;
        size_t size;
} Page;

typedef struct TagPages {
        const Connector *connector; /* NULL: OCI's API */
        TagCollector collector;
        unsigned n_pages;
        char *first_url;
        Page *items; /* OCI's */
        size_t n, capacity;
        size_t n_bytes;
        usec_t began_at; /* monotonic */
        Arena arena;     /* of URLs and tags */
        Map seen;        /* URLs asked for, and digests of pages: to find a ring */
        DigestStream *digest;
        char known_digest[DIGEST_SIZE_MAX];
        char known_etag[ETAG_SIZE_MAX];
        char etag[ETAG_SIZE_MAX]; /* of the first page */
        char *if_none_match;
        const char *headers[3];
        bool not_modified, stale;
} TagPages;

struct TagPages *tag_pages_free(struct TagPages *pages)
{
        if (!pages)
                return NULL;
        for (size_t i = 0; i < pages->n; i++)
                free(pages->items[i].data);
        free(pages->items);
        free(pages->first_url);
        free(pages->if_none_match);
        free(pages->collector.tags);
        map_done(&pages->collector.seen);
        map_done(&pages->seen);
        arena_done(&pages->arena);
        digest_stream_free(pages->digest);
        free(pages);
        return NULL;
}

/* Takes the call out of the world before it tells, so that done may start another. */
static void tell(RegistryCall *call, const TagList *list, const Error *error)
{
        TagsDone done = call->tags_done;
        void *userdata = call->userdata;

        call->http = NULL;
        done(list, error, userdata);
}

static void fail(RegistryCall *call, Error *error)
{
        tell(call, NULL, error);
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

static int parse_pages(RegistryCall *call, Error *err)
{
        TagPages *pages = call->pages;
        int r = 0;

        for (size_t i = 0; i < pages->n && r >= 0; i++)
                r = tags_parse(pages->items[i].data, pages->items[i].size, &pages->collector, err);
        return r < 0 ? not_believed(call, r, err) : 0;
}

/* What counts of a connector's list; when tags were pushed does not, for it follows. */
static void digest_collected(TagPages *pages)
{
        for (size_t i = 0; i < pages->collector.n; i++) {
                const ListedTag *tag = &pages->collector.tags[i];

                digest_stream_add(pages->digest, tag->tag, strlen(tag->tag) + 1);
                if (tag->digest)
                        digest_stream_add(pages->digest, tag->digest, strlen(tag->digest));
                digest_stream_add(pages->digest, "", 1);
        }
}

static bool all_have_digests(const TagCollector *collector)
{
        for (size_t i = 0; i < collector->n; i++)
                if (!collector->tags[i].digest)
                        return false;
        return true;
}

static void finish(RegistryCall *call)
{
        TagPages *pages = call->pages;
        const TagCollector *collector = &pages->collector;
        TagList list = { .n_pages = pages->n_pages, .stale = pages->stale };
        Error error = { 0 };
        int r = 0;

        if (pages->connector)
                digest_collected(pages);
        digest_stream_end(pages->digest, list.digest);
        if (pages->not_modified)
                memcpy(list.digest, pages->known_digest, sizeof(list.digest));
        if (pages->n_pages <= 1)
                memcpy(list.etag, pages->not_modified ? pages->known_etag : pages->etag,
                       sizeof(list.etag));
        list.unchanged = list.digest[0] && streq(list.digest, pages->known_digest);
        if (!list.unchanged && !pages->connector)
                r = parse_pages(call, &error);
        list.with_digests = pages->connector && all_have_digests(collector);
        if (!list.unchanged) {
                list.tags = collector->tags;
                list.n_tags = collector->n;
                list.n_rejected = collector->n_rejected;
                list.first_rejected = collector->first_rejected;
        }
        tell(call, r < 0 ? NULL : &list, r < 0 ? &error : NULL);
        error_done(&error);
        call_free(call);
}

/* --- the next page ---------------------------------------------------------------------------- */

/* Some registries (Artifactory, Nexus behind a prefix) name a path that is not theirs to the
 * outside: then only the cursor is taken from it. It is passed on as it stands, for it may be
 * anything. */
static char *own_url(const RegistryCall *call, const char *query, Arena *arena)
{
        const char *last = query_value(query, "last", arena), *n = query_value(query, "n", arena);

        return last ? text_printf(LIST_FORMAT "?last=%s%s%s", call->registry->url, call->repository,
                                  last, n ? "&n=" : "", n ? n : "")
                    : NULL;
}

static int distrust(Error *err, const RegistryCall *call, const char *what)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "GET " LIST_FORMAT ": %s; what was known stays", call->registry->url,
                         call->repository, what);
}

/* Numbered pages need no word of the registry's to be found. */
static int next_number(RegistryCall *call, bool more, char **ret, Error *err)
{
        TagPages *pages = call->pages;

        if (!more)
                return 0;
        *ret = text_printf("%s&page=%u", pages->first_url, pages->n_pages + 1);
        return *ret ? 0 : error_oom(err);
}

/* By the Link header: the URL of the next page to *ret, malloc()ed; NULL if this was the last. */
static int next_url(RegistryCall *call, const HttpResponse *response, char **ret, Error *err)
{
        TagPages *pages = call->pages;
        _cleanup_(freep) char *resolved = NULL, *path = NULL, *own_path = NULL, *query = NULL;
        const char *header, *target = NULL;

        for (size_t i = 0; !target && (header = http_header(response, "Link", i)); i++)
                target = link_next(header, &pages->arena);
        if (!target)
                return 0;
        if (strlen(target) > LINK_URL_MAX)
                return distrust(err, call, "its Link header is too long");
        resolved = url_resolve(call->url, target);
        if (!resolved)
                return distrust(err, call, "its Link header holds no URL");
        if (!url_same_origin(resolved, pages->first_url))
                return distrust(err, call, "its Link header leads to another host");
        path = url_path(resolved);
        own_path = url_path(pages->first_url);
        query = url_query(resolved);
        if (str_equal(path, own_path))
                *ret = TAKE(resolved);
        else if (!pages->connector)
                *ret = own_url(call, query, &pages->arena);
        return *ret ? 0 : distrust(err, call, "its Link header leads to another path");
}

static int remember(TagPages *pages, const char *key)
{
        const char *copy = arena_strdup(&pages->arena, key);

        return copy ? map_put(&pages->seen, copy, pages, NULL) : -ENOMEM;
}

static int keep_page(RegistryCall *call, const HttpResponse *response, Error *err)
{
        TagPages *pages = call->pages;
        char digest[DIGEST_SIZE_MAX];
        Page page = { .size = response->body_size };
        int r;

        pages->n_pages++;
        if (pages->n_pages > TAG_PAGES_MAX || pages->n_bytes + page.size > TAG_LIST_MAX ||
            time_monotonic() - pages->began_at > TAG_LIST_SECONDS_MAX * USEC_PER_SEC)
                return distrust(err, call, "its list of tags does not end");
        digest_sha256(response->body, response->body_size, digest);
        r = remember(pages, digest);
        if (r == 0)
                return distrust(err, call, "it gives the same page twice");
        pages->n_bytes += page.size;
        if (r >= 0 && pages->connector)
                return 0;
        if (r < 0 || vec_reserve(&pages->items, &pages->capacity, pages->n + 1, sizeof(Page)) < 0)
                return error_oom(err);
        page.data = malloc(page.size + 1);
        if (!page.data)
                return error_oom(err);
        memcpy(page.data, response->body, page.size + 1);
        pages->items[pages->n++] = page;
        digest_stream_add(pages->digest, response->body, response->body_size);
        return 0;
}

static void on_page(RegistryCall *call, const HttpResponse *response, const Error *error);

/* NOLINTNEXTLINE(readability-non-const-parameter): it is handed on, and freed with the request */
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
        cJSON *json = NULL;
        char *copy = malloc(response->body_size + 1);
        int r;

        if (!copy)
                return error_oom(err);
        memcpy(copy, response->body, response->body_size + 1);
        r = tags_read_json(copy, response->body_size, &json, err);
        free(copy);
        if (r >= 0)
                r = pages->connector->parse(json, &pages->collector, ret_more, err);
        cJSON_Delete(json);
        return r < 0 ? not_believed(call, r, err) : 0;
}

static void note_headers(TagPages *pages, const HttpResponse *response)
{
        const char *etag = http_header(response, "ETag", 0);
        const char *warning = http_header(response, "Warning", 0);

        if (pages->n_pages == 0 && etag && strlen(etag) < sizeof(pages->etag))
                (void)snprintf(pages->etag, sizeof(pages->etag), "%s", etag);
        pages->stale =
                pages->stale ||
                (warning && (strncmp(warning, "110", 3) == 0 || strncmp(warning, "111", 3) == 0));
}

static int take_page(RegistryCall *call, const HttpResponse *response, char **ret_next, Error *err)
{
        TagPages *pages = call->pages;
        bool more = false;
        int r;

        if (response->status == 304 && pages->n_pages == 0 && pages->if_none_match) {
                pages->not_modified = true;
                return 0;
        }
        /* a later page that is not there means that its cursor went, not the repository */
        if (response->status == 404 && pages->n_pages > 0)
                return distrust(err, call, "the list changed while it was read");
        if (response->status != 200)
                return answer_error(call, response, err);
        note_headers(pages, response);
        r = keep_page(call, response, err);
        if (r >= 0 && pages->connector)
                r = read_connector_page(call, response, &more, err);
        if (r >= 0)
                r = pages->connector && pages->connector->by_number
                            ? next_number(call, more, ret_next, err)
                            : next_url(call, response, ret_next, err);
        if (r >= 0 && *ret_next && remember(pages, *ret_next) == 0)
                r = distrust(err, call, "its Link headers lead in a ring");
        return r;
}

/* The API of its own does not give this repository: OCI's is asked, now and later. 1 if that is so.
 */
static int fall_back(RegistryCall *call, const HttpResponse *response, Error *err)
{
        TagPages *pages = call->pages;
        Registry *registry = call->registry;
        const char *key;
        unsigned status = response->status;

        if (!pages->connector || pages->n_pages > 0 || status < 400 || status >= 500 ||
            status == 408 || status == 429)
                return 0;
        pages->connector = NULL;
        key = arena_strdup(&registry->arena, call->repository);
        if (!key || map_put(&registry->oci_only, key, registry, NULL) < 0)
                return error_oom(err);
        return 1;
}

static int begin(RegistryCall *call, Error *err)
{
        TagPages *pages = call->pages;
        char *url = NULL;

        free(pages->first_url);
        pages->first_url = NULL;
        if (pages->connector)
                pages->first_url = pages->connector->list_url(call->registry, call->repository);
        else
                pages->first_url = text_printf(LIST_FORMAT, call->registry->url, call->repository);
        if (pages->first_url)
                url = strdup(pages->first_url);
        if (!url || remember(pages, url) < 0) {
                free(url);
                return error_oom(err);
        }
        return ask(call, url, err);
}

static void on_page(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        char *next = NULL;
        Error own = { 0 };
        int r;

        if (error) {
                tell(call, NULL, error);
                call_free(call);
                return;
        }
        r = fall_back(call, response, &own);
        if (r > 0) {
                if (begin(call, &own) < 0)
                        fail(call, &own);
                return;
        }
        if (r == 0)
                r = take_page(call, response, &next, &own);
        if (r < 0)
                free(next);
        else if (next)
                r = ask(call, next, &own);
        else {
                finish(call);
                return;
        }
        if (r < 0)
                fail(call, &own);
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

static int pages_new(const char *known_digest, const char *known_etag, TagPages **ret)
{
        _cleanup_(tag_pages_freep) TagPages *pages = calloc(1, sizeof(*pages));

        if (!pages)
                return -ENOMEM;
        arena_init(&pages->arena, TAG_LIST_MAX * 4);
        pages->began_at = time_monotonic();
        pages->collector.arena = &pages->arena;
        pages->digest = digest_stream_new();
        if (!pages->digest)
                return -ENOMEM;
        (void)snprintf(pages->known_digest, sizeof(pages->known_digest), "%s", known_digest);
        (void)snprintf(pages->known_etag, sizeof(pages->known_etag), "%s", known_etag);
        if (known_digest[0] && known_etag[0]) {
                pages->if_none_match = text_printf("If-None-Match: %s", known_etag);
                if (!pages->if_none_match)
                        return -ENOMEM;
        }
        *ret = TAKE(pages);
        return 0;
}

int registry_list_tags(Registry *registry, const char *repository, const KnownList *known,
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
        if (pages_new(known_digest, known && known->etag ? known->etag : "", &call->pages) < 0)
                return error_oom(err);
        if (!map_has(&registry->oci_only, repository))
                call->pages->connector = registry->connector;
        r = begin(call, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
