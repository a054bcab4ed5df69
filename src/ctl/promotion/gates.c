/* gates: prints the gates that a release must pass before its promotion to an environment. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

static int gates_add(const Node *gate, Table *table)
{
        const char *opens_at = node_text(gate, "opensAt"), *opened_by = node_text(gate, "openedBy");
        const char *const cells[] = {
                node_text(gate, "gate"),
                node_text(gate, "state"),
                opens_at[0] ? opens_at : "-",
                opened_by[0] ? opened_by : "-",
        };

        return table_add(table, cells);
}

static int gates_print(CtlOptions *options, const Node *answer, Error *err)
{
        static const char *const columns[] = { "GATE", "STATE", "OPENS", "OPENED BY", NULL };
        const Node *gates = node_list(answer, "gates");
        _cleanup_(table_done) Table table;
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < gates->n && r >= 0; i++)
                r = gates_add(gates->items[i], &table);
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}

static void gates_print_title(const Node *answer)
{
        const char *environment = node_text(answer, "environment");
        const char *release = node_text(answer, "release"), *message = node_text(answer, "message");

        if (!release[0])
                printf("environment '%s': %s\n", environment,
                       message[0] ? message : "it has no release, and none is desired");
        else
                printf("environment '%s', release '%s': %s\n", environment, release,
                       streq(node_text(answer, "isThere"), "true")  ? "the environment has it"
                       : streq(node_text(answer, "isOpen"), "true") ? "all gates are open"
                                                                    : message);
}

/* Prints who may promote, if the environment names promoters. */
static void gates_print_promoters(const Node *answer)
{
        const Node *promoters = node_list(answer, "promoters");

        for (size_t i = 0; i < promoters->n; i++)
                printf("%s%s%s", i == 0 ? "promoters: " : ", ", promoters->items[i]->text,
                       i + 1 == promoters->n ? "\n" : "");
}

int verb_gates(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "environment", "gates[]" } };
        const CtlTakes takes = { NULL, 1, 2, "ENVIRONMENT [RELEASE]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/environments/", options.names[0], "/gates", NULL };

                options.release = options.n_names > 1 ? options.names[1] : NULL;
                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0)
                return r;
        if (!printed) {
                gates_print_title(answer.json);
                gates_print_promoters(answer.json);
                if (node_list(answer.json, "gates")->n > 0)
                        r = gates_print(&options, answer.json, err);
        }
        if (r < 0)
                return r;
        return streq(node_text(answer.json, "isOpen"), "true") ? CTL_OK : CTL_FOUND;
}
