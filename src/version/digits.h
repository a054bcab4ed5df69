#pragma once

/* Decimal numbers of any length as the digits that stand in a text: compared, never converted, so
 * that nothing overflows. data is borrowed; leading zeros are not part of it, so zero has no digits
 * at all. */

#include <stdbool.h>
#include <stddef.h>

typedef struct Digits {
        const char *data;
        size_t n;
} Digits;

static inline bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How many digits text begins with. */
size_t digits_span(const char *text, const char *end);

Digits digits_of(const char *text, size_t size);
int digits_compare(Digits a, Digits b); /* <0, 0, >0 */
