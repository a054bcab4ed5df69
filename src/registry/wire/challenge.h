#pragma once

/* Parses WWW-Authenticate (RFC 9110, 11.6.1): several challenges in one header or in several,
 * quoted or unquoted values, names in any case. Unknown schemes, with parameters or a token68, are
 * skipped. A syntax error ends the parsing of its header. */

#include <stdbool.h>

#include "base/arena.h"

typedef struct Challenge {
        bool basic;  /* there was a Basic challenge */
        bool bearer; /* there was a Bearer challenge with a realm; then: */
        const char *realm;
        const char *service; /* NULL if none */
        const char *scope;   /* NULL if none */
} Challenge;

/* Adds the challenges of one header to *challenge. Texts are allocated from the arena. Returns 0 or
 * -ENOMEM. */
int challenge_parse(const char *header, Arena *arena, Challenge *challenge);
