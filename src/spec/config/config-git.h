#pragma once

/* The section `git` of an output: a branch of a Git repository. */

#include "base/diag.h"
#include "model/output.h"
#include "model/schema/schema.h"

extern const Schema git_output_schema;

/* Reports the text of a field: it is `what`, such as "not an absolute path". Returns -EINVAL. */
int config_refuse(Place place, DiagList *diags, const char *field, const char *text,
                  const char *what);

/* Checks the texts of the section, and that the output has no path and program beside it. Returns
 * 0 or -EINVAL. */
int config_check_git(const OutputSpec *output, DiagList *diags);
