#pragma once

/* Memory for what dies together: a loaded spec file, a parsed tag list, one request. Freed whole;
 * inside it plain pointers, no per-field free. An arena cannot be made without a limit, so that
 * what a stranger sends cannot take all memory. Results are aligned for any type and zeroed. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/quota.h"

typedef struct Arena {
        struct ArenaChunk *chunks;
        size_t used;  /* bytes handed out */
        size_t limit; /* most bytes it will hand out */
        Quota *quota; /* what its chunks are taken from; NULL: none */
        bool failed;  /* it could not give something: one check at the end is enough */
        bool full;    /* and that was its limit, no lack of memory */
} Arena;

void arena_init(Arena *arena, size_t limit);
void arena_done(Arena *arena);

/* Frees everything but the limit. */
void arena_clear(Arena *arena);

/* All return NULL when memory ran out or the limit is reached. size may be 0. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_alloc_array(Arena *arena, size_t n, size_t size); /* checks n * size */
void *arena_alloc_bytes(Arena *arena, size_t size);           /* not aligned and not zeroed */
void *arena_memdup(Arena *arena, const void *data, size_t size);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t size);
char *arena_printf(Arena *arena, const char *format, ...) _printf_(2, 3);
