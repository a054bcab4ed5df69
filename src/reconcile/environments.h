#pragma once

/* Environments: which release each is to have, whether it may get it now, and what it has.
 *
 *   wanted (spec, stream or hold) --may it?--> check every digest --all there--> PROMOTING
 *       --lockfile written--> (confirm: auto, or a deployer says so) --> DEPLOYED or FAILED */

#include "reconcile/internal.h"
#include "release/promotion.h"

typedef struct EnvironmentCheck EnvironmentCheck;
typedef struct OutputHook OutputHook;

typedef struct EnvironmentState {
        Reconciler *reconciler;
        Uuid id;                     /* the map's key; outlives models */
        const EnvironmentSpec *spec; /* of the current model */
        bool dirty;
        bool failed;     /* not as wanted, and not for want of people's word */
        usec_t retry_at; /* monotonic; USEC_INFINITY: only when something changes */
        char *reason;    /* last told */
        EnvironmentCheck *check;
        OutputHook *hooks; /* as many as the configuration has outputs; NULL before the first */
        char formats[DIGEST_SIZE_MAX]; /* of the spec's document, whose formats are on disk */
} EnvironmentState;

int environments_adopt(Reconciler *reconciler, const Model *model, Error *err);
void environments_drop(Reconciler *reconciler);
void environments_wake(Reconciler *reconciler);
void environments_run(Reconciler *reconciler, usec_t now);
usec_t environments_next(const Reconciler *reconciler);
bool environments_are_idle(const Reconciler *reconciler);

Subject environment_subject(const EnvironmentState *environment);

typedef struct EnvironmentNews {
        const char *reason; /* one CamelCase word */
        bool is_ready, failed;
        const char *message;
} EnvironmentNews;
void environment_tell(EnvironmentState *environment, const EnvironmentNews *news);

/* environment-check.c: asks whether every digest is still served, then promotes. */
int environment_check_start(EnvironmentState *environment, const Release *release, const char *by,
                            Error *err);
EnvironmentCheck *environment_check_free(EnvironmentCheck *check); /* cancels */

/* The newest release of the stream it follows that may be promoted: 1 if there is one. */
int environment_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err);

/* May the release of the input get there now? The rest of the input is brought here. */
int environment_decide(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                       Promotion *ret, Error *err);

/* deployment.c: changes of what runs where, with the statuses of releases that follow. */
int deployment_promote(EnvironmentState *environment, const Release *release, const char *by,
                       Error *err);

typedef struct Confirmation {
        DeploymentStatus status; /* deployed or failed */
        const char *by;
        const Actor *actor;       /* who asked for it; NULL: relmand itself */
        const char *evidence_ref; /* NULL if none */
        const char *reason;       /* of a failure; NULL if none */
} Confirmation;

/* ERROR_CONFLICT if no release is on its way there, or another one than release_id (NULL: any). */
int deployment_confirm(EnvironmentState *environment, const char *release_id,
                       const Confirmation *confirmation, Error *err);

/* Statuses of releases whose environments went with their documents. */
int deployments_settle(Reconciler *reconciler, Error *err);

/* publish-environment.c: its lockfile as the database has it; confirms where that is automatic. */
int publish_environment(EnvironmentState *environment, Error *err);
/* All of them; paths that must stay go to wanted. */
int publish_environments(Reconciler *reconciler, Arena *arena, Map *wanted);
