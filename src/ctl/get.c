/* get: prints lists of objects, and single objects. */

#include <errno.h>
#include <stdio.h>

#include "base/parse.h"
#include "ctl/as-of.h"
#include "ctl/ctl.h"
#include "ctl/list.h"
#include "ctl/options.h"
#include "ctl/print/table.h"

static const char *count_text(const Node *object, const char *key, Arena *arena)
{
        const Node *list = node_list(object, key);

        return arena_printf(arena, "%zu", list->n);
}

/* --- releases --------------------------------------------------------------------------------- */

static int add_release(Table *table, const Node *release)
{
        const char *const cells[] = { node_text(release, "name"),
                                      node_text(release, "status"),
                                      count_text(release, "components", table->arena),
                                      count_text(release, "deployedEnvironments", table->arena),
                                      node_text(release, "createdAt"),
                                      list_conditions(release, table->arena) };

        return table_add(table, cells);
}

static int print_releases(CtlOptions *options, const Node *list, Error *err)
{
        static const char *const columns[] = {
                "NAME", "STATUS", "COMPONENTS", "ENVIRONMENTS", "CREATED", "CONDITIONS", NULL
        };
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                if (!ctl_print_name(options, "release", node_text(list->items[i], "name")))
                        r = add_release(&table, list->items[i]);
        }
        if (r < 0)
                return error_oom(err);
        if (ctl_is_table(options))
                table_print(&table);
        return 0;
}

static int print_components(CtlOptions *options, const Node *release, Error *err)
{
        static const char *const columns[] = {
                "COMPONENT", "VERSION", "TAG", "ROLE", "IMAGE", NULL
        };
        const Node *list = node_list(release, "components");
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *item = list->items[i];
                const char *const cells[] = { node_text(item, "componentName"),
                                              node_text(item, "semver"), node_text(item, "tag"),
                                              node_text(item, "role"),
                                              arena_printf(&options->arena, "%s@%s",
                                                           node_text(item, "imageRepository"),
                                                           node_text(item, "digest")) };

                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        printf("\n");
        table_print(&table);
        return 0;
}

/* --- environments ----------------------------------------------------------------------------- */

/* Formats the source of an environment's releases: "stream shop", "env staging", or the release
 * that the document names. */
static const char *follows_text(const Node *environment, Arena *arena)
{
        const char *stream = node_text(environment, "stream");
        const char *follows = node_text(environment, "follows");

        if (ctl_is_on_hold(environment))
                return "on hold";
        if (stream[0])
                return arena_printf(arena, "stream %s", stream);
        return follows[0] ? arena_printf(arena, "env %s", follows)
                          : node_text(environment, "release");
}

/* Adds the row of an environment. of_all: the list has the environments of all tenants. */
static int add_environment(Table *table, const Node *environment, bool of_all)
{
        const Node *state = node_get(environment, "state");
        const Node *pending = node_map(environment, "pending");
        const char *const cells[] = { node_text(environment, "tenant"),
                                      node_text(environment, "name"),
                                      node_text(state, "release"),
                                      node_text(state, "status"),
                                      node_text(state, "deployedAt"),
                                      node_text(state, "deployedBy"),
                                      follows_text(environment, table->arena),
                                      list_conditions(environment, table->arena),
                                      pending->n > 0 ? arena_printf(table->arena, "%s waits for %s",
                                                                    node_text(pending, "release"),
                                                                    node_text(pending, "waitsFor"))
                                                     : "" };

        return table_add(table, cells + !of_all);
}

static bool is_pending(const Node *const *environments, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (node_map(environments[i], "pending")->n > 0)
                        return true;
        return false;
}

/* Prints environments. The last column is shown only if a row has a value in it. */
static int print_environments(CtlOptions *options, const Node *const *items, size_t n, Error *err)
{
        const char *const columns[] = { "NAME",       "RELEASE",
                                        "STATUS",     "SINCE",
                                        "BY",         "FOLLOWS",
                                        "CONDITIONS", is_pending(items, n) ? "PENDING" : NULL,
                                        NULL };
        _cleanup_(table_done) Table table = { 0 };
        int r = list_table(&table, options, columns);

        for (size_t i = 0; i < n && r >= 0; i++) {
                if (!ctl_print_name(options, "environment", node_text(items[i], "name")))
                        r = add_environment(&table, items[i], options->all_tenants);
        }
        if (r < 0)
                return error_oom(err);
        if (ctl_is_table(options))
                table_print(&table);
        return 0;
}

/* --- the verb --------------------------------------------------------------------------------- */

static const AnswerShape releases_shape = { true, { "name", "status" } };
static const AnswerShape release_shape = { false, { "name", "status", "components[]" } };
static const AnswerShape environments_shape = { true, { "name" } };
static const AnswerShape environment_shape = { false, { "name" } };

/* Prints a note that there are more pages, because a full page looks like a complete list. */
static void note_more_releases(const Node *answer)
{
        const Node *meta = node_map(answer, "meta");
        uint64_t page, n_pages;

        if (parse_uint64(node_text(meta, "page"), &page) < 0 ||
            parse_uint64(node_text(meta, "totalPages"), &n_pages) < 0 || page >= n_pages)
                return;
        (void)fflush(stdout); /* main() checks for write errors */
        (void)fprintf(stderr,
                      "relmanctl: note: page %llu of %llu, of %s releases; --page %llu has the "
                      "next ones\n",
                      (unsigned long long)page, (unsigned long long)n_pages,
                      node_text(meta, "total"), (unsigned long long)page + 1);
}

static int get_releases(CtlOptions *options, Error *err)
{
        const char *const parts[] = { "/releases", NULL };
        ClientAnswer answer = { .shape = &releases_shape };
        bool printed = false;
        int r;

        r = ctl_get(options, ctl_path(options, parts), &answer, &printed, err);
        if (r < 0 || printed)
                return r;
        r = print_releases(options, node_page(answer.json), err);
        if (r >= 0)
                note_more_releases(answer.json);
        return r;
}

static int get_release(CtlOptions *options, const char *name, Error *err)
{
        const char *const parts[] = { "/releases/", name, NULL };
        ClientAnswer answer = { .shape = &release_shape };
        Node *item;
        Node list = { .type = NODE_SEQUENCE, .n = 1, .items = &item };
        bool printed = false;
        int r;

        r = ctl_get(options, ctl_path(options, parts), &answer, &printed, err);
        if (r < 0 || printed)
                return r;
        item = (Node *)(uintptr_t)answer.json; /* a list with one item, which is not modified */
        r = print_releases(options, &list, err);
        return r < 0 || options->output == OUTPUT_NAME
                       ? r
                       : print_components(options, answer.json, err);
}

static int get_environments(CtlOptions *options, const char *name, Error *err)
{
        const char *const all[] = { "/environments", NULL };
        const char *const one[] = { "/environments/", name, NULL };
        ClientAnswer answer = { .shape = name ? &environment_shape : &environments_shape };
        const Node *list;
        bool printed = false;
        int r;

        if (options->as_of && !name)
                return as_of_list(options, err);
        if (options->as_of)
                answer.shape = &as_of_shape;
        r = name ? ctl_get(options, ctl_path(options, one), &answer, &printed, err)
                 : ctl_get_all(options, all, &answer, &printed, err);
        if (r < 0 || printed)
                return r;
        if (options->as_of)
                return as_of_print(options, &answer.json, 1, err);
        list = node_page(answer.json);
        return name ? print_environments(options, &answer.json, 1, err)
                    : print_environments(options, (const Node *const *)list->items, list->n, err);
}

static bool has_all_tenants(const char *kind)
{
        static const char *const kinds[] = { "calendar", "component", "environment", "group",
                                             "output",   "registry",  "stream" };

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (streq(kind, kinds[i]))
                        return true;
        return false;
}

int verb_get(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = {
                "status",  "component", "digest", "layer",       "base", "version",
                "text",    "label",     "since",  "until",       "page", "page-size",
                "channel", "limit",     "as-of",  "all-tenants", NULL
        };
        static const char *const kinds[] = { "releases",   "environments", "components",
                                             "registries", "streams",      "versions",
                                             "calendars",  "tags",         "receivers",
                                             "groups",     "tenants",      "outputs" };
        const CtlTakes takes = {
                takes_options, 1, 2,
                "KIND [NAME]; KIND is components, environments, releases, groups, "
                "registries, streams, calendars, receivers or tenants, or versions "
                "or tags of a component, or outputs of an environment"
        };
        _cleanup_(ctl_options_done) CtlOptions options;
        const ListKind *list;
        const CtlKind *known;
        const char *name, *kind;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = ctl_split_name(&options, err);
        if (r >= 0)
                r = ctl_kind(options.names[0], &kind, err);
        if (r < 0)
                return r;
        known = ctl_find_kind(kind);
        r = known ? ctl_options_only(&options, takes_options, known->filters, known->many, err) : 0;
        if (r < 0)
                return r;
        list = list_kind(kind);
        if (options.all_tenants && (options.n_names > 1 || !known || !has_all_tenants(kind)))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--all-tenants goes with lists of calendars, components, "
                                 "environments, groups, outputs, registries and streams");
        name = options.n_names > 1 ? options.names[1] : NULL;
        if (list)
                return list_get(&options, list, name, err);
        if (streq(kind, "release"))
                return name ? get_release(&options, name, err) : get_releases(&options, err);
        if (streq(kind, "environment"))
                return get_environments(&options, name, err);
        return ctl_unknown("kind", options.names[0], kinds, ARRAY_SIZE(kinds), err);
}
