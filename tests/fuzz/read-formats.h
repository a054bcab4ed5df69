#pragma once

/* Reads a lock format as the programs do that use it, and compares the texts with those of the
 * lock. Aborts if a text differs. */

#include "lock/format.h"

/* Checks files, which are the lock written in the format. */
void read_format(const Lock *lock, LockFormat format, const LockFiles *files, Arena *arena);
