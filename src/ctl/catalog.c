/* history and lineage: print the history of environments and releases. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print/table.h"

/* --- history ---------------------------------------------------------------------------------- */

static int print_path(CtlOptions *options, const Node *list, Error *err)
{
        static const char *const columns[] = { "AT", "ENVIRONMENT", "RELEASE", "STATUS",
                                               "BY", "EVIDENCE",    "REASON",  NULL };
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *item = list->items[i];
                const char *const cells[] = {
                        node_text(item, "at"),      node_text(item, "environment"),
                        node_text(item, "release"), node_text(item, "status"),
                        node_text(item, "by"),      node_text(item, "evidenceRef"),
                        node_text(item, "reason")
                };

                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}

int verb_history(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "page", "page-size", NULL };
        static const AnswerShape shape = { true, { "at", "release" } };
        const CtlTakes takes = { takes_options, 1, 1, "ENVIRONMENT" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/environments/", options.names[0], "/history",
                                              NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        return r < 0 || printed ? r : print_path(&options, node_page(answer.json), err);
}

/* Returns the name of a stream, or its id if it was deleted. */
static const char *stream_name(CtlOptions *options, const char *id)
{
        static const AnswerShape shape = { .members = { "name" } };
        const char *const parts[] = { "/streams/", id, NULL };
        ClientAnswer answer = { .shape = &shape };

        return ctl_fetch(options, ctl_path(options, parts), &answer, NULL) < 0
                       ? id
                       : node_text(answer.json, "name");
}

static void print_source(CtlOptions *options, const Node *release)
{
        const Node *source = node_map(release, "sourceRef");

        printf("release     %s (%s)\ncreated     %s%s%s\n", node_text(release, "name"),
               node_text(release, "status"), node_text(release, "createdAt"),
               node_text(release, "createdByName")[0] ? " by " : "",
               node_text(release, "createdByName"));
        if (node_text(release, "declaredAt")[0])
                printf("declared    %s\n", node_text(release, "declaredAt"));
        if (node_text(release, "streamId")[0])
                printf("stream      %s\n", stream_name(options, node_text(release, "streamId")));
        for (size_t i = 0; i < source->n; i++)
                printf("%-11s %s\n", source->entries[i].key,
                       source->entries[i].value->type == NODE_SCALAR
                               ? source->entries[i].value->text
                               : "");
        printf("\n");
}

int verb_lineage(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "path[]" } };
        const CtlTakes takes = { NULL, 1, 1, "RELEASE" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", options.names[0], "/lineage", NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0 || printed)
                return r;
        print_source(&options, node_get(answer.json, "release"));
        return print_path(&options, node_list(answer.json, "path"), err);
}
