#pragma once

/* `outputs` of the configuration: what the schema cannot say of them. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/output.h"

/* Finds owners and groups, and checks that no output overwrites another. Diagnostics say what is
 * wrong; -EINVAL then, or -ENOMEM. */
int config_check_outputs(OutputSpecs *outputs, Arena *arena, DiagList *diags);

/* The path without links, "." and repeated slashes, as far as its folders exist already. NULL: out
 * of memory. */
char *config_real_path(const char *path, Arena *arena);
