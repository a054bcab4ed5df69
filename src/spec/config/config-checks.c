#include "spec/config/config-checks.h"

#include <errno.h>

#include "base/limits.h"

static int check_statuses(const CheckRunSpec *run, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < run->http.statuses.n; i++) {
                const char *text = run->http.statuses.items[i];

                if (strlen(text) == 3 && strspn(text, "0123456789") == 3 && text[0] >= '2' &&
                    text[0] <= '5')
                        continue;
                diag_error(diags, run->place,
                           "check '%s': field \"status\": \"%s\" is not a status between 200 and "
                           "599",
                           run->name, text);
                r = -EINVAL;
        }
        return r;
}

static int check_one(const CheckRunSpec *run, DiagList *diags)
{
        char longest[DURATION_TEXT_SIZE];

        if ((run->exec.n == 0) == !run->http.url)
                diag_error(diags, run->place,
                           "check '%s': exactly one of exec and http must be given", run->name);
        else if (run->exec.n > 0 && run->exec.items[0][0] != '/')
                diag_error(diags, run->place,
                           "check '%s': field \"exec\": \"%s\" is not an absolute path", run->name,
                           run->exec.items[0]);
        else if (run->timeout > CHECK_TIMEOUT_MAX)
                diag_error(diags, run->place, "check '%s': timeout is longer than %s", run->name,
                           duration_format(CHECK_TIMEOUT_MAX, longest));
        else
                return check_statuses(run, diags);
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
