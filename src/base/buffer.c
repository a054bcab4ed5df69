#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* most answers and heads need no more than two allocations */
#define CAPACITY_MIN 256

/* Buffer.data points to this array while the buffer has no memory. No function writes to it. */
static char empty_data[1];

void buffer_init(Buffer *buffer, size_t max)
{
        *buffer = (Buffer){ .data = empty_data, .max = max };
}

/* Resets the buffer after its memory was freed or handed to the caller. */
static void forget(Buffer *buffer)
{
        Quota *quota = buffer->quota;

        quota_give(quota, buffer->capacity);
        buffer_init(buffer, buffer->max);
        buffer->quota = quota;
}

void buffer_done(Buffer *buffer)
{
        if (buffer->capacity > 0)
                free(buffer->data);
        forget(buffer);
}

void buffer_clear(Buffer *buffer)
{
        buffer->size = 0;
        buffer->failed = 0;
        if (buffer->capacity > 0)
                buffer->data[0] = '\0';
}

/* Makes room for size more bytes and a NUL. */
static int reserve(Buffer *buffer, size_t size)
{
        size_t wanted, capacity;
        char *data;

        if (buffer->failed)
                return buffer->failed;
        if (size > buffer->max || buffer->size > buffer->max - size)
                return buffer->failed = -EFBIG;
        wanted = buffer->size + size + 1;
        if (wanted <= buffer->capacity)
                return 0;
        capacity = MAX(buffer->capacity * 2, (size_t)CAPACITY_MIN);
        capacity = MAX(MIN(capacity, buffer->max + 1), wanted);
        if (!quota_take(buffer->quota, capacity - buffer->capacity))
                return buffer->failed = -ENOMEM;
        data = realloc(buffer->capacity > 0 ? buffer->data : NULL, capacity);
        if (!data) {
                quota_give(buffer->quota, capacity - buffer->capacity);
                return buffer->failed = -ENOMEM;
        }
        buffer->data = data;
        buffer->capacity = capacity;
        return 0;
}

char *buffer_extend(Buffer *buffer, size_t size)
{
        char *room;

        /* most texts and their NUL fit into the allocated memory */
        if ((buffer->failed || size >= buffer->capacity - buffer->size) &&
            reserve(buffer, size) < 0)
                return NULL;
        room = buffer->data + buffer->size;
        buffer->size += size;
        buffer->data[buffer->size] = '\0';
        return room;
}

int buffer_append(Buffer *buffer, const void *data, size_t size)
{
        char *room = buffer_extend(buffer, size);

        if (room && size > 0)
                memcpy(room, data, size);
        return buffer->failed;
}

int buffer_puts(Buffer *buffer, const char *text)
{
        return buffer_append(buffer, text, strlen(text));
}

int buffer_putc(Buffer *buffer, char c)
{
        if (buffer->failed || buffer->size + 1 >= buffer->capacity)
                return buffer_append(buffer, &c, 1);
        buffer->data[buffer->size++] = c;
        buffer->data[buffer->size] = '\0';
        return 0;
}

int buffer_printf(Buffer *buffer, const char *format, ...)
{
        size_t room = buffer->failed ? 0 : buffer->capacity - MIN(buffer->size, buffer->capacity);
        va_list ap;
        int n, r;

        /* most texts fit into the allocated memory */
        va_start(ap, format);
        n = vsnprintf(room > 0 ? buffer->data + buffer->size : NULL, room, format, ap);
        va_end(ap);
        if (n >= 0 && (size_t)n < room) {
                buffer->size += (size_t)n;
                return 0;
        }
        if (room > 0)
                buffer->data[buffer->size] = '\0';
        if (n < 0)
                return buffer->failed = -ENOMEM;
        r = reserve(buffer, (size_t)n);
        if (r < 0)
                return r;
        va_start(ap, format);
        (void)vsnprintf(buffer->data + buffer->size, (size_t)n + 1, format, ap);
        va_end(ap);
        buffer->size += (size_t)n;
        return 0;
}

void buffer_trim(Buffer *buffer)
{
        char *data;

        if (buffer->capacity <= buffer->size + 1)
                return;
        data = realloc(buffer->data, buffer->size + 1);
        if (!data)
                return; /* the buffer keeps the unused memory, which is no error */
        quota_give(buffer->quota, buffer->capacity - buffer->size - 1);
        buffer->data = data;
        buffer->capacity = buffer->size + 1;
}

char *buffer_take(Buffer *buffer)
{
        char *data;

        if (reserve(buffer, 0) < 0)
                return NULL;
        buffer->data[buffer->size] = '\0';
        data = buffer->data;
        forget(buffer);
        return data;
}
