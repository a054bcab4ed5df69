#include "ctl/diff.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/print/table.h"

const AnswerShape diff_shape = { .members = { "changed[]", "added[]", "removed[]",
                                              "unchanged[]" } };

/* The members of an entry that has one version: version, tag, digest. */
static const char *const diff_one[] = { "version", "tag", "digest" };
static const char *const diff_from[] = { "fromVersion", "fromTag", "fromDigest" };
static const char *const diff_to[] = { "toVersion", "toTag", "toDigest" };

/* Returns the version, with the tag if that differs from it. A leading v is no difference. */
static const char *diff_text(Arena *arena, const Node *item, const char *const *members)
{
        const char *version = node_text(item, members[0]), *tag = node_text(item, members[1]);
        bool differs = tag[0] && !streq(tag + (tag[0] == 'v' && version[0] != 'v'), version);

        return arena_printf(arena, "%s%s%s%s %.19s", version[0] ? version : "?",
                            differs ? " (" : "", differs ? tag : "", differs ? ")" : "",
                            node_text(item, members[2]));
}

static int diff_add(Table *table, const Node *diff, const char *type)
{
        const Node *list = node_list(diff, type);
        bool changed = streq(type, "changed");
        int r = 0;

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *item = list->items[i];
                const char *const cells[] = {
                        node_text(item, "componentName"),
                        changed ? node_text(item, "direction") : type,
                        streq(type, "added")
                                ? ""
                                : diff_text(table->arena, item, changed ? diff_from : diff_one),
                        streq(type, "removed")
                                ? ""
                                : diff_text(table->arena, item, changed ? diff_to : diff_one)
                };

                r = table_add(table, cells);
        }
        return r;
}

bool diff_is_empty(const Node *diff)
{
        return node_list(diff, "changed")->n + node_list(diff, "added")->n +
                       node_list(diff, "removed")->n ==
               0;
}

int diff_print(CtlOptions *options, const Node *diff, bool all, Error *err)
{
        static const char *const types[] = { "changed", "added", "removed", "unchanged" };
        const char *a = node_text(diff, "releaseAName"), *b = node_text(diff, "releaseBName");
        const char *const columns[] = { "COMPONENT", "CHANGE", a[0] ? a : "-", b[0] ? b : "-",
                                        NULL };
        size_t n_same = node_list(diff, "unchanged")->n;
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < ARRAY_SIZE(types) - !all && r >= 0; i++)
                r = diff_add(&table, diff, types[i]);
        if (r < 0)
                return error_oom(err);
        if (all || !diff_is_empty(diff))
                table_print(&table);
        if (!all && n_same > 0)
                printf("%zu component%s unchanged\n", n_same, n_same == 1 ? " is" : "s are");
        return 0;
}

/* --- the verbs -------------------------------------------------------------------------------- */

int verb_compare(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "all", NULL };
        const CtlTakes takes = { takes_options, 2, 2, "RELEASE RELEASE [--all]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &diff_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", options.names[0], "/compare/",
                                              options.names[1], NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        return r < 0 || printed ? r : diff_print(&options, answer.json, options.all, err);
}

int verb_changes(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "from", "to", "all", NULL };
        const CtlTakes takes = { takes_options, 1, 1,
                                 "ENVIRONMENT [--from TIME|DURATION] "
                                 "[--to TIME|DURATION] [--all]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &diff_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = ctl_take_time(&options, "from", &options.from, err);
        if (r >= 0)
                r = ctl_take_time(&options, "to", &options.to, err);
        if (r >= 0) {
                const char *const parts[] = { "/environments/", options.names[0], "/changes",
                                              NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        return r < 0 || printed ? r : diff_print(&options, answer.json, options.all, err);
}
