#pragma once

/* Lists the releases to which an environment can be rolled back, and whether they could be pulled
 * now. This needs no request: each poll of a component checks the digests of all live releases, and
 * stores the missing ones as drift. */

#include "deploy/deployer.h"

typedef enum RollbackState {
        ROLLBACK_READY,     /* the last polls found all its digests, and it may be promoted */
        ROLLBACK_NOT_READY, /* a digest was deleted, or its status allows no promotion */
        ROLLBACK_UNKNOWN,   /* no poll checks one of its digests now */
        ROLLBACK_STATE_MAX_,
} RollbackState;

typedef struct RollbackTarget {
        const Release *release;
        usec_t deployed_at; /* wall: last confirmation in this environment */
        bool is_promotable; /* its status allows a promotion; gates are not checked */
        bool is_awaited;    /* a component waits for its first poll since the start of relmand */
        RollbackState state;
        const char *problem; /* why it is not ready or unknown; NULL: it is ready */
        usec_t gone_since;   /* wall: when a poll first missed one of its digests; 0: none did */
        usec_t checked_at;   /* wall: the oldest of the last polls of its components; 0: unknown */
} RollbackTarget;

typedef struct RollbackPlan {
        const Release
                *present;      /* the deployed release, or the failed one that stayed; NULL: none */
        RollbackTarget *items; /* at most rollbackReleases of the environment, newest first */
        size_t n;
        bool is_awaited; /* one of the items is */
} RollbackPlan;

const char *rollback_state_to_string(RollbackState state);

/* Reads the releases that were deployed in the environment before the present one. */
int deployer_plan_rollback(Deployer *deployer, const EnvironmentSpec *environment, Arena *arena,
                           RollbackPlan *ret, Error *err);

/* Handles KEY_ROLLBACK: writes the condition NoRollback of an environment. Id "": adds the keys of
 * all environments. */
usec_t deployer_reconcile_rollback(Deployer *deployer, const char *environment_id, usec_t now);
