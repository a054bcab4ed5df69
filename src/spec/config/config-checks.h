#pragma once

/* Validates the section `checks` of the configuration: the checks that relmand runs itself. */

#include "base/diag.h"
#include "model/check-run.h"

/* Checks the rules that the schema cannot express. Returns 0 or -EINVAL. */
int config_check_runs(const CheckRunSpecs *runs, DiagList *diags);
