#pragma once

/* Checks the rules for `outputs` of the configuration that the schema cannot express. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/output.h"

/* Looks up the owners and groups, and checks that no output overwrites another output. Returns
 * -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_outputs(OutputSpecs *outputs, Arena *arena, DiagList *diags);

/* Resolves links, "." and repeated slashes in the part of the path that exists. Returns NULL if
 * memory runs out. */
char *config_real_path(const char *path, Arena *arena);
