#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_MIN ((size_t)1024)
#define CHUNK_MAX ((size_t)256 * 1024)

typedef struct ArenaChunk {
        struct ArenaChunk *next;
        size_t used;
        size_t size;
        _Alignas(max_align_t) unsigned char data[];
} ArenaChunk;

void arena_init(Arena *arena, size_t limit)
{
        *arena = (Arena){ .limit = limit };
}

void arena_clear(Arena *arena)
{
        while (arena->chunks) {
                ArenaChunk *chunk = arena->chunks;

                arena->chunks = chunk->next;
                quota_give(arena->quota, sizeof(*chunk) + chunk->size);
                free(chunk);
        }
        arena->used = 0;
        arena->failed = arena->full = false;
}

void arena_done(Arena *arena)
{
        arena_clear(arena);
        arena->limit = 0;
}

/* Adds a chunk for at least size bytes. The size of chunks grows with the arena up to CHUNK_MAX, so
 * that small arenas stay small and large arenas have few chunks. */
static ArenaChunk *add_chunk(Arena *arena, size_t size)
{
        size_t wanted = MIN(MAX(arena->used, CHUNK_MIN), CHUNK_MAX);
        ArenaChunk *chunk;

        wanted = MAX(wanted, size);
        if (!quota_take(arena->quota, sizeof(*chunk) + wanted))
                return NULL;
        chunk = malloc(sizeof(*chunk) + wanted);
        if (!chunk) {
                quota_give(arena->quota, sizeof(*chunk) + wanted);
                return NULL;
        }
        chunk->next = arena->chunks;
        chunk->used = 0;
        chunk->size = wanted;
        arena->chunks = chunk;
        return chunk;
}

static void *take(Arena *arena, size_t size, size_t alignment)
{
        ArenaChunk *chunk = arena->chunks;
        size_t start = 0;
        void *result;

        if (size > arena->limit || arena->used > arena->limit - size) {
                arena->failed = arena->full = true;
                return NULL;
        }
        if (chunk)
                start = (chunk->used + alignment - 1) & ~(alignment - 1);
        if (!chunk || start > chunk->size || chunk->size - start < size) {
                chunk = add_chunk(arena, size);
                if (!chunk) {
                        arena->failed = true;
                        return NULL;
                }
                start = 0;
        }
        result = chunk->data + start;
        chunk->used = start + size;
        arena->used += size;
        return result;
}

void *arena_alloc(Arena *arena, size_t size)
{
        void *result = take(arena, MAX(size, (size_t)1), _Alignof(max_align_t));

        return result ? memset(result, 0, size) : NULL;
}

void *arena_alloc_array(Arena *arena, size_t n, size_t size)
{
        if (size > 0 && n > SIZE_MAX / size)
                return NULL;
        return arena_alloc(arena, n * size);
}

void *arena_alloc_bytes(Arena *arena, size_t size)
{
        return take(arena, MAX(size, (size_t)1), 1);
}

void *arena_memdup(Arena *arena, const void *data, size_t size)
{
        void *result = take(arena, MAX(size, (size_t)1), _Alignof(max_align_t));

        return result && size > 0 ? memcpy(result, data, size) : result;
}

char *arena_strdup(Arena *arena, const char *text)
{
        return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(Arena *arena, const char *text, size_t size)
{
        char *result;

        if (size == SIZE_MAX)
                return NULL;
        result = take(arena, size + 1, 1);
        if (!result)
                return NULL;
        memcpy(result, text, size);
        result[size] = '\0';
        return result;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
        char text[256]; /* most results fit here, so that they are formatted only once */
        va_list ap;
        char *result;
        int n;

        va_start(ap, format);
        n = vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        if (n < 0)
                return NULL;
        result = take(arena, (size_t)n + 1, 1);
        if (!result)
                return NULL;
        if ((size_t)n < sizeof(text))
                return memcpy(result, text, (size_t)n + 1);
        va_start(ap, format);
        (void)vsnprintf(result, (size_t)n + 1, format, ap);
        va_end(ap);
        return result;
}
