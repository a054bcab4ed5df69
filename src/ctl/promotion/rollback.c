/* rollback: promotes a release that was deployed in the environment before. */

#include <errno.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/diff.h"
#include "ctl/options.h"

/* The shape does not require the deployed release: an environment may have none. */
static const AnswerShape rollback_shape = { .members = { "environment", "targets[]" } };

static int get_plan(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[0], "/rollback", NULL };

        return ctl_get(options, ctl_path(options, parts), ret, ret_printed, err);
}

static bool is_promotable(const Node *target)
{
        return streq(node_text(target, "promotable"), "true");
}

/* Prints whether the release can be pulled. */
static void print_readiness(const Node *target)
{
        const char *readiness = node_text(target, "readiness"),
                   *since = node_text(target, "goneSince");

        if (streq(readiness, "ready"))
                printf("ready: all its digests were found, last checked %s\n",
                       node_text(target, "checkedAt"));
        else
                printf("%s%s%s: %s\n", streq(readiness, "unknown") ? "unknown" : "not ready",
                       since[0] ? " since " : "", since, node_text(target, "problem"));
}

static int print_target(CtlOptions *options, const Node *target, Error *err)
{
        const Node *one_way = node_list(target, "oneWay");

        printf("\nrelease '%s' (%s), deployed %s%s\n", node_text(target, "release"),
               node_text(target, "status"), node_text(target, "deployedAt"),
               is_promotable(target) ? "" : ": cannot be promoted");
        print_readiness(target);
        for (size_t i = 0; i < one_way->n; i++)
                if (node_is_text(one_way->items[i]))
                        printf("one-way: migration '%s' differs; what it changed stays\n",
                               one_way->items[i]->text);
        return diff_print(options, node_map(target, "changes"), false, err);
}

static int print_plan(CtlOptions *options, const Node *plan, Error *err)
{
        const Node *targets = node_list(plan, "targets");
        const char *release = node_text(plan, "release");
        int r = 0;

        printf("environment '%s' has %s%s%s\n", node_text(plan, "environment"),
               release[0] ? "release '" : "no release", release, release[0] ? "'" : "");
        if (targets->n == 0)
                printf("no other release was deployed there\n");
        for (size_t i = 0; i < targets->n && r >= 0; i++)
                r = print_target(options, targets->items[i], err);
        return r;
}

/* Returns the newest release of the plan that can be promoted; NULL if there is none. */
static const Node *newest_target(const Node *plan)
{
        const Node *targets = node_list(plan, "targets");

        for (size_t i = 0; i < targets->n; i++)
                if (is_promotable(targets->items[i]))
                        return targets->items[i];
        return NULL;
}

/* Returns the newest release of the plan whose readiness is "ready"; NULL if there is none. */
static const Node *newest_ready(const Node *plan)
{
        const Node *targets = node_list(plan, "targets");

        for (size_t i = 0; i < targets->n; i++)
                if (streq(node_text(targets->items[i], "readiness"), "ready"))
                        return targets->items[i];
        return NULL;
}

/* Refuses a release that cannot be pulled. Only a person may choose an older release instead. */
static int check_target(const CtlOptions *options, const Node *plan, const Node *target, Error *err)
{
        const Node *ready = newest_ready(plan);

        if (!streq(node_text(target, "readiness"), "notReady"))
                return 0;
        if (!ready)
                return error_set(err, ERROR_CONFLICT, -EREMOTEIO,
                                 "release '%s' cannot be pulled, and no earlier one: %s; push its "
                                 "images again by digest",
                                 node_text(target, "release"), node_text(target, "problem"));
        return error_set(
                err, ERROR_CONFLICT, -EREMOTEIO,
                "release '%s' cannot be pulled: %s; relmanctl rollback %s --to %s promotes "
                "one that can",
                node_text(target, "release"), node_text(target, "problem"), options->names[0],
                node_text(ready, "release"));
}

/* Finds the release to promote. Does not print the answer with the plan. */
static int find_target(CtlOptions *options, const char **ret, Error *err)
{
        const CtlOutput output = options->output;
        ClientAnswer answer = { .shape = &rollback_shape };
        const Node *target;
        bool printed;
        int r;

        if (*ret)
                return 0;
        options->output = OUTPUT_TABLE;
        r = get_plan(options, &answer, &printed, err);
        options->output = output;
        if (r < 0)
                return r;
        target = newest_target(answer.json);
        if (!target)
                return error_set(err, ERROR_CONFLICT, -EREMOTEIO,
                                 "environment '%s': none of the last releases that were deployed "
                                 "there can be promoted; relmanctl rollback %s --plan shows them",
                                 options->names[0], options->names[0]);
        *ret = node_text(target, "release");
        return check_target(options, answer.json, target, err);
}

int verb_rollback(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "plan",  "to",   "reason", "allow-removals",
                                                     "force", "wait", NULL };
        const CtlTakes takes = { takes_options, 1, 1,
                                 "ENVIRONMENT [--plan | --to RELEASE] [--reason TEXT] "
                                 "[--allow-removals] [--force] [--wait]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &rollback_shape };
        const char *release;
        char *names[2];
        bool printed = false;
        int r = ctl_options_parse(call, &takes, &options, err);

        if (r >= 0 && options.plan && (options.to || options.wait || options.reason))
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--plan only lists: it does not go with --to, --reason or --wait");
        if (r < 0)
                return r;
        release = options.to;
        options.to = NULL; /* `to` is a release here, not a parameter of the API */
        if (options.plan) {
                r = get_plan(&options, &answer, &printed, err);
                return r < 0 || printed ? r : print_plan(&options, answer.json, err);
        }
        r = find_target(&options, &release, err);
        if (r < 0)
                return r;
        names[0] = arena_strdup(&options.arena, release);
        names[1] = options.names[0];
        options.names = names;
        options.n_names = 2;
        return names[0] ? promote_release(&options, err) : error_oom(err);
}
