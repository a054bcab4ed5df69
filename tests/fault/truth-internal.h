#pragma once

/* Shared declarations of truth.c and truth-check.c. */

#include "truth.h"

/* Sets truth->why to the fault and its subject. Returns -1. */
int truth_wrong(Truth *truth, const char *what, const char *why);

typedef int OnFile(Truth *truth, const State *state, const char *path, size_t node);
/* Calls a function for each file below LOCKS that a deployer may see. Stops at the first negative
 * result and returns it. */
int truth_walk_locks(Truth *truth, const State *state, OnFile *on_file);
/* Returns the path with this name; NULL if there was never a file with the name. */
Path *truth_find_path(const Truth *truth, const char *name);
/* Returns the hash of a file's content, type and mode. */
uint64_t truth_content_hash(Truth *truth, const State *state, size_t node);
