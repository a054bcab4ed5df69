#pragma once

/* Bearer tokens of a registry: one for each scope, shared by all its calls. They stay in memory
 * until they exceed TOKENS_KEPT_MAX, or until the registry is freed. */

#include "base/arena.h"
#include "http/http.h"
#include "registry/registry.h"

typedef struct Token {
        struct Registry *registry;
        struct Token *next, *previous; /* in order of last use, the latest first */
        size_t size;                   /* counted in registry->tokens_size */
        bool releasing;                /* waiting calls are being sent */
        char *scope;                   /* key */
        char *value;                   /* "Bearer ..."; NULL while there is none */
        usec_t expires_at;             /* monotonic */
        HttpCall *fetch;               /* in progress */
        unsigned round;                /* round of calls that begin to wait now */
        RegistryCall *waiting_first, *waiting_last;
} Token;

/* The login or token that a call waited for is there, or failed. authorization is NULL after a
 * login. */
typedef void (*LoginReady)(RegistryCall *call, const char *authorization, const Error *error);

/* token.c: returns 1 with the token of the call's scope, valid until the cache changes. Returns 0
 * if it must be fetched first: ready is called after that. */
int token_use(RegistryCall *call, LoginReady ready, const char **ret_authorization, Error *err);
void token_leave(RegistryCall *call); /* the call no longer waits; safe if it did not */

/* token-cache.c: returns the token of a scope, a new one if there is none; NULL if memory ran out.
 * It lives while it is being fetched or waited for; after that another token_get() may free it. */
Token *token_get(Registry *registry, const char *scope);
void token_set(Token *token, char *value, usec_t expires_at); /* takes ownership of value */
Token *token_free(Token *token);

/* token-json.c: parses {"token" or "access_token", "expires_in"} */
int token_parse(const char *json, size_t size, Arena *arena, const char **ret_token,
                usec_t *ret_lifetime, Error *err);
