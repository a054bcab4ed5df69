/* plan DIR --replay: shows the releases that a tree of specs would have made in the past. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/plan/plan.h"

#define DIGEST_SHOWN 19 /* bytes of a digest that are shown: "sha256:" and 12 digits */

static const char *const columns[] = { "TIME",      "STREAM", "RESULT",   "RELEASE",
                                       "COMPONENT", "MADE",   "REPLAYED", NULL };

/* Returns the text of an image: its tag, and its digest if the other image has the same tag. */
static const char *image_text(Arena *arena, const Node *component, const char *member,
                              const char *other)
{
        const Node *image = node_map(component, member);
        const char *tag = node_text(image, "tag"), *digest = node_text(image, "digest");

        if (!tag[0] && !digest[0])
                return "-";
        if (!digest[0])
                return arena_printf(arena, "%s (digest not recorded)", tag);
        if (!tag[0])
                return arena_printf(arena, "%.*s", DIGEST_SHOWN, digest);
        return streq(tag, node_text(node_map(component, other), "tag"))
                       ? arena_printf(arena, "%s@%.*s", tag, DIGEST_SHOWN, digest)
                       : tag;
}

/* Prints the texts of a row, or adds them to the table. */
static int print_row(Table *table, bool markdown, const char *const *cells)
{
        if (!markdown)
                return table_add(table, cells);
        for (size_t i = 0; columns[i]; i++)
                printf("%s %s ", "|", cells[i]);
        printf("|\n");
        return 0;
}

static int print_release(Table *table, bool markdown, const Node *release)
{
        const Node *components = node_list(release, "components");
        const char *at = node_text(release, "at"), *name = node_text(release, "release");
        const char *cells[] = { at[0] ? at : node_text(release, "madeAt"),
                                node_text(release, "stream"),
                                node_text(release, "result"),
                                name[0] ? name : "-",
                                "",
                                "",
                                "" };
        int r = 0;

        if (components->n == 0)
                return print_row(table, markdown, cells);
        for (size_t i = 0; i < components->n && r >= 0; i++) {
                const Node *component = components->items[i];

                cells[4] = node_text(component, "componentName");
                cells[5] = image_text(table->arena, component, "made", "replayed");
                cells[6] = image_text(table->arena, component, "replayed", "made");
                if (!cells[5] || !cells[6])
                        return -ENOMEM;
                r = print_row(table, markdown, cells);
                for (size_t j = 0; j < 4; j++)
                        cells[j] = ""; /* only the first row has the release */
        }
        return r;
}

static void print_record(const Node *record)
{
        const char *name = node_text(record, "componentName"),
                   *since = node_text(record, "recordedSince"),
                   *unknown = node_text(record, "unknownTags"),
                   *undated = node_text(record, "undatedDigests");

        printf("component '%s': ", name);
        if (since[0])
                printf("recorded since %s", since);
        else
                printf("no tag is recorded");
        if (!streq(unknown, "0"))
                printf("; %s tag%s without a recorded digest", unknown, ctl_plural(unknown));
        if (!streq(undated, "0"))
                printf("; %s digest%s without a recorded build time", undated, ctl_plural(undated));
        printf("\n");
}

static int print_replay(CtlOptions *options, const Node *replay)
{
        const Node *releases = node_list(replay, "releases"),
                   *records = node_list(replay, "records");
        bool markdown = options->output == OUTPUT_MARKDOWN;
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        if (markdown) {
                (void)print_row(&table, true, columns);
                printf("|---|---|---|---|---|---|---|\n");
        }
        for (size_t i = 0; i < releases->n && r >= 0; i++)
                r = print_release(&table, markdown, releases->items[i]);
        if (r < 0)
                return r;
        if (!markdown && releases->n > 0)
                table_print(&table);
        printf("%s%s same, %s new, %s missing, %s unknown since %s\n",
               releases->n > 0 || markdown ? "\n" : "", node_text(replay, "same"),
               node_text(replay, "new"), node_text(replay, "missing"), node_text(replay, "unknown"),
               node_text(replay, "since"));
        for (size_t i = 0; i < records->n; i++) {
                printf("%s", markdown ? "- " : "");
                print_record(records->items[i]);
        }
        return 0;
}

/* True if a release was made that the replay does not have, or the other way round. */
static bool differs(const Node *replay)
{
        return !streq(node_text(replay, "new"), "0") || !streq(node_text(replay, "missing"), "0") ||
               !streq(node_text(replay, "unknown"), "0");
}

int plan_replay(CtlOptions *options, const char *body, Error *err)
{
        static const char *const parts[] = { "/specs/replay", NULL };
        static const AnswerShape shape = { .members = { "releases[]", "records[]" } };
        ClientAnswer answer = { .shape = &shape };
        const char *path = ctl_path(options, parts);
        bool printed = false;
        int r;

        path = arena_printf(&options->arena, "%s%csince=%s", path, strchr(path, '?') ? '&' : '?',
                            options->replay);
        if (!path)
                return error_oom(err);
        r = ctl_post(options, path, body, &answer, &printed, err);
        if (r >= 0 && !printed && print_replay(options, answer.json) < 0)
                r = error_oom(err);
        if (r < 0)
                return r;
        return options->strict && differs(answer.json) ? CTL_FOUND : CTL_OK;
}
