#pragma once

/* The state of an output, for people: whether it has the release of its environment. */

#include "base/arena.h"
#include "model/environment.h"
#include "model/output-run.h"
#include "model/output.h"

typedef enum OutputPhase {
        OUTPUT_NEVER,   /* it had no release yet */
        OUTPUT_WRITTEN, /* it has the release of its environment */
        OUTPUT_WAITING, /* it is about to get that release */
        OUTPUT_FAILED,  /* the last attempt failed */
} OutputPhase;

typedef struct OutputPull {
        const char *state; /* none, open, merged or closed; NULL: the output has no pull request,
                            * or its state is not known yet */
        const char *number, *url; /* NULL: there is none */
        const char *problem;      /* of the last request to the forge; NULL: none */
} OutputPull;

typedef struct OutputState {
        OutputPhase phase;
        const char *target;  /* as in events: the path, the program or the branch */
        const char *path;    /* of the file; NULL: it is on a branch */
        usec_t since;        /* wall; 0: not known */
        OutputRun last;      /* its last success; lock_digest NULL: none */
        const char *wanted;  /* name of the release that it is to have; NULL: none */
        const char *problem; /* why the last attempt failed; NULL: it did not */
        usec_t retry_at;     /* wall: time of the next attempt; 0: none is due */
        OutputPull pull;     /* the pull request of its branch */
} OutputState;

struct Publisher;

/* Reads the state of an output of an environment. number: its index in the configuration. Texts are
 * in the arena. */
int publisher_output_state(const struct Publisher *publisher, const char *environment_id,
                           size_t number, Arena *arena, OutputState *ret, Error *err);
