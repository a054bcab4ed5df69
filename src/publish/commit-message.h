#pragma once

/* The message of a commit that brings a lockfile to a branch. Pure. */

#include "lock/lock.h"

/* before: the release that the environment ran; NULL: none, or not known. by: who promoted; NULL:
 * not known. Returns NULL if memory ran out. */
const char *commit_message(const Lock *lock, const Release *before, const char *by, Arena *arena);
