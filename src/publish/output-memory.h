#pragma once

/* The results of outputs that relmand cannot compare with a file: programs and pushes. The database
 * has the lock of the last success, so a daemon that was killed tries again. */

#include "publish/publish.h"

typedef struct OutputMemory {
        char key[DIGEST_SIZE_MAX];  /* digest of what the configuration says about the output */
        char done[DIGEST_SIZE_MAX]; /* lockDigest of the last success; "": none */
        char wanted[DIGEST_SIZE_MAX];
        bool known; /* done was read from the database */
        unsigned n_failures;
        usec_t retry_at; /* monotonic time; 0: the last attempt did not fail */
} OutputMemory;

/* Size of the id of an output in its queue key. */
#define OUTPUT_ID_SIZE (sizeof(Uuid) + 24) /* ENVIRONMENT/NUMBER */
void output_id(const Output *output, char ret[OUTPUT_ID_SIZE]);
/* Adds the queue key of the output, due at a monotonic time. at 0: due now. */
void output_add(const Output *output, usec_t at, const char *cause);

/* Records the lock that the output is to have, and reads what it has. After a change of its
 * configuration it has nothing. Returns 1 if an attempt is due now. */
int output_want(Output *output, const char *lock_digest, Error *err);

/* Record the result of an attempt, and add it to the changes. The output is due again after a
 * failure, and if it is to have another lock meanwhile. reason: of the condition; text: what
 * failed. */
void output_succeeded(Output *output, const char *lock_digest, Changes *changes);
void output_failed(Output *output, const char *reason, const char *text, Changes *changes);
