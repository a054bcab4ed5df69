#pragma once

/* The state of an environment, and what the files of this folder share. */

#include "deploy/commands.h"
#include "deploy/deployer.h"
#include "release/promotion.h"

typedef struct EnvironmentCheck EnvironmentCheck;

typedef struct EnvironmentState {
        Deployer *deployer;
        Uuid id;                        /* the map's key; outlives models */
        const EnvironmentSpec *spec;    /* of the current model */
        bool is_adopted;                /* its document, with all that it depends on */
        bool is_settled;                /* when it was decided last, nothing was pending */
        bool failed;                    /* not as wanted, and not for want of people's word */
        char *reason;                   /* last told */
        Uuid depends_on;                /* release that was wanted when it was decided last */
        bool has_dependences;           /* on depends_on, and on what the spec names */
        EnvironmentCheck *check;        /* of what is to be promoted by itself */
        EnvironmentCheck *failed_check; /* the last one of these, unless it found every digest */
        Promoting *promotions;          /* requested by people: their digests are being checked */
        size_t n_promotions; /* of these, without dry runs: nothing else is promoted meanwhile */
        const struct EnvironmentFacts *facts; /* of a copy: read with those of others; NULL: each
                                               * fact is read from the store (environment-facts.h)
                                               */
} EnvironmentState;

#define DEPLOY_COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* ERROR_NOT_FOUND. */
int deployer_find_environment(Deployer *deployer, const char *id, EnvironmentState **ret,
                              Error *err);

Subject environment_subject(const EnvironmentState *environment);

typedef struct EnvironmentNews {
        const char *reason; /* one CamelCase word */
        bool is_ready, failed;
        const char *message;
} EnvironmentNews;
/* Stores the condition Ready and logs it, if the message is new. */
void environment_tell(EnvironmentState *environment, const EnvironmentNews *news);
/* The same in two steps: adds what is new to the changes; to be called once they are committed. */
void environment_say(EnvironmentState *environment, const EnvironmentNews *news, Changes *changes);
void environment_said(EnvironmentState *environment, const EnvironmentNews *news);

/* environment-reconcile.c: decides what is to happen there now, stores it, and starts what follows.
 * A failure is stored as a condition and tried again. */
void environment_look(EnvironmentState *environment);
/* After a change of what it depends on: decides at once, so that an answer shows what follows. */
void environment_settle(EnvironmentState *environment);
/* It is decided again at that monotonic time (0: next). */
void environment_add(EnvironmentState *environment, usec_t at, const char *cause);
/* It is decided again whenever that release changes, its stream, or what it promotes from. "": no
 * release is wanted. -ENOMEM: the next call adds all dependences. */
int environment_depend(EnvironmentState *environment, const char *release_id);
/* The same after a change of the spec. */
int environment_depend_again(EnvironmentState *environment, const char *release_id);

/* environment-check.c: asks registries whether they serve every digest of a release. done is called
 * once, when the last has answered, unless the check is freed before. It is not called for a check
 * that is over when environment_check_new() returns. */
typedef void (*EnvironmentChecked)(EnvironmentCheck *check, void *userdata);
int environment_check_new(EnvironmentState *environment, const char *release_id,
                          EnvironmentChecked done, void *userdata, EnvironmentCheck **ret,
                          Error *err);
EnvironmentCheck *environment_check_free(EnvironmentCheck *check); /* cancels */
const char *environment_check_release(const EnvironmentCheck *check);
bool environment_check_is_over(const EnvironmentCheck *check);
/* After a load: were it begun now, the same registries would be asked the same. It goes on then:
 * one that began anew at every load would not end while anybody's specs keep changing. */
bool environment_check_is_current(const EnvironmentCheck *check);
/* Of a check that is over: why the release must not be promoted; ERROR_NOT_FOUND if a digest is no
 * longer served. NULL: every digest is served. */
const Error *environment_check_error(const EnvironmentCheck *check);
/* The component that this error is about, and what is wrong with it. */
const char *environment_check_component(const EnvironmentCheck *check);
const char *environment_check_problem(const EnvironmentCheck *check);

/* promote.c: ends promotions whose digests are being checked; whoever asked is answered
 * ERROR_CONFLICT with the reason, which follows "release 'x' is not promoted to environment 'y': ".
 */
void promotions_end(EnvironmentState *environment, const char *reason);
/* After a load: those whose check is not current begin it anew. */
void promotions_restart(EnvironmentState *environment);
/* Goes on with those whose check was over at once. */
void promotions_run(EnvironmentState *environment);

/* The newest release of the stream it follows that may be promoted: 1 if there is one. */
int environment_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err);

/* May the release of the input get there now? The rest of the input is brought here. */
int environment_decide(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                       Promotion *ret, Error *err);

/* promote.c: reads the release that the environment has or is getting, which may not lose
 * components by a person's promotion: 1 if there is one. A failed release without one before it is
 * not there. */
int environment_before(EnvironmentState *environment, Arena *arena, Release *ret, Error *err);

/* deployment.c: changes of what runs where, with the statuses of releases that follow. */
typedef struct PromoteOrder {
        const Release *release;
        const char *by;
        const char *reason; /* given by a person; NULL: none */
        const Hold *hold;   /* stored unless spec or stream ask for the release, too; NULL: none */
} PromoteOrder;
/* Adds to changes, and carries all of them out. Then lockfile and outputs are written. */
int deployment_promote(EnvironmentState *environment, const PromoteOrder *order, Changes *changes,
                       Error *err);

typedef struct Confirmation {
        DeploymentStatus status; /* deployed, failed or canceled */
        const char *by;
        const Actor *actor;       /* who asked for it; NULL: relmand itself */
        const char *evidence_ref; /* NULL if none */
        const char *reason;       /* of a failure or a cancellation; NULL if none */
} Confirmation;

/* ERROR_CONFLICT if no release is on its way there, or another one than release_id (NULL: any). */
int deployment_confirm(EnvironmentState *environment, const char *release_id,
                       const Confirmation *confirmation, Error *err);

/* Statuses of releases whose environments went with their documents. */
int deployments_settle(Deployer *deployer, Error *err);

/* promote.c: 1 if a release needs a hold to be there. What the stream offers does not, unless it
 * failed there: then the hold says that it is to be tried again. */
int environment_needs_hold(EnvironmentState *environment, const Release *release, Arena *arena,
                           Error *err);

/* What is stored counts from now on, also against a promotion whose digests are being checked:
 * reason is what its caller is told. */
void environment_changed(EnvironmentState *environment, const char *reason);
