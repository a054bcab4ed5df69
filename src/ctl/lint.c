#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "spec/report.h"
#include "spec/spec.h"

#define REPORT_MAX ((size_t)16 * 1024 * 1024)

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
        if (r >= 0)
                r = spec_tree_load(tree, &model, &diags, err);
        if (r < 0)
                return r;
        diag_list_sort(&diags);
        r = json ? report_write_json(&diags, model, &out) : report_write_text(&diags, model, &out);
        if (r < 0)
                return error_oom(err);
        (void)fputs(out.data, stdout); /* main() looks for write errors */
        return diags.n_errors > 0 ? CTL_FOUND : CTL_OK;
}

int verb_lint(int argc, char **argv, Error *err)
{
        static const struct option options[] = { { "output", required_argument, NULL, 'o' },
                                                 { 0 } };
        static const char *const names[] = { "--output" };
        bool json = false;
        int c, r;

        opterr = 0;
        while ((c = getopt_long(argc, argv, ":o:", options, NULL)) >= 0) {
                if (c != 'o')
                        return ctl_unknown("option of lint, or a value is missing:",
                                           argv[optind - 1], names, 1, err);
                r = ctl_output(optarg, "text", &json, err);
                if (r < 0)
                        return r;
        }
        if (optind != argc - 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "lint takes one folder of specs, or one file");
        return lint(argv[optind], json, err);
}
