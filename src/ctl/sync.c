/* sync: polls components, and prints the changes. */

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/options.h"

/* Gets the component, to compare its state before and after the poll. Returns NULL after a failure,
 * because the poll then reports the error. */
static const Node *get_component(CtlOptions *options, const char *name)
{
        static const AnswerShape shape = { .members = { "name" } };
        const char *const parts[] = { "/components/", name, NULL };
        _cleanup_(error_done) Error error = { 0 };
        ClientAnswer answer = { .shape = &shape };

        if (!ctl_is_table(options) ||
            ctl_fetch(options, ctl_path(options, parts), &answer, &error) < 0)
                return NULL;
        return answer.json;
}

static const char *head_tag(const Node *component, const char *channel)
{
        const Node *head = node_get(node_map(component, "channels"), channel);

        return head ? node_text(head, "tag") : "";
}

/* Prints a line for a channel whose head has changed, such as "  stable: v1.0.0 -> v1.1.0". */
static void print_head(const char *channel, const char *from, const char *to)
{
        if (!streq(from, to))
                printf("  %s: %s -> %s\n", channel, from[0] ? from : "nothing",
                       to[0] ? to : "nothing");
}

static void print_changes(CtlOptions *options, const Node *before, const Node *after)
{
        const Node *old = node_map(before, "channels"), *new = node_map(after, "channels");
        const char *problems = list_conditions(after, &options->arena);

        for (size_t i = 0; i < new->n; i++) {
                const char *channel = new->entries[i].key;

                print_head(channel, head_tag(before, channel), head_tag(after, channel));
        }
        for (size_t i = 0; i < old->n; i++)
                if (!node_get(new, old->entries[i].key))
                        print_head(old->entries[i].key, head_tag(before, old->entries[i].key), "");
        if (problems[0] && !streq(problems, list_conditions(before, &options->arena)))
                printf("  %s: relmanctl describe component %s\n", problems,
                       node_text(after, "name"));
}

static int sync_with(CtlOptions *options, const char *name, Error *err)
{
        static const AnswerShape shape = { .members = { "synced" } };
        const char *const parts[] = { "/components/", name, "/sync-versions", NULL };
        const Node *before = get_component(options, name), *after;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        if (options->output != OUTPUT_JSON && options->output != OUTPUT_YAML)
                /* one row is sufficient, because the table shows only the number of rows */
                options->limit = "1";
        r = ctl_post(options, ctl_path(options, parts),
                     options->force ? "{\"forceRefresh\":true}" : "{}", &answer, &printed, err);
        options->limit = NULL; /* the limit is for that request only */
        if (r < 0 || printed || ctl_print_name(options, "component", name))
                return r;
        printf("component '%s': %s version%s\n", name, node_text(answer.json, "synced"),
               ctl_plural(node_text(answer.json, "synced")));
        after = before ? get_component(options, name) : NULL;
        if (after)
                print_changes(options, before, after);
        return r;
}

/* Polls one component, and frees its answers, because there may be thousands of components. */
static int sync_one(const CtlOptions *options, const char *name, Error *err)
{
        CtlOptions own = *options;
        int r;

        arena_init(&own.arena, API_ANSWER_MAX * 16);
        r = sync_with(&own, name, err);
        arena_done(&own.arena);
        return r;
}

/* With --all, uses the names of all components instead of the given ones. */
static int sync_names(CtlOptions *options, Error *err)
{
        static const AnswerShape shape = { true, { "name" } };
        const char *const parts[] = { "/components", NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        int r;

        if (options->all == (options->n_names > 0))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "sync takes names of components, or --all");
        if (!options->all)
                return 0;
        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0)
                return r;
        list = node_page(answer.json);
        options->names = arena_alloc_array(&options->arena, list->n + 1, sizeof(*options->names));
        if (!options->names)
                return error_oom(err);
        for (size_t i = 0; i < list->n; i++) {
                options->names[i] =
                        arena_strdup(&options->arena, node_text(list->items[i], "name"));
                if (!options->names[i])
                        return error_oom(err);
        }
        options->n_names = (int)list->n;
        return 0;
}

/* Polls components, with or without --wait. A failure of one component does not stop the others. */
int verb_sync(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "force", "wait", "all", NULL };
        const CtlTakes takes = { takes_options, 0, 10000,
                                 "COMPONENT... | --all [--force] [--wait]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r, failed = 0;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = sync_names(&options, err);
        for (int i = 0; i < options.n_names && r >= 0; i++) {
                _cleanup_(error_done) Error error = { 0 };

                if (sync_one(&options, options.names[i], &error) >= 0)
                        continue;
                if ((options.n_names == 1 && !options.all) || error.code != -EREMOTEIO) {
                        r = error.code;
                        error_move(err, &error);
                        return r;
                }
                log_error("component '%s': %s", options.names[i], error_message(&error));
                failed = CTL_FOUND;
        }
        return r < 0 ? r : failed;
}
