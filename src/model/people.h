#pragma once

/* Lists of persons whose entries may also be Groups: "group:NAME" stands for the members of a Group
 * of the same tenant. A Group that no spec declares has no members. Pure. */

#include "model/model.h"

/* Returns the Group that an entry names; NULL: the entry is a person, or there is no such Group. */
const GroupSpec *people_group(const Model *model, const char *tenant, const char *entry);

/* True if the entry is this person, or a Group with this person as a member. */
bool people_entry_has(const Model *model, const char *tenant, const char *entry,
                      const char *person);

/* True if people_entry_has() is true for one of the entries. */
bool people_have(const Model *model, const char *tenant, const Strings *entries,
                 const char *person);

/* True if the approvals, promoters or checks of the environment name the Group. */
bool people_name_group(const EnvironmentSpec *environment, const GroupSpec *group);
