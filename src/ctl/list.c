/* Prints lists of objects with a row for each object and a column for each member. */

#include "ctl/list.h"

#include <errno.h>
#include <stdio.h>

#include "ctl/ctl.h"

/* clang-format off */
static const ListKind kinds[] = {
        { "component", "components", "/components", NULL,
          { "NAME", "REPOSITORY", "CHANNELS", "CONDITIONS", NULL },
          { "name", "imageRepository", LIST_CHANNELS, LIST_CONDITIONS }, true },
        { "registry", "registries", "/registries", NULL,
          { "NAME", "TYPE", "URL", "CONDITIONS", NULL },
          { "name", "type", "url", LIST_CONDITIONS }, true },
        { "stream", "streams", "/streams", NULL,
          { "NAME", "NEWEST RELEASE", "NAMES RELEASES", "CONDITIONS", NULL },
          { "name", "newestRelease", "nameTemplate", LIST_CONDITIONS }, true },
        { "calendar", "calendars", "/calendars", NULL,
          { "NAME", "ENVIRONMENTS", "CONDITIONS", NULL },
          { "name", LIST_SELECTOR, LIST_CONDITIONS }, true },
        { "group", "groups", "/groups", NULL,
          { "NAME", "MEMBERS", "CONDITIONS", NULL },
          { "name", LIST_MEMBERS, LIST_CONDITIONS }, true },
        { "tenant", "tenants", "/tenants", NULL,
          { "NAME", "CREATED", NULL },
          { "name", "createdAt" }, true },
        { "receiver", "receivers", "/receivers", NULL,
          { "NAME", "FORMAT", "POSITION", "PENDING", "DEAD", "DELIVERED", "CONDITIONS", NULL },
          { "name", "format", "position", "pending", "nDeadLetters", "deliveredAt", LIST_CONDITIONS }, false },
        { "output", "outputs", "/environments/", "/outputs",
          { "NAME", "KIND", "TARGET", "FORMAT", "STATE", "SINCE", "RELEASE", "COMMIT", "PULL REQUEST", "RETRY", "PROBLEM", NULL },
          { "name", "kind", "target", "format", "state", "since", "release", LIST_COMMIT, LIST_PULL, "retryAt", "problem" }, true },
        { "version", "versions", "/components/", "/versions",
          { "VERSION", "TAG", "CHANNEL", "SOURCE", "RESOLVED", "DIGEST", NULL },
          { "semver", "tag", "channel", "source", "resolvedAt", "digest" }, false },
        { "tag", "tags", "/components/", "/tags",
          { "TAG", "DIGEST", "FIRST SEEN", "CHANGED", "CHECKED", "GONE", "PROBLEM", NULL },
          { "tag", "digest", "firstSeenAt", "changedAt", "checkedAt", "gone", "problem" }, false },
        { 0 },
};
/* clang-format on */

const ListKind *list_kind(const char *word)
{
        for (const ListKind *kind = kinds; kind->one; kind++)
                if (streq(word, kind->one) || streq(word, kind->many))
                        return kind;
        return NULL;
}

static bool is_problem(const Node *condition)
{
        return streq(node_text(condition, "type"), "Ready") !=
               streq(node_text(condition, "status"), "True");
}

/* True if an earlier condition has the same reason. For example, two conditions report a deleted
 * digest. */
static bool is_repeated(const Node *conditions, size_t at)
{
        for (size_t i = 0; i < at; i++)
                if (is_problem(conditions->items[i]) &&
                    streq(node_text(conditions->items[i], "reason"),
                          node_text(conditions->items[at], "reason")))
                        return true;
        return false;
}

const char *list_conditions(const Node *object, Arena *arena)
{
        const Node *conditions = node_list(object, "conditions");
        const char *text = "";

        for (size_t i = 0; i < conditions->n; i++) {
                const Node *condition = conditions->items[i];

                if (!is_problem(condition) || is_repeated(conditions, i))
                        continue;
                text = arena_printf(arena, "%s%s%s", text, text[0] ? "," : "",
                                    node_text(condition, "reason"));
                if (!text)
                        return "";
        }
        return text;
}

static const char *channels_text(const Node *object, Arena *arena)
{
        const Node *channels = node_map(object, "channels");
        const char *text = "";

        for (size_t i = 0; i < channels->n; i++) {
                text = arena_printf(arena, "%s%s%s=%s", text, text[0] ? "," : "",
                                    channels->entries[i].key,
                                    node_text(channels->entries[i].value, "tag"));
                if (!text)
                        return "";
        }
        return text;
}

/* Formats a selector as "stage=prod,region=eu", or "all" if it has no labels. */
static const char *selector_text(const Node *object, Arena *arena)
{
        const Node *labels = node_map(object, "environmentLabels");
        const char *text = "";

        for (size_t i = 0; text && i < labels->n; i++)
                text = arena_printf(arena, "%s%s%s=%s", text, i > 0 ? "," : "",
                                    labels->entries[i].key, labels->entries[i].value->text);
        return labels->n == 0 ? "all" : text ? text : "";
}

/* Formats the members of a group as "anna,bob". */
static const char *members_text(const Node *object, Arena *arena)
{
        const Node *members = node_list(object, "members");
        const char *text = "";

        for (size_t i = 0; text && i < members->n; i++)
                text = arena_printf(arena, "%s%s%s", text, i > 0 ? "," : "",
                                    members->items[i]->text);
        return text ? text : "";
}

/* Shortens the id of a commit, as in messages. */
static const char *commit_text(const Node *object, Arena *arena)
{
        const char *text = arena_printf(arena, "%.12s", node_text(object, "commit"));

        return text ? text : "";
}

/* Formats a pull request as "#12 open". */
static const char *pull_text(const Node *object, Arena *arena)
{
        const Node *pull = node_map(object, "pullRequest");
        const char *number = node_text(pull, "number"), *text;

        if (pull->n == 0)
                return "";
        if (node_text(pull, "problem")[0])
                return "failed";
        text = number[0] ? arena_printf(arena, "#%s %s", number, node_text(pull, "state"))
                         : node_text(pull, "state");
        return text ? text : "";
}

int list_table(Table *table, CtlOptions *options, const char *const *columns)
{
        const char *with[TABLE_COLUMNS_MAX + 1] = { "TENANT" };
        size_t n = 0;

        if (!options->all_tenants)
                return table_of(table, options, columns);
        while (columns[n] && n + 2 < ARRAY_SIZE(with)) {
                with[n + 1] = columns[n];
                n++;
        }
        return table_of(table, options, with);
}

static const char *cell(const Node *object, const char *member, Arena *arena)
{
        if (streq(member, LIST_CONDITIONS))
                return list_conditions(object, arena);
        if (streq(member, LIST_SELECTOR))
                return selector_text(object, arena);
        if (streq(member, LIST_MEMBERS))
                return members_text(object, arena);
        if (streq(member, LIST_CHANNELS))
                return channels_text(object, arena);
        if (streq(member, LIST_PULL))
                return pull_text(object, arena);
        if (streq(member, LIST_COMMIT))
                return commit_text(object, arena);
        return node_text(object, member);
}

static int add(Table *table, const ListKind *kind, const Node *object, bool of_all)
{
        const char *cells[TABLE_COLUMNS_MAX] = { 0 };

        size_t n = 0;

        if (of_all)
                cells[n++] = node_text(object, "tenant");
        for (size_t i = 0; kind->columns[i]; i++)
                cells[n++] = cell(object, kind->members[i], table->arena);
        return table_add(table, cells);
}

static int print(CtlOptions *options, const ListKind *kind, const Node *answer, Error *err)
{
        const Node *page = node_get(answer, "data");
        const Node *const *items;
        size_t n;
        _cleanup_(table_done) Table table = { 0 };
        int r = list_table(&table, options, kind->columns);

        answer = page ? page : answer;
        items = answer->type == NODE_SEQUENCE ? (const Node *const *)answer->items : &answer;
        n = answer->type == NODE_SEQUENCE ? answer->n : 1;
        for (size_t i = 0; i < n && r >= 0; i++) {
                if (!ctl_print_name(options, kind->one, node_text(items[i], kind->members[0])))
                        r = add(&table, kind, items[i], options->all_tenants);
        }
        if (r < 0)
                return error_oom(err);
        if (ctl_is_table(options))
                table_print(&table);
        return 0;
}

int list_get(CtlOptions *options, const ListKind *kind, const char *name, Error *err)
{
        const char *const all[] = { kind->below ? "/" : kind->path, kind->below ? kind->many : NULL,
                                    NULL };
        const char *const one[] = { arena_printf(&options->arena, "%s%s", kind->path,
                                                 kind->below ? "" : "/"),
                                    name, kind->below, NULL };
        AnswerShape shape = { .is_list = !name || kind->below };
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        if (kind->below && !kind->has_pages && !name)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "get %s takes the name of a component", kind->many);
        /* The answer must have the member of the first column. For versions it must have the
         * digest, which identifies a row of the version map. */
        shape.members[0] = streq(kind->one, "version") ? "digest" : kind->members[0];
        r = !name && kind->has_pages
                    ? ctl_get_all(options, all, &answer, &printed, err)
                    : ctl_get(options, ctl_path(options, name ? one : all), &answer, &printed, err);
        return r < 0 || printed ? r : print(options, kind, answer.json, err);
}
