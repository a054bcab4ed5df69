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
        static const uint32_t metadata[] = {
                0x646464c8, /* 100.100.100.200: Alibaba Cloud */
                0xa83f8110, /* 168.63.129.16: Azure */
        };
        static const Block4 private[] = {
                { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
                { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 },
                { 0xe0000000, 3 }, /* multicast, reserved, broadcast */
        };

        if (address >> 16 == 0xa9fe)
                return ADDRESS_LINK_LOCAL;
        for (size_t i = 0; i < ARRAY_SIZE(metadata); i++)
                if (address == metadata[i])
                        return ADDRESS_LINK_LOCAL;
        for (size_t i = 0; i < ARRAY_SIZE(private); i++)
                if ((address ^ private[i].network) >> (32 - private[i].bits) == 0)
                        return ADDRESS_PRIVATE;
        return ADDRESS_PUBLIC;
}

static uint32_t read4(const uint8_t b[4])
{
        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Sets *ret to the IPv4 address that is embedded in an IPv6 address, and to which gateways forward.
 * Returns false if there is none. */
static bool embedded4(const struct in6_addr *address, uint32_t *ret)
{
        static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b }; /* RFC 6052 */
        static const uint8_t siit[12] = { [8] = 0xff, [9] = 0xff };  /* RFC 7915 */
        static const uint8_t six_to_four[] = { 0x20, 0x02 };         /* RFC 3056 */
        const uint8_t *b = address->s6_addr;

        if (memcmp(b, six_to_four, sizeof(six_to_four)) == 0) {
                *ret = read4(b + 2);
                return true;
        }
        *ret = read4(b + 12);
        return IN6_IS_ADDR_V4MAPPED(address) || IN6_IS_ADDR_V4COMPAT(address) ||
               memcmp(b, nat64, sizeof(nat64)) == 0 || memcmp(b, siit, sizeof(siit)) == 0;
}

static AddressKind kind6(const struct in6_addr *address)
{
        static const uint8_t aws[] = { 0xfd, 0x00, 0x0e, 0xc2 },
                             google[] = { 0xfd, 0x20, 0x00, 0xce };
        static const uint8_t local_nat64[] = { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }; /* RFC 8215 */
        static const uint8_t teredo[] = { 0x20, 0x01, 0x00, 0x00 };                  /* RFC 4380 */
        const uint8_t *b = address->s6_addr;
        uint32_t four;

        if (embedded4(address, &four))
                return kind4(four);
        if (IN6_IS_ADDR_LINKLOCAL(address) || memcmp(b, aws, sizeof(aws)) == 0 ||
            memcmp(b, google, sizeof(google)) == 0)
                return ADDRESS_LINK_LOCAL;
        if (IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ||
            IN6_IS_ADDR_SITELOCAL(address) || (b[0] & 0xfe) == 0xfc || b[0] == 0xff ||
            memcmp(b, local_nat64, sizeof(local_nat64)) == 0 ||
            memcmp(b, teredo, sizeof(teredo)) == 0)
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
