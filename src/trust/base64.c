#include "trust/base64.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char standard_of(char c)
{
        return (char)(c == '-' ? '+' : c == '_' ? '/' : c);
}

/* Returns the value of a character; -1 if it is not in the alphabet. */
static int value_of(char c)
{
        const char *at = c ? strchr(alphabet, c) : NULL;

        return at ? (int)(at - alphabet) : -1;
}

/* Copies the text, converted to the standard alphabet. Returns the number of padding characters, or
 * -EINVAL. */
static int normalize(const char *text, size_t size, char *ret)
{
        size_t n_padding = 0;

        while (n_padding < 2 && text[size - 1 - n_padding] == '=')
                n_padding++;
        for (size_t i = 0; i < size - n_padding; i++) {
                ret[i] = standard_of(text[i]);
                if (value_of(ret[i]) < 0)
                        return -EINVAL;
        }
        memset(ret + size - n_padding, '=', n_padding);
        /* bits of the last character that belong to no byte must be 0 */
        if (n_padding > 0 && value_of(ret[size - n_padding - 1]) & (n_padding == 1 ? 0x03 : 0x0f))
                return -EINVAL;
        return (int)n_padding;
}

int base64_decode(const char *text, size_t size, Arena *arena, unsigned char **ret,
                  size_t *ret_size)
{
        unsigned char *data;
        char *copy;
        int n_padding, n = 0;

        if (size % 4 != 0 || size > INT_MAX)
                return -EINVAL;
        data = arena_alloc_bytes(arena, size / 4 * 3 + 1);
        copy = arena_alloc_bytes(arena, size + 1);
        if (!data || !copy)
                return -ENOMEM;
        n_padding = size > 0 ? normalize(text, size, copy) : 0;
        if (n_padding < 0)
                return n_padding;
        if (size > 0)
                n = EVP_DecodeBlock(data, (const unsigned char *)copy, (int)size);
        if (n < n_padding)
                return -EINVAL;
        *ret_size = (size_t)(n - n_padding);
        data[*ret_size] = '\0';
        *ret = data;
        return 0;
}

int base64url_decode(const char *text, size_t size, Arena *arena, unsigned char **ret,
                     size_t *ret_size)
{
        const size_t n_padding = (4 - size % 4) % 4;
        char *padded;

        if (n_padding == 3 || size > INT_MAX || strcspn(text, "+/=") < size)
                return -EINVAL;
        padded = arena_printf(arena, "%.*s%.*s", (int)size, text, (int)n_padding, "==");
        return padded ? base64_decode(padded, size + n_padding, arena, ret, ret_size) : -ENOMEM;
}

void base64_encode(const void *data, size_t size, Buffer *out)
{
        const unsigned char *bytes = data;
        /* a multiple of 3: only the last block is padded */
        enum {
                BLOCK = 3 * 1024
        };

        for (size_t at = 0; at < size; at += BLOCK) {
                const size_t n = size - at < BLOCK ? size - at : BLOCK;
                unsigned char text[BLOCK / 3 * 4 + 1];

                (void)buffer_append(out, text, (size_t)EVP_EncodeBlock(text, bytes + at, (int)n));
        }
}
