#pragma once

/* The fields of api.proxyAuth of the configuration, and the rules that the schema cannot express.
 */

#include "base/arena.h"
#include "base/diag.h"
#include "model/document-node.h"
#include "model/object.h"
#include "model/proxy-auth.h"

/* Looks up the account of the proxy, and reads the roles of groups from pairs. node is the section;
 * NULL: it is missing. Returns -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_proxy(const Pairs *groups, const Node *node, Arena *arena, ProxyAuth *proxy,
                       DiagList *diags);
