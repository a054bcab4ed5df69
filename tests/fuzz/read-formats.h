#pragma once

/* Reads a lock format like the programs that use it, and compares the texts with the texts of the
 * lock. Aborts if a text differs. */

#include "lock/format.h"

/* Checks files. They must be the lock, written in the format. */
void read_format(const Lock *lock, LockFormat format, const LockFiles *files, Arena *arena);
