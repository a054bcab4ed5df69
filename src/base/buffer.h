#pragma once

/* A growing byte buffer that cannot be made without a maximum. data is always followed by a NUL
 * that size does not count, and is never NULL after buffer_init(). Once an append failed, the
 * buffer remembers it (failed), later appends do nothing, and one check at the end is enough. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/quota.h"

typedef struct Buffer {
        char *data;
        size_t size;
        size_t capacity;
        size_t max;
        Quota *quota; /* what its memory is taken from; NULL: none */
        int failed;   /* 0, -ENOMEM, or -EFBIG when max would have been passed */
} Buffer;

void buffer_init(Buffer *buffer, size_t max);
void buffer_done(Buffer *buffer);

/* Empties it and forgets the failure; keeps the memory. */
void buffer_clear(Buffer *buffer);

/* Each returns 0 or the failure. */
int buffer_append(Buffer *buffer, const void *data, size_t size);
int buffer_puts(Buffer *buffer, const char *text);
int buffer_putc(Buffer *buffer, char c);
int buffer_printf(Buffer *buffer, const char *format, ...) _printf_(2, 3);

/* Appends size bytes that the caller fills at once, before anything else is appended; NULL on
 * failure. */
char *buffer_extend(Buffer *buffer, size_t size);

/* Gives back the memory behind its contents. */
void buffer_trim(Buffer *buffer);

/* The contents as a malloc()ed string; the buffer is empty afterwards, and its quota has the
 * memory back. NULL if it had failed. */
char *buffer_take(Buffer *buffer);
