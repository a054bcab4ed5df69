/* plan DIR: what a commit of this tree would change, for a pull request. */

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "model/encode.h"
#include "spec/report.h"
#include "spec/spec.h"

/* --- the question ----------------------------------------------------------------------------- */

static void write_document(const Object *object, Buffer *out, bool *first)
{
        _cleanup_(buffer_done) Buffer document;

        buffer_init(&document, SPEC_FILE_MAX * 4);
        if (encode_document(object, ENCODE_NO_DEFAULTS, &document) < 0) {
                out->failed = document.failed;
                return;
        }
        (void)buffer_puts(out, *first ? "" : ",");
        *first = false;
        (void)buffer_append(out, document.data, document.size - 1); /* without its brace */
        (void)buffer_puts(out, ",\"place\":{\"file\":");
        (void)encode_string(object->place.file ? object->place.file : "", out);
        (void)buffer_printf(out, ",\"line\":%u}}", object->place.line);
}

static void write_tree(const Model *model, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out, "{\"documents\":[");
        for (size_t i = 0; i < model->registries.n; i++)
                write_document(&model->registries.items[i]->object, out, &first);
        for (size_t i = 0; i < model->components.n; i++)
                write_document(&model->components.items[i]->object, out, &first);
        for (size_t i = 0; i < model->releases.n; i++)
                write_document(&model->releases.items[i]->object, out, &first);
        for (size_t i = 0; i < model->streams.n; i++)
                write_document(&model->streams.items[i]->object, out, &first);
        for (size_t i = 0; i < model->environments.n; i++)
                write_document(&model->environments.items[i]->object, out, &first);
        (void)buffer_puts(out, "]}");
}

/* 1: there is something wrong with it, which was printed. */
static int read_tree(const char *path, Buffer *out, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(model_unrefp) Model *model = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        _cleanup_(buffer_done) Buffer report;
        int r;

        diag_list_init(&diags);
        buffer_init(&report, API_ANSWER_MAX);
        r = spec_tree_new(path, &tree, err);
        if (r >= 0)
                r = spec_tree_load(tree, &model, &diags, err);
        if (r < 0)
                return r;
        if (diags.n_errors > 0) {
                diag_list_sort(&diags);
                if (report_write_text(&diags, model, &report) < 0)
                        return error_oom(err);
                (void)fputs(report.data, stderr); /* for people */
                return 1;
        }
        write_tree(model, out);
        return out->failed ? error_oom(err) : 0;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* How text and Markdown differ. */
typedef struct Style {
        const char *before_heading, *after_heading, *before_sign, *after_sign, *inner, *code;
} Style;

static const Style styles[2] = {
        { "", "", "  ", " ", "      ", "" },
        { "\n### ", "\n", "- `", "` ", "    - ", "`" },
};

static const char *or_nothing(const char *text)
{
        return text[0] ? text : "nothing";
}

static char sign_of(const char *action)
{
        return streq(action, "created") || streq(action, "restored") ? '+'
               : streq(action, "updated")                            ? '~'
               : streq(action, "refused")                            ? '!'
                                                                     : '-';
}

static void heading(const Style *style, const char *text)
{
        printf("%s%s%s\n", style->before_heading, text, style->after_heading);
}

static void item(const Style *style, char sign)
{
        printf("%s%c%s", style->before_sign, sign, style->after_sign);
}

static void print_objects(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Objects");
        for (size_t i = 0; i < list->n; i++) {
                const Node *object = list->items[i], *changes = node_list(object, "changes");

                item(style, sign_of(node_text(object, "action")));
                printf("%s %s%s%s: %s\n", node_text(object, "kind"), style->code,
                       node_text(object, "name"), style->code, node_text(object, "action"));
                if (node_text(object, "message")[0])
                        printf("%s%s\n", style->inner, node_text(object, "message"));
                for (size_t j = 0; j < changes->n; j++) {
                        const Node *change = changes->items[j];

                        printf("%s%s%s%s: %s%s%s -> %s%s%s\n", style->inner, style->code,
                               node_text(change, "path"), style->code, style->code,
                               or_nothing(node_text(change, "from")), style->code, style->code,
                               or_nothing(node_text(change, "to")), style->code);
                }
        }
}

static void print_channels(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Channels, by the tags that are known");
        for (size_t i = 0; i < list->n; i++) {
                const Node *head = list->items[i];

                item(style, '~');
                printf("%s%s%s %s: %s%s%s -> %s%s%s\n", style->code, node_text(head, "component"),
                       style->code, node_text(head, "channel"), style->code,
                       or_nothing(node_text(head, "fromTag")), style->code, style->code,
                       or_nothing(node_text(head, "toTag")), style->code);
        }
}

static void print_releases(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Releases");
        for (size_t i = 0; i < list->n; i++) {
                const Node *release = list->items[i], *parts = node_list(release, "components");

                item(style, '+');
                printf("%s%s%s: %s%s%s\n", style->code, node_text(release, "name"), style->code,
                       node_text(release, "status"), node_text(release, "problem")[0] ? ", " : "",
                       node_text(release, "problem"));
                for (size_t j = 0; j < parts->n; j++) {
                        const Node *part = parts->items[j];

                        if (node_text(part, "digest")[0])
                                printf("%s%s %s %s%s%s\n", style->inner,
                                       node_text(part, "componentName"), node_text(part, "semver"),
                                       style->code, node_text(part, "digest"), style->code);
                }
        }
}

static void print_environments(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Environments");
        for (size_t i = 0; i < list->n; i++) {
                const Node *environment = list->items[i];
                const char *stream = node_text(environment, "stream");

                item(style, '~');
                printf("%s%s%s: %s%s%s -> ", style->code, node_text(environment, "name"),
                       style->code, style->code, or_nothing(node_text(environment, "fromRelease")),
                       style->code);
                if (stream[0])
                        printf("the next release of stream %s%s%s\n", style->code, stream,
                               style->code);
                else
                        printf("%s%s%s\n", style->code, node_text(environment, "toRelease"),
                               style->code);
        }
}

static void print_plan(const Style *style, const Node *plan)
{
        const Node *objects = node_list(plan, "objects"), *channels = node_list(plan, "channels"),
                   *releases = node_list(plan, "releases"),
                   *environments = node_list(plan, "environments");
        const char *held = node_text(plan, "held"), *skipped = node_text(plan, "skipped");

        print_objects(style, objects);
        print_channels(style, channels);
        print_releases(style, releases);
        print_environments(style, environments);
        if (held[0] && !streq(held, "0"))
                printf("\n%s objects would be gone, more than half of all: they stay until relmanctl "
                       "confirm-prune.\n",
                       held);
        if (skipped[0] && !streq(skipped, "0"))
                printf("\n%s document%s of other tenants: not part of this plan.\n", skipped,
                       streq(skipped, "1") ? "" : "s");
        if (objects->n + channels->n + releases->n + environments->n == 0)
                printf("Nothing would change.\n");
}

/* A change that is refused is a fault of the documents: a pull request with it is not to be merged.
 */
static bool is_refused(const Node *plan)
{
        const Node *objects = node_list(plan, "objects");

        for (size_t i = 0; i < objects->n; i++)
                if (streq(node_text(objects->items[i], "action"), "refused"))
                        return true;
        return false;
}

int verb_plan(const CtlCall *call, Error *err)
{
        static const char *const parts[] = { "/specs/plan", NULL };
        static const AnswerShape shape = { .members = { "objects[]", "channels[]", "releases[]",
                                                        "environments[]" } };
        const CtlTakes takes = { NULL, 1, 1, "DIR [-o text|markdown|json|yaml]" };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(buffer_done) Buffer body;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        buffer_init(&body, API_PLAN_MAX);
        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = read_tree(options.names[0], &body, err);
        if (r != 0)
                return r;
        r = ctl_post(&options, ctl_path(&options, parts), body.data, &answer, &printed, err);
        if (r >= 0 && !printed)
                print_plan(&styles[options.output == OUTPUT_MARKDOWN], answer.json);
        return r < 0 ? r : is_refused(answer.json) ? CTL_FOUND : CTL_OK;
}
