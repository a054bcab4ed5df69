#pragma once

/* An extra place for an environment's lockfile, and a program to run when the lockfile changed.
 * Only the daemon's configuration declares outputs: authors of specs must not write files or run
 * programs as relmand. */

#include "base/file.h"
#include "base/time.h"
#include "model/environment.h"

typedef struct OutputSpec {
        Place place;             /* must be first */
        const char *environment; /* NAME, or TENANT/NAME */
        LockFormat format;
        /* path of the file, or of the folder for a multi-file format; NULL: a file in the lock
         * folder */
        const char *path;
        const char *owner, *group, *mode; /* NULL: unchanged */
        Strings exec;                     /* argument vector; empty: no program */
        usec_t timeout;
        FileAccess access; /* resolved from owner, group and mode */
} OutputSpec;

typedef struct OutputSpecs {
        OutputSpec *items;
        size_t n;
} OutputSpecs;
