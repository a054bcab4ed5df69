#pragma once

/* What an address is, whatever name led to it: asked when a connection is made, so that a name that
 * means one thing when it is checked and another when it is used gains nothing (DNS rebinding). */

#include <sys/socket.h>

typedef enum AddressKind {
        ADDRESS_PUBLIC,
        ADDRESS_PRIVATE,    /* loopback, RFC 1918, RFC 6598, unique local, multicast, reserved */
        ADDRESS_LINK_LOCAL, /* 169.254/16, fe80::/10 and fd00:ec2::/32: where clouds keep their
                               machines' secrets */
} AddressKind;

AddressKind address_kind(const struct sockaddr *address);
