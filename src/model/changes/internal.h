#pragma once

/* Functions that append changes, for the files of this folder. */

#include <errno.h>

#include "base/vec.h"
#include "model/changes/changes.h"

/* Copies a text into the arena of the list. Sets changes->failed if memory runs out. */
static inline const char *copy_text(Changes *changes, const char *text)
{
        const char *copy;

        if (!text)
                return NULL;
        copy = arena_strdup(&changes->arena, text);
        if (!copy)
                changes->failed = -ENOMEM;
        return copy;
}

static inline void *copy_data(Changes *changes, const void *data, size_t size)
{
        void *copy = arena_memdup(&changes->arena, data, size);

        if (!copy)
                changes->failed = -ENOMEM;
        return copy;
}

/* Appends a change whose texts are already copied. Sets changes->failed if memory runs out. */
static inline void add(Changes *changes, Change change)
{
        if (changes->failed)
                return;
        if (vec_reserve(&changes->items, &changes->capacity, changes->n + 1,
                        sizeof(*changes->items)) < 0) {
                changes->failed = -ENOMEM;
                return;
        }
        changes->items[changes->n++] = change;
}
