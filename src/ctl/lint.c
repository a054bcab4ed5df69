#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/map.h"
#include "ctl/options.h"
#include "spec/report.h"
#include "spec/spec.h"
#include "verify/policy.h"
#include "version/slow.h"

#define REPORT_MAX ((size_t)16 * 1024 * 1024)

/* --- patterns --------------------------------------------------------------------------------- */

/* The result of testing one pattern. */
typedef struct Tried {
        bool is_slow;
        char tag[TAG_MAX + 1];
} Tried;

typedef struct Trial {
        Arena arena;
        Map tried; /* pattern -> Tried, so that a pattern of many components is tested once */
        Map files; /* what was reported about files that components name */
        DiagList *diags;
} Trial;

static void trial_done(Trial *trial)
{
        map_done(&trial->tried);
        map_done(&trial->files);
        arena_done(&trial->arena);
}

static int try_pattern(Trial *trial, const ComponentSpec *component, const char *field,
                       const char *pattern, Error *err)
{
        Tried *tried = pattern ? map_get(&trial->tried, pattern) : NULL;
        char quoted[160];
        int r;

        if (!pattern)
                return 0;
        if (!tried) {
                tried = arena_alloc(&trial->arena, sizeof(*tried));
                if (!tried || map_put(&trial->tried, pattern, tried, NULL) < 0)
                        return error_oom(err);
                r = version_find_slow_tag(pattern, tried->tag, err);
                if (r < 0)
                        return r;
                tried->is_slow = r > 0;
        }
        if (tried->is_slow)
                diag_warning(trial->diags, component->object.place,
                             "%s '%s' of component '%s' takes too many steps on tags such as '%s', "
                             "and is stopped there: rewrite it without nested repetition such as "
                             "(a+)+, or with fewer of .*",
                             field, escape_text(pattern, strlen(pattern), quoted, sizeof(quoted)),
                             component->object.meta.name, tried->tag);
        return 0;
}

static int try_patterns(Trial *trial, const ComponentSpec *component, Error *err)
{
        char field[80];
        int r;

        r = try_pattern(trial, component, "versioningStrategy.tagPattern",
                        component->versioning_strategy.tag_pattern, err);
        for (size_t i = 0; i < component->ignore_tags.n && r >= 0; i++) {
                (void)snprintf(field, sizeof(field), "ignoreTags[%zu]", i);
                r = try_pattern(trial, component, field, component->ignore_tags.items[i], err);
        }
        for (size_t i = 0; i < component->version_rules.n && r >= 0; i++) {
                const VersionRule *rule = &component->version_rules.items[i];

                (void)snprintf(field, sizeof(field), "versionRules[%zu].pattern", i);
                r = try_pattern(trial, component, field, rule->pattern, err);
                (void)snprintf(field, sizeof(field), "versionRules[%zu].prereleasePattern", i);
                if (r >= 0)
                        r = try_pattern(trial, component, field, rule->prerelease_pattern, err);
        }
        return r;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Reports the file that a rule of `verify` names, if relmand could not use it. A file that cannot
 * be read here may exist on relmand's host. Reports each file once. */
static int try_rule(const VerifyRule *rule, Trial *trial, Error *err)
{
        _cleanup_(error_done) Error error = { 0 };
        bool is_unread;
        char *text;
        int r = verify_rule_try(rule, &error);

        if (r >= 0)
                return 0;
        if (error.kind == ERROR_INTERNAL) {
                error_move(err, &error);
                return r;
        }
        text = arena_strdup(&trial->arena, error_message(&error));
        if (!text)
                return error_oom(err);
        r = map_put(&trial->files, text, text, NULL);
        if (r < 0)
                return error_oom(err);
        is_unread = error.code == -ENOENT || error.code == -ENOTDIR || error.code == -EACCES;
        if (r > 0 && is_unread)
                diag_warning(trial->diags, rule->place,
                             "verify: %s; relmand reads this file on its own host", text);
        else if (r > 0)
                diag_error(trial->diags, rule->place, "verify: %s", text);
        return 0;
}

static int try_rules(Trial *trial, const VerifyRules *rules, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < rules->n && r >= 0; i++)
                r = try_rule(&rules->items[i], trial, err);
        return r;
}

/* --- all -------------------------------------------------------------------------------------- */

static int try_all(const Model *model, DiagList *diags, Error *err)
{
        _cleanup_(trial_done) Trial trial = { .diags = diags };
        int r = 0;

        arena_init(&trial.arena, REPORT_MAX);
        for (size_t i = 0; model && i < model->components.n && r >= 0; i++) {
                r = try_patterns(&trial, model->components.items[i], err);
                if (r >= 0)
                        r = try_rules(&trial, &model->components.items[i]->verify, err);
        }
        for (size_t i = 0; model && i < model->registries.n && r >= 0; i++)
                r = try_rules(&trial, &model->registries.items[i]->verify, err);
        return r;
}

static int lint(const char *path, bool json, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(model_unrefp) Model *model = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        _cleanup_(buffer_done) Buffer out;
        int r;

        diag_list_init(&diags);
        buffer_init(&out, REPORT_MAX);
        r = spec_tree_new(path, &tree, err);
        if (r < 0)
                return r;
        spec_tree_be_strict(tree);
        r = spec_tree_load(tree, &model, &diags, err);
        if (r >= 0)
                r = try_all(model, &diags, err);
        if (r < 0)
                return r;
        diag_list_sort(&diags);
        r = json ? report_write_json(&diags, model, &out) : report_write_text(&diags, model, &out);
        if (r < 0)
                return error_oom(err);
        (void)fputs(out.data, stdout); /* main() checks for write errors */
        return diags.n_errors > 0 ? CTL_FOUND : CTL_OK;
}

int verb_lint(const CtlCall *call, Error *err)
{
        const CtlTakes takes = { NULL, 0, INT_MAX, "[DIR], a folder of specs or one file" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.n_names > 1)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "lint takes one folder or file, because documents refer to each "
                              "other; relmanctl lint checks the current folder");
        if (r < 0)
                return r;
        return lint(options.n_names > 0 ? options.names[0] : ".", options.output == OUTPUT_JSON,
                    err);
}
