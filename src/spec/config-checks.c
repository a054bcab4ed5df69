#include "spec/config-checks.h"

#include <errno.h>

#include "base/limits.h"

/* clang-format off */
static const Field check_run_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(CheckRunSpec, name), .required = true,
          .doc = "The name that the field run of a check has." },
        { .name = "exec", .type = FIELD_STRINGS, .offset = offsetof(CheckRunSpec, exec),
          .doc = "A program and its arguments, run without a shell. If it exits with 0, the check has passed." },
        { .name = "timeout", .type = FIELD_DURATION, .positive = true, .offset = offsetof(CheckRunSpec, timeout), .default_value = "5m",
          .doc = "How long one run may take; at most 30d. After that it has failed." },
        { .name = "tenants", .type = FIELD_STRINGS, .single = true, .offset = offsetof(CheckRunSpec, tenants),
          .doc = "The tenants whose Environments may use it. Default: all." },
        { 0 },
};
/* clang-format on */

const Schema check_run_schema = {
        .name = "checks",
        .fields = check_run_fields,
        .size = sizeof(CheckRunSpec),
        .has_place = true,
        .doc = "A check that relmand runs itself.",
};

static int check_one(const CheckRunSpec *run, DiagList *diags)
{
        char longest[DURATION_TEXT_SIZE];

        if (run->exec.n == 0)
                diag_error(diags, run->place,
                           "check '%s': exec is missing: there is nothing to run", run->name);
        else if (run->exec.items[0][0] != '/')
                diag_error(diags, run->place,
                           "check '%s': field \"exec\": \"%s\" is not an absolute path", run->name,
                           run->exec.items[0]);
        else if (run->timeout > CHECK_TIMEOUT_MAX)
                diag_error(diags, run->place, "check '%s': timeout is longer than %s", run->name,
                           duration_format(CHECK_TIMEOUT_MAX, longest));
        else
                return 0;
        return -EINVAL;
}

static int check_tenants(const CheckRunSpec *run, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < run->tenants.n; i++)
                if (!name_is_valid(run->tenants.items[i])) {
                        diag_error(diags, run->place,
                                   "check '%s': field \"tenants\": \"%s\" is not the name of a "
                                   "tenant",
                                   run->name, run->tenants.items[i]);
                        r = -EINVAL;
                }
        return r;
}

int config_check_runs(const CheckRunSpecs *runs, DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; i < runs->n; i++) {
                const CheckRunSpec *run = &runs->items[i];

                for (size_t j = 0; j < i; j++)
                        if (streq(runs->items[j].name, run->name)) {
                                diag_error(diags, run->place,
                                           "there is a check '%s' already, at line %u", run->name,
                                           runs->items[j].place.line);
                                worst = -EINVAL;
                        }
                r = check_one(run, diags);
                worst = MIN(worst, r);
                r = check_tenants(run, diags);
                worst = MIN(worst, r);
        }
        return worst;
}
