/* guess: finds the styles of the tags of an image, and proposes a Component that reads them. */

#include "guess/guess.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print/yaml.h"
#include "ctl/registry-tags.h"
#include "model/image/image.h"
#include "model/json.h"
#include "model/schema/encode.h"
#include "spec/spec.h"

#define GUESS_ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define NO_REPOSITORY    "registry.example.com/image"

/* --- tags ------------------------------------------------------------------------------------- */

/* Reads the Registry objects of --specs, with their credentials. Without --specs there are none. */
static int load_registries(const char *specs, Model **ret, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        int r;

        if (!specs)
                return model_new(0, ret) < 0 ? error_oom(err) : 0;
        diag_list_init(&diags);
        r = spec_tree_new(specs, &tree, err);
        return r < 0 ? r : spec_tree_load(tree, ret, &diags, err);
}

static int ask_registry(CtlOptions *options, const char *repository, Strings *ret, Error *err)
{
        const ComponentSpec component = {
                .object.meta = { .name = "image",
                                 .tenant = options->tenant ? options->tenant : DEFAULT_TENANT },
                .image_repository = repository,
        };
        _cleanup_(model_unrefp) Model *model = NULL;
        int r;

        r = load_registries(options->specs, &model, err);
        return r < 0 ? r : ctl_registry_tags(model, &component, &options->arena, ret, err);
}

/* Reads the name of the image, and ignores a tag or digest in it. */
static int read_image(CtlOptions *options, const char **ret_repository, Error *err)
{
        ImageReference image;
        int r;

        *ret_repository = NO_REPOSITORY;
        if (options->n_names == 0)
                return 0;
        r = image_parse(options->names[0], &options->arena, &image, err);
        if (r < 0)
                return r;
        *ret_repository = arena_printf(&options->arena, "%s/%s", image.host, image.repository);
        return *ret_repository ? 0 : error_oom(err);
}

/* --- the answer ------------------------------------------------------------------------------- */

/* Prints the styles of tags. The tags are valid, so they need no escapes. */
static void print_styles(const Guess *guess, size_t n_tags)
{
        printf("# %zu tag%s:\n", n_tags, text_plural(n_tags));
        for (size_t i = 0; i < guess->n_styles; i++)
                printf("# %7zu  %s: %s%s\n", guess->styles[i].n, guess->styles[i].name,
                       guess->styles[i].example, guess->styles[i].is_chosen ? "" : " (not read)");
}

static void print_heads(const Guess *guess)
{
        for (size_t i = 0; i < guess->chosen.n_heads; i++) {
                const ExplainedHead *head = &guess->chosen.heads[i];

                printf("# channel %s: %s, the newest of %zu\n", head->channel, head->head->tag,
                       head->n_versions);
        }
        printf("# not read: %zu tag%s\n", guess->n_unread, text_plural(guess->n_unread));
}

static int print_text(CtlOptions *options, const Guess *guess, size_t n_tags, Error *err)
{
        _cleanup_(buffer_done) Buffer json;
        Node *node;
        int r;

        buffer_init(&json, GUESS_ANSWER_MAX);
        if (encode_document(&guess->component.object, ENCODE_NO_DEFAULTS, &json) < 0)
                return error_oom(err);
        r = json_to_node(json.data, json.size, &options->arena, &node, err);
        if (r < 0)
                return r;
        print_styles(guess, n_tags);
        print_heads(guess);
        yaml_print(node);
        return CTL_OK;
}

static void put_member(Buffer *out, const char *name, const char *text)
{
        (void)buffer_printf(out, "\"%s\":", name);
        (void)encode_string(text, out);
}

static int print_json(const Guess *guess, size_t n_tags, Error *err)
{
        _cleanup_(buffer_done) Buffer out;

        buffer_init(&out, GUESS_ANSWER_MAX);
        (void)buffer_printf(&out, "{\"tags\":%zu,\"unread\":%zu,\"styles\":[", n_tags,
                            guess->n_unread);
        for (size_t i = 0; i < guess->n_styles; i++) {
                (void)buffer_puts(&out, i > 0 ? ",{" : "{");
                put_member(&out, "name", guess->styles[i].name);
                (void)buffer_printf(&out, ",\"tags\":%zu,", guess->styles[i].n);
                put_member(&out, "example", guess->styles[i].example);
                (void)buffer_printf(&out, ",\"read\":%s}",
                                    guess->styles[i].is_chosen ? "true" : "false");
        }
        (void)buffer_puts(&out, "],\"channels\":[");
        for (size_t i = 0; i < guess->chosen.n_heads; i++) {
                const ExplainedHead *head = &guess->chosen.heads[i];

                (void)buffer_puts(&out, i > 0 ? ",{" : "{");
                put_member(&out, "channel", head->channel);
                (void)buffer_putc(&out, ',');
                put_member(&out, "tag", head->head->tag);
                (void)buffer_putc(&out, ',');
                put_member(&out, "version", head->head->is.version.text);
                (void)buffer_printf(&out, ",\"versions\":%zu}", head->n_versions);
        }
        (void)buffer_puts(&out, "],\"component\":");
        (void)encode_document(&guess->component.object, ENCODE_NO_DEFAULTS, &out);
        if (buffer_puts(&out, "}\n") < 0)
                return error_oom(err);
        (void)fputs(out.data, stdout); /* main() checks for write errors */
        return CTL_OK;
}

int verb_guess(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "specs", "tags", NULL };
        const CtlTakes takes = { takes_options, 0, 1, "IMAGE | [IMAGE] --tags FILE" };
        _cleanup_(ctl_options_done) CtlOptions options;
        const char *repository;
        Strings tags = { 0 };
        Guess guess;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.n_names == 0 && !options.tags)
                r = error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl guess %s",
                              takes.usage);
        if (r >= 0)
                r = read_image(&options, &repository, err);
        if (r < 0)
                return r;
        r = options.tags ? ctl_file_tags(options.tags, &options.arena, &tags, err)
                         : ask_registry(&options, repository, &tags, err);
        if (r >= 0)
                r = guess_tags(repository, &tags, &options.arena, &guess, err);
        if (r < 0)
                return r;
        return options.output == OUTPUT_JSON ? print_json(&guess, tags.n, err)
                                             : print_text(&options, &guess, tags.n, err);
}
