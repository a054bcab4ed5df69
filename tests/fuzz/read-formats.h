#pragma once

/* Reads each lock format like the programs that use it, and checks that it has exactly the texts of
 * the lock, unchanged. A difference aborts. */

#include "lock/format.h"

/* files: the lock in this format. */
void read_format(const Lock *lock, LockFormat format, const LockFiles *files, Arena *arena);
