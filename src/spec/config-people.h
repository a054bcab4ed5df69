#pragma once

/* api.people of the configuration: the checks that the schema cannot express. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/node.h"
#include "model/object.h"
#include "model/person.h"

/* Finds the users, and checks the persons. node: the section; NULL: the section is missing.
 * Returns -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_people(const Pairs *pairs, const Node *node, Arena *arena, LocalPeople *ret,
                        DiagList *diags);
