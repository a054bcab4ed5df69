#pragma once

/* The section `git` of an output: a branch of a Git repository. */

#include "base/diag.h"
#include "model/output.h"
#include "model/schema/schema.h"

extern const Schema git_output_schema;

/* Checks the texts of the section, and that the output has no path and program beside it. Returns
 * 0 or -EINVAL. */
int config_check_git(const OutputSpec *output, DiagList *diags);
