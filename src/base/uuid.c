#include "base/uuid.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/digest.h"

/* The UUIDv5 namespace of relman, chosen at random. It must never change. */
static const unsigned char namespace_bytes[16] = { 0x5e, 0x2c, 0x9a, 0x41, 0x0d, 0x7b, 0x4f, 0x86,
                                                   0xb3, 0x15, 0x6e, 0xa8, 0xd2, 0x90, 0x3c, 0xf7 };

static Uuid uuid_from_bytes(unsigned char bytes[16], unsigned version)
{
        static const char digits[] = "0123456789abcdef";
        Uuid uuid = { 0 };
        size_t at = 0;

        bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        for (size_t i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        uuid.text[at++] = '-';
                uuid.text[at++] = digits[bytes[i] >> 4];
                uuid.text[at++] = digits[bytes[i] & 15];
        }
        return uuid;
}

Uuid uuid_of(const char *const *parts)
{
        unsigned char hash[20];

        digest_sha1(namespace_bytes, sizeof(namespace_bytes), parts, hash);
        return uuid_from_bytes(hash, 5);
}

Uuid uuid_new(usec_t wall)
{
        unsigned char bytes[16] = { 0 };
        usec_t msec = wall / USEC_PER_MSEC;

        /* after boot, getrandom() does not block, and returns up to 256 bytes completely */
        (void)!getrandom(bytes, sizeof(bytes), 0);
        for (size_t i = 0; i < 6; i++)
                bytes[i] = (unsigned char)(msec >> (40 - 8 * i));
        return uuid_from_bytes(bytes, 7);
}

Uuid uuid_of_text(const char *text)
{
        Uuid id = { 0 };

        memcpy(id.text, text, MIN(strlen(text), sizeof(id.text) - 1));
        return id;
}

bool uuid_is_valid(const char *text)
{
        for (size_t i = 0; i < 36; i++) {
                if (i == 8 || i == 13 || i == 18 || i == 23) {
                        if (text[i] != '-')
                                return false;
                } else if (!(text[i] >= '0' && text[i] <= '9') &&
                           !(text[i] >= 'a' && text[i] <= 'f'))
                        return false;
        }
        return text[36] == '\0';
}
