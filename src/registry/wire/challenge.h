#pragma once

/* WWW-Authenticate (RFC 9110, 11.6.1): several challenges in one header or in several, values
 * quoted or not, names without case. Unknown schemes, with parameters or a token68, are skipped;
 * what cannot be read ends the reading of its header. */

#include <stdbool.h>

#include "base/arena.h"

typedef struct Challenge {
        bool basic;  /* a Basic challenge was there */
        bool bearer; /* a Bearer challenge with a realm was there; then: */
        const char *realm;
        const char *service; /* NULL if none */
        const char *scope;   /* NULL if none */
} Challenge;

/* Adds what one header says. Texts come from the arena. -ENOMEM. */
int challenge_parse(const char *header, Arena *arena, Challenge *challenge);
