#pragma once

/* The state of an environment, and declarations that the files of this folder share. */

#include "deploy/commands.h"
#include "deploy/deployer.h"
#include "release/promotion.h"

typedef struct DigestCheck DigestCheck;

typedef struct EnvironmentState {
        Deployer *deployer;
        Uuid id;                     /* the map's key; outlives models */
        const EnvironmentSpec *spec; /* the document in the current model */
        bool is_adopted; /* its document was adopted, with everything that it depends on */
        bool is_settled; /* nothing was pending at the last evaluation */
        /* its release failed, or something other than a waiting gate prevents a promotion */
        bool failed;
        char *reason;         /* the message that was reported last */
        uint64_t selection;   /* model_hash_selection(); 0: nothing is selected */
        Uuid depends_on;      /* the desired release of the last evaluation */
        bool has_dependences; /* the keys were made to depend on depends_on and on the objects of
                               * the spec */
        DigestCheck *digest_check;        /* check of the release that relmand will promote */
        DigestCheck *failed_digest_check; /* the last such check that failed */
        Promoting *promotions; /* promotions by clients, whose digests are being checked */
        size_t n_promotions;   /* number of these promotions, not counting dry runs; while it is not
                                  0, relmand itself promotes nothing */
        size_t n_rollbacks;    /* number of releases to which it can be rolled back, at the last
                                  evaluation */
        size_t n_rollbacks_ready; /* number of these that could be pulled */
        /* facts that were read for many environments at once, in a copy of this struct; NULL: each
         * fact is read from the store (environment-facts.h) */
        const struct EnvironmentFacts *facts;
} EnvironmentState;

#define DEPLOY_COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Finds an environment by id. ERROR_NOT_FOUND: there is none. */
int deployer_find_environment(Deployer *deployer, const char *id, EnvironmentState **ret,
                              Error *err);

Subject environment_subject(const EnvironmentState *environment);

typedef struct EnvironmentReport {
        const char *reason; /* one CamelCase word */
        bool is_ready, failed;
        const char *message;
} EnvironmentReport;
/* Stores the condition Ready and logs it, if its message changed. */
void environment_report(EnvironmentState *environment, const EnvironmentReport *report);
/* Does the same in two steps: adds the condition to the changes; environment_reported() must be
 * called after their commit. */
void environment_report_to(EnvironmentState *environment, const EnvironmentReport *report,
                           Changes *changes);
void environment_reported(EnvironmentState *environment, const EnvironmentReport *report);

/* environment-reconcile.c: decides which release the environment gets, stores the decision, and
 * starts the next step. After a failure, stores a condition and tries again later. */
void environment_evaluate(EnvironmentState *environment);
/* Evaluates the environment in this call, so that the client's answer shows the result. */
void environment_settle(EnvironmentState *environment);
/* Makes the environment due at a monotonic time; at 0: in the next turn. */
void environment_add(EnvironmentState *environment, usec_t at, const char *cause);
/* Makes the environment due after each change of its release, of what it follows, or of the
 * environments that it promotes from. release_id "": no release is desired. Returns 0 or -ENOMEM;
 * after -ENOMEM the next call adds all dependencies. */
int environment_depend(EnvironmentState *environment, const char *release_id);
/* Does the same after a change of the spec. */
int environment_depend_again(EnvironmentState *environment, const char *release_id);

typedef void (*DigestsChecked)(DigestCheck *check, void *userdata);
/* digest-check.c: requests every digest of a release from its registry. done is called once, after
 * the last answer, unless the check is freed before. done is not called if the check is over when
 * digest_check_new() returns. */
int digest_check_new(EnvironmentState *environment, const char *release_id, DigestsChecked done,
                     void *userdata, DigestCheck **ret, Error *err);
DigestCheck *digest_check_free(DigestCheck *check); /* cancels the check */
const char *digest_check_release(const DigestCheck *check);
bool digest_check_is_over(const DigestCheck *check);
/* True if a check started now would send the same requests to the same registries. Such a check
 * continues after a load. If each load restarted all checks, no check would end while specs change
 * often. */
bool digest_check_is_current(const DigestCheck *check);
/* Returns why a check that is over refuses the promotion; ERROR_NOT_FOUND if a digest is no longer
 * served. NULL: every digest is served. */
const Error *digest_check_error(const DigestCheck *check);
/* True if there is an error that says nothing about a digest: no registry answered, or none can be
 * asked. A forced promotion ignores that error. False if a registry denied access. */
bool digest_check_is_unanswered(const DigestCheck *check);
/* Return the component that this error is about, and its problem. */
const char *digest_check_component(const DigestCheck *check);
const char *digest_check_problem(const DigestCheck *check);

/* promote.c: ends promotions whose digests are being checked. Their clients get ERROR_CONFLICT. The
 * reason completes the message "release 'x' is not promoted to environment 'y': ". */
void promotions_end(EnvironmentState *environment, const char *reason);
/* Restarts the checks of these promotions that are not current after a load. */
void promotions_restart(EnvironmentState *environment);
/* Continues promotions whose check was over when it started. */
void promotions_run(EnvironmentState *environment);

/* Returns 1 and the release that the environment would get by following; 0 if there is none. From a
 * stream this is the newest release that may be promoted. From another environment it is the
 * release that runs there. */
int environment_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err);
/* Returns a text that says why there is no such release; NULL: no memory. The environment must
 * follow a stream or another environment. */
const char *environment_candidate_missing(const EnvironmentState *environment, Arena *arena);

/* Reads the facts about the release of the input that the gates need. */
int environment_read_gates(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                           Error *err);
/* Decides whether the release of the input may be promoted now. Fills the other members of the
 * input. If the environment has the release already, it does not read the facts that only gates
 * need. */
int environment_decide(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                       Promotion *ret, Error *err);

/* promote.c: reads the release that the environment has or is getting. A promotion by a person must
 * not drop components of that release. Returns 1 if there is one; 0 also if the first release
 * failed. */
int environment_before(EnvironmentState *environment, Arena *arena, Release *ret, Error *err);

/* deployment.c: stores promotions and their results, with the statuses of the releases. */
typedef struct PromoteOrder {
        const Release *release;
        const char *by;
        const char *reason; /* the reason that a person gave; NULL: none */
        const Hold *hold; /* hold to store, unless the spec or what the environment follows requests
                             the release; NULL: none */
} PromoteOrder;
/* Adds the promotion to changes and commits them. Then writes lockfile and outputs. */
int deployment_promote(EnvironmentState *environment, const PromoteOrder *order, Changes *changes,
                       Error *err);

typedef struct Confirmation {
        DeploymentStatus status; /* deployed, failed or canceled */
        const char *by;
        const Actor *actor;       /* the client; NULL: relmand itself */
        const char *promotion_id; /* the promotion that ends; NULL: the current one */
        const char *evidence_ref; /* NULL if none */
        const char *reason;       /* reason of a failure or a cancellation; NULL: none */
} Confirmation;

/* Returns ERROR_CONFLICT if the deployment (NULL: none) belongs to another promotion. `what` begins
 * the message, such as "check 'smoke' is reported for"; NULL: memory ran out. */
int deployment_check_promotion(const Deployment *deployment, const char *promotion_id,
                               const char *what, const char *environment, Error *err);

/* Adds the result of the promotion to changes and commits them. Returns ERROR_CONFLICT in these
 * cases:
 * - No promotion waits for its confirmation.
 * - The promotion is of another release than release_id (NULL: any).
 * - It is confirmed as deployed before all its checks passed. */
int deployment_confirm(EnvironmentState *environment, const char *release_id,
                       const Confirmation *confirmation, Changes *changes, Error *err);

/* environment-record.c: adds a signed statement for each deployment in the complete changes. */
int environment_record(EnvironmentState *environment, Changes *changes, Arena *arena, Error *err);

/* Sets the statuses of releases whose environments were deleted with their documents. */
int deployments_settle(Deployer *deployer, Error *err);

/* promote.c: returns 1 if the promotion of a release needs a hold. The release of
 * environment_candidate() needs none, unless it failed before: then the hold requests another
 * attempt. */
int environment_needs_hold(EnvironmentState *environment, const Release *release, Arena *arena,
                           Error *err);

/* A refusal of a person whom a list of the spec does not name. */
typedef struct PersonRefusal {
        const char *action; /* completes "NAME may not ACTION environment 'prod'" */
        const char *field;  /* the list, such as "promoters" */
        const Strings *persons;
        const Strings *required; /* a further list: approvals.required; NULL: none */
        const Place *place;
} PersonRefusal;
/* promoters.c: returns ERROR_DENIED with the persons of the list and its place. */
int environment_refuse(const EnvironmentState *environment, const Actor *actor,
                       const PersonRefusal *refusal, Error *err);

/* promoters.c: returns ERROR_DENIED if the spec names promoters and the person of the actor is none
 * of them. action completes the message "NAME may not ACTION environment 'prod'". */
int environment_check_promoter(const EnvironmentState *environment, const Actor *actor,
                               const char *action, Error *err);
/* Returns " (prod.yaml:12)": the place of a field, or of its document if the field is absent; "":
 * no document declares the environment. NULL: no memory. */
const char *environment_place(const EnvironmentState *environment, const Place *field,
                              Arena *arena);

/* Adds the event and the audit entry of a command about the actor's release. */
void command_report(Changes *changes, const EnvironmentState *environment, EventType type,
                    const Actor *actor, const char *reason);

/* Evaluates the environment after a stored change. Promotions whose digests are being checked end;
 * their clients get the reason. */
void environment_changed(EnvironmentState *environment, const char *reason);
