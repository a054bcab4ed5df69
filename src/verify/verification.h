#pragma once

/* Verifies the signatures of one image: finds them in the registry, and checks them against the
 * rules of its component. Searches, in this order: the referrers API, the tag sha256-HEX of the OCI
 * referrers tag schema, and the tags sha256-HEX.sig and sha256-HEX.att of cosign, if a rule
 * requests what they have. A registry that had no referrers API is asked for it last. Ends at once
 * when all rules are met.
 *
 * Rules with mode warn never fail: the result is then valid, and signature_is_tolerated().
 *
 * A signature that is valid counts wherever it was found. If there is none and the registry did not
 * answer everywhere, the result is an error, never "missing". */

#include "registry/registry.h"
#include "verify/policy.h"

typedef struct Verification Verification;

typedef struct VerificationQuestion {
        Registry *registry;
        const char *repository, *digest; /* copied */
        const VerifyPolicy *policy;      /* must exist until the end */
        /* how long a registry counts as one without referrers API; 0: never */
        usec_t recheck_interval;
} VerificationQuestion;

/* Code of the error that the registry did not answer. Its kind is ERROR_UNREACHABLE. */
#define SIGNATURE_UNREACHABLE (-EKEYREJECTED)

/* Called once, after the verification has started; frees it afterwards. The arguments are
 * borrowed. */
typedef void (*VerificationDone)(const Signature *signature, const Error *error, void *userdata);

typedef struct VerificationReceiver {
        VerificationDone done;
        void *userdata;
} VerificationReceiver;

int verification_start(const VerificationQuestion *question, VerificationReceiver receiver,
                       Verification **ret, Error *err);
/* Ends a verification without a call of done. Safe on NULL. */
Verification *verification_cancel(Verification *verification);
