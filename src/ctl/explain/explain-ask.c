/* Gets a component and its tags from the daemon. The daemon only lists the tags. relmanctl explains
 * them, so that a hundred thousand tags do not delay other clients of the daemon. */

#include <errno.h>

#include "ctl/ctl.h"
#include "ctl/explain/explain.h"
#include "model/image/image.h"
#include "model/schema/decode.h"

#define TAGS_AT_ONCE "10000"

/* Decodes the members of the answer that belong to the spec. Ignores the other members: they are
 * state, or from another version of the daemon. */
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

/* Refuses invalid tags, which no registry has, because explain would print them on a terminal. */
static int check_tag(const char *tag, Error *err)
{
        return tag_is_valid(tag, strlen(tag))
                       ? 0
                       : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                   "the server's answer is not relman's: '%s' is not a tag", tag);
}

static int add_page(KnownTags *known, const Node *data, const char *only, Arena *arena, Error *err)
{
        for (size_t i = 0; i < data->n; i++) {
                int r = check_tag(node_text(data->items[i], "tag"), err);

                if (r >= 0)
                        r = known_tags_add(known, data->items[i], only, arena, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int list_tags(CtlOptions *options, const char *name, KnownTags *known, Error *err)
{
        static const AnswerShape shape = { true, { "tag" } };
        const char *const parts[] = { "/components/", name, "/tags", NULL };
        const char *next = NULL;
        int r = 0;

        options->limit = TAGS_AT_ONCE;
        do {
                ClientAnswer answer = { .shape = &shape, .raw = true };

                options->after_tag = next;
                r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
                if (r >= 0)
                        r = add_page(known, node_page(answer.json),
                                     options->n_names > 1 ? options->names[1] : NULL,
                                     &options->arena, err);
                next = r < 0 ? "" : node_text(node_get(answer.json, "meta"), "next");
        } while (next[0]);
        return r;
}

static int list_manual(CtlOptions *options, const char *name, KnownTags *known, Error *err)
{
        static const AnswerShape shape = { true, { "tag" } };
        const char *const parts[] = { "/components/", name, "/assignments", NULL };
        ClientAnswer answer = { .shape = &shape, .raw = true };
        const Node *rows;
        int r;

        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0 &&
            err->kind == ERROR_NOT_FOUND) { /* an older relmand has no list of assignments */
                error_done(err);
                return 0;
        }
        rows = r < 0 ? NULL : node_page(answer.json);
        for (size_t i = 0; r >= 0 && i < rows->n; i++) {
                r = check_tag(node_text(rows->items[i], "tag"), err);
                if (r >= 0)
                        r = known_tags_add_manual(known, rows->items[i], &options->arena, err);
        }
        return r;
}

int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, KnownTags *known,
                Error *err)
{
        static const AnswerShape shape = { .members = { "name", "imageRepository" } };
        const char *const parts[] = { "/components/", name, NULL };
        ComponentSpec *component = arena_alloc(&options->arena, sizeof(*component));
        ClientAnswer answer = { .shape = &shape, .raw = true };
        int r;

        if (!component)
                return error_oom(err);
        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r >= 0)
                r = decode_spec(answer.json, &options->arena, component, err);
        if (r >= 0)
                r = known_tags_read_heads(known, answer.json, &options->arena, err);
        if (r >= 0)
                r = list_manual(options, name, known, err);
        if (r >= 0)
                r = list_tags(options, name, known, err);
        *ret = component;
        return r;
}
