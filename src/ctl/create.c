/* create release: makes a release from the components in the arguments, or from the newest
 * versions. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "model/schema/encode.h"

#define BODY_MAX ((size_t)1024 * 1024)

/* --- the request body ------------------------------------------------------------------------- */

static void member(Buffer *out, bool *first, const char *name)
{
        (void)buffer_puts(out, *first ? "" : ",");
        *first = false;
        (void)encode_string(name, out);
        (void)buffer_putc(out, ':');
}

static void text_member(Buffer *out, bool *first, const char *name, const char *value)
{
        if (!value)
                return;
        member(out, first, name);
        (void)encode_string(value, out);
}

/* Writes the component of an argument NAME, NAME=VERSION, NAME:TAG, NAME@DIGEST or NAME/CHANNEL. */
static void write_component(CtlOptions *options, const char *word, Buffer *out)
{
        static const struct {
                char separator;
                const char *name;
        } ways[] = { { '=', "version" }, { ':', "tag" }, { '@', "digest" }, { '/', "channel" } };
        size_t size = strcspn(word, "=:@/");
        bool first = true;

        (void)buffer_putc(out, '{');
        text_member(out, &first, "componentId", arena_strndup(&options->arena, word, size));
        for (size_t i = 0; i < ARRAY_SIZE(ways) && word[size]; i++)
                if (word[size] == ways[i].separator)
                        text_member(out, &first, ways[i].name, word + size + 1);
        (void)buffer_putc(out, '}');
}

/* Finds the only version of the component whose digest begins with `begun`. */
static int find_digest(CtlOptions *options, const char *component, const char *begun,
                       const char **ret, Error *err)
{
        static const AnswerShape shape = { true, { "digest" } };
        const char *const parts[] = { "/components/", component, "/versions", NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        size_t n = 0;
        int r;

        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0)
                return r;
        list = node_page(answer.json);
        for (size_t i = 0; i < list->n; i++) {
                const char *digest = node_text(list->items[i], "digest");

                if (digest_has_prefix(digest, begun)) {
                        *ret = digest;
                        n++;
                }
        }
        if (n == 1)
                return 0;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "component '%s' has %s digest that begins with '%s'; relmanctl get "
                         "versions %s -o wide lists them",
                         component, n > 0 ? "more than one" : "no", begun, component);
}

/* Expands NAME@BEGINNING to NAME@DIGEST. */
static int complete_digests(CtlOptions *options, Error *err)
{
        const char *channel = options->channel, *label = options->label;
        int r = 0;

        /* these options are members of the request, not filters */
        options->channel = options->label = NULL;
        for (int i = 2; i < options->n_names && r >= 0; i++) {
                const char *word = options->names[i], *at = strchr(word, '@'), *name, *digest;

                if (!at || digest_is_valid(at + 1) || !digest_is_prefix(at + 1))
                        continue;
                name = arena_strndup(&options->arena, word, (size_t)(at - word));
                r = name ? find_digest(options, name, at + 1, &digest, err) : error_oom(err);
                if (r < 0)
                        break;
                options->names[i] = arena_printf(&options->arena, "%s@%s", name, digest);
                r = options->names[i] ? 0 : error_oom(err);
        }
        options->channel = channel;
        options->label = label;
        return r;
}

static void write_source(const CtlOptions *options, Buffer *out, bool *first)
{
        bool inner = true;

        if (!options->commit && !options->branch && !options->build_id && !options->pipeline_url)
                return;
        member(out, first, "sourceRef");
        (void)buffer_putc(out, '{');
        text_member(out, &inner, "commitSha", options->commit);
        text_member(out, &inner, "branch", options->branch);
        text_member(out, &inner, "buildId", options->build_id);
        text_member(out, &inner, "pipelineUrl", options->pipeline_url);
        (void)buffer_putc(out, '}');
}

static void write_label(CtlOptions *options, Buffer *out, bool *first)
{
        const char *equals = options->label ? strchr(options->label, '=') : NULL;
        bool inner = true;

        if (!equals)
                return;
        member(out, first, "metadata");
        (void)buffer_putc(out, '{');
        text_member(
                out, &inner,
                arena_strndup(&options->arena, options->label, (size_t)(equals - options->label)),
                equals + 1);
        (void)buffer_putc(out, '}');
}

static void write_names(CtlOptions *options, Buffer *out, bool *first)
{
        if (options->n_names < 3)
                return;
        member(out, first, options->from_latest ? "componentIds" : "components");
        (void)buffer_putc(out, '[');
        for (int i = 2; i < options->n_names; i++) {
                (void)buffer_puts(out, i > 2 ? "," : "");
                if (options->from_latest)
                        (void)encode_string(options->names[i], out);
                else
                        write_component(options, options->names[i], out);
        }
        (void)buffer_putc(out, ']');
}

static void write_body(CtlOptions *options, Buffer *out)
{
        const char *pin_from = options->from_env ? options->from_env : options->pin_from;
        bool first = true;

        (void)buffer_putc(out, '{');
        text_member(out, &first, "name", options->names[1]);
        text_member(out, &first, "displayName", options->display_name);
        if (options->from_latest)
                text_member(out, &first, "channel", options->channel);
        write_names(options, out, &first);
        if (pin_from) {
                bool inner = true;

                member(out, &first, "pinFrom");
                (void)buffer_putc(out, '{');
                text_member(out, &inner, "environmentId", pin_from);
                (void)buffer_putc(out, '}');
        }
        write_source(options, out, &first);
        write_label(options, out, &first);
        (void)buffer_putc(out, '}');
}

/* --- the verb --------------------------------------------------------------------------------- */

static int check(const CtlOptions *options, Error *err)
{
        if (!streq(options->names[0], "release"))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "create takes releases only, not '%s'; other objects are "
                                 "documents of the specs: relmanctl help init",
                                 options->names[0]);
        if (options->label && !strchr(options->label, '='))
                return error_set(err, ERROR_INVALID, -EINVAL, "--label takes KEY=VALUE");
        if (!options->from_latest && (options->channel || options->pin_from))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--channel and --pin-from go with --from-latest; to replace "
                                 "components of what an environment has: --from-env ENVIRONMENT");
        if (options->from_latest && options->from_env)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "--from-env takes components as they are written (api=2.4.1); with "
                        "--from-latest use --pin-from %s",
                        options->from_env);
        if (!options->from_latest && options->n_names < 3)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "which components? NAME, NAME=VERSION, NAME:TAG, NAME@DIGEST or "
                                 "NAME/CHANNEL; or --from-latest, or --from-env ENVIRONMENT");
        for (int i = 2; options->from_latest && i < options->n_names; i++)
                if (strpbrk(options->names[i], "=:@/"))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "--from-latest takes names of components, not '%s'; to "
                                         "replace components of what an environment has: "
                                         "--from-env ENVIRONMENT",
                                         options->names[i]);
        return 0;
}

static void print(const CtlOptions *options, const Node *release)
{
        const Node *components = node_list(release, "components");

        if (ctl_print_name(options, "release", node_text(release, "name")))
                return;
        printf("release '%s' is %s\n", node_text(release, "name"), node_text(release, "status"));
        for (size_t i = 0; i < components->n; i++) {
                const Node *component = components->items[i];

                printf("  %s %s  %s@%s\n", node_text(component, "componentName"),
                       node_text(component, "semver"), node_text(component, "imageRepository"),
                       node_text(component, "digest"));
        }
}

int verb_create(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = {
                "from-latest", "channel",  "pin-from",     "from-env", "display-name",    "commit",
                "branch",      "build-id", "pipeline-url", "label",    "idempotency-key", NULL
        };
        const CtlTakes takes = { takes_options, 2, 1000,
                                 "release NAME [COMPONENT...] [--from-env ENVIRONMENT] "
                                 "[--from-latest [--channel CHANNEL] "
                                 "[--pin-from ENVIRONMENT]]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(buffer_done) Buffer body;
        static const AnswerShape shape = { .members = { "name", "status", "components[]" } };
        const char *const parts[] = { "/releases", NULL };
        const char *const latest[] = { "/releases/from-latest", NULL };
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        buffer_init(&body, BODY_MAX);
        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = check(&options, err);
        if (r >= 0)
                r = complete_digests(&options, err);
        if (r < 0)
                return r;
        write_body(&options, &body);
        if (body.failed)
                return error_oom(err);
        /* these options are members of the request, not filters */
        options.channel = options.label = NULL;
        r = ctl_post(&options, ctl_path(&options, options.from_latest ? latest : parts), body.data,
                     &answer, &printed, err);
        if (r >= 0 && !printed)
                print(&options, answer.json);
        return r;
}
