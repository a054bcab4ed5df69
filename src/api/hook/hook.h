#pragma once

/* Push webhooks of registries and Git servers: checks the sender, and reads the repositories. Pure.
 * A hook only requests a poll or a fetch; relmand never trusts the tags, digests and commits in
 * it. */

#include "base/arena.h"
#include "base/error.h"
#include "model/object.h"

/* The proofs of a sender, each NULL if absent. S is the secret. */
typedef struct HookProof {
        const char *body;
        size_t body_size;
        const char *hub_signature;   /* X-Hub-Signature-256, X-Signature: sha256=HEX of the body */
        const char *gitea_signature; /* X-Gitea-Signature: HMAC-SHA-256, HEX */
        const char *nexus_signature; /* X-Nexus-Webhook-Signature: HMAC-SHA-1, HEX */
        const char *authorization;   /* "Bearer S", "Basic ...", or S itself (Harbor) */
        const char *gitlab_token;    /* X-Gitlab-Token */
        const char *jfrog_token;     /* X-JFrog-Event-Auth: S, or HMAC-SHA-256 of the body, HEX */
        const char *in_url;          /* last part of the path, or ?token= */
} HookProof;

/* True if the sender knows the secret. If there is a signature or jfrog_token, only that
 * counts. Without a secret the function does the same work as for a wrong one, so that its time
 * does not show whether a hook exists. */
bool hook_is_authentic(const HookProof *proof, const char *secret);

/* Finds the repositories that the hook is about, each once, without a host. The names are in the
 * arena. A JSON body of an unknown form has none. -EINVAL if the body is not JSON. */
int hook_repositories(const char *body, size_t size, Arena *arena, Strings *ret, Error *err);

/* A push to a branch of a Git repository. */
typedef struct HookPush {
        const char *repository; /* path at the server, such as group/name */
        const char *branch;
} HookPush;

/* Reads the push that a hook is about. Returns 1; 0 if it is about something else, such as a tag or
 * a test; -EINVAL if the body is not JSON. The texts are in the arena. */
int hook_push(const char *body, size_t size, Arena *arena, HookPush *ret, Error *err);

/* If the body is a form "payload=JSON", which GitHub sends unless its hook is set to
 * application/json, replaces it with the JSON. Returns 0 or -ENOMEM. */
int hook_form_payload(const char **body, size_t *size, Arena *arena, Error *err);

/* Returns the code in a request by which Azure Event Grid validates a subscription; NULL if the
 * body is no such request. Event Grid sends events only if the answer repeats the code. The code is
 * in the arena. */
const char *hook_validation_code(const char *body, size_t size, Arena *arena);

#define HOOK_REPOSITORIES_MAX 1000 /* a body with more could poll all components */
