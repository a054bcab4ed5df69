#pragma once

/* Shared declarations of truth.c and truth-check.c. */

#include "truth.h"

/* Writes the fault and its subject to truth->why; returns -1. */
int truth_wrong(Truth *truth, const char *what, const char *why);

typedef int OnFile(Truth *truth, const State *state, const char *path, size_t node);
/* Calls a function for every name that a deployer may see. Ends at the first negative result. */
int truth_walk_locks(Truth *truth, const State *state, OnFile *on_file);
/* Returns NULL if nothing ever had this name. */
Path *truth_find_path(const Truth *truth, const char *name);
/* Returns the hash of a name's target. */
uint64_t truth_content_hash(Truth *truth, const State *state, size_t node);
