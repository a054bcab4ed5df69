#pragma once

/* The section `pullRequest` of an output on a branch. */

#include "model/output.h"
#include "model/schema/schema.h"

extern const Schema pull_request_schema;

/* Checks the texts of the section. Returns 0, or -EINVAL with diagnostics. */
int config_check_pull_request(const GitOutput *git, DiagList *diags);
