/* check and checks: report, run and list the checks of a release in an environment. */

#include <errno.h>
#include <stdio.h>

#include "ctl/promotion/promote.h"

/* --- listing ---------------------------------------------------------------------------------- */

static int checks_add(const Node *check, Table *table)
{
        const char *started = node_text(check, "startedAt"), *ends = node_text(check, "endsAt");
        const char *reported = node_text(check, "reportedAt"), *person = node_text(check, "person");
        const char *by = person[0] ? person : node_text(check, "by");
        const char *promotion = node_text(check, "promotionId");
        const char *const cells[] = {
                node_text(check, "check"),      node_text(check, "when"),
                node_text(check, "state"),      reported[0] ? reported : started[0] ? started : "-",
                ends[0] ? ends : "-",           by[0] ? by : "-",
                promotion[0] ? promotion : "-",
        };

        return table_add(table, cells);
}

static int checks_print(CtlOptions *options, const Node *checks, Error *err)
{
        /* omits the id, which is long and only for programs */
        const char *const columns[] = { "CHECK",
                                        "WHEN",
                                        "STATE",
                                        "SINCE",
                                        "ENDS",
                                        "BY",
                                        options->output == OUTPUT_WIDE ? "PROMOTION" : NULL,
                                        NULL };
        _cleanup_(table_done) Table table;
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < checks->n && r >= 0; i++)
                r = checks_add(checks->items[i], &table);
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}

/* Prints an output below its check, with each line indented. In the answer, newlines are escaped as
 * \n, and tabs as \t. */
static void print_output(const Node *check)
{
        const char *text = node_text(check, "output");
        bool is_begin = true;

        if (!text[0])
                return;
        printf("\noutput of check '%s':\n", node_text(check, "check"));
        for (; *text; text++) {
                bool is_end = text[0] == '\\' && text[1] == 'n';
                bool is_tab = text[0] == '\\' && text[1] == 't';

                printf("%s%c", is_begin ? "    " : "", is_end ? '\n' : is_tab ? '\t' : *text);
                is_begin = is_end;
                text += is_end || is_tab;
        }
        if (!is_begin)
                printf("\n");
}

/* Prints the messages and the evidence of the results. is_wide: also prints the output of
 * programs. */
static void checks_print_messages(const Node *checks, bool is_wide)
{
        for (size_t i = 0; i < checks->n; i++) {
                const Node *check = checks->items[i];
                const char *message = node_text(check, "message");
                const char *evidence = node_text(check, "evidenceRef");

                if (message[0] || evidence[0])
                        printf("\ncheck '%s' %s%s%s%s%s\n", node_text(check, "check"),
                               node_text(check, "state"), message[0] ? ": " : "", message,
                               evidence[0] ? ", see " : "", evidence);
                if (is_wide)
                        print_output(check);
        }
}

int verb_checks(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "environment", "checks[]" } };
        const CtlTakes takes = { NULL, 1, 2, "ENVIRONMENT [RELEASE]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        const Node *checks;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/environments/", options.names[0], "/checks", NULL };

                options.release = options.n_names > 1 ? options.names[1] : NULL;
                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0 || printed)
                return r;
        checks = node_list(answer.json, "checks");
        if (checks->n == 0) {
                printf("environment '%s' has no checks\n", node_text(answer.json, "environment"));
                return 0;
        }
        if (node_text(answer.json, "release")[0])
                printf("environment '%s', release '%s'\n", node_text(answer.json, "environment"),
                       node_text(answer.json, "release"));
        r = checks_print(&options, checks, err);
        if (r >= 0)
                checks_print_messages(checks, options.output == OUTPUT_WIDE);
        return r;
}

/* --- reporting and running -------------------------------------------------------------------- */

static const char *status_of(const CtlOptions *options)
{
        return options->run ? "running" : options->pass ? "passed" : "failed";
}

static int ask_check(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[1], "/checks", NULL };
        const char *const members[] = {
                "releaseId",   options->names[0],  "check",       options->names[2],
                "status",      status_of(options), "promotionId", options->promotion,
                "evidenceRef", options->evidence,  "message",     options->message,
                NULL
        };

        return ctl_post(options, ctl_path(options, parts), ctl_body(options, members), ret,
                        ret_printed, err);
}

int verb_check(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "pass",     "fail",    "run", "promotion",
                                                     "evidence", "message", NULL };
        const CtlTakes takes = { takes_options, 3, 3,
                                 "RELEASE ENVIRONMENT CHECK --pass|--fail|--run [--promotion ID] "
                                 "[--evidence URL] [--message TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.pass + options.fail + options.run != 1)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "say whether the check passed, with either --pass or --fail; with "
                              "--run relmand runs it");
        if (r >= 0 && options.run && (options.promotion || options.evidence || options.message))
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--promotion, --evidence and --message belong to --pass and --fail");
        if (r >= 0)
                r = in_order(call, &options, ask_check, &answer, &printed, err);
        if (r < 0 || printed)
                return r;
        if (ctl_is_table(&options))
                printf("check '%s' of release '%s' %s\n", options.names[2], options.names[0],
                       options.run ? "runs" : status_of(&options));
        print_environment(&options, answer.json);
        return 0;
}
