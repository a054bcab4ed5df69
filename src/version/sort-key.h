#pragma once

/* Writes sort keys: bytes whose memcmp order is the order of the values. A number is its count of
 * digits, then the digits: 9 is 01 39, 10 is 02 31 30, so more digits always sort higher. A count
 * from 248 on is written as 247 + its number of bytes, then those bytes, high one first. No key is
 * a prefix of another: each ends with a mark. */

#include "base/arena.h"
#include "model/version-map.h"
#include "version/digits.h"

typedef enum KeyMark {
        KEY_END = 0, /* lower than anything that can follow */
        KEY_NUMBER = 1,
        KEY_TEXT = 2,    /* bytes without NUL, then KEY_END */
        KEY_RELEASE = 3, /* in the place of a prerelease's identifiers: above all of them */
} KeyMark;

typedef struct KeyWriter {
        uint8_t *data;
        size_t size;
        size_t capacity;
} KeyWriter;

/* Makes room for the key of a version text of that size: its numbers and texts, and up to four more
 * marks or numbers. Returns 0 or -ENOMEM. */
int key_begin(KeyWriter *writer, Arena *arena, size_t text_size);
void key_mark(KeyWriter *writer, KeyMark mark);
void key_number(KeyWriter *writer, Digits number);
void key_text(KeyWriter *writer, const char *text, size_t size);
SortKey key_finish(KeyWriter *writer);
