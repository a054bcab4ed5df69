#pragma once

/* Where an environment's lockfile goes beside the lock folder, and what is run when it changed.
 * Only the daemon's own configuration says so: who may commit specs must not write files or run
 * programs as relmand. */

#include "base/file.h"
#include "base/time.h"
#include "model/environment.h"

typedef struct OutputSpec {
        Place place;             /* first */
        const char *environment; /* NAME, or TENANT/NAME */
        LockFormat format;
        const char *
                path; /* the file, or the folder of a format of several; NULL: in the lock folder */
        const char *owner, *group, *mode; /* NULL: as it comes */
        Strings exec;                     /* argument vector; empty: nothing is run */
        usec_t timeout;
        FileAccess access; /* from owner, group and mode */
} OutputSpec;

typedef struct OutputSpecs {
        OutputSpec *items;
        size_t n;
} OutputSpecs;
