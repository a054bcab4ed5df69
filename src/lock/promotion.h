#pragma once

/* The signed statements about what an environment has (lockfiles.md): an in-toto statement for each
 * state of a promotion. Each names the digest of the one before, so that a history which was
 * altered or cut shows. Pure. */

#include "lock/lock.h"
#include "model/environment.h"

#define PROMOTION_PREDICATE_TYPE "urn:relman:promotion:v1"
#define PROMOTION_REMOVED        "removed" /* status of the last statement before a removal */

/* A gate as it was when the release was promoted. */
typedef struct StatementGate {
        const char *name;
        bool is_open;
        const char *message; /* why it was closed; NULL: it was open */
} StatementGate;

typedef struct PromotionStatement {
        int64_t number;       /* place in the chain, from 1 */
        const char *previous; /* digest of the statement before; NULL: this is the first */
        int64_t n_unsigned;   /* states between the two that have no statement */
        const char *tenant, *environment, *environment_id;
        const char *spec_digest; /* of the document of the environment; NULL: not known */
        const char *spec_commit; /* NULL: not known */
        const char *status;      /* deployment_status_to_string(), or PROMOTION_REMOVED */
        const Deployment *deployment;
        const Release *release;
        const StatementGate *gates; /* only of a new promotion */
        size_t n_gates;
        const Approvals *approvals;
        const CheckResults *checks;
} PromotionStatement;

/* Writes the statement, which is the payload of an envelope. Its first subject is the lockfile of
 * the environment. ERROR_CONFLICT: the lockfile cannot be written. */
int promotion_statement_write(const PromotionStatement *statement, Buffer *out, Error *err);
