#pragma once

/* The rules of a component about the signatures of its images, with the files that they name. */

#include "base/digest.h"
#include "model/component.h"
#include "model/signature.h"
#include "trust/notation/chain.h"
#include "trust/notation/subject.h"
#include "trust/trusted-root.h"

/* One entry of `verify`. Either keys or identities. */
typedef struct VerifyDemand {
        VerifyType type;
        VerifyMode mode;
        TrustKeys keys;
        const char **files; /* the file of each key; borrowed from the rules */
        IdentityRule *identities;
        size_t n_identities;
        TrustedRoot *root;      /* NULL: none is given */
        const VerifyRule *rule; /* borrowed: what attestations must be */
        /* VERIFY_NOTATION */
        TrustStore store;
        SubjectRule *subjects;
        size_t n_subjects;
        Arena arena; /* has the texts of subjects */
} VerifyDemand;

typedef struct VerifyPolicy {
        VerifyDemand *items; /* NULL: only the digest is known, see verify_policy_recall() */
        size_t n;
        /* of the rules and the files that they name; "" if the component has no rules */
        char digest[DIGEST_SIZE_MAX];
} VerifyPolicy;

/* Reads the files that the rules of a component (component_verify()) name. *ret borrows from the
 * rules. The caller frees *ret with verify_policy_done(), also after
 * an error. {0} is valid. */
int verify_policy_read(const ComponentSpec *component, const VerifyRules *rules, VerifyPolicy *ret,
                       Error *err);
void verify_policy_done(VerifyPolicy *policy);

/* Which files were read last, and the digest of the policy. {0} is valid. */
typedef struct VerifyMemory {
        char stamp[DIGEST_SIZE_MAX];
        char digest[DIGEST_SIZE_MAX];
} VerifyMemory;

/* Same as verify_policy_read(), but reads no file if the documents with the rules, and inode, size
 * and times of all files are those in memory. Then only the digest of *ret is set, until
 * verify_policy_complete(). documents is a text that changes with the documents. */
int verify_policy_recall(const ComponentSpec *component, const VerifyRules *rules,
                         const char *documents, VerifyMemory *memory, VerifyPolicy *ret,
                         Error *err);
/* Reads the files, if that was not done. */
int verify_policy_complete(const ComponentSpec *component, const VerifyRules *rules,
                           VerifyPolicy *policy, Error *err);

/* Reads the files that a rule names, and forgets them. Fails as verify_policy_read() would, without
 * the name of the component. */
int verify_rule_try(const VerifyRule *rule, Error *err);

/* Sets ret to VerifyPolicy.digest of the component as its files are now; "" if one cannot be read.
 */
void verify_policy_digest(const ComponentSpec *component, const VerifyRules *rules,
                          char ret[DIGEST_SIZE_MAX]);

/* True if the stored result is a result of these rules. */
bool verify_policy_made(const VerifyPolicy *policy, const Signature *signature);
