#pragma once

/* The proofs in a push webhook, and their check, for all handlers of push webhooks. */

#include "api/handlers.h"
#include "api/hook/hook.h"

/* Reads the proofs of the sender. They borrow the request. */
HookProof hook_proof(Request *request);

/* True if a proof is made of the body. It can be checked only when the body is there. */
static inline bool hook_needs_body(const HookProof *proof)
{
        return proof->hub_signature || proof->gitea_signature || proof->nexus_signature ||
               proof->jfrog_token;
}

/* The place of the secret of a hook. */
typedef struct HookSecret {
        const char *file, *credential;
        const char *of; /* for the log, such as "registry 'r'"; NULL: nothing is logged */
} HookSecret;

/* True if the sender knows the secret. Returns false also if the secret cannot be read, and logs
 * the reason. */
bool hook_check(Request *request, const HookSecret *secret, const HookProof *proof);

/* Refuses a sender without a valid proof. The answer does not show whether the hook exists. Returns
 * 0. */
int hook_refuse(Request *request);
