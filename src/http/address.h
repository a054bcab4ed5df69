#pragma once

/* Classifies the address of a connection. The callers classify the address that libcurl connects
 * to, not one that they resolved before. This prevents DNS rebinding, in which a name changes its
 * address after the check. */

#include <sys/socket.h>

typedef enum AddressKind {
        ADDRESS_PUBLIC,
        /* loopback, RFC 1918, RFC 6598, unique local, site-local, local NAT64, Teredo, multicast,
         * reserved, unknown */
        ADDRESS_PRIVATE,
        /* 169.254/16, fe80::/10, and addresses of cloud metadata services, which return
         * credentials: fd00:ec2::/32 (AWS), fd20:ce::/32 (Google), 100.100.100.200 (Alibaba),
         * 168.63.129.16 (Azure) */
        ADDRESS_LINK_LOCAL,
} AddressKind;

AddressKind address_kind(const struct sockaddr *address);
