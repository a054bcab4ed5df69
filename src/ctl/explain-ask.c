/* A component and its tags as the daemon knows them. The daemon only lists: to explain is the work
 * of whoever asks, so that a hundred thousand tags hold up nobody else. */

#include <errno.h>

#include "base/vec.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "model/decode.h"
#include "model/image.h"

#define TAGS_AT_ONCE "10000"

/* What of the answer is of the spec: the rest is of the daemon's own, or of another version. */
static int decode_spec(const Node *answer, Arena *arena, ComponentSpec *ret, Error *err)
{
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        int r;

        diag_list_init(&diags);
        r = decode_known(component_schema.spec, answer, arena, ret, &diags);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return error_set(
                        err, ERROR_INTERNAL, r,
                        "component '%s' as relmand gives it cannot be read (%s); is relmanctl of "
                        "the same version?",
                        node_text(answer, "name"), diags.n > 0 ? diags.items[0].message : "");
        ret->object.meta.name = node_text(answer, "name");
        ret->object.meta.tenant = node_text(answer, "tenant");
        return 0;
}

typedef struct TagList {
        const char **items;
        size_t n, capacity;
} TagList;

/* No registry has other tags, and they go to terminals. */
static int check_tag(const char *tag, Error *err)
{
        return tag_is_valid(tag, strlen(tag))
                       ? 0
                       : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                   "the server's answer is not relman's: '%s' is not a tag", tag);
}

static int add_page(TagList *list, const Node *data, Error *err)
{
        for (size_t i = 0; i < data->n; i++) {
                const Node *tag = data->items[i];
                int r;

                if (streq(node_text(tag, "gone"), "true"))
                        continue;
                r = check_tag(node_text(tag, "tag"), err);
                if (r < 0)
                        return r;
                if (vec_reserve(&list->items, &list->capacity, list->n + 1, sizeof(char *)) < 0)
                        return error_oom(err);
                list->items[list->n++] = node_text(tag, "tag");
        }
        return 0;
}

static int list_tags(CtlOptions *options, const char *name, TagList *list, Error *err)
{
        static const AnswerShape shape = { true, { "tag" } };
        const char *const parts[] = { "/components/", name, "/tags", NULL };
        const char *path, *next = NULL;
        int r = 0;

        options->limit = TAGS_AT_ONCE;
        do {
                ClientAnswer answer = { .shape = &shape, .raw = true };

                options->after_tag = next;
                path = ctl_path(options, parts);
                if (!path)
                        return error_oom(err);
                r = client_call(&options->place,
                                &(ClientRequest){ .method = HTTP_GET, .path = path },
                                &options->arena, &answer, err);
                if (r >= 0)
                        r = add_page(list, node_page(answer.json), err);
                next = r < 0 ? "" : node_text(node_get(answer.json, "meta"), "next");
        } while (next[0]);
        return r;
}

int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, Strings *ret_tags,
                Error *err)
{
        static const AnswerShape shape = { .members = { "name", "imageRepository" } };
        const char *const parts[] = { "/components/", name, NULL };
        ComponentSpec *component = arena_alloc(&options->arena, sizeof(*component));
        const char *path = ctl_path(options, parts);
        ClientAnswer answer = { .shape = &shape, .raw = true };
        TagList list = { 0 };
        int r;

        if (!component || !path)
                return error_oom(err);
        r = client_call(&options->place, &(ClientRequest){ .method = HTTP_GET, .path = path },
                        &options->arena, &answer, err);
        if (r >= 0)
                r = decode_spec(answer.json, &options->arena, component, err);
        if (r >= 0)
                r = list_tags(options, name, &list, err);
        if (r >= 0) {
                ret_tags->items = arena_alloc_array(&options->arena, list.n, sizeof(char *));
                if (!ret_tags->items)
                        r = error_oom(err);
                else if (list.n > 0)
                        memcpy(ret_tags->items, list.items, list.n * sizeof(char *));
                ret_tags->n = list.n;
                *ret = component;
        }
        free(list.items);
        return r;
}
