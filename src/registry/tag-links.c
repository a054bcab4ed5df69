#include "registry/tag-links.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/wire/link-header.h"

int tags_distrust(const RegistryCall *call, const char *what, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "GET %.*s: %s; what was known stays",
                         (int)strcspn(call->url, "?"), call->url, what);
}

/* Sets *ret to the target of the link to the next page; NULL if there is none. A link without any
 * rel is used if it has a cursor ("last"), as in other clients. Otherwise the list would be
 * truncated. */
static int find_next(const RegistryCall *call, const HttpResponse *response, Arena *arena,
                     const char **ret, Error *err)
{
        LinkNext next = { 0 };
        const char *header = NULL;

        while ((header = http_header(response, "Link", header)))
                if (link_read(header, arena, &next) < 0)
                        return error_oom(err);
        *ret = next.target;
        if (!*ret && next.unnamed && query_value(link_query(next.unnamed, arena), "last", arena))
                *ret = next.unnamed;
        if (!*ret && next.is_unreadable)
                return tags_distrust(call, "its Link header cannot be read", err);
        return arena->failed ? error_oom(err) : 0;
}

/* Joins the URL of the first page with the query of the link. Ignores the rest of the link. A
 * registry behind a gateway may name its internal scheme, host, port or path, and a link must not
 * lead to another host. */
int tags_next_url(const RegistryCall *call, const char *first, const HttpResponse *response,
                  char **ret, Error *err)
{
        const char *target, *query;
        _cleanup_(arena_done) Arena arena;
        int r;

        arena_init(&arena, 4 * HTTP_HEADERS_MAX);
        r = find_next(call, response, &arena, &target, err);
        if (r < 0 || !target)
                return r;
        if (strlen(target) > LINK_URL_MAX)
                return tags_distrust(call, "its Link header is too long", err);
        query = link_query(target, &arena);
        if (!query && !arena.failed)
                return tags_distrust(call, "its Link header holds no query to continue with", err);
        *ret = query ? text_printf("%.*s?%s", (int)strcspn(first, "?"), first, query) : NULL;
        return *ret ? 0 : error_oom(err);
}
