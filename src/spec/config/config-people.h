#pragma once

/* Checks the rules for api.people of the configuration that the schema cannot express. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/document-node.h"
#include "model/object.h"
#include "model/person.h"

/* Looks up the users, and checks the persons. node is the section; NULL: it is missing. Returns
 * -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_people(const Pairs *pairs, const Node *node, Arena *arena, LocalPeople *ret,
                        DiagList *diags);
