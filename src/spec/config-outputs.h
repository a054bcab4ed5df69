#pragma once

/* Checks `outputs` of the configuration for faults that the schema cannot express. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/output.h"

/* Finds owners and groups, and checks that no output overwrites another. Returns -EINVAL after
 * adding diagnostics, or -ENOMEM. */
int config_check_outputs(OutputSpecs *outputs, Arena *arena, DiagList *diags);

/* Returns the path without links, "." and repeated slashes, as far as its folders exist. NULL: out
 * of memory. */
char *config_real_path(const char *path, Arena *arena);
