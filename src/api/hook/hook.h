#pragma once

/* Push webhooks of registries: checks the sender, and reads the repositories. Pure. A hook only
 * requests a poll; its tags and digests are never trusted. */

#include "base/arena.h"
#include "base/error.h"
#include "model/object.h"

/* The proofs of a sender; NULL if absent. */
typedef struct HookProof {
        const char *body;
        size_t body_size;
        const char *hub_signature;   /* X-Hub-Signature-256, X-Signature: sha256=HEX of the body */
        const char *nexus_signature; /* X-Nexus-Webhook-Signature: HMAC-SHA-1, HEX */
        const char *authorization;   /* "Bearer S", "Basic ...", or S itself (Harbor) */
        const char *gitlab_token;    /* X-Gitlab-Token */
        const char *jfrog_token;     /* X-JFrog-Event-Auth: S, or HMAC-SHA-256 of the body, HEX */
        const char *in_url;          /* last part of the path, or ?token= */
} HookProof;

/* True if the sender knows the secret. If there is a signature, it must be right, and other proofs
 * are ignored. Comparisons take the same time for every wrong secret. */
bool hook_is_authentic(const HookProof *proof, const char *secret);

/* Finds the repositories that the hook is about, each once, without a host; in the arena. A JSON
 * body of an unknown form has none. -EINVAL with the error set if it is not JSON. */
int hook_repositories(const char *body, size_t size, Arena *arena, Strings *ret, Error *err);

/* Returns the code of a request by which Azure Event Grid validates a subscription, in the arena.
 * The answer must have the code before events are sent. NULL if the body is no such request. */
const char *hook_validation_code(const char *body, size_t size, Arena *arena);

#define HOOK_REPOSITORIES_MAX 1000 /* limits a body that would poll all components */
