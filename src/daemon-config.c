#include "daemon-config.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "spec/check.h"
#include "spec/report.h"
#include "spec/spec.h"

#define REPORT_MAX ((size_t)16 * 1024 * 1024)

int daemon_configure(const DaemonOptions *options, Config **ret, Error *err)
{
        _cleanup_(diag_list_done) DiagList diags;
        _cleanup_(buffer_done) Buffer lines;
        int r;

        diag_list_init(&diags);
        buffer_init(&lines, REPORT_MAX);
        r = config_load(config_find(options->config), ret, &diags, err);
        report_write_lines(&diags, &lines);
        if (lines.size > 0)
                (void)fputs(lines.data, stderr); /* a write error to stderr cannot be reported */
        if (r < 0)
                return r;
        if (options->specs)
                (*ret)->specs_git = (SpecsGit){ 0 };
        (*ret)->specs_path = options->specs ? options->specs : (*ret)->specs_path;
        (*ret)->state_path = options->state ? options->state : (*ret)->state_path;
        (*ret)->locks_path = options->locks ? options->locks : (*ret)->locks_path;
        return 0;
}

bool daemon_config_changed(const DaemonOptions *options, const Config *config)
{
        const char *path = config_find(options->config);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *data = NULL;
        size_t size;

        if (!path || !config->file)
                return path || config->file;
        /* a file that cannot be read counts as changed */
        return file_read(path, CONFIG_FILE_MAX, &data, &size, &error) < 0 ||
               !digest_matches(config->digest, data, size);
}

int daemon_check(const Config *config, bool json, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(model_unrefp) Model *model = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        _cleanup_(buffer_done) Buffer out = { 0 };
        int r;

        if (config->specs_git.place.line > 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the specs are in Git (specs.git); check a work tree of the "
                                 "repository with --check --specs FOLDER");
        diag_list_init(&diags);
        buffer_init(&out, REPORT_MAX);
        r = spec_tree_new(config->specs_path, &tree, err);
        if (r >= 0)
                spec_tree_know_checks(tree, &config->checks);
        if (r >= 0)
                r = spec_tree_load(tree, &model, &diags, err);
        if (r < 0)
                return r;
        check_output_environments(&config->outputs, model, &diags);
        check_secrets(&config->credentials, model, &diags);
        diag_list_sort(&diags);
        r = json ? report_write_json(&diags, model, &out) : report_write_text(&diags, model, &out);
        if (r < 0)
                return error_oom(err);
        (void)fputs(out.data, stdout);
        return diags.n_errors > 0 ? 1 : 0;
}
