#pragma once

/* The rules of a component about the signatures of its images, with the keys that they name. */

#include "base/digest.h"
#include "model/component.h"
#include "model/signature.h"
#include "trust/key.h"

/* One entry of `verify`. */
typedef struct VerifyDemand {
        TrustKeys keys;
        const char **files; /* the file of each key; borrowed from the component */
} VerifyDemand;

typedef struct VerifyPolicy {
        VerifyDemand *items;
        size_t n;
        char digest[DIGEST_SIZE_MAX]; /* of the rules and the keys; "" if the component has no rules
                                       */
} VerifyPolicy;

/* Reads the files with keys. The caller frees *ret with verify_policy_done(), also after an error.
 * {0} is valid. */
int verify_policy_read(const ComponentSpec *component, VerifyPolicy *ret, Error *err);
void verify_policy_done(VerifyPolicy *policy);

/* Sets ret to VerifyPolicy.digest of the component as its files are now; "" if one cannot be read.
 */
void verify_policy_digest(const ComponentSpec *component, char ret[DIGEST_SIZE_MAX]);

/* True if the stored result is a result of these rules. */
bool verify_policy_made(const VerifyPolicy *policy, const Signature *signature);
