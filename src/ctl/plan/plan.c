/* plan DIR: predicts the changes that a tree of specs would cause, for a pull request. */

#include "ctl/plan/plan.h"

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "ctl/ctl.h"
#include "ctl/diff.h"
#include "model/schema/encode.h"
#include "model/source.h"
#include "spec/report.h"
#include "spec/spec.h"

/* --- the request ------------------------------------------------------------------------------ */

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
        /* appends the document without its closing brace */
        (void)buffer_append(out, document.data, document.size - 1);
        (void)buffer_puts(out, ",\"place\":{\"file\":");
        (void)encode_string(object->place.file ? object->place.file : "", out);
        (void)buffer_printf(out, ",\"line\":%u}}", object->place.line);
}

static void write_tree(const Model *model, Buffer *out)
{
        size_t n = model_n_objects(model);
        bool first = true;

        (void)buffer_puts(out, "{\"documents\":[");
        for (size_t i = 0; i < n; i++)
                write_document(model_object(model, i), out, &first);
        (void)buffer_puts(out, "]}");
}

/* Reads the tree of specs, and writes the request. Returns 1 if the specs have a problem, after
 * printing it. */
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
                (void)fputs(report.data, stderr); /* a write error to stderr cannot be reported */
                return 1;
        }
        write_tree(model, out);
        return out->failed ? error_oom(err) : 0;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* The differences between text and Markdown. */
typedef struct Style {
        const char *before_heading, *after_heading, *before_sign, *after_sign, *inner, *code;
        bool has_tenants; /* show each object with its tenant */
} Style;

static const Style styles[2] = {
        { "", "", "  ", " ", "      ", "", false },
        { "\n### ", "\n", "- `", "` ", "    - ", "`", false },
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

/* Prints the name of an entry, with its tenant if objects of several tenants are shown. */
static void print_name(const Style *style, const Node *entry, const char *key)
{
        printf("%s%s%s", style->code, node_text(entry, key), style->code);
        if (style->has_tenants)
                printf(" (tenant %s%s%s)", style->code, node_text(entry, "tenant"), style->code);
}

/* Prints a changed member, or an item that was added to or removed from a list. */
static void print_change(const Style *style, const Node *change)
{
        const char *path = node_text(change, "path"), *from = node_text(change, "from"),
                   *to = node_text(change, "to"), *code = style->code;
        size_t size = strlen(path);

        if (size > 0 && path[size - 1] == ']' && (!from[0] || !to[0]))
                printf("%s%c %s%s%s: %s%s%s\n", style->inner, from[0] ? '-' : '+', code, path, code,
                       code, from[0] ? from : to, code);
        else
                printf("%s%s%s%s: %s%s%s -> %s%s%s\n", style->inner, code, path, code, code,
                       or_nothing(from), code, code, or_nothing(to), code);
}

/* Prints the environments whose documents name a changed Group. */
static void print_concerned(const Style *style, const Node *environments)
{
        for (size_t i = 0; i < environments->n; i++)
                printf("%s%s%s", i == 0 ? style->inner : ", ",
                       i > 0                  ? ""
                       : environments->n == 1 ? "concerns environment "
                                              : "concerns environments ",
                       environments->items[i]->text);
        if (environments->n > 0)
                printf("\n");
}

static void print_objects(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Objects");
        for (size_t i = 0; i < list->n; i++) {
                const Node *object = list->items[i], *changes = node_list(object, "changes");

                item(style, sign_of(node_text(object, "action")));
                printf("%s ", node_text(object, "kind"));
                print_name(style, object, "name");
                printf(": %s\n", node_text(object, "action"));
                if (node_text(object, "message")[0])
                        printf("%s%s\n", style->inner, node_text(object, "message"));
                for (size_t j = 0; j < changes->n; j++)
                        print_change(style, changes->items[j]);
                print_concerned(style, node_list(object, "environments"));
        }
}

static void print_channels(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Channels, by the tags that are known");
        for (size_t i = 0; i < list->n; i++) {
                const Node *head = list->items[i];

                item(style, '~');
                print_name(style, head, "component");
                printf(" %s: %s%s%s -> %s%s%s\n", node_text(head, "channel"), style->code,
                       or_nothing(node_text(head, "fromTag")), style->code, style->code,
                       or_nothing(node_text(head, "toTag")), style->code);
                diff_print_revisions(style->inner, "", head);
        }
}

/* Prints a component of a release, with the page of its commit, or its revision. */
static void print_part(const Style *style, const Node *part)
{
        const Node *source = node_map(part, "source");
        const char *link = node_text(source, "link"), *revision = node_text(source, "revision");

        printf("%s%s %s %s%s%s", style->inner, node_text(part, "componentName"),
               node_text(part, "semver"), style->code, node_text(part, "digest"), style->code);
        if (link[0])
                printf(" %s", link);
        else if (revision[0])
                printf(" %.*s", source_shown_size(revision), revision);
        printf("\n");
}

static void print_releases(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Releases");
        for (size_t i = 0; i < list->n; i++) {
                const Node *release = list->items[i], *parts = node_list(release, "components");

                item(style, '+');
                print_name(style, release, "name");
                printf(": %s%s%s\n", node_text(release, "status"),
                       node_text(release, "problem")[0] ? ", " : "", node_text(release, "problem"));
                for (size_t j = 0; j < parts->n; j++) {
                        const Node *part = parts->items[j];

                        if (node_text(part, "digest")[0])
                                print_part(style, part);
                }
        }
}

/* Prints the release that the environment would get: the release in the document, or the next
 * release of the stream. */
static void print_next(const Style *style, const Node *environment)
{
        const char *stream = node_text(environment, "stream");

        printf("%s%s%s%s", stream[0] ? "the next release of stream " : "", style->code,
               stream[0] ? stream : node_text(environment, "toRelease"), style->code);
}

static void print_environments(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Environments");
        for (size_t i = 0; i < list->n; i++) {
                const Node *environment = list->items[i];
                const char *waits = node_text(environment, "waitsFor"),
                           *problem = node_text(environment, "problem");

                item(style, problem[0] ? '!' : '~');
                print_name(style, environment, "name");
                if (problem[0])
                        printf(": %s\n", problem);
                else if (waits[0]) {
                        printf(": waits for %s, then gets ", waits);
                        print_next(style, environment);
                        printf("\n");
                } else {
                        printf(": %s%s%s -> ", style->code,
                               or_nothing(node_text(environment, "fromRelease")), style->code);
                        print_next(style, environment);
                        printf("\n");
                }
        }
}

/* True if the tenant of an entry is not the default one. */
static bool plan_has_tenants(const Node *const *lists, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < lists[i]->n; j++)
                        if (!streq(node_text(lists[i]->items[j], "tenant"), DEFAULT_TENANT))
                                return true;
        return false;
}

static void print_warnings(const Style *style, const Node *list)
{
        if (list->n > 0)
                heading(style, "Warnings");
        for (size_t i = 0; i < list->n; i++) {
                const Node *warning = list->items[i];

                item(style, '!');
                printf("%s", node_text(warning, "message"));
                if (style->has_tenants)
                        printf(" (tenant %s%s%s)", style->code, node_text(warning, "tenant"),
                               style->code);
                printf("\n");
        }
}

static void print_held(const char *held)
{
        printf("\nThe removal guard holds back the deletion of %s objects, more than half of all: they "
               "stay until relmanctl confirm-prune. If these specs are only a part of those that "
               "relmand reads, plan the complete folder.\n",
               held);
}

static void print_plan(const Style *in, const Node *plan)
{
        const Node *objects = node_list(plan, "objects"), *channels = node_list(plan, "channels"),
                   *releases = node_list(plan, "releases"),
                   *environments = node_list(plan, "environments");
        const Node *const lists[] = { objects, channels, releases, environments };
        const char *held = node_text(plan, "held"), *skipped = node_text(plan, "skipped");
        Style style = *in;

        style.has_tenants = plan_has_tenants(lists, ARRAY_SIZE(lists));
        print_objects(&style, objects);
        print_channels(&style, channels);
        print_releases(&style, releases);
        print_environments(&style, environments);
        print_warnings(&style, node_list(plan, "warnings"));
        if (held[0] && !streq(held, "0"))
                print_held(held);
        if (skipped[0] && !streq(skipped, "0"))
                printf("\n%s document%s of other tenants: not part of this plan.\n", skipped,
                       streq(skipped, "1") ? "" : "s");
        if (objects->n + channels->n + releases->n + environments->n == 0)
                printf("Nothing would change.\n");
}

static bool has_text(const Node *list, const char *member)
{
        for (size_t i = 0; i < list->n; i++)
                if (node_text(list->items[i], member)[0])
                        return true;
        return false;
}

/* True if relmand would refuse or hold back a change, or refuse a promotion. Nobody should then
 * merge the pull request. */
static bool is_refused(const Node *plan)
{
        return has_text(node_list(plan, "objects"), "message") ||
               has_text(node_list(plan, "environments"), "problem");
}

int verb_plan(const CtlCall *call, Error *err)
{
        static const char *const parts[] = { "/specs/plan", NULL };
        static const AnswerShape shape = { .members = { "objects[]", "channels[]", "releases[]",
                                                        "environments[]" } };
        static const char *const takes_options[] = { "strict", "replay", NULL };
        const CtlTakes takes = {
                takes_options, 1, 1,
                "DIR [--replay TIME|DURATION] [--strict] [-o text|markdown|json|yaml]"
        };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(buffer_done) Buffer body;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        buffer_init(&body, API_PLAN_MAX);
        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = read_tree(options.names[0], &body, err);
        if (r == 0 && options.replay)
                return plan_replay(&options, body.data, err);
        if (r != 0)
                return r;
        r = ctl_post(&options, ctl_path(&options, parts), body.data, &answer, &printed, err);
        if (r >= 0 && !printed)
                print_plan(&styles[options.output == OUTPUT_MARKDOWN], answer.json);
        if (r < 0)
                return r;
        if (options.strict && node_list(answer.json, "warnings")->n > 0)
                return CTL_FOUND;
        return is_refused(answer.json) ? CTL_FOUND : CTL_OK;
}
