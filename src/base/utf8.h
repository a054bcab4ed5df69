#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_SIZE_MAX 4 /* bytes of one character */

/* Decodes the UTF-8 character (RFC 3629) at the start of text. Returns its size, or 0 if the bytes
 * are invalid. */
size_t utf8_decode(const char *text, size_t size, uint32_t *ret);

/* True for a byte that continues a character: a text may be cut before any other byte. */
static inline bool utf8_continues(char byte)
{
        return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Returns the largest size of at most max at which the text may be cut. The text has more than max
 * bytes. */
static inline size_t utf8_cut(const char *text, size_t max)
{
        while (max > 0 && utf8_continues(text[max]))
                max--;
        return max;
}
