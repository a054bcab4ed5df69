#pragma once

/* Writes sort keys: bytes whose order by memcmp() is the order of the versions. A number is written
 * as its count of digits, then its digits: 9 is 01 39, 10 is 02 31 30. So a number with more digits
 * sorts higher. A count above 247 is written in several bytes: first 247 plus the number of bytes
 * of the count, then these bytes, highest first. Keys of one strategy are never prefixes of each
 * other. */

#include "base/arena.h"
#include "model/version-map.h"
#include "version/digits.h"

typedef enum KeyMark {
        KEY_END = 0, /* ends a list of fields; sorts before every other byte that may be at this
                      * place */
        KEY_NUMBER = 1,
        KEY_TEXT = 2,    /* bytes without NUL, then KEY_END */
        KEY_RELEASE = 3, /* stands for a missing prerelease; sorts after all prereleases */
} KeyMark;

typedef struct KeyWriter {
        uint8_t *data;
        size_t size;
        size_t capacity;
} KeyWriter;

/* Allocates memory from the arena for the key of a version text of that size. Returns 0 or -ENOMEM.
 * The caller must not write a longer key with the functions below. */
int key_begin(KeyWriter *writer, Arena *arena, size_t text_size);
void key_mark(KeyWriter *writer, KeyMark mark);
void key_number(KeyWriter *writer, Digits number);
void key_text(KeyWriter *writer, const char *text, size_t size);
SortKey key_finish(KeyWriter *writer);
