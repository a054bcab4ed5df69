#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macros.h"

typedef struct Block4 {
        uint32_t network;
        unsigned bits;
} Block4;

static AddressKind kind4(uint32_t address)
{
        static const Block4 private[] = {
                { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
                { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 },
                { 0xe0000000, 3 }, /* multicast, reserved, broadcast */
        };

        if (address >> 16 == 0xa9fe)
                return ADDRESS_LINK_LOCAL;
        for (size_t i = 0; i < ARRAY_SIZE(private); i++)
                if ((address ^ private[i].network) >> (32 - private[i].bits) == 0)
                        return ADDRESS_PRIVATE;
        return ADDRESS_PUBLIC;
}

static AddressKind kind6(const struct in6_addr *address)
{
        static const uint8_t metadata[] = { 0xfd, 0x00, 0x0e, 0xc2 };
        static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
        const uint8_t *b = address->s6_addr;
        uint32_t last =
                (uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15];

        if (IN6_IS_ADDR_V4MAPPED(address) || memcmp(b, nat64, sizeof(nat64)) == 0)
                return kind4(last);
        if (IN6_IS_ADDR_LINKLOCAL(address) || memcmp(b, metadata, sizeof(metadata)) == 0)
                return ADDRESS_LINK_LOCAL;
        if (IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ||
            (b[0] & 0xfe) == 0xfc || b[0] == 0xff)
                return ADDRESS_PRIVATE;
        return ADDRESS_PUBLIC;
}

AddressKind address_kind(const struct sockaddr *address)
{
        if (address->sa_family == AF_INET)
                return kind4(ntohl(
                        ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
        if (address->sa_family == AF_INET6)
                return kind6(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
        return ADDRESS_PRIVATE;
}
