#pragma once

/* The results of outputs. The database has the lock of the last success. relmand cannot compare
 * what programs and branches have with a file, so a daemon that was killed tries them again. */

#include "base/limits.h"
#include "publish/publish.h"

typedef struct OutputMemory {
        char key[DIGEST_SIZE_MAX];  /* digest of what the configuration says about the output */
        char done[DIGEST_SIZE_MAX]; /* output_digest() of the last success; "": none */
        char wanted[DIGEST_SIZE_MAX];
        char release[NAME_MAX_ + 1]; /* name of the release with the wanted lock */
        bool known;                  /* done was read from the database */
        unsigned n_failures;
        usec_t retry_at;  /* monotonic time; 0: the last attempt did not fail */
        usec_t failed_at; /* wall: the first failure after the last success */
        char *problem;    /* of the last attempt; NULL: it did not fail, or relmand started since */
} OutputMemory;

/* Size of the id of an output in its queue key. */
#define OUTPUT_ID_SIZE (sizeof(Uuid) + 24) /* ENVIRONMENT/NUMBER */
void output_id(const Output *output, char ret[OUTPUT_ID_SIZE]);
/* Adds the queue key of the output, due at a monotonic time. at 0: due now. */
void output_add(const Output *output, usec_t at, const char *cause);

/* Reads the last success of the output. Returns 1 if there is one, 0 if not. */
int output_last_run(const Output *output, Arena *arena, OutputRun *ret, Error *err);

/* Reads the lock of a deployment, with all that the format of the output needs. */
int output_lock(const Output *output, const Deployment *deployment, Arena *arena, Lock *ret,
                Error *err);
/* Writes the digest of the lock, or for formats of admission the digest of what they admit. */
void output_digest(const Output *output, const Lock *lock, char ret[DIGEST_SIZE_MAX]);

/* Records the lock that the output is to have, and reads what it has. After a change of its
 * configuration it has nothing. Returns 1 if an attempt is due now. */
int output_want(Output *output, const Lock *lock, Error *err);

/* Records that the file of the wanted lock is written, of an output without a program. */
int output_written(Output *output, Error *err);

/* An attempt to bring a lock to a program or a branch. */
typedef struct OutputAttempt {
        const char *release;     /* name */
        const char *lock_digest; /* output_digest() */
        const char *commit;      /* on success: of the branch; NULL: the output is a program */
        const char *reason;      /* on failure: of the condition */
        const char *problem;     /* on failure; NULL: success */
} OutputAttempt;

/* Records the result of an attempt, and adds it to the changes, with an event for a success and for
 * the first failure after it. The output is due again after a failure, and if it is to have another
 * lock meanwhile. */
void output_ended(Output *output, const OutputAttempt *attempt, Changes *changes);
