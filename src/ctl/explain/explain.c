/* explain: shows which version each tag has, which one is chosen, and why. */

#include "ctl/explain/explain.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/print/yaml.h"
#include "ctl/registry-tags.h"
#include "model/json.h"
#include "spec/spec.h"

#define EXPLAIN_MAX ((size_t)1024 * 1024 * 1024)

/* --- input ------------------------------------------------------------------------------------ */

typedef struct Explained {
        Model *model; /* the specs; NULL: the facts are from the daemon */
        const ComponentSpec *component;
        Strings tags;
        KnownTags known;
        ExplainKnown decided; /* valid if is_known */
        bool is_known;
} Explained;

static void explained_done(Explained *explained)
{
        model_unref(explained->model);
        known_tags_done(&explained->known);
}

static int no_component(const Model *model, const CtlOptions *options, const char *tenant,
                        Error *err)
{
        const char *name = options->names[0];
        const char *nearest = model_nearest(model, KIND_COMPONENT, tenant, name);

        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                         "'%s' declares no valid component '%s'; %s%s%srelmanctl lint says what is "
                         "wrong",
                         options->specs, name, nearest ? "did you mean '" : "",
                         nearest ? nearest : "", nearest ? "'? " : "");
}

static int load_component(const CtlOptions *options, Model **ret_model, const ComponentSpec **ret,
                          Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        const char *tenant = options->tenant ? options->tenant : DEFAULT_TENANT;
        const Object *object;
        int r;

        diag_list_init(&diags);
        r = spec_tree_new(options->specs, &tree, err);
        if (r >= 0)
                r = spec_tree_load(tree, ret_model, &diags, err);
        if (r < 0)
                return r;
        object = model_find(*ret_model, KIND_COMPONENT, tenant, options->names[0]);
        if (!object)
                return no_component(*ret_model, options, tenant, err);
        /* a Registry with an error is not used, so its url and credentials would be missing */
        if (diags.n_errors > 0)
                log_warning("'%s' has %zu error%s, and documents with errors are not used; "
                            "relmanctl lint %s",
                            options->specs, diags.n_errors, text_plural(diags.n_errors),
                            options->specs);
        *ret = (const ComponentSpec *)object;
        return 0;
}

/* Gets the component and the tags without the daemon: from the specs, and a file or the
 * registry. */
static int find_offline(CtlOptions *options, Explained *explained, Error *err)
{
        int r = load_component(options, &explained->model, &explained->component, err);

        if (r < 0)
                return r;
        return options->tags ? ctl_file_tags(options->tags, &options->arena, &explained->tags, err)
                             : ctl_registry_tags(explained->model, explained->component,
                                                 &options->arena, &explained->tags, err);
}

/* Gets the component, the tags and the decisions of the daemon. For tags from a file, only the
 * rules apply. */
static int find_known(CtlOptions *options, Explained *explained, Error *err)
{
        const char *channel = options->channel;
        KnownTags *known = &explained->known;
        int r;

        options->channel = NULL; /* the channel is no parameter of these requests */
        r = explain_ask(options, options->names[0], &explained->component, known, err);
        options->channel = channel;
        if (r < 0)
                return r;
        if (options->tags)
                return ctl_file_tags(options->tags, &options->arena, &explained->tags, err);
        explained->tags.items = arena_alloc_array(&options->arena, known->n, sizeof(char *));
        if (!explained->tags.items)
                return error_oom(err);
        for (size_t i = 0; i < known->n; i++)
                explained->tags.items[explained->tags.n++] = known->items[i]->tag;
        explained->is_known = true;
        return known_tags_decide(known, explained->component, time_wall(), &options->arena,
                                 &explained->decided, err);
}

static int print_yaml(CtlOptions *options, const Buffer *json, Error *err)
{
        Node *node;
        int r = json_to_node(json->data, json->size, &options->arena, &node, err);

        if (r < 0)
                return r;
        yaml_print(node);
        return CTL_OK;
}

/* Returns the listed tag that was requested. Accepts a missing or additional leading v. If the tag
 * is not listed, prints an error and returns NULL. */
static const char *find_listed(const char *component, const char *only, const Strings *tags)
{
        const char *nearest, *found = NULL;

        for (size_t i = 0; i < tags->n; i++) {
                const char *tag = tags->items[i];

                if (streq(tag, only))
                        return tag;
                if ((tag[0] == 'v' && streq(tag + 1, only)) ||
                    (only[0] == 'v' && streq(tag, only + 1)))
                        found = tag;
        }
        if (found)
                return found;
        nearest = suggest_nearest(only, tags->items, tags->n);
        log_error("'%s' is none of the %zu tag%s of component '%s'%s%s%s", only, tags->n,
                  text_plural(tags->n), component, nearest ? "; did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?" : "");
        return NULL;
}

int verb_explain(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = {
                "specs", "tags", "channel", "range", "include-prerelease", NULL
        };
        const CtlTakes takes = { takes_options, 1, 2,
                                 "COMPONENT [TAG] [--specs DIR] [--tags FILE|-]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(explained_done) Explained explained = { 0 };
        _cleanup_(buffer_done) Buffer out;
        Explanation explanation;
        const char *only;
        int r;

        buffer_init(&out, EXPLAIN_MAX);
        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = (options.specs ? find_offline : find_known)(&options, &explained, err);
        only = options.n_names > 1 ? options.names[1] : NULL;
        if (r >= 0 && only) {
                only = find_listed(options.names[0], only, &explained.tags);
                if (!only)
                        return CTL_FOUND;
        }
        if (r >= 0)
                r = explain_tags(explained.component, &explained.tags,
                                 &(ExplainOptions){
                                         .channel = options.channel,
                                         .range = options.range,
                                         .include_prerelease = options.include_prerelease,
                                         .known = explained.is_known ? &explained.decided : NULL },
                                 &options.arena, &explanation, err);
        if (r < 0)
                return r;
        if (options.output != OUTPUT_TABLE && options.output != OUTPUT_WIDE)
                explain_write_json(explained.component, &explanation, only, &out);
        else
                explain_write_table(&explanation, only, &out);
        if (out.failed)
                return error_oom(err);
        if (options.output == OUTPUT_YAML)
                return print_yaml(&options, &out, err);
        if (options.output == OUTPUT_TABLE || options.output == OUTPUT_WIDE)
                (void)fwrite(out.data, 1, out.size, stdout); /* main() checks for write errors */
        else
                answer_print_json(out.data);
        return CTL_OK;
}
