#pragma once

/* What people tell relman to do with environments. Each is checked first and then committed as one,
 * with a row that says who asked for it; what follows is the controller's. Failures:
 * ERROR_NOT_FOUND, ERROR_CONFLICT with what stands against it. */

#include "deploy/deployer.h"
#include "model/audit.h"
#include "model/environment.h"

/* An environment gets a release, newer or older; one that follows a stream is on hold from then on.
 * Registries are asked first whether they serve every digest; nothing is stored before. done is
 * called once: with NULL when the promotion is stored, else with the reason why nothing was
 * changed. It is not called if *ret is NULL (the release is there already, and what was to be
 * stored is) or if the promotion is cancelled before.
 *
 * A later promotion of another release to the same environment, a hold, a resume or a cancel ends
 * it: ERROR_CONFLICT, with what came. Kinds: ERROR_CONFLICT if a rule or a digest that is no longer
 * served stands against it, else the registry's. */
typedef struct Promoting Promoting;
typedef struct PromoteCommand {
        const Actor *actor;
        void (*done)(const Error *error, void *userdata);
        bool (*is_wanted)(void *userdata); /* called last: false if nobody waits for it any more */
        void *userdata;
} PromoteCommand;
int deployer_promote(Deployer *deployer, const char *environment_id, const char *release_id,
                     const PromoteCommand *command, Promoting **ret, Error *err);
Promoting *promoting_cancel(Promoting *promoting); /* NULL-safe */

typedef struct ConfirmCommand {
        const char *release_id; /* NULL: whichever is on its way */
        DeploymentStatus status;
        const char *evidence_ref, *reason; /* NULL if none */
        const Actor *actor;
} ConfirmCommand;
int deployer_confirm(Deployer *deployer, const char *environment_id, const ConfirmCommand *command,
                     Error *err);

/* Counts once for each person (actor->person), whatever principals that person uses. */
typedef struct Approved {
        size_t n_given;   /* persons who have approved, with this one */
        int64_t n_wanted; /* that the environment asks for */
        bool was_counted; /* this person's approval was there before */
} Approved;
int deployer_approve(Deployer *deployer, const char *environment_id, const char *release_id,
                     const Actor *actor, Approved *ret, Error *err);

/* Nothing is promoted there until deployer_resume(). */
int deployer_hold(Deployer *deployer, const char *environment_id, const char *reason,
                  const Actor *actor, Error *err);
int deployer_resume(Deployer *deployer, const char *environment_id, const Actor *actor, Error *err);

/* What is promoted there and not confirmed goes back to what was deployed; what is wanted there and
 * has not come is wanted no more. An environment that follows a stream is on hold from then on.
 * ERROR_CONFLICT if nothing is pending, or a spec asks for it. */
int deployer_cancel(Deployer *deployer, const char *environment_id, const char *reason,
                    const Actor *actor, Error *err);
