/* why: prints the obstacles between the registry and the lockfile of an environment. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

static int why_ask(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[0], "/why", NULL };
        const char *colon = options->n_names > 1 ? strchr(options->names[1], ':') : NULL;

        if (options->n_names > 1 && colon) {
                options->component_name = arena_strndup(&options->arena, options->names[1],
                                                        (size_t)(colon - options->names[1]));
                options->tag = colon + 1;
                if (!options->component_name)
                        return error_oom(err);
        } else if (options->n_names > 1)
                options->component_name = options->names[1];
        return ctl_get(options, ctl_path(options, parts), ret, ret_printed, err);
}

static bool is_obstacle(const Node *answer, const Node *step)
{
        return streq(node_text(answer, "obstacle"), node_text(step, "step"));
}

static void print_title(const Node *answer)
{
        const char *component = node_text(answer, "component"), *tag = node_text(answer, "tag");

        printf("environment '%s'", node_text(answer, "environment"));
        if (component[0])
                printf(", component '%s'", component);
        if (tag[0])
                printf(", tag '%s'", tag);
        if (node_text(answer, "release")[0])
                printf(", release '%s'", node_text(answer, "release"));
        if (node_text(answer, "obstacle")[0])
                printf(": first obstacle: %s\n\n", node_text(answer, "obstacle"));
        else
                printf(": nothing stands in the way\n\n");
}

static void print_steps(const Node *answer)
{
        const Node *steps = node_list(answer, "steps");

        for (size_t i = 0; i < steps->n; i++) {
                const Node *step = steps->items[i];
                const char *message = node_text(step, "message");

                printf("%c %-12s  %-7s  %s\n", is_obstacle(answer, step) ? '>' : ' ',
                       node_text(step, "step"), node_text(step, "state"),
                       message[0] ? message : "-");
        }
}

static const char *or_dash(const char *text)
{
        return text[0] ? text : "-";
}

static int print_components(CtlOptions *options, const Node *answer, Error *err)
{
        static const char *const columns[] = { "COMPONENT", "CHANNEL", "HEAD",    "RELEASED",
                                               "STATE",     "REASON",  "MESSAGE", NULL };
        const Node *rows = node_list(answer, "components");
        _cleanup_(table_done) Table table;
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < rows->n && r >= 0; i++) {
                const Node *row = rows->items[i];
                const char *const cells[] = {
                        node_text(row, "component"),
                        or_dash(node_text(row, "channel")),
                        or_dash(node_text(row, "head")),
                        or_dash(node_text(row, "released")),
                        node_text(row, "state"),
                        or_dash(node_text(row, "reason")),
                        or_dash(node_text(row, "message")),
                };

                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        if (rows->n > 0) {
                printf("\n");
                table_print(&table);
        }
        return 0;
}

static void print_next(const Node *answer)
{
        const char *next = node_text(answer, "next");

        if (!node_text(answer, "obstacle")[0])
                return;
        printf("\nnext: %s\n", next[0] ? next : "nothing to type; it continues on its own");
}

int verb_why(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "environment", "steps[]",
                                                        "components[]" } };
        const CtlTakes takes = { NULL, 1, 2, "ENVIRONMENT [COMPONENT | COMPONENT:TAG]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = why_ask(&options, &answer, &printed, err);
        if (r < 0)
                return r;
        if (!printed) {
                print_title(answer.json);
                print_steps(answer.json);
                r = print_components(&options, answer.json, err);
                print_next(answer.json);
        }
        if (r < 0)
                return r;
        return node_text(answer.json, "obstacle")[0] ? CTL_FOUND : CTL_OK;
}
