#pragma once

/* Reads the stored facts that decide which release an environment gets: from the store for one
 * environment, or with facts_read() for many at once. facts_read() needs a number of statements
 * that does not depend on the number of environments, and reads releases without their components.
 * Each function returns the same as the store function of its name. */

#include "control/gate-facts.h"
#include "deploy/environments.h"
#include "store/pages.h"

typedef struct EnvironmentFacts {
        Holds holds;
        Deployments deployments;
        Releases candidates; /* releases of the streams that environments follow */
        Releases releases;   /* the releases that a hold or a spec names, or that are deployed */
        PairFailures failures;
        ReleasePairs were_deployed;
        PairRuns runs; /* deployments in the sources of environments with soak */
        Approvals approvals;
        CheckResults checks; /* results in environments with checks */
} EnvironmentFacts;

/* Reads the facts about n environments. The environments and the arena must outlive the facts. */
int facts_read(EnvironmentState *const *environments, size_t n, Arena *arena, EnvironmentFacts *ret,
               Error *err);

int facts_hold(const EnvironmentState *environment, Arena *arena, Hold *ret, Error *err);
int facts_deployment(const EnvironmentState *environment, Arena *arena, Deployment *ret,
                     Error *err);
/* Reads the deployment of the environment that this one follows. */
int facts_followed(const EnvironmentState *environment, const char *environment_id, Arena *arena,
                   Deployment *ret, Error *err);
int facts_candidate(const EnvironmentState *environment, const char *stream_id, Arena *arena,
                    Release *ret, Error *err);
int facts_release(const EnvironmentState *environment, const char *id, Arena *arena, Release *ret,
                  Error *err);
int facts_failure(const EnvironmentState *environment, const char *release_id, Arena *arena,
                  Failure *ret, Error *err);
int facts_checks(const EnvironmentState *environment, const char *release_id, Arena *arena,
                 CheckResults *ret, Error *err);
/* reads facts of an environment: `from` is the EnvironmentState */
extern const GateFacts environment_gate_facts;
