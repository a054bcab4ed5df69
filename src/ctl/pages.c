/* Reads lists of objects page by page, and joins the pages. */

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "model/json.h"

#define PAGE      500
#define PAGE_TEXT "500"

const char *ctl_page_inner(const ClientAnswer *answer, size_t *ret_size)
{
        const char *begin = strchr(answer->text, '['), *end = strrchr(answer->text, ']');

        if (!begin || end <= begin)
                return NULL;
        *ret_size = (size_t)(end - begin - 1);
        return begin + 1;
}

/* Reads a page. If there may be another page, sets options->after for it and returns 1. */
static int read_page(CtlOptions *options, const char *const *parts, const AnswerShape *shape,
                     Buffer *out, Error *err)
{
        const char *path = ctl_path(options, parts), *inner = NULL, *last;
        const char *name = shape->members[0]; /* the list is sorted by this member */
        ClientAnswer answer = { .shape = shape, .raw = true };
        size_t size = 0;
        int r;

        r = ctl_fetch(options, path, &answer, err);
        if (r < 0)
                return r;
        if (answer.json && answer.json->type == NODE_SEQUENCE)
                inner = ctl_page_inner(&answer, &size);
        if (!inner)
                return error_set(err, ERROR_INTERNAL, -EBADMSG, "relmand's answer is no list");
        if (answer.json->n > 0 && out->size > 1)
                (void)buffer_putc(out, ',');
        if (buffer_append(out, inner, size) < 0)
                return error_set(err, ERROR_INTERNAL, -EFBIG, "the list does not fit into memory");
        if (answer.json->n != PAGE)
                return 0; /* the last page, or relmand does not send pages */
        last = node_text(answer.json->items[PAGE - 1], name);
        if (options->all_tenants)
                last = arena_printf(&options->arena, "%s/%s",
                                    node_text(answer.json->items[PAGE - 1], "tenant"), last);
        if (!last)
                return error_oom(err);
        if (options->after && (options->all_tenants ? streq(last, options->after)
                                                    : strcmp(last, options->after) <= 0))
                return error_set(err, ERROR_INTERNAL, -EBADMSG, "relmand's list goes back to '%s'",
                                 last);
        options->after = last;
        return 1;
}

static int read_all(CtlOptions *options, const char *const *parts, const AnswerShape *shape,
                    Buffer *out, Error *err)
{
        int r;

        options->limit = PAGE_TEXT;
        r = read_page(options, parts, shape, out, err);
        if (r < 0 && err->kind == ERROR_INVALID) { /* an older relmand sends the complete list */
                error_done(err);
                options->limit = NULL;
                return read_page(options, parts, shape, out, err);
        }
        while (r > 0)
                r = read_page(options, parts, shape, out, err);
        return r;
}

int ctl_print_pages(CtlOptions *options, const Buffer *json, ClientAnswer *ret, bool *ret_printed,
                    Error *err)
{
        Node *node;
        int r;

        ret->text = json->failed ? NULL : arena_strndup(&options->arena, json->data, json->size);
        if (!ret->text)
                return error_oom(err);
        r = json_to_node(ret->text, json->size, &options->arena, &node, err);
        if (r < 0)
                return r;
        if (options->output != OUTPUT_YAML && answer_escape(node, &options->arena) < 0)
                return error_oom(err);
        ret->json = node;
        return ctl_print(options, ret, ret_printed, err);
}

int ctl_get_all(CtlOptions *options, const char *const *parts, ClientAnswer *ret, bool *ret_printed,
                Error *err)
{
        _cleanup_(buffer_done) Buffer out = { 0 };
        int r;

        if (options->limit)
                return ctl_get(options, ctl_path(options, parts), ret, ret_printed, err);
        buffer_init(&out, API_ANSWER_MAX);
        (void)buffer_putc(&out, '[');
        r = read_all(options, parts, ret->shape, &out, err);
        if (r < 0)
                return r;
        (void)buffer_puts(&out, "]\n");
        return ctl_print_pages(options, &out, ret, ret_printed, err);
}
