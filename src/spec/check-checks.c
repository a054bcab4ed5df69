/* Validates the field checks of an environment. */

#include <errno.h>

#include "base/limits.h"
#include "spec/check.h"

static int check_one(const char *field, const CheckSpec *check, DiagList *diags)
{
        char longest[DURATION_TEXT_SIZE];
        int r = check_persons(field, &check->from, check->from_place, diags);

        if (check->timeout <= CHECK_TIMEOUT_MAX)
                return r;
        diag_error(diags, check->place, "check '%s': timeout is longer than %s", check->name,
                   duration_format(CHECK_TIMEOUT_MAX, longest));
        return -EINVAL;
}

/* Returns the check at an index. The checks of `after` follow those of `before`. */
static const CheckSpec *check_at(const CheckRules *rules, size_t i)
{
        return i < rules->before.n ? &rules->before.items[i]
                                   : &rules->after.items[i - rules->before.n];
}

static int check_name(const CheckRules *rules, size_t at, DiagList *diags)
{
        const CheckSpec *check = check_at(rules, at);

        for (size_t i = 0; i < at; i++)
                if (streq(check_at(rules, i)->name, check->name)) {
                        diag_error(diags, check->place,
                                   "check '%s' stands twice; the first is in line %u", check->name,
                                   check_at(rules, i)->place.line);
                        return -EINVAL;
                }
        return 0;
}

static int check_run(const CheckRunSpecs *runs, const CheckSpec *check, const char *tenant,
                     DiagList *diags)
{
        if (!check->run || check_runs_find(runs, check->run, tenant))
                return 0;
        for (size_t i = 0; i < runs->n; i++)
                if (streq(runs->items[i].name, check->run)) {
                        diag_error(diags, check->run_place,
                                   "check '%s': relmand.yaml does not allow check '%s' for tenant "
                                   "'%s'; add it to its tenants",
                                   check->name, check->run, tenant);
                        return -EINVAL;
                }
        diag_error(diags, check->run_place,
                   "check '%s': relmand.yaml has no check '%s'; declare it there in checks, and "
                   "restart relmand",
                   check->name, check->run);
        return -EINVAL;
}

int check_runs(const CheckRunSpecs *runs, const EnvironmentSpec *environment, DiagList *diags)
{
        const CheckRules *rules = &environment->checks;
        int worst = 0;

        for (size_t i = 0; runs && i < rules->before.n + rules->after.n; i++) {
                int r = check_run(runs, check_at(rules, i), environment->object.meta.tenant, diags);

                worst = MIN(worst, r);
        }
        return worst;
}

int check_checks(const EnvironmentSpec *environment, DiagList *diags)
{
        const CheckRules *rules = &environment->checks;
        size_t n = rules->before.n + rules->after.n;
        int worst = 0;

        if (n > CHECKS_MAX) {
                diag_error(diags, environment->checks_place,
                           "%zu checks are too many; an environment has at most %d", n, CHECKS_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < n; i++) {
                int r = check_one(i < rules->before.n ? "checks.before.from" : "checks.after.from",
                                  check_at(rules, i), diags);

                worst = MIN(worst, r);
                r = check_name(rules, i, diags);
                worst = MIN(worst, r);
        }
        return worst;
}
