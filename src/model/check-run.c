#include "model/check-run.h"

const char *const check_method_names[] = { "GET", "POST", NULL };

const CheckRunSpec *check_runs_find(const CheckRunSpecs *runs, const char *name, const char *tenant)
{
        for (size_t i = 0; i < runs->n; i++)
                if (streq(runs->items[i].name, name))
                        return runs->items[i].tenants.n == 0 ||
                                               strings_has(&runs->items[i].tenants, tenant)
                                       ? &runs->items[i]
                                       : NULL;
        return NULL;
}
