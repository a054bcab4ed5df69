#pragma once

/* Classifies the address of a connection. It is checked when the connection is made, so that a name
 * with changing addresses gains nothing (DNS rebinding). */

#include <sys/socket.h>

typedef enum AddressKind {
        ADDRESS_PUBLIC,
        ADDRESS_PRIVATE,    /* loopback, RFC 1918, RFC 6598, unique local, multicast, reserved */
        ADDRESS_LINK_LOCAL, /* 169.254/16, fe80::/10 and fd00:ec2::/32: metadata services of clouds,
                               which give out credentials */
} AddressKind;

AddressKind address_kind(const struct sockaddr *address);
