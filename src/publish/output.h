#pragma once

/* One output of an environment: a file, a program, both, or a file on a branch. */

#include "publish/output-hook.h"
#include "publish/output-memory.h"

struct Output {
        EnvironmentLock *environment;
        const OutputSpec *spec;
        Published file;
        OutputMemory memory; /* of a program or a branch */
        OutputHook hook;
};

/* Return texts in the arena; NULL: memory ran out. */
/* Returns the path of the file. An output without a configured path uses the file of its format in
 * the lock folder. Not for an output on a branch. */
const char *output_path(const Output *output, Arena *arena);
/* Returns the output in events: its branch, its program or its path. */
const char *output_target(const Output *output, Arena *arena);
