#pragma once

/* The section `git` of an output: a branch of a Git repository. */

#include "base/diag.h"
#include "model/output.h"
#include "model/schema/schema.h"
#include "spec/config/config-refuse.h"

extern const Schema git_output_schema;

/* How a repository is reached. */
typedef struct GitTransport {
        Place place;
        const char *url, *credential, *known_hosts, *ca_file;
} GitTransport;

/* Check texts about a repository. Return 0 or -EINVAL. */
int config_check_url(Place place, const char *url, DiagList *diags);
int config_check_branch(Place place, const char *branch, DiagList *diags);
int config_check_transport(const GitTransport *git, DiagList *diags);

/* Checks the texts of the section, and that the output has no path and program beside it. Returns
 * 0 or -EINVAL. */
int config_check_git(const OutputSpec *output, DiagList *diags);
