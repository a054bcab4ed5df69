#pragma once

/* Reads each lock format as the tools that it is for do, and requires that it says what the lock
 * says: every text unchanged, and nothing besides. What does not hold aborts. */

#include "lock/format.h"

/* files: of lock, in this format. */
void read_format(const Lock *lock, LockFormat format, const LockFiles *files, Arena *arena);
