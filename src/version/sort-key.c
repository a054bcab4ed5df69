#include "version/sort-key.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define SHORT_COUNT_MAX 247

int key_begin(KeyWriter *writer, Arena *arena, size_t text_size)
{
        /* one-digit numbers need the most space, as in "1.2.3": a mark, a count and a digit for two
         * bytes of text */
        size_t capacity = text_size * 2 + 16;
        uint8_t *data = arena_alloc(arena, capacity);

        if (!data)
                return -ENOMEM;
        *writer = (KeyWriter){ .data = data, .capacity = capacity };
        return 0;
}

static void put(KeyWriter *writer, const void *data, size_t size)
{
        assert(size <= writer->capacity - writer->size);
        memcpy(writer->data + writer->size, data, size);
        writer->size += size;
}

static void put_byte(KeyWriter *writer, size_t byte)
{
        uint8_t value = (uint8_t)byte;

        put(writer, &value, 1);
}

void key_mark(KeyWriter *writer, KeyMark mark)
{
        put_byte(writer, mark);
}

static void put_long_count(KeyWriter *writer, size_t count)
{
        size_t n_bytes = 1;

        while (n_bytes < sizeof(count) && count >> (8 * n_bytes) > 0)
                n_bytes++;
        put_byte(writer, SHORT_COUNT_MAX + n_bytes);
        while (n_bytes-- > 0)
                put_byte(writer, (count >> (8 * n_bytes)) & 0xff);
}

void key_number(KeyWriter *writer, Digits number)
{
        if (number.n <= SHORT_COUNT_MAX)
                put_byte(writer, number.n);
        else
                put_long_count(writer, number.n);
        if (number.n > 0)
                put(writer, number.data, number.n);
}

void key_text(KeyWriter *writer, const char *text, size_t size)
{
        put(writer, text, size);
        key_mark(writer, KEY_END);
}

SortKey key_finish(KeyWriter *writer)
{
        return (SortKey){ .data = writer->data, .size = writer->size };
}
