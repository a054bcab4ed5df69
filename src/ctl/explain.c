#include "version/explain.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "ctl/ctl.h"
#include "ctl/registry-tags.h"
#include "model/encode.h"
#include "spec/spec.h"

#define EXPLAIN_ARENA_MAX ((size_t)1024 * 1024 * 1024)
#define TAGS_FILE_MAX     ((size_t)256 * 1024 * 1024)

typedef struct ExplainCall {
        const char *specs, *tags_path, *component, *tag, *tenant;
        ExplainOptions options;
        bool json;
} ExplainCall;

/* --- reading ---------------------------------------------------------------------------------- */

enum {
        OPTION_SPECS = 256,
        OPTION_TAGS,
        OPTION_CHANNEL,
        OPTION_RANGE,
        OPTION_TENANT,
        OPTION_PRERELEASE
};

/* clang-format off */
static const struct option options[] = {
        { "specs",              required_argument, NULL, OPTION_SPECS },
        { "tags",               required_argument, NULL, OPTION_TAGS },
        { "channel",            required_argument, NULL, OPTION_CHANNEL },
        { "range",              required_argument, NULL, OPTION_RANGE },
        { "tenant",             required_argument, NULL, OPTION_TENANT },
        { "include-prerelease", no_argument,       NULL, OPTION_PRERELEASE },
        { "output",             required_argument, NULL, 'o' },
        { 0 },
};
/* clang-format on */

static int unknown_option(const char *word, Error *err)
{
        const char *names[ARRAY_SIZE(options)];
        size_t n = 0;

        for (; options[n].name; n++)
                names[n] = options[n].name;
        return ctl_unknown("option of explain, or a value is missing:", word + strspn(word, "-"),
                           names, n, err);
}

static int parse_call(int argc, char **argv, ExplainCall *ret, Error *err)
{
        ExplainCall call = { .tenant = DEFAULT_TENANT };
        int c, r;

        opterr = 0;
        while ((c = getopt_long(argc, argv, ":o:", options, NULL)) >= 0) {
                switch (c) {
                case OPTION_SPECS: call.specs = optarg; break;
                case OPTION_TAGS: call.tags_path = optarg; break;
                case OPTION_CHANNEL: call.options.channel = optarg; break;
                case OPTION_RANGE: call.options.range = optarg; break;
                case OPTION_TENANT: call.tenant = optarg; break;
                case OPTION_PRERELEASE: call.options.include_prerelease = true; break;
                case 'o':
                        r = ctl_output(optarg, "table", &call.json, err);
                        if (r < 0)
                                return r;
                        break;
                default: return unknown_option(argv[optind - 1], err);
                }
        }
        call.component = optind < argc ? argv[optind] : NULL;
        call.tag = optind + 1 < argc ? argv[optind + 1] : NULL;
        if (!call.component || optind + 2 < argc)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "explain takes a component, and one tag if you like");
        if (!call.specs)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "explain needs --specs DIR; with --tags FILE (or - for standard input), "
                        "one tag a line, it asks no registry");
        *ret = call;
        return 0;
}

static int read_stream(FILE *stream, Buffer *out)
{
        char block[64 * 1024];
        size_t n;

        while ((n = fread(block, 1, sizeof(block), stream)) > 0)
                if (buffer_append(out, block, n) < 0)
                        return out->failed;
        return ferror(stream) ? -EIO : 0;
}

static int read_text(const char *path, Buffer *out, Error *err)
{
        FILE *stream = streq(path, "-") ? stdin : fopen(path, "re");
        int r;

        if (!stream)
                return error_set(err, ERROR_INVALID, -errno, "cannot read '%s': %s", path,
                                 strerror(errno));
        r = read_stream(stream, out);
        if (stream != stdin)
                (void)fclose(stream); /* read only */
        return r < 0 ? error_set(err, ERROR_INVALID, r, "cannot read '%s': %s", path, strerror(-r))
                     : 0;
}

/* The lines of text, cut in place; empty ones are left out. */
static int split_lines(char *text, Arena *arena, Strings *ret)
{
        size_t n_lines = 1;

        for (const char *p = text; *p; p++)
                n_lines += *p == '\n';
        *ret = (Strings){ .items = arena_alloc_array(arena, n_lines, sizeof(char *)) };
        if (!ret->items)
                return -ENOMEM;
        for (char *line = text; line && *line;) {
                char *end = strchr(line, '\n');

                if (end)
                        *end++ = '\0';
                line[strcspn(line, "\r")] = '\0';
                if (*line)
                        ret->items[ret->n++] = line;
                line = end;
        }
        return 0;
}

static int read_tags(const char *path, Buffer *text, Arena *arena, Strings *ret, Error *err)
{
        int r = read_text(path, text, err);

        if (r < 0)
                return r;
        return split_lines(text->data, arena, ret) < 0 ? error_oom(err) : 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void text_member(Buffer *out, const char *name, const char *value)
{
        (void)buffer_printf(out, ",\"%s\":", name);
        (void)(value ? encode_string(value, out) : buffer_puts(out, "null"));
}

static void write_tag_json(const ComponentSpec *component, const ExplainedTag *tag, Buffer *out)
{
        const Classification *is = &tag->is;
        bool semver = component->versioning_strategy.type == STRATEGY_SEMVER ||
                      component->versioning_strategy.type == STRATEGY_MANUAL;

        (void)buffer_puts(out, "{\"tag\":");
        (void)encode_string(tag->tag, out);
        (void)buffer_printf(out, ",\"eligible\":%s,\"rule\":", is->eligible ? "true" : "false");
        (void)(is->rule >= 0 ? buffer_printf(out, "%d", is->rule) : buffer_puts(out, "null"));
        text_member(out, "version", is->eligible ? is->version.text : NULL);
        text_member(out, "semver", is->eligible && semver ? is->version.text : NULL);
        text_member(out, "channel", is->eligible ? is->channel : NULL);
        (void)buffer_printf(out, ",\"prerelease\":%s",
                            is->eligible && is->prerelease ? "true" : "false");
        text_member(out, "buildMetadata", is->eligible ? is->version.build_metadata : NULL);
        text_member(out, "reason", is->reason);
        (void)buffer_putc(out, '}');
}

static bool is_shown(const ExplainCall *call, const ExplainedTag *tag)
{
        return !call->tag || streq(call->tag, tag->tag);
}

static void write_json(const ExplainCall *call, const ComponentSpec *component,
                       const Explanation *explanation, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out, "{\"component\":");
        (void)encode_string(explanation->component, out);
        (void)buffer_puts(out, ",\"channels\":{");
        for (size_t i = 0; i < explanation->n_heads; i++) {
                (void)(i > 0 ? buffer_putc(out, ',') : 0);
                (void)encode_string(explanation->heads[i].channel, out);
                (void)buffer_puts(out, ":{\"head\":");
                (void)encode_string(explanation->heads[i].head->tag, out);
                (void)buffer_putc(out, '}');
        }
        (void)buffer_putc(out, '}');
        text_member(out, "selected", explanation->selected ? explanation->selected->tag : NULL);
        if (explanation->selected_reason)
                text_member(out, "selectedReason", explanation->selected_reason);
        (void)buffer_puts(out, ",\"tags\":[");
        for (size_t i = 0; i < explanation->n_tags; i++) {
                if (!is_shown(call, &explanation->tags[i]))
                        continue;
                (void)(first ? 0 : buffer_putc(out, ','));
                first = false;
                write_tag_json(component, &explanation->tags[i], out);
        }
        (void)buffer_puts(out, "]}\n");
}

static int width_of(const Explanation *explanation, bool versions)
{
        size_t width = 7;

        for (size_t i = 0; i < explanation->n_tags; i++) {
                const ExplainedTag *tag = &explanation->tags[i];
                const char *text =
                        versions ? (tag->is.eligible ? tag->is.version.text : "-") : tag->tag;

                width = MAX(width, strlen(text));
        }
        return (int)MIN(width, (size_t)40);
}

static void write_table(const ExplainCall *call, const Explanation *explanation, Buffer *out)
{
        int tags = width_of(explanation, false), versions = width_of(explanation, true);
        char tag_text[TAG_MAX * 4], reason[1024];

        (void)buffer_printf(out, "%-*s  %-*s  %-10s  %s\n", tags, "TAG", versions, "VERSION",
                            "CHANNEL", "WHY");
        for (size_t i = 0; i < explanation->n_tags; i++) {
                const ExplainedTag *tag = &explanation->tags[i];

                if (!is_shown(call, tag))
                        continue;
                (void)buffer_printf(
                        out, "%-*s  %-*s  %-10s  %s\n", tags,
                        escape_text(tag->tag, strlen(tag->tag), tag_text, sizeof(tag_text)),
                        versions, tag->is.eligible ? tag->is.version.text : "-",
                        tag->is.eligible ? tag->is.channel : "-",
                        escape_text(tag->is.reason, strlen(tag->is.reason), reason,
                                    sizeof(reason)));
        }
        (void)buffer_putc(out, '\n');
        for (size_t i = 0; i < explanation->n_heads; i++)
                (void)buffer_printf(out, "channel %s: head %s (%s), %s\n",
                                    explanation->heads[i].channel, explanation->heads[i].head->tag,
                                    explanation->heads[i].head->is.version.text,
                                    explanation->heads[i].reason);
        if (explanation->selected)
                (void)buffer_printf(out, "selected: %s\n", explanation->selected->tag);
        else
                (void)buffer_printf(out, "selected: nothing: %s\n",
                                    explanation->selected_reason ? explanation->selected_reason
                                                                 : "no version");
}

/* --- all -------------------------------------------------------------------------------------- */

static int load_component(const ExplainCall *call, Model **ret_model, const ComponentSpec **ret,
                          Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        const Object *object;
        int r;

        diag_list_init(&diags);
        r = spec_tree_new(call->specs, &tree, err);
        if (r >= 0)
                r = spec_tree_load(tree, ret_model, &diags, err);
        if (r < 0)
                return r;
        object = model_find(*ret_model, KIND_COMPONENT, call->tenant, call->component);
        if (!object)
                return error_set(
                        err, ERROR_NOT_FOUND, -ENOENT,
                        "'%s' declares no valid component '%s'; relmanctl lint says what is wrong",
                        call->specs, call->component);
        *ret = (const ComponentSpec *)object;
        return 0;
}

int verb_explain(int argc, char **argv, Error *err)
{
        _cleanup_(model_unrefp) Model *model = NULL;
        _cleanup_(arena_done) Arena arena;
        _cleanup_(buffer_done) Buffer text, out;
        Strings tags;
        const ComponentSpec *component;
        Explanation explanation;
        ExplainCall call;
        int r;

        arena_init(&arena, EXPLAIN_ARENA_MAX);
        buffer_init(&text, TAGS_FILE_MAX);
        buffer_init(&out, EXPLAIN_ARENA_MAX);
        r = parse_call(argc, argv, &call, err);
        if (r >= 0)
                r = load_component(&call, &model, &component, err);
        if (r >= 0 && call.tags_path)
                r = read_tags(call.tags_path, &text, &arena, &tags, err);
        else if (r >= 0)
                r = ctl_registry_tags(model, component, &arena, &tags, err);
        if (r >= 0)
                r = explain_tags(component, &tags, &call.options, &arena, &explanation, err);
        if (r < 0)
                return r;
        if (call.json)
                write_json(&call, component, &explanation, &out);
        else
                write_table(&call, &explanation, &out);
        if (out.failed)
                return error_oom(err);
        (void)fwrite(out.data, 1, out.size, stdout); /* main() looks for write errors */
        return CTL_OK;
}
