#include "ctl/state-path.h"

#include <stdio.h>

#include "spec/report.h"

#define REPORT_MAX ((size_t)16 * 1024 * 1024)

int ctl_state_path(const CtlOptions *options, Config **ret_config, const char **ret, Error *err)
{
        _cleanup_(diag_list_done) DiagList diags;
        _cleanup_(buffer_done) Buffer lines;
        int r;

        diag_list_init(&diags);
        buffer_init(&lines, REPORT_MAX);
        *ret = options->state;
        if (options->state)
                return 0;
        r = config_load(config_find(options->config), ret_config, &diags, err);
        report_write_lines(&diags, &lines);
        if (lines.size > 0)
                (void)fputs(lines.data, stderr); /* a write error to stderr cannot be reported */
        if (r < 0)
                return error_prefix(err, r, "where the database is: say --state, or");
        *ret = (*ret_config)->state_path;
        return 0;
}
