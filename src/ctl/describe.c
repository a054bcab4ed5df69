/* describe: prints one object and its related objects. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "ctl/as-of.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print/yaml.h"

/* --- describe --------------------------------------------------------------------------------- */

typedef struct Part {
        const char *heading, *below; /* path of the related objects, below the path of the object */
        bool of_release;  /* the object in the path is the release of the described environment */
        const char *list; /* member that holds the list; NULL: the answer is the list */
        const char *columns[TABLE_COLUMNS_MAX], *members[TABLE_COLUMNS_MAX];
} Part;

#define PARTS_MAX 3

/* clang-format off */
static const struct {
        const char *one, *path;
        Part parts[PARTS_MAX];
} kinds[] = {
        { "component", "/components/",
          { { "versions, newest first:", "/versions", false, NULL,
              { "VERSION", "TAG", "CHANNEL", "SOURCE", "RESOLVED", "DIGEST", NULL }, { "semver", "tag", "channel", "source", "resolvedAt", "digest" } },
            { "releases, newest first:", "/releases", false, NULL,
              { "NAME", "STATUS", "CREATED", NULL }, { "name", "status", "createdAt" } },
            { "moves of tags, newest first:", "/tag-history", false, NULL,
              { "AT", "TAG", "CHANGE", "FROM", "TO", NULL }, { "at", "tag", "change", "fromDigest", "digest" } } } },
        { "release", "/releases/",
          { { "where it is:", "/state", false, "environments",
              { "ENVIRONMENT", "STATUS", "SINCE", NULL }, { "environment", "status", "deployedAt" } },
            { "where it was:", "/lineage", false, "path",
              { "AT", "ENVIRONMENT", "STATUS", "BY", "EVIDENCE", "REASON", NULL }, { "at", "environment", "status", "by", "evidenceRef", "reason" } } } },
        { "environment", "/environments/",
          { { "components:", "", true, "components",
              { "NAME", "VERSION", "TAG", "DIGEST", NULL }, { "componentName", "semver", "tag", "digest" } },
            { "history, newest first:", "/history", false, NULL,
              { "AT", "RELEASE", "STATUS", "BY", "EVIDENCE", "REASON", NULL }, { "at", "release", "status", "by", "evidenceRef", "reason" } } } },
        { "registry", "/registries/", { { 0 } } },
        { "receiver", "/receivers/", { { 0 } } },
        { "stream", "/streams/", { { 0 } } },
        { "calendar", "/calendars/", { { 0 } } },
        { "group", "/groups/", { { 0 } } },
};
/* clang-format on */

/* Prints one part of the description. object: the answer about the described object. */
static int print_part(CtlOptions *options, const Part *part, const char *path, const Node *object,
                      Error *err)
{
        const char *release = node_text(node_map(object, "state"), "releaseId");
        const char *const parts[] = { part->of_release ? "/releases/" : path,
                                      part->of_release ? release : options->names[1], part->below,
                                      NULL };
        _cleanup_(table_done) Table table = { 0 };
        const AnswerShape shape = {
                .is_list = !part->list,
                .members = { part->list ? arena_printf(&options->arena, "%s[]", part->list)
                                        : part->members[0] },
        };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        int r;

        if (part->of_release && !release[0])
                return 0;
        options->limit = streq(part->below, "/versions") ? "10" : NULL;
        options->page_size = streq(part->below, "/releases") || streq(part->below, "/history") ||
                                             streq(part->below, "/tag-history")
                                     ? "10"
                                     : NULL;
        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0)
                return r;
        list = part->list ? node_list(answer.json, part->list) : node_page(answer.json);
        if (list->n == 0)
                return 0;
        r = table_of(&table, options, part->columns);
        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const char *cells[TABLE_COLUMNS_MAX] = { 0 };

                for (size_t j = 0; part->columns[j]; j++)
                        cells[j] = node_text(list->items[i], part->members[j]);
                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        printf("\n%s\n", part->heading);
        table_print(&table);
        return 0;
}

static int find_kind(const char *word, size_t *ret, Error *err)
{
        const char *names[ARRAY_SIZE(kinds)];

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                names[i] = kinds[i].one;
                if (streq(word, kinds[i].one)) {
                        *ret = i;
                        return 0;
                }
        }
        return ctl_unknown("kind", word, names, ARRAY_SIZE(kinds), err);
}

/* Prints all parts. Reports a part that is not available, for example from a daemon of another
 * version, and goes on. */
static int print_parts(CtlOptions *options, size_t kind, const Node *object, Error *err)
{
        const bool is_past = options->as_of;
        int status = CTL_OK;

        options->as_of = NULL; /* releases have no parameter asOf: their digests never change */
        for (size_t i = 0; i < PARTS_MAX && kinds[kind].parts[i].below; i++) {
                const Part *part = &kinds[kind].parts[i];
                _cleanup_(error_done) Error error = { 0 };
                int r;

                if (is_past && !part->of_release)
                        continue;
                r = print_part(options, part, kinds[kind].path, object, &error);

                if (r < 0 && r != -EREMOTEIO) {
                        error_move(err, &error);
                        return r;
                }
                if (r < 0) {
                        (void)fflush(stdout); /* main() checks for write errors */
                        log_error("%s not available: %s", part->heading, error_message(&error));
                        status = CTL_FOUND;
                }
        }
        return status;
}

int verb_describe(const CtlCall *call, Error *err)
{
        static const AnswerShape shape = { .members = { "name" } };
        static const char *const takes_options[] = { "as-of", NULL };
        const CtlTakes takes = { takes_options, 1, 2,
                                 "KIND NAME, or KIND/NAME, such as environment/prod" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        const char *word;
        size_t kind = 0;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = ctl_split_name(&options, err);
        if (r >= 0 && options.n_names < 2)
                r = error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl describe %s",
                              takes.usage);
        if (r >= 0)
                r = ctl_kind(options.names[0], &word, err);
        if (r >= 0)
                r = find_kind(word, &kind, err);
        if (r >= 0 && options.as_of && !streq(kinds[kind].one, "environment"))
                r = error_set(err, ERROR_INVALID, -EINVAL, "--as-of goes with an environment");
        if (r >= 0 && options.as_of)
                answer.shape = &as_of_shape;
        if (r >= 0) {
                const char *const parts[] = { kinds[kind].path, options.names[1], NULL };

                r = ctl_get(&options, ctl_path(&options, parts), &answer, &printed, err);
        }
        if (r < 0 || printed)
                return r;
        if (options.as_of)
                printf("# as of %s; what is declared is that of today\n", options.as_of);
        yaml_print(answer.json);
        return print_parts(&options, kind, answer.json, err);
}
