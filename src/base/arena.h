#pragma once

/* Memory for objects with one lifetime, such as a loaded spec file, a tag list or a request.
 * arena_done() frees all objects at once; a single object is never freed. Every arena has a limit,
 * so that outside input cannot use up all memory. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/quota.h"

typedef struct Arena {
        struct ArenaChunk *chunks;
        size_t used;  /* bytes handed out */
        size_t limit; /* maximum of used */
        Quota *quota; /* counts the memory of the chunks; NULL: no quota */
        bool failed;  /* an allocation failed; checking this once at the end is enough */
        bool full;    /* an allocation failed because of the limit, not because memory ran out */
} Arena;

void arena_init(Arena *arena, size_t limit);
void arena_done(Arena *arena);

/* Frees all memory and resets `failed` and `full`. Keeps the limit. */
void arena_clear(Arena *arena);

/* These functions return NULL if memory runs out or the limit is reached. size may be 0.
 * arena_alloc() and arena_alloc_array() return zeroed memory, aligned for any type. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_alloc_array(Arena *arena, size_t n, size_t size); /* checks n * size */
void *arena_alloc_bytes(Arena *arena, size_t size);           /* not aligned and not zeroed */
void *arena_memdup(Arena *arena, const void *data, size_t size);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t size);
char *arena_printf(Arena *arena, const char *format, ...) _printf_(2, 3);
