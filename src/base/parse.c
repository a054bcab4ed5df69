#include "base/parse.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"

int parse_uint64(const char *text, uint64_t *ret)
{
        uint64_t value = 0;

        if (!*text)
                return -EINVAL;
        for (const char *p = text; *p; p++)
                if (*p < '0' || *p > '9')
                        return -EINVAL;
        for (const char *p = text; *p; p++) {
                if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
                        return -ERANGE;
        }
        *ret = value;
        return 0;
}

int parse_int64(const char *text, int64_t *ret)
{
        bool negative = *text == '-';
        uint64_t value;
        int r;

        r = parse_uint64(text + negative, &value);
        if (r < 0)
                return r;
        if (value > (uint64_t)INT64_MAX + negative)
                return -ERANGE;
        *ret = negative ? (int64_t)(0 - value) : (int64_t)value;
        return 0;
}

int parse_bool(const char *text, bool *ret)
{
        if (!streq(text, "true") && !streq(text, "false"))
                return -EINVAL;
        *ret = streq(text, "true");
        return 0;
}

int parse_size(const char *text, uint64_t *ret)
{
        static const char units[] = "KMGT";
        char digits[24];
        size_t size = strlen(text);
        const char *unit = size > 0 ? strchr(units, text[size - 1]) : NULL;
        uint64_t value, factor = 1;
        int r;

        if (size == 0 || size >= sizeof(digits))
                return -EINVAL;
        if (unit)
                factor <<= 10 * (unit - units + 1);
        size -= unit != NULL;
        memcpy(digits, text, size);
        digits[size] = '\0';
        r = parse_uint64(digits, &value);
        if (r < 0)
                return r;
        return __builtin_mul_overflow(value, factor, ret) ? -ERANGE : 0;
}

int parse_percent(const char *text, unsigned *ret)
{
        char digits[8];
        size_t size = strlen(text);
        uint64_t value;
        int r;

        if (size < 2 || size > sizeof(digits) || text[size - 1] != '%')
                return -EINVAL;
        memcpy(digits, text, size - 1);
        digits[size - 1] = '\0';
        r = parse_uint64(digits, &value);
        if (r < 0)
                return r;
        if (value > 100)
                return -ERANGE;
        *ret = (unsigned)value;
        return 0;
}

int parse_hex_digit(char c)
{
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
}

int parse_address(const char *address, char host[ADDRESS_HOST_MAX], const char **ret_port)
{
        const char *colon = strrchr(address, ':');
        size_t size = colon ? (size_t)(colon - address) : 0;
        uint64_t number;

        if (size >= 2 && address[0] == '[' && address[size - 1] == ']') {
                address++;
                size -= 2;
        } else if (memchr(address, ':', size))
                return -EINVAL;
        if (size == 0 || size >= ADDRESS_HOST_MAX || colon[1] == '\0')
                return -EINVAL;
        memcpy(host, address, size);
        host[size] = '\0';
        *ret_port = colon + 1;
        return parse_uint64(colon + 1, &number) < 0 || number == 0 || number > UINT16_MAX ? -EINVAL
                                                                                          : 0;
}
