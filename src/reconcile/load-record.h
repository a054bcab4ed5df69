#pragma once

/* Adds the signed statements about environments that a load removes. */

#include "control/control.h"

/* Adds a statement for each removal of an environment in the changes. stored: the stored objects.
 * Does nothing without a signing key. */
int load_record_removals(const Control *control, const StoredObjects *stored, Changes *changes,
                         Error *err);

/* True if the changes remove an environment. */
bool load_removes_environment(const Changes *changes);
