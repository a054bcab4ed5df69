#pragma once

/* Who may ask over TCP: a file of hashed bearer tokens, each of a tenant and a role. Pure.
 *
 * One a line: NAME TENANT ROLE SHA256 [EXPIRES] [person=PERSON]. TENANT * is every tenant; ROLE is
 * read, write or admin; SHA256 is of the token's text, 64 hexadecimal digits; EXPIRES is a time;
 * PERSON is who uses it, the token's NAME if nothing is said. Empty lines and those that begin with
 * # say nothing. A token taken out of the file is revoked. */

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"

typedef enum TokenRole {
        ROLE_READ,
        ROLE_WRITE,
        ROLE_ADMIN,
        TOKEN_ROLE_MAX_,
} TokenRole;

typedef struct ApiToken {
        const char *name;
        const char *tenant; /* NULL: every */
        TokenRole role;
        const char *person; /* whose approvals it gives */
        const char *hash;   /* 64 digits */
        usec_t expires_at;  /* wall; 0: never */
} ApiToken;

typedef struct ApiTokens {
        ApiToken *items;
        size_t n;
} ApiTokens;

/* ERROR_INVALID with the line that is wrong. */
int tokens_parse(const char *text, Arena *arena, ApiTokens *ret, Error *err);

/* Takes the same time whether one fits or none does; NULL if none does, or it has expired. */
const ApiToken *tokens_find(const ApiTokens *tokens, const char *presented, usec_t now);
