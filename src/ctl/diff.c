#include "ctl/diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/as-of.h"
#include "ctl/ctl.h"
#include "ctl/print/table.h"
#include "model/source.h"

const AnswerShape diff_shape = { .members = { "changed[]", "added[]", "removed[]",
                                              "unchanged[]" } };

static const AnswerShape named_shape = { .members = { "name" } };

/* The members with version, tag and digest in an entry that has only one version. */
static const char *const diff_one[] = { "version", "tag", "digest" };
static const char *const diff_from[] = { "fromVersion", "fromTag", "fromDigest" };
static const char *const diff_to[] = { "toVersion", "toTag", "toDigest" };

/* Returns the version, with the tag if the tag differs from the version. A leading v is no
 * difference. */
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

void diff_print_revisions(const char *before, const char *separator, const Node *item)
{
        const Node *source = node_map(item, "source");
        const char *from = node_text(source, "fromRevision"), *to = node_text(source, "toRevision"),
                   *link = node_text(source, "link");

        if (!from[0] && !to[0])
                return;
        printf("%s%s%.*s...%.*s%s%s\n", before, separator, from[0] ? source_shown_size(from) : 1,
               from[0] ? from : "?", to[0] ? source_shown_size(to) : 1, to[0] ? to : "?",
               link[0] ? " " : "", link);
}

static void print_source(const Node *item)
{
        diff_print_revisions(node_text(item, "componentName"), ": ", item);
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
        for (size_t i = 0; i < node_list(diff, "changed")->n; i++)
                print_source(node_list(diff, "changed")->items[i]);
        if (!all && n_same > 0)
                printf("%zu component%s unchanged\n", n_same, n_same == 1 ? " is" : "s are");
        return 0;
}

/* --- the verbs -------------------------------------------------------------------------------- */

/* One side of a comparison. */
typedef struct Side {
        const char *name;
        const char *environment; /* NULL: the argument names a release */
        const char *as_of;       /* time of the environment; NULL: now */
        bool is_explicit;        /* the argument includes a kind or a time */
} Side;

/* Returns 1 if the daemon has an object with this name. Otherwise returns 0, or an error if
 * side->is_explicit. */
static int find_side(CtlOptions *options, const char *path, const Side *side,
                     const AnswerShape *shape, const Node **ret, Error *err)
{
        const char *const parts[] = { path, side->name, NULL };
        _cleanup_(error_done) Error missing = { 0 };
        ClientAnswer answer = { .shape = shape };
        int r = ctl_fetch(options, ctl_path(options, parts), &answer, &missing);

        *ret = r < 0 ? NULL : answer.json;
        if (r >= 0 || (missing.kind == ERROR_NOT_FOUND && !side->is_explicit))
                return r >= 0;
        error_move(err, &missing);
        return r;
}

/* Sets side->name to the release that is deployed in the environment, or was at side->as_of.
 * Returns 0 if there is no such environment. */
static int read_environment(CtlOptions *options, Side *side, Error *err)
{
        const Node *environment;
        int r;

        options->as_of = side->as_of;
        r = find_side(options, "/environments/", side, side->as_of ? &as_of_shape : &named_shape,
                      &environment, err);
        options->as_of = NULL; /* releases have no parameter asOf */
        if (r <= 0)
                return r;
        side->environment = side->name;
        side->name = node_text(node_get(environment, "state"), "release");
        if (side->name[0])
                return 1;
        return error_set(err, ERROR_NOT_FOUND, -EREMOTEIO,
                         "environment '%s' has no release%s%s; relmanctl history %s lists what was "
                         "deployed when",
                         side->environment, side->as_of ? " at " : "",
                         side->as_of ? side->as_of : "", side->environment);
}

static int no_past(Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "--as-of and @TIME are about environments: a release does not change");
}

/* Splits an argument into kind (NULL: none), name and time. */
static int split_side(CtlOptions *options, const char *word, const char **ret_kind, Side *side,
                      Error *err)
{
        static const char *const kinds[] = { "environment", "release" };
        const char *slash = strchr(word, '/'), *name = slash ? slash + 1 : word,
                   *at = strchr(name, '@'), *kind = NULL;
        int r = 0;

        if (slash) {
                kind = arena_strndup(&options->arena, word, (size_t)(slash - word));
                r = kind ? ctl_kind(kind, &kind, err) : error_oom(err);
                if (r >= 0 && !streq(kind, kinds[0]) && !streq(kind, kinds[1]))
                        r = ctl_unknown("kind", kind, kinds, ARRAY_SIZE(kinds), err);
        }
        if (r >= 0 && at) {
                kind = kind ? kind : kinds[0];
                side->as_of = at + 1;
                r = streq(kind, kinds[0]) ? ctl_take_time(options, "as-of", &side->as_of, err)
                                          : no_past(err);
        }
        side->name = arena_strndup(&options->arena, name, strcspn(name, "@"));
        side->is_explicit = kind;
        *ret_kind = kind;
        return r < 0 || side->name ? r : error_oom(err);
}

/* Finds the release of an argument RELEASE, ENVIRONMENT, ENVIRONMENT@TIME or KIND/NAME. A release
 * takes precedence over an environment with the same name. */
static int read_side(CtlOptions *options, const char *word, Side *side, Error *err)
{
        const Node *release;
        const char *kind;
        int r = split_side(options, word, &kind, side, err);

        if (r >= 0 && !kind)
                r = find_side(options, "/releases/", side, &named_shape, &release, err);
        if (r != 0 || (kind && streq(kind, "release")))
                return r;
        return read_environment(options, side, err);
}

static void print_side(const Side *side)
{
        if (side->environment)
                printf("environment '%s'%s%s: release '%s'\n", side->environment,
                       side->as_of ? " at " : "", side->as_of ? side->as_of : "", side->name);
}

int verb_compare(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "all", "as-of", NULL };
        const CtlTakes takes = { takes_options, 2, 2,
                                 "RELEASE|ENVIRONMENT[@TIME] RELEASE|ENVIRONMENT[@TIME] [--all] "
                                 "[--as-of TIME|DURATION]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &diff_shape };
        Side a = { 0 }, b = { 0 };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        a.as_of = b.as_of = options.as_of;
        options.as_of = NULL;
        if (r >= 0)
                r = read_side(&options, options.names[0], &a, err);
        if (r >= 0)
                r = read_side(&options, options.names[1], &b, err);
        if (r >= 0 && a.as_of && b.as_of && !a.environment && !b.environment)
                r = no_past(err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", a.name, "/compare/", b.name, NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0 || printed)
                return r;
        print_side(&a);
        print_side(&b);
        return diff_print(&options, answer.json, options.all, err);
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
