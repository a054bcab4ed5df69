/* Sends the requests of verbs to the daemon, and prints its answers. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "ctl/options.h"
#include "ctl/print/yaml.h"
#include "model/schema/encode.h"

static int append_query(Buffer *out, bool *first, const char *name, const char *value)
{
        char *escaped = value ? url_escape(value) : NULL;

        if (!value)
                return 0;
        if (!escaped)
                return -ENOMEM;
        (void)buffer_printf(out, "%c%s=%s", *first ? '?' : '&', name, escaped);
        *first = false;
        free(escaped);
        return 0;
}

static int append_queries(const CtlOptions *options, Buffer *out)
{
        const char *const pairs[] = {
                "tenant",      options->tenant,    "status",     options->status,
                "componentId", options->component, "digest",     options->digest,
                "layer",       options->layer,     "base",       options->base,
                "version",     options->version,   "text",       options->text,
                "label",       options->label,     "since",      options->since,
                "until",       options->until,     "from",       options->from,
                "asOf",        options->as_of,     "repository", options->repository,
                "to",          options->to,        "page",       options->page,
                "pageSize",    options->page_size, "channel",    options->channel,
                "limit",       options->limit,     "after",      options->after,
                "afterTag",    options->after_tag, "type",       options->type,
                "object",      options->object,    "component",  options->component_name,
                "tag",         options->tag,       "release",    options->release,
                "format",      options->admission,
        };
        bool first = true;
        int r = 0;

        for (size_t i = 0; i + 1 < ARRAY_SIZE(pairs) && r >= 0; i += 2)
                r = append_query(out, &first, pairs[i], pairs[i + 1]);
        return r;
}

const char *ctl_path(CtlOptions *options, const char *const *parts)
{
        _cleanup_(buffer_done) Buffer path;
        int r = 0;

        buffer_init(&path, (size_t)64 * 1024);
        (void)buffer_puts(&path, "/api/v1");
        for (size_t i = 0; parts[i] && r >= 0; i++) {
                char *escaped = i % 2 == 1 ? url_escape(parts[i]) : NULL;

                if (i % 2 == 0)
                        (void)buffer_puts(&path, parts[i]);
                else
                        r = escaped ? buffer_puts(&path, escaped) : -ENOMEM;
                free(escaped);
        }
        if (r >= 0)
                r = append_queries(options, &path);
        return r < 0 || path.failed ? NULL : arena_strdup(&options->arena, path.data);
}

/* Returns the list of an answer that is a list or a page of a list; otherwise NULL. */
static Node *listed_of(const Node *json)
{
        const Node *page = json ? node_get(json, "data") : NULL;
        const Node *list = page ? page : json;

        return list && list->type == NODE_SEQUENCE ? (Node *)(uintptr_t)list : NULL; /* only read */
}

/* Prints {items, meta} of --output-version 2. Both parts are copied from the answer unchanged. */
static int print_listed_json(const ClientAnswer *answer)
{
        const char *key = strstr(answer->text, "\"data\"");
        size_t size = strlen(answer->text);
        _cleanup_(buffer_done) Buffer out;

        while (size > 0 && answer->text[size - 1] == '\n')
                size--;
        buffer_init(&out, API_ANSWER_MAX + 64);
        if (answer->json->type == NODE_SEQUENCE)
                (void)buffer_printf(&out, "{\"items\":%.*s,\"meta\":{}}", (int)size, answer->text);
        else if (key)
                (void)buffer_printf(&out, "%.*s\"items\"%s", (int)(key - answer->text),
                                    answer->text, key + strlen("\"data\""));
        if (out.failed || !out.data)
                return -ENOMEM;
        answer_print_json(out.data);
        return 0;
}

static void print_listed_yaml(const ClientAnswer *answer, Node *list)
{
        Node none = { .type = NODE_MAPPING };
        const Node *meta = node_get(answer->json, "meta");
        NodeEntry entries[] = { { .key = "items", .value = list },
                                { .key = "meta",
                                  .value = meta ? (Node *)(uintptr_t)meta : &none } };
        const Node all = { .type = NODE_MAPPING, .n = ARRAY_SIZE(entries), .entries = entries };

        yaml_print(&all);
}

int ctl_print(const CtlOptions *options, const ClientAnswer *answer, bool *ret_printed, Error *err)
{
        Node *list = options->is_second ? listed_of(answer->json) : NULL;
        bool is_json = options->output == OUTPUT_JSON;

        *ret_printed = is_json || options->output == OUTPUT_YAML;
        if (is_json && list)
                return print_listed_json(answer) < 0 ? error_oom(err) : 0;
        if (is_json)
                answer_print_json(answer->text);
        else if (*ret_printed && list)
                print_listed_yaml(answer, list);
        else if (*ret_printed)
                yaml_print(answer->json);
        return 0;
}

bool ctl_print_name(const CtlOptions *options, const char *kind, const char *name)
{
        if (options->output == OUTPUT_NAME)
                printf("%s/%s\n", kind, name);
        return options->output == OUTPUT_NAME;
}

bool ctl_is_on_hold(const Node *environment)
{
        return node_map(environment, "hold")->n > 0 &&
               (node_text(environment, "stream")[0] || node_text(environment, "follows")[0]);
}

const char *ctl_plural(const char *number)
{
        return streq(number, "1") ? "" : "s";
}

bool ctl_is_table(const CtlOptions *options)
{
        return options->output == OUTPUT_TABLE || options->output == OUTPUT_WIDE;
}

int ctl_fetch(CtlOptions *options, const char *path, ClientAnswer *ret, Error *err)
{
        const ClientRequest request = { .method = HTTP_GET, .path = path };

        return path ? client_call(&options->place, &request, &options->arena, ret, err)
                    : error_oom(err);
}

int ctl_get(CtlOptions *options, const char *path, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        int r;

        ret->raw = options->output == OUTPUT_YAML;
        r = ctl_fetch(options, path, ret, err);
        return r < 0 ? r : ctl_print(options, ret, ret_printed, err);
}

int ctl_post(CtlOptions *options, const char *path, const char *body, ClientAnswer *ret,
             bool *ret_printed, Error *err)
{
        int r;

        if (!path || !body)
                return error_oom(err);
        ret->raw = options->output == OUTPUT_YAML;
        r = client_call(&options->place,
                        &(ClientRequest){ .method = HTTP_POST,
                                          .path = path,
                                          .body = body,
                                          .idempotency_key = options->idempotency_key },
                        &options->arena, ret, err);
        if (r >= 0)
                r = ctl_print(options, ret, ret_printed, err);
        return r;
}

const char *ctl_body(CtlOptions *options, const char *const *members)
{
        _cleanup_(buffer_done) Buffer body;
        bool first = true;

        buffer_init(&body, (size_t)1024 * 1024);
        (void)buffer_putc(&body, '{');
        for (size_t i = 0; members[i]; i += 2) {
                if (!members[i + 1])
                        continue;
                (void)buffer_puts(&body, first ? "" : ",");
                (void)encode_string(members[i], &body);
                (void)buffer_putc(&body, ':');
                (void)encode_string(members[i + 1], &body);
                first = false;
        }
        (void)buffer_putc(&body, '}');
        return body.failed ? NULL : arena_strdup(&options->arena, body.data);
}

int table_of(Table *table, CtlOptions *options, const char *const *columns)
{
        int r = table_init(table, &options->arena, columns);

        table->wide = options->output == OUTPUT_WIDE;
        return r;
}
