/* The tokens of a registry: one for each scope, at most TOKENS_KEPT_MAX bytes in total. The least
 * recently used token is dropped first, but never one that is being fetched or that calls wait
 * for. */

#include <stdlib.h>

#include "base/limits.h"
#include "registry/internal.h"

static size_t token_size(const Token *token)
{
        return sizeof(*token) + strlen(token->scope) + (token->value ? strlen(token->value) : 0);
}

static void token_unlink(Token *token)
{
        Registry *registry = token->registry;

        if (token->previous)
                token->previous->next = token->next;
        else
                registry->token_first = token->next;
        if (token->next)
                token->next->previous = token->previous;
        else
                registry->token_last = token->previous;
        token->next = token->previous = NULL;
}

static void token_link_first(Token *token)
{
        Registry *registry = token->registry;

        token->next = registry->token_first;
        if (token->next)
                token->next->previous = token;
        else
                registry->token_last = token;
        registry->token_first = token;
}

Token *token_free(Token *token)
{
        Registry *registry = token->registry;

        http_call_cancel(token->fetch);
        token_unlink(token);
        (void)map_remove(&registry->tokens, token->scope);
        registry->tokens_size -= token->size;
        free(token->scope);
        free(token->value);
        free(token);
        return NULL;
}

/* Frees the least recently used tokens until the others fit in TOKENS_KEPT_MAX. Keeps tokens in
 * use, whose number is at most the number of calls. */
static void token_trim(Registry *registry, const Token *keep)
{
        Token *token = registry->token_last;

        while (token && registry->tokens_size > TOKENS_KEPT_MAX) {
                Token *previous = token->previous;

                if (token != keep && !token->fetch && !token->waiting_first && !token->releasing)
                        token_free(token);
                token = previous;
        }
}

static void token_account(Token *token)
{
        size_t size = token_size(token);

        token->registry->tokens_size += size - token->size;
        token->size = size;
}

Token *token_get(Registry *registry, const char *scope)
{
        Token *token = map_get(&registry->tokens, scope);

        if (token) {
                token_unlink(token);
                token_link_first(token);
                return token;
        }
        token = calloc(1, sizeof(*token));
        if (!token)
                return NULL;
        token->registry = registry;
        token->scope = strdup(scope);
        if (!token->scope || map_put(&registry->tokens, token->scope, token, NULL) < 0) {
                free(token->scope);
                free(token);
                return NULL;
        }
        token_link_first(token);
        token_account(token);
        token_trim(registry, token);
        return token;
}

void token_set(Token *token, char *value, usec_t expires_at)
{
        free(token->value);
        token->value = value;
        token->expires_at = expires_at;
        token_account(token);
        token_trim(token->registry, token);
}
