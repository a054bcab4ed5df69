#pragma once

/* The section `specs.git`: a branch of a Git repository that has the specs. */

#include "base/diag.h"
#include "model/document-node.h"
#include "model/schema/schema.h"
#include "model/specs-git.h"

extern const Schema specs_git_schema;

/* Checks the texts of the section, and that there is no specs.path beside it. specs: the section
 * `specs`; NULL: not given. Returns 0 or -EINVAL. */
int config_check_specs(const SpecsGit *git, const Node *specs, DiagList *diags);
