#include "api/http/answer.h"

#include <errno.h>
#include <string.h>

#define FIRST_HEADERS 4

int answer_headers_add(AnswerHeaders *headers, Arena *arena, const char *name, const char *value)
{
        if (!value)
                return 0;
        if (headers->n == headers->capacity) {
                size_t capacity = headers->n > 0 ? headers->n * 2 : FIRST_HEADERS;
                AnswerHeader *items = arena_alloc_array(arena, capacity, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                if (headers->n > 0)
                        memcpy(items, headers->items, headers->n * sizeof(*items));
                headers->items = items;
                headers->capacity = capacity;
        }
        headers->items[headers->n++] = (AnswerHeader){ name, value };
        return 0;
}
