#pragma once

/* Push webhooks of registries: who sends them, and what they are about. Pure. They only say "look
 * now"; nothing they say of tags and digests is believed. */

#include "base/arena.h"
#include "base/error.h"
#include "model/object.h"

/* The proofs that a sender shows; NULL if absent. */
typedef struct HookProof {
        const char *body;
        size_t body_size;
        const char *hub_signature;   /* X-Hub-Signature-256, X-Signature: sha256=HEX of the body */
        const char *nexus_signature; /* X-Nexus-Webhook-Signature: HMAC-SHA-1, HEX */
        const char *authorization;   /* "Bearer S", "Basic ...", or S itself (Harbor) */
        const char *gitlab_token;    /* X-Gitlab-Token */
        const char *jfrog_token;     /* X-JFrog-Event-Auth: S, or HMAC-SHA-256 of the body, HEX */
        const char *in_url;          /* the path's last part or ?token= */
} HookProof;

/* True if the sender knows the secret. A signature that is there must be right, whatever else is
 * shown; comparisons take the same time for every wrong secret. */
bool hook_is_authentic(const HookProof *proof, const char *secret);

/* The repositories that something happened to, each once, without a host; in the arena. A body that
 * is JSON but of no known form names none. -EINVAL with the error set if it is no JSON. */
int hook_repositories(const char *body, size_t size, Arena *arena, Strings *ret, Error *err);

/* Returns the code that Azure Event Grid validates a subscription with, in the arena. The sender
 * wants it back before it delivers events. NULL if the body is no such request. */
const char *hook_validation_code(const char *body, size_t size, Arena *arena);

#define HOOK_REPOSITORIES_MAX 1000 /* a body that would mark everything */
