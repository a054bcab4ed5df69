#include "model/check-run.h"

static bool is_for(const CheckRunSpec *run, const char *tenant)
{
        for (size_t i = 0; i < run->tenants.n; i++)
                if (streq(run->tenants.items[i], tenant))
                        return true;
        return run->tenants.n == 0;
}

const CheckRunSpec *check_runs_find(const CheckRunSpecs *runs, const char *name, const char *tenant)
{
        for (size_t i = 0; i < runs->n; i++)
                if (streq(runs->items[i].name, name))
                        return is_for(&runs->items[i], tenant) ? &runs->items[i] : NULL;
        return NULL;
}
