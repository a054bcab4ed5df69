/* /api/v1/components/{id}/tags: every tag that was ever listed, with or without a version, and all
 * digests of a tag. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/sliced.h"
#include "api/lookup.h"
#include "base/digest.h"
#include "base/parse.h"
#include "store/version-pages.h"

#define TAGS_DEFAULT  1000
#define TAGS_PAGE_MAX 10000
#define TAGS_READ     200 /* tags that are read in one query */

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

static void write_signature(Json *json, const Signature *signature)
{
        if (!signature->policy)
                return;
        json_begin(json, "signature", '{');
        json_text(json, "result", signature_shown(signature));
        json_text(json, "detail", signature->detail);
        json_text(json, "policy", signature->policy);
        json_time(json, "at", signature->at);
        json_end(json, '}');
}

/* Writes the other facts that decide whether the tag is a version. Omits unknown facts. */
static void write_facts(Json *json, const TagFacts *facts, bool are_verified)
{
        const Manifest *manifest = &facts->manifest;

        if (manifest->digest) {
                json_begin(json, "platforms", '[');
                for (size_t i = 0; i < manifest->platforms.n; i++)
                        json_text(json, NULL, manifest->platforms.items[i].platform);
                json_end(json, ']');
                if (manifest->created >= 0)
                        json_time(json, "createdAt", (usec_t)manifest->created * USEC_PER_SEC);
                json_some(json, "artifact", manifest->artifact);
                if (are_verified)
                        write_signature(json, &manifest->signature);
        }
}

typedef struct TagPage {
        const char *component_id;
        size_t n_left;     /* entries that may still be written */
        const char *after; /* the last tag that was written; "": none */
        bool has_begun;
        bool are_verified; /* the component has rules about signatures */
} TagPage;

/* Writes the next tags. Returns 1 if there may be more. */
static int tag_page_read(TagPage *page, Slice *slice, Error *err)
{
        Request *request = slice->request;
        const TagFilter filter = { page->after, MIN(page->n_left, (size_t)TAGS_READ) };
        TagFactsList tags;
        int r;

        r = store_tag_facts_after(reconciler_store(request->api->reconciler), page->component_id,
                                  &filter, &request->arena, &tags, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < tags.n; i++) {
                json_begin(&slice->json, NULL, '{');
                write_members(&slice->json, &tags.items[i].tag);
                json_some(&slice->json, "keeps", tags.items[i].keeps);
                write_facts(&slice->json, &tags.items[i], page->are_verified);
                json_end(&slice->json, '}');
        }
        if (tags.n > 0)
                page->after = arena_strdup(slice->kept, tags.items[tags.n - 1].tag.tag);
        page->n_left -= tags.n;
        return !page->after ? error_oom(err) : tags.n == filter.limit && page->n_left > 0;
}

static int tag_page_slice(Slice *slice, void *state, Error *err)
{
        TagPage *page = state;
        int r;

        if (!page->has_begun) {
                json_begin(&slice->json, NULL, '{');
                json_begin(&slice->json, "data", '[');
                page->has_begun = true;
        }
        do
                r = tag_page_read(page, slice, err);
        while (r > 0 && !slice_is_full(slice));
        if (r != 0)
                return r;
        json_end(&slice->json, ']');
        json_begin(&slice->json, "meta", '{');
        json_text(&slice->json, "next", page->n_left == 0 ? page->after : NULL);
        json_end(&slice->json, '}');
        json_end(&slice->json, '}');
        return 0;
}

/* A page begins after a tag, not at a number. So no tag is skipped if others are added or deleted.
 */
int handle_tags(Request *request, Error *err)
{
        static const Slicer slicer = { tag_page_slice, NULL };
        const ComponentSpec *component = find_component(request, err);
        const char *after = request_query(request, "afterTag"),
                   *limit = request_query(request, "limit");
        uint64_t number = TAGS_DEFAULT;
        const Model *model;
        TagPage *page;

        if (!component)
                return -ENOENT;
        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > TAGS_PAGE_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", TAGS_PAGE_MAX);
        page = arena_alloc(&request->arena, sizeof(*page));
        if (!page)
                return error_oom(err);
        model = reconciler_model(request->api->reconciler);
        *page = (TagPage){ .component_id = arena_strdup(&request->arena, component->object.id.text),
                           .n_left = (size_t)number,
                           .are_verified = model_component_verify(model, component)->n > 0,
                           .after = after ? after : "" };
        return page->component_id ? answer_in_slices(request, &slicer, page, err) : error_oom(err);
}

int handle_tag(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        const char *name = request_parameter(request, "tag");
        Store *store = reconciler_store(request->api->reconciler);
        Json json = { .out = &request->answer.body };
        TagPasts history;
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
                const TagPast *past = &history.items[i];

                json_begin(&json, NULL, '{');
                json_text(&json, "digest", past->digest);
                json_time(&json, "since", past->since);
                json_time(&json, "until", past->until);
                json_text(&json, "change", image_change_to_string(past->change));
                json_end(&json, '}');
        }
        json_end(&json, ']');
        json_end(&json, '}');
        return 0;
}

int handle_tag_history(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        Json json = { .out = &request->answer.body };
        TagPasts pasts;
        int64_t number;
        Page page;
        int r;

        if (!component)
                return -ENOENT;
        r = request_page(request, &page, &number, err);
        if (r >= 0)
                r = store_tag_pasts(reconciler_store(request->api->reconciler),
                                    component->object.id.text, &page, &request->arena, &pasts, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < pasts.n; i++) {
                const TagPast *past = &pasts.items[i];

                json_begin(&json, NULL, '{');
                json_time(&json, "at", past->until);
                json_text(&json, "tag", past->tag);
                json_text(&json, "fromDigest", past->digest);
                json_text(&json, "digest", past->next);
                json_text(&json, "change", image_change_to_string(past->change));
                json_end(&json, '}');
        }
        json_end(&json, ']');
        return 0;
}

/* --- moves ------------------------------------------------------------------------------------ */

/* Reads the member "digest": a digest or the first digits of a digest. Sets *ret to NULL if the
 * body does not have the member. */
static int tag_take_digest(Request *request, const Node *body, const char **ret, Error *err)
{
        int r = body_text(request, body, "digest", false, ret, err);

        if (r < 0 || !*ret || digest_is_valid(*ret) || digest_is_prefix(*ret))
                return r;
        request->pointer = "/digest";
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "body: digest is a digest, or at least %d hex digits of its beginning",
                         DIGEST_PREFIX_MIN);
}

int handle_allow_move(Request *request, Error *err)
{
        static const char *const names[] = { "tag", "digest", "reason", NULL };
        AllowMoveCommand command = { .actor = &request->actor };
        const ComponentSpec *component = find_component(request, err);
        const char *id;
        const Node *body;
        int r;

        if (!component)
                return -ENOENT;
        id = component->object.id.text;
        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_text(request, body, "tag", true, &command.tag, err);
        if (r >= 0)
                r = tag_take_digest(request, body, &command.digest, err);
        if (r >= 0)
                r = body_reason(request, body, &command.reason, err);
        if (r >= 0)
                r = poller_allow_move(reconciler_poller(request->api->reconciler), id, &command,
                                      err);
        return r < 0 ? r : request_show_stored(request, id);
}
