/* status: prints the overall health, and the next step for each environment. */

#include <stdio.h>
#include <string.h>

#include "ctl/as-of.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print/table.h"
#include "model/object.h"

static int print_troubles(CtlOptions *options, const Node *list, const char *heading, Error *err)
{
        static const char *const columns[] = { "TENANT", "KIND",  "NAME",    "CONDITION",
                                               "REASON", "SINCE", "MESSAGE", NULL };
        static const char *const members[] = { "tenant", "kind",  "name",   "type",
                                               "reason", "since", "message" };
        const size_t first = options->all_tenants ? 0 : 1;
        _cleanup_(table_done) Table table = { 0 };
        int r;

        if (list->n == 0)
                return 0;
        r = table_of(&table, options, columns + first);
        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const char *cells[TABLE_COLUMNS_MAX] = { 0 };

                for (size_t j = first; j < ARRAY_SIZE(members); j++)
                        cells[j - first] = node_text(list->items[i], members[j]);
                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        printf("\n%s", heading);
        table_print(&table);
        return 0;
}

/* Prints the diagnostics of specs, such as "specs/api.yaml:14:7: error: ...". Then prints the
 * number of further ones, with a noun such as "warning". */
static void print_diags(const Node *list, const char *severity, const char *more, const char *noun)
{
        for (size_t i = 0; i < list->n; i++) {
                const Node *item = list->items[i];
                const char *file = node_text(item, "file"), *line = node_text(item, "line"),
                           *column = node_text(item, "column");

                printf("%s%s%s%s%s%s%s%s: %s", i == 0 ? "\n" : "", file, line[0] ? ":" : "", line,
                       column[0] ? ":" : "", column, file[0] ? ": " : "", severity,
                       node_text(item, "message"));
                if (node_text(item, "commit")[0])
                        printf(" (commit %.12s)", node_text(item, "commit"));
                printf("\n");
        }
        if (more[0] && !streq(more, "0"))
                printf("and %s more %s%s; relmanctl lint DIR lists all\n", more, noun,
                       ctl_plural(more));
}

static void print_spec_diags(const Node *status)
{
        print_diags(node_list(status, "specErrors"), "error", node_text(status, "moreSpecErrors"),
                    "broken file");
        print_diags(node_list(status, "specWarnings"), "warning",
                    node_text(status, "moreSpecWarnings"), "warning");
}

/* Prints a line such as "components    12 (1 failing, 1 suspended)". */
static void print_counts(const Node *status, const char *name)
{
        const Node *counts = node_map(status, name);
        bool first = true;

        printf("%-13s %s", name, node_text(counts, "total"));
        for (size_t i = 0; i < counts->n; i++) {
                const NodeEntry *entry = &counts->entries[i];
                size_t length;

                if (streq(entry->key, "total") || entry->value->type != NODE_SCALAR ||
                    streq(entry->value->text, "0"))
                        continue;
                /* Appends a count: "1 error", "1 failing". */
                length = strlen(entry->key);
                if (streq(entry->value->text, "1") && length > 0 && entry->key[length - 1] == 's')
                        length--;
                printf("%s%s %.*s", first ? " (" : ", ", entry->value->text, (int)length,
                       entry->key);
                first = false;
        }
        printf("%s\n", first ? "" : ")");
}

/* Prints the commit of the specs, and where it comes from. */
static void print_commit(const Node *status)
{
        const Node *git = node_map(status, "specsGit");
        const char *path = node_text(git, "path");

        if (node_text(status, "specCommit")[0])
                printf("commit        %s\n", node_text(status, "specCommit"));
        if (git->n > 0)
                printf("from          branch '%s' of %s%s%s\n", node_text(git, "branch"),
                       node_text(git, "url"), path[0] ? ", path " : "", path);
}

/* --- next steps ------------------------------------------------------------------------------- */

/* Prints what an item waits for. Omits the command at the end of the text, which print_next()
 * prints in its own line. */
static void print_waits_for(const Node *item, const char *next)
{
        const char *text = node_text(item, "waitsFor"), *command = strstr(text, " (relmanctl ");
        size_t size = command && strncmp(command + 2, next, strlen(next)) == 0
                              ? (size_t)(command - text)
                              : strlen(text);

        printf("  waits for    %.*s\n", (int)size, text);
}

/* Prints a line such as "  approved by  anna, ben (2 of 3)". */
static void print_approvals(const Node *item)
{
        const Node *approvals = node_map(item, "approvals");
        const Node *persons = node_list(approvals, "persons");

        if (approvals->n == 0)
                return;
        printf("  approved by  ");
        for (size_t i = 0; i < persons->n; i++)
                printf("%s%s", i > 0 ? ", " : "",
                       node_is_text(persons->items[i]) ? persons->items[i]->text : "");
        printf("%s (%s of %s)\n", persons->n > 0 ? "" : "nobody", node_text(approvals, "given"),
               node_text(approvals, "required"));
}

/* Prints the next command. Includes a tenant other than the default one, so that a user can paste
 * the command. */
static void print_next(const Node *item)
{
        const char *tenant = node_text(item, "tenant"), *next = node_text(item, "next");
        bool is_default = streq(tenant, DEFAULT_TENANT);

        if (next[0])
                printf("  %-12s %s%s%s\n",
                       streq(node_text(item, "needsAction"), "true") ? "to do" : "see", next,
                       is_default ? "" : " --tenant ", is_default ? "" : tenant);
}

static void print_pending(const CtlOptions *options, const Node *status)
{
        const Node *list = node_list(status, "pending");
        const char *more = node_text(status, "morePending");

        if (list->n > 0)
                printf("\nwhat is next:\n");
        for (size_t i = 0; i < list->n; i++) {
                const Node *item = list->items[i];
                const char *deployed = node_text(item, "deployed");

                if (options->all_tenants)
                        printf("%s/", node_text(item, "tenant"));
                printf("%s: %s%s%s%s\n", node_text(item, "environment"), node_text(item, "release"),
                       deployed[0] ? " (now " : "", deployed, deployed[0] ? ")" : "");
                print_waits_for(item, node_text(item, "next"));
                if (node_text(item, "opensAt")[0])
                        printf("  opens at     %s\n", node_text(item, "opensAt"));
                print_approvals(item);
                print_next(item);
        }
        if (more[0] && !streq(more, "0"))
                printf("and %s more environment%s; relmanctl get environments lists them\n", more,
                       ctl_plural(more));
}

static int print_status(CtlOptions *options, const Node *status, Error *err)
{
        static const char *const names[] = { "specs", "components", "releases", "environments",
                                             "receivers" };
        int r;

        printf("relmand       %s, since %s\n", node_text(status, "version"),
               node_text(status, "startedAt"));
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                if (node_map(status, names[i])->n > 0)
                        print_counts(status, names[i]);
                if (i == 0)
                        print_commit(status);
        }
        printf("drift         %s\n", node_text(status, "drift"));
        print_spec_diags(status);
        r = print_troubles(options, node_list(status, "troubles"), "", err);
        if (r >= 0)
                r = print_troubles(options, node_list(status, "notices"),
                                   "for information, without effect on the exit status:\n", err);
        if (r >= 0)
                print_pending(options, status);
        return r;
}

/* For health checks: an error unless the daemon is ready. */
static int check_ready(CtlOptions *options, Error *err)
{
        static const AnswerShape shape = { .members = { "status" } };
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;

        return ctl_get(options, "/readyz", &answer, &printed, err);
}

int verb_status(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "all-tenants", "as-of", "ready", NULL };
        static const char *const parts[] = { "/status", NULL };
        static const AnswerShape shape = { .members = { "version", "ok", "troubles[]" } };
        const CtlTakes takes = { takes_options, 0, 0,
                                 "[--all-tenants] [--as-of TIME|DURATION] [--ready]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.ready)
                return check_ready(&options, err);
        if (r >= 0 && options.as_of) /* the daemon stores past states of environments only */
                return as_of_list(&options, err);
        if (r >= 0)
                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        if (r >= 0 && !printed)
                r = print_status(&options, answer.json, err);
        if (r < 0)
                return r;
        return streq(node_text(answer.json, "ok"), "true") ? CTL_OK : CTL_FOUND;
}
