#pragma once

/* A byte buffer that grows up to a maximum given at the start. data is never NULL after
 * buffer_init() and always ends with a NUL that size does not count. If an append fails, the buffer
 * sets failed and ignores later appends; one check at the end is enough. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/quota.h"

typedef struct Buffer {
        char *data;
        size_t size;
        size_t capacity;
        size_t max;
        Quota *quota; /* counts the memory of data; NULL: no quota */
        int failed;   /* 0, -ENOMEM, or -EFBIG if max would be exceeded */
} Buffer;

void buffer_init(Buffer *buffer, size_t max);
void buffer_done(Buffer *buffer);

/* Empties the buffer and resets `failed`. Keeps the memory. */
void buffer_clear(Buffer *buffer);

/* Each returns 0, or the value of failed. */
int buffer_append(Buffer *buffer, const void *data, size_t size);
int buffer_puts(Buffer *buffer, const char *text);
int buffer_putc(Buffer *buffer, char c);
int buffer_printf(Buffer *buffer, const char *format, ...) _printf_(2, 3);

/* Appends size bytes and returns a pointer to them; NULL on failure. The caller must fill them
 * before the next append. */
char *buffer_extend(Buffer *buffer, size_t size);

/* Frees the allocated memory that the contents do not use. */
void buffer_trim(Buffer *buffer);

/* Returns the contents as a malloc()ed string, or NULL if the buffer has failed or memory runs out.
 * On success the buffer is empty, and the string no longer counts against the quota. */
char *buffer_take(Buffer *buffer);
