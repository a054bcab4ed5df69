#pragma once

/* Parses WWW-Authenticate headers (RFC 9110, 11.6.1). There may be several headers, with several
 * challenges each. Values may be quoted, and names may have any case. Unknown schemes are skipped,
 * with their parameters or token68. A syntax error ends the parsing of its header. */

#include <stdbool.h>

#include "base/arena.h"

typedef struct Challenge {
        bool basic; /* there was a Basic challenge */
        /* there was a Bearer challenge with a realm; the next members are its parameters */
        bool bearer;
        const char *realm;
        const char *service; /* NULL if none */
        const char *scope;   /* NULL if none */
} Challenge;

/* Adds the challenges of one header to *challenge. Texts are allocated from the arena. Returns 0 or
 * -ENOMEM. */
int challenge_parse(const char *header, Arena *arena, Challenge *challenge);
