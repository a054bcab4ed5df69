#pragma once

/* Shared helpers of the fuzzers. require() aborts the program if its condition is false. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/macros.h"

#define FUZZ_ARENA_MAX ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds)
{
        if (!holds)
                abort();
}

/* Returns the input as text with a NUL at its end, in the arena. */
static inline char *fuzz_text(Arena *arena, const uint8_t *data, size_t size)
{
        return arena_strndup(arena, (const char *)data, size);
}
