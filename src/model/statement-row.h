#pragma once

/* A stored, signed statement about what an environment has (lock/promotion.h). */

#include <stdint.h>

#include "base/time.h"

typedef struct StatementRow {
        const char *environment_id;
        int64_t number; /* place in the chain of the environment, from 1 */
        const char *digest;
        usec_t at;
        const char *envelope; /* one line of JSON */
} StatementRow;

typedef struct StatementRows {
        StatementRow *items;
        size_t n;
} StatementRows;
