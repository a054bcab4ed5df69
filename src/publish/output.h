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
