#pragma once

/* Verifies the chain of signed statements about one environment (lock/promotion.h), one statement
 * after the other. Pure. */

#include "base/limits.h"
#include "base/uuid.h"
#include "model/object.h"
#include "trust/key.h"

typedef struct StatementChain {
        const TrustKeys *keys;
        const char *environment; /* its statements are expected; NULL: those of any one */
        const char *head;        /* digest of a statement that the chain must have; NULL: any */
        /* the results; zero at first */
        int64_t n;                                          /* statements so far */
        char digest[DIGEST_SIZE_MAX];                       /* of the last one */
        char name[NAME_MAX_ + 1], tenant[NAME_MAX_ + 1];    /* of the environment */
        char release[NAME_MAX_ + 1], status[NAME_MAX_ + 1]; /* of the last one */
        int64_t n_unsigned; /* states that have no statement, as the statements say */
        bool has_head;
} StatementChain;

/* Verifies the next statement, one envelope in JSON. ERROR_HOSTILE: one of these. The message has
 * the number of the statement and the problem.
 * - It is not an envelope with a statement about a promotion.
 * - No key has signed it, or it was altered.
 * - It is about another environment.
 * - Statements before it are missing, or the order is another one.
 * - It does not name the digest of the statement before it. */
int chain_add(StatementChain *chain, const char *text, size_t size, Error *err);

/* Verifies the end. ERROR_HOSTILE: there is no statement, or the head is missing: the end was cut,
 * or the database was replaced. */
int chain_end(const StatementChain *chain, Error *err);
