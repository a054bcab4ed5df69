#pragma once

/* The last success of an output. */

#include "base/time.h"

typedef struct OutputRun {
        const char *lock_digest; /* digest of the lockfile */
        const char *release;     /* name; NULL: not known */
        const char *commit;      /* id of a branch's commit; NULL: the output is no branch */
        usec_t at;               /* wall */
} OutputRun;
