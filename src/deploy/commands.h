#pragma once

/* The commands of people about environments. Each is checked first and then stored in one
 * transaction, with a row of the audit. The controller does the rest. Failures: ERROR_NOT_FOUND;
 * ERROR_CONFLICT with the rule that refuses it. */

#include "deploy/deployer.h"
#include "model/audit.h"
#include "model/environment.h"
#include "release/diff.h"

/* The result of a promotion. Valid while done() runs. */
typedef struct Promoted {
        const Release *before; /* the release that the environment had; NULL: none */
        const Release *after;
        const ReleaseDiff *diff;
        const char *environment; /* its name */
        const char *refusal;     /* of a dry run: why the promotion would be refused; NULL: it would
                                  * be stored */
        bool dry_run;
} Promoted;

/* Promotes a release, newer or older, to an environment. One that follows a stream is on hold from
 * then on. Registries are asked first whether they serve every digest; nothing is stored before.
 *
 * done is called once, unless an error is returned or the promotion is cancelled before: with the
 * result when the promotion is stored, else with the reason why nothing was changed. If it was
 * called before the function returns (the release is there already, or a dry run needs no registry)
 * *ret is NULL.
 *
 * A dry run decides and asks registries in the same way, and stores nothing. It holds up nothing
 * else.
 *
 * A later promotion of another release to the same environment, a hold, a resume or a cancel ends
 * it: ERROR_CONFLICT, with what came. Kinds: ERROR_CONFLICT if a rule or a digest that is no longer
 * served stands against it, else the registry's. */
typedef struct Promoting Promoting;
typedef struct PromoteCommand {
        const Actor *actor;
        const char *reason;  /* NULL: none */
        bool allow_removals; /* the release may lack components that the environment has */
        bool dry_run;
        void (*done)(const Promoted *promoted, const Error *error, void *userdata);
        bool (*is_wanted)(void *userdata); /* called last: false if nobody waits for it any more */
        void *userdata;
} PromoteCommand;
int deployer_promote(Deployer *deployer, const char *environment_id, const char *release_id,
                     const PromoteCommand *command, Promoting **ret, Error *err);
Promoting *promoting_cancel(Promoting *promoting); /* NULL-safe */

typedef struct ConfirmCommand {
        const char *release_id; /* NULL: the one that is being promoted */
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

/* Takes back the approval of this person. ERROR_CONFLICT if there is none, or if the release was
 * promoted to that environment already. */
int deployer_withdraw(Deployer *deployer, const char *environment_id, const char *release_id,
                      const Actor *actor, Approved *ret, Error *err);

/* Nothing is promoted there until deployer_resume(). */
int deployer_hold(Deployer *deployer, const char *environment_id, const char *reason,
                  const Actor *actor, Error *err);
int deployer_resume(Deployer *deployer, const char *environment_id, const Actor *actor, Error *err);

/* Cancels the pending promotion. If it waits for its confirmation, the release that was deployed is
 * restored. An environment that follows a stream is on hold from then on. ERROR_CONFLICT if nothing
 * is pending, or a spec names the release. */
int deployer_cancel(Deployer *deployer, const char *environment_id, const char *reason,
                    const Actor *actor, Error *err);
