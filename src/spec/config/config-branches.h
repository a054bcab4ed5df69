#pragma once

/* Checks outputs on the same branch of a Git repository against one another. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/output.h"

/* Checks that outputs on one branch reach it alike, and do not write the same value or file.
 * Returns -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_branches(const OutputSpecs *outputs, Arena *arena, DiagList *diags);
