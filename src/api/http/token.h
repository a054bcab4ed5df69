#pragma once

/* Access over TCP: a file of hashed bearer tokens, each with a tenant and a role. Pure.
 *
 * One token in a line: NAME TENANT ROLE SHA256 [EXPIRES] [person=PERSON]. TENANT * is every tenant.
 * ROLE is read, write or admin. SHA256 is that of the token's text, 64 hexadecimal digits. EXPIRES
 * is a time. PERSON uses the token; the default is its NAME. Empty lines and lines that begin with
 * # are ignored. Removing a token revokes it. */

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
        const char *person; /* the person who uses the token, for example in approvals */
        const char *hash;   /* 64 digits */
        usec_t expires_at;  /* wall; 0: never */
} ApiToken;

typedef struct ApiTokens {
        ApiToken *items;
        size_t n;
} ApiTokens;

/* ERROR_INVALID names the faulty line. */
int tokens_parse(const char *text, Arena *arena, ApiTokens *ret, Error *err);

/* Finds the token that a client presented; it may have expired. Returns NULL if none matches. Takes
 * the same time in every case. */
const ApiToken *tokens_find(const ApiTokens *tokens, const char *presented);
bool token_has_expired(const ApiToken *token, usec_t now);
