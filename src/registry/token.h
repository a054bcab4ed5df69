#pragma once

/* Bearer tokens of a registry: one for each scope, shared by all its calls. They stay in memory
 * until the registry is freed, or until their total size exceeds TOKENS_KEPT_MAX. */

#include "base/arena.h"
#include "http/http.h"
#include "registry/registry.h"

typedef struct Token {
        struct Registry *registry;
        struct Token *next, *previous; /* in order of last use, the latest first */
        size_t size;                   /* counted in registry->tokens_size */
        bool releasing;                /* the waiting calls are being released */
        char *scope;                   /* the key of the cache */
        char *value;                   /* "Bearer ..."; NULL while there is none */
        usec_t expires_at;             /* monotonic */
        HttpCall *fetch;               /* request in progress; NULL: none */
        unsigned round;                /* round of the calls that begin to wait now */
        RegistryCall *waiting_first, *waiting_last;
} Token;

/* Called when a call no longer waits for a login or a token. authorization is the value of the
 * token; NULL after a login. error is NULL on success. */
typedef void (*LoginReady)(RegistryCall *call, const char *authorization, const Error *error);

/* token.c: token_use() returns 1 and sets *ret_authorization to the token of the call's scope,
 * which is valid until the cache changes. Returns 0 if the token must be fetched first, and calls
 * ready after the fetch. */
int token_use(RegistryCall *call, LoginReady ready, const char **ret_authorization, Error *err);
void token_leave(RegistryCall *call); /* ends the wait of a call; safe if the call does not wait */

/* token-cache.c: token_get() returns the token of a scope, and adds one if there is none. Returns
 * NULL if memory ran out. A later token_get() or token_set() may free a token that is not being
 * fetched and for which no call waits. */
Token *token_get(Registry *registry, const char *scope);
void token_set(Token *token, char *value, usec_t expires_at); /* takes ownership of value */
Token *token_free(Token *token);

/* token-json.c: token_parse() reads the answer of a token server: "token" or "access_token", and
 * "expires_in". *ret_token is allocated from the arena. */
int token_parse(const char *json, size_t size, Arena *arena, const char **ret_token,
                usec_t *ret_lifetime, Error *err);
