#pragma once

/* Declarations shared by learning and checking. */

#include "truth.h"

/* Says in truth->why what is wrong with what; returns -1. */
int truth_wrong(Truth *truth, const char *what, const char *why);

typedef int OnFile(Truth *truth, const State *state, const char *path, size_t node);
/* Every name that a deployer may see; ends at the first that gives less than 0. */
int truth_walk_locks(Truth *truth, const State *state, OnFile *on_file);
/* NULL if nothing was ever there. */
Path *truth_find_path(const Truth *truth, const char *name);
/* The hash of a name's target. */
uint64_t truth_content_hash(Truth *truth, const State *state, size_t node);
