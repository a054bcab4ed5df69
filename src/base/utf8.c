#include "base/utf8.h"

size_t utf8_decode(const char *text, size_t size, uint32_t *ret)
{
        const unsigned char *p = (const unsigned char *)text;
        static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = p[0] < 0x80             ? 1
                   : (p[0] & 0xe0) == 0xc0 ? 2
                   : (p[0] & 0xf0) == 0xe0 ? 3
                   : (p[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
        uint32_t c;

        if (n == 0 || n > size)
                return 0;
        c = n == 1 ? p[0] : p[0] & (0xffU >> (n + 1));
        for (size_t i = 1; i < n; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | (p[i] & 0x3fU);
        }
        if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        *ret = c;
        return n;
}
