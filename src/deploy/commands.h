#pragma once

/* Commands of clients about environments. Each command is checked first. Then its changes and its
 * audit row are stored in one transaction, and the controller acts on them. Errors:
 * ERROR_NOT_FOUND, ERROR_CONFLICT with the rule that refuses the command, and ERROR_DENIED if the
 * environment names promoters and the actor's person is none of them. Promoters do not restrict
 * approvals and confirmations. */

#include "deploy/deployer.h"
#include "model/audit.h"
#include "model/environment.h"
#include "release/diff.h"

/* The result of a promotion. Valid while done() runs. */
typedef struct Promoted {
        const Release *before; /* the release that the environment had; NULL: none */
        const Release *after;
        const ReleaseDiff *diff;
        const char *environment; /* name of the environment */
        const char *refusal; /* in a dry run: why the promotion would be refused; NULL: it would be
                                stored */
        const char *unchecked; /* in a forced promotion: the digests about which no registry gave an
                                  answer; NULL: all digests are served */
        bool dry_run;
} Promoted;

/* Promotes a release, newer or older, to an environment. relmand first requests every digest from
 * its registry, and stores nothing until all are served. An environment that follows a stream or
 * another environment is put on hold.
 *
 * done is called once, unless an error is returned or the promotion is canceled before. It gets the
 * result after the promotion was stored, or the reason why nothing was changed. If done was called
 * before the function returns, *ret is NULL: the release is deployed already, or a dry run needs no
 * registry.
 *
 * A dry run decides and sends requests in the same way, but stores nothing and delays nothing.
 *
 * Errors of done:
 * - ERROR_CONFLICT if a rule refuses the promotion, or a digest is no longer served.
 * - ERROR_CONFLICT if a later command ends the promotion: a promotion of another release to the
 *   same environment, a hold, a resume or a cancel. The message names that command.
 * - Otherwise the error of the registry. With force, a registry that does not answer is no error;
 *   the reason of the deployment then says so. A digest that is no longer served, or that the
 *   registry denies access to, is refused even with force. */
typedef struct Promoting Promoting;
typedef struct PromoteCommand {
        const Actor *actor;
        const char *reason;  /* NULL: none */
        bool allow_removals; /* the release may lack components that the environment has */
        bool force;          /* promote even if a registry does not answer */
        bool dry_run;
        void (*done)(const Promoted *promoted, const Error *error, void *userdata);
        /* called before storing: false if the client has disconnected */
        bool (*is_wanted)(void *userdata);
        void *userdata;
} PromoteCommand;
int deployer_promote(Deployer *deployer, const char *environment_id, const char *release_id,
                     const PromoteCommand *command, Promoting **ret, Error *err);
Promoting *promoting_cancel(Promoting *promoting); /* NULL-safe */

typedef struct ConfirmCommand {
        const char *release_id; /* NULL: the release that is being promoted */
        DeploymentStatus status;
        const char *promotion_id;          /* the promotion to confirm; NULL: the current one */
        const char *evidence_ref, *reason; /* NULL if none */
        const Actor *actor;
} ConfirmCommand;
int deployer_confirm(Deployer *deployer, const char *environment_id, const ConfirmCommand *command,
                     Error *err);

/* The approval or rejection of a release by a person (actor->person). Texts of the result are in
 * the arena. */
typedef struct ApproveCommand {
        const char *release_id;
        const char *message; /* NULL: none */
        const Actor *actor;
        Arena *arena;
} ApproveCommand;

/* The state of the approvals after a command. Each person counts once, whatever principals that
 * person uses. */
typedef struct Approved {
        size_t n_given;        /* number of persons whose approval counts, including this person */
        int64_t n_wanted;      /* number of approvals that the environment requires */
        bool was_counted;      /* the approval of this person counted before */
        const char *waits_for; /* the missing approvals, as a noun phrase; "": none */
} Approved;

/* Stores an approval. The approval ends a rejection. ERROR_DENIED: the approval would not count. */
int deployer_approve(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                     Approved *ret, Error *err);
/* Withdraws the approval of this person. ERROR_CONFLICT if there is none, or if the release was
 * promoted to that environment already. */
int deployer_withdraw(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                      Approved *ret, Error *err);
/* Stores a rejection: removes all approvals of the release in the environment, and closes the gate
 * until new ones are given. ERROR_CONFLICT if the environment has, or is getting, the release. */
int deployer_reject(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                    Approved *ret, Error *err);

/* The result of a check that a person (actor->person) reports, or the request of a person that
 * relmand runs the check. */
typedef struct CheckCommand {
        const char *release_id;
        const char *name;   /* name of the check */
        CheckStatus status; /* passed or failed; running: relmand runs the check, again if it ran
                               before */
        const char *promotion_id; /* the promotion that was tested; NULL: the current one */
        const char *evidence_ref; /* NULL: none */
        const char *message;      /* NULL: none */
        const Actor *actor;
        Arena *arena; /* memory of texts */
} CheckCommand;

/* Stores the result of a check. A repeated report changes nothing. A failed check after the
 * promotion ends the promotion, as a failed deployment does. ERROR_DENIED: reports by this person
 * do not count. ERROR_CONFLICT: there is no such check, it does not run for that release, or the
 * report is about another promotion than the current one. A check does not run while a gate before
 * the check keeps the release out. */
int deployer_report_check(Deployer *deployer, const char *environment_id,
                          const CheckCommand *command, Error *err);

/* Puts the environment on hold: it follows nothing until deployer_resume(). */
int deployer_hold(Deployer *deployer, const char *environment_id, const char *reason,
                  const Actor *actor, Error *err);
int deployer_resume(Deployer *deployer, const char *environment_id, const Actor *actor, Error *err);

/* Cancels the pending promotion. If the promotion waits for its confirmation, the release that was
 * deployed before is restored. An environment that follows a stream or another environment is put
 * on hold. Returns ERROR_CONFLICT if nothing is pending, or if a spec names the release. */
int deployer_cancel(Deployer *deployer, const char *environment_id, const char *reason,
                    const Actor *actor, Error *err);
