/* approvals: prints who has approved which releases for an environment. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

/* Formats the persons whose approval counts: "anna, ben". */
static const char *approvals_persons(CtlOptions *options, const Node *release)
{
        const Node *list = node_list(release, "persons");
        const char *persons = "";

        for (size_t i = 0; persons && i < list->n; i++)
                persons = arena_printf(&options->arena, "%s%s%s", persons, i > 0 ? ", " : "",
                                       node_is_text(list->items[i]) ? list->items[i]->text : "");
        return persons && !persons[0] ? "-" : persons;
}

static int approvals_add(CtlOptions *options, const Node *release, const char *required,
                         Table *table)
{
        bool is_next = streq(node_text(release, "isNext"), "true");
        const char *const cells[] = {
                node_text(release, "release"),
                arena_printf(&options->arena, "%s of %s", node_text(release, "given"), required),
                node_list(release, "rejections")->n > 0 ? "rejected"
                : is_next                               ? "next"
                                                        : "-",
                approvals_persons(options, release),
        };

        return cells[1] && cells[3] ? table_add(table, cells) : -ENOMEM;
}

static int print_releases(CtlOptions *options, const Node *answer, Error *err)
{
        static const char *const columns[] = { "RELEASE", "APPROVALS", "STATE", "PERSONS", NULL };
        const Node *releases = node_list(answer, "releases");
        _cleanup_(table_done) Table table;
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < releases->n && r >= 0; i++)
                r = approvals_add(options, releases->items[i], node_text(answer, "required"),
                                  &table);
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}

/* Prints the approvals or rejections that have a message. */
static void print_verdicts(const Node *release, const char *member, const char *verb)
{
        const Node *list = node_list(release, member);

        for (size_t i = 0; i < list->n; i++) {
                const char *message = node_text(list->items[i], "message");

                if (message[0] || streq(member, "rejections"))
                        printf("\nrelease '%s' was %s by %s at %s%s%s\n",
                               node_text(release, "release"), verb,
                               node_text(list->items[i], "person"), node_text(list->items[i], "at"),
                               message[0] ? ": " : "", message);
        }
}

/* Prints messages, and the next command if approvals are missing. */
static void print_next(const Node *answer)
{
        const Node *releases = node_list(answer, "releases");

        for (size_t i = 0; i < releases->n; i++) {
                const Node *release = releases->items[i];
                const char *next = node_text(release, "next");

                print_verdicts(release, "approvals", "approved");
                print_verdicts(release, "rejections", "rejected");
                if (next[0])
                        printf("\n%s: %s\n", node_text(release, "waitsFor"), next);
        }
}

int verb_approvals(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "environment", "required", "releases[]" } };
        const CtlTakes takes = { NULL, 1, 1, "ENVIRONMENT" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/environments/", options.names[0], "/approvals",
                                              NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0 || printed)
                return r;
        if (streq(node_text(answer.json, "required"), "0"))
                printf("environment '%s' requires no approvals\n",
                       node_text(answer.json, "environment"));
        if (node_list(answer.json, "releases")->n > 0 &&
            !streq(node_text(answer.json, "required"), "0"))
                r = print_releases(&options, answer.json, err);
        if (r >= 0)
                print_next(answer.json);
        return r;
}
