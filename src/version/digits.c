#include "version/digits.h"

#include <string.h>

size_t digits_span(const char *text, const char *end)
{
        const char *at = text;

        while (at < end && is_digit(*at))
                at++;
        return (size_t)(at - text);
}

Digits digits_of(const char *text, size_t size)
{
        while (size > 0 && *text == '0') {
                text++;
                size--;
        }
        return (Digits){ .data = text, .n = size };
}

int digits_compare(Digits a, Digits b)
{
        if (a.n != b.n)
                return a.n < b.n ? -1 : 1;
        return a.n > 0 ? memcmp(a.data, b.data, a.n) : 0;
}
