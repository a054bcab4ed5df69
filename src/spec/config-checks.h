#pragma once

/* The section `checks` of the configuration: checks that relmand runs itself. */

#include "base/diag.h"
#include "model/check-run.h"

/* Checks what the schema cannot express. Returns 0 or -EINVAL. */
int config_check_runs(const CheckRunSpecs *runs, DiagList *diags);
