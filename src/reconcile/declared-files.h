#pragma once

/* The files that declare stored objects. */

#include "store/store.h"

/* Returns the time of the newest change of a file that declares one of the objects (wall); 0: none
 * of the files exists. */
usec_t declared_files_changed_at(const StoredObjects *stored);
