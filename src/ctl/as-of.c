#include "ctl/as-of.h"

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/list.h"

/* A version of relmand without the parameter asOf answers with the current state, and without this
 * member. */
const AnswerShape as_of_shape = { false, { "name", "asOf" } };
const AnswerShape as_of_list_shape = { true, { "name", "asOf" } };

/* Adds the row of an environment. of_all: the list has the environments of all tenants. */
static int as_of_add(Table *table, const Node *environment, bool of_all)
{
        const Node *state = node_get(environment, "state");
        const char *const cells[] = {
                node_text(environment, "tenant"),   node_text(environment, "name"),
                node_text(state, "release"),        node_text(state, "status"),
                node_text(state, "deployedAt"),     node_text(state, "deployedBy"),
                node_text(state, "deployedRelease")
        };

        return table_add(table, cells + !of_all);
}

int as_of_print(CtlOptions *options, const Node *const *items, size_t n, Error *err)
{
        static const char *const columns[] = { "NAME", "RELEASE",  "STATUS", "SINCE",
                                               "BY",   "DEPLOYED", NULL };
        _cleanup_(table_done) Table table = { 0 };
        int r = list_table(&table, options, columns);

        for (size_t i = 0; i < n && r >= 0; i++)
                if (!ctl_print_name(options, "environment", node_text(items[i], "name")))
                        r = as_of_add(&table, items[i], options->all_tenants);
        if (r < 0)
                return error_oom(err);
        if (!ctl_is_table(options))
                return 0;
        printf("as of %s:\n", options->as_of);
        table_print(&table);
        return 0;
}

int as_of_list(CtlOptions *options, Error *err)
{
        static const char *const parts[] = { "/environments", NULL };
        ClientAnswer answer = { .shape = &as_of_list_shape };
        const Node *list;
        bool printed = false;
        int r = ctl_get_all(options, parts, &answer, &printed, err);

        if (r < 0 || printed)
                return r;
        list = node_page(answer.json);
        return as_of_print(options, (const Node *const *)list->items, list->n, err);
}
