#pragma once

/* api.socketRoles of the configuration: its fields, and what the schema cannot say of them. */

#include "base/diag.h"
#include "model/schema.h"
#include "model/socket-role.h"

extern const Schema socket_role_schema;

/* Finds the users and groups. Diagnostics say what is wrong; -EINVAL then. */
int config_check_roles(SocketRoles *roles, DiagList *diags);
