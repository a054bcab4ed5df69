/* protected: prints which digests must stay in registries, for jobs that delete old images. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print/table.h"

/* --- single digests --------------------------------------------------------------------------- */

/* Prints whether a digest is protected, and a line for each release and environment that needs
 * it. */
static void print_use(const Node *use)
{
        const Node *releases = node_list(use, "releases"),
                   *environments = node_list(use, "environments");
        bool is_protected = streq(node_text(use, "protected"), "true");

        printf("%s: %s\n", node_text(use, "digest"),
               is_protected ? "protected" : "free, may be deleted");
        for (size_t i = 0; i < environments->n; i++) {
                const Node *item = environments->items[i];

                printf("  environment '%s': release '%s', %s since %s\n",
                       node_text(item, "environment"), node_text(item, "release"),
                       node_text(item, "use"), node_text(item, "since"));
        }
        for (size_t i = 0; i < releases->n; i++) {
                const Node *item = releases->items[i];

                printf("  release '%s': %s since %s, in %s\n", node_text(item, "release"),
                       node_text(item, "status"), node_text(item, "createdAt"),
                       node_text(item, "repository"));
        }
        if (streq(node_text(use, "moreReleases"), "true"))
                printf("  and more releases; relmanctl get releases lists them\n");
}

/* Returns 1 if the digest is protected, 0 if it may be deleted. */
static int ask_one(CtlOptions *options, const char *word, Error *err)
{
        static const AnswerShape shape = { .members = { "digest", "protected" } };
        const char *at = strrchr(word, '@'), *digest = at ? at + 1 : word;
        const char *const parts[] = { "/digests/", digest, NULL };
        ClientAnswer answer = { .shape = &shape };
        bool printed = false, is_protected;
        int r;

        if (!digest_is_valid(digest))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'%s' is no digest: protected takes DIGEST or "
                                 "REPOSITORY@DIGEST, with all its digits; a tag may move",
                                 word);
        r = ctl_get(options, ctl_path(options, parts), &answer, &printed, err);
        if (r < 0)
                return r;
        is_protected = streq(node_text(answer.json, "protected"), "true");
        if (options->output == OUTPUT_DIGESTS && is_protected)
                printf("%s\n", node_text(answer.json, "digest"));
        else if (ctl_is_table(options))
                print_use(answer.json);
        return is_protected;
}

static int ask_each(CtlOptions *options, Error *err)
{
        int r = 0, n_protected = 0;

        for (int i = 0; i < options->n_names && r >= 0; i++) {
                r = ask_one(options, options->names[i], err);
                n_protected += r > 0;
        }
        return r < 0 ? r : n_protected > 0 ? CTL_PROTECTED : CTL_OK;
}

/* --- the list --------------------------------------------------------------------------------- */

static int list_all(CtlOptions *options, Error *err)
{
        static const AnswerShape shape = { true, { "digest" } };
        static const char *const parts[] = { "/digests", NULL };
        static const char *const columns[] = { "DIGEST", "RELEASE", "REPOSITORY", NULL };
        ClientAnswer answer = { .shape = &shape };
        _cleanup_(table_done) Table table = { 0 };
        const Node *list;
        bool printed = false;
        int r = ctl_get_all(options, parts, &answer, &printed, err);

        if (r < 0 || printed)
                return r;
        list = node_page(answer.json);
        r = table_of(&table, options, columns);
        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *item = list->items[i];
                const char *const cells[] = { node_text(item, "digest"), node_text(item, "release"),
                                              node_text(item, "repository") };

                if (options->output == OUTPUT_DIGESTS)
                        printf("%s\n", cells[0]);
                else
                        r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        if (ctl_is_table(options))
                table_print(&table);
        return CTL_OK;
}

int verb_protected(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "repository", NULL };
        const CtlTakes takes = { takes_options, 0, 10000,
                                 "[DIGEST | REPOSITORY@DIGEST]... [--repository REPOSITORY]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r = ctl_options_parse(call, &takes, &options, err);

        if (r >= 0 && options.n_names > 0 && options.repository)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--repository selects from the list of all digests: it does not go "
                              "with a digest");
        if (r < 0)
                return r;
        return options.n_names > 0 ? ask_each(&options, err) : list_all(&options, err);
}
