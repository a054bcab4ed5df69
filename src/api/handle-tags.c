/* /api/v1/components/{id}/tags: every tag that was ever listed, versions or not, and the digests
 * that a tag had. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "base/parse.h"

#define TAGS_DEFAULT  1000
#define TAGS_PAGE_MAX 10000

static void write_members(Json *json, const TagRecord *tag)
{
        json_text(json, "tag", tag->tag);
        json_text(json, "digest", tag->digest);
        json_text(json, "problem", tag->problem);
        json_time(json, "firstSeenAt", tag->first_seen_at);
        json_time(json, "changedAt", tag->changed_at);
        json_time(json, "checkedAt", tag->checked_at);
        json_time(json, "pushedAt", tag->pushed_at);
        json_bool(json, "gone", tag->missing >= TAG_GONE);
}

/* A page after a tag: tags come and go, and none is left out for that. */
int handle_tags(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        const char *after = request_query(request, "afterTag"),
                   *limit = request_query(request, "limit");
        uint64_t number = TAGS_DEFAULT;
        Json json = { .out = &request->answer.body };
        TagRecords tags;
        int r;

        if (!component)
                return -ENOENT;
        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > TAGS_PAGE_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", TAGS_PAGE_MAX);
        r = store_tags_after(reconciler_store(request->api->reconciler), component->object.id.text,
                             &(TagFilter){ after ? after : "", (size_t)number }, &request->arena,
                             &tags, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_begin(&json, "data", '[');
        for (size_t i = 0; i < tags.n; i++) {
                json_begin(&json, NULL, '{');
                write_members(&json, &tags.items[i]);
                json_end(&json, '}');
        }
        json_end(&json, ']');
        json_begin(&json, "meta", '{');
        json_text(&json, "next", tags.n == number ? tags.items[tags.n - 1].tag : NULL);
        json_end(&json, '}');
        json_end(&json, '}');
        return 0;
}

int handle_tag(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        const char *name = request_parameter(request, "tag");
        Store *store = reconciler_store(request->api->reconciler);
        Json json = { .out = &request->answer.body };
        TagRecords history;
        TagRecord tag;
        int r;

        if (!component)
                return -ENOENT;
        r = store_tag(store, component->object.id.text, name, &request->arena, &tag, err);
        if (r == 0)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                 "component '%s' has no tag '%s'; relmanctl get tags %s lists them",
                                 component->object.meta.name, name, component->object.meta.name);
        if (r > 0)
                r = store_tag_history(store, component->object.id.text, name, &request->arena,
                                      &history, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        write_members(&json, &tag);
        json_begin(&json, "history", '[');
        for (size_t i = 0; i < history.n; i++) {
                json_begin(&json, NULL, '{');
                json_text(&json, "digest", history.items[i].digest);
                json_time(&json, "since", history.items[i].changed_at);
                json_end(&json, '}');
        }
        json_end(&json, ']');
        json_end(&json, '}');
        return 0;
}
