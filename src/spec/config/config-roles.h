#pragma once

/* The fields of api.socketRoles of the configuration, and the rules that the schema cannot
 * express. */

#include "base/diag.h"
#include "model/schema/schema.h"
#include "model/socket-role.h"

extern const Schema socket_role_schema;

/* Looks up the users and groups. Returns 0, or -EINVAL after adding diagnostics. */
int config_check_roles(SocketRoles *roles, DiagList *diags);
