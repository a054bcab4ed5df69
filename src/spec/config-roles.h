#pragma once

/* api.socketRoles of the configuration: its fields, and the checks that the schema cannot
 * express. */

#include "base/diag.h"
#include "model/schema/schema.h"
#include "model/socket-role.h"

extern const Schema socket_role_schema;

/* Finds the users and groups. Returns -EINVAL after adding diagnostics. */
int config_check_roles(SocketRoles *roles, DiagList *diags);
