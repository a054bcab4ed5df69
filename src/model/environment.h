#pragma once

/* Kinds ReleaseStream and Environment, and the deployment state of an environment. */

#include "model/calendar.h"
#include "model/check.h"
#include "model/release.h"

/* Kind ReleaseStream: makes a new release whenever the channel heads of its components change. */
typedef struct StreamSpec {
        Object object;       /* must be first */
        const char *channel; /* NULL: each component's default channel */
        Strings components;  /* names of components; empty: all components of the tenant */
        Place components_place;
        const char *name_template; /* see model/name-template.h */
        usec_t settle;
        int64_t keep; /* number of releases to keep; 0: all */
        bool same_version;
} StreamSpec;

typedef struct StreamSpecs {
        const StreamSpec **items;
        size_t n;
} StreamSpecs;

/* The formats of lockfiles. lock_format_names has their names. */
typedef enum LockFormat {
        LOCK_YAML, /* the native format */
        LOCK_JSON,
        LOCK_KUSTOMIZE,
        LOCK_COMPOSE,
        LOCK_HELM,
        LOCK_IMAGES_LOCK,
        LOCK_DOTENV,
        LOCK_QUADLET,
        LOCK_FLUX,
        LOCK_ARGOCD,
        LOCK_REGSYNC,
        LOCK_SKOPEO_SYNC,
        LOCK_FORMAT_MAX_,
} LockFormat;

typedef enum ConfirmMode {
        CONFIRM_AUTO, /* the release counts as deployed when the lockfile is written */
        CONFIRM_MANUAL,
        CONFIRM_MODE_MAX_,
} ConfirmMode;

typedef enum RequireMode {
        REQUIRE_ALL,
        REQUIRE_ANY,
        REQUIRE_MODE_MAX_,
} RequireMode;

/* The environments in which a release must have been deployed first. If there are none, any release
 * may be promoted. */
typedef struct PromotesFrom {
        Strings environments;
        /* also adds all environments that have all of these labels; see model/selection.h */
        Pairs match_labels;
        RequireMode require;
} PromotesFrom;

/* The persons who must approve a release before it is promoted. An entry of from or required is a
 * person, or a Group as "group:NAME" (model/people.h). */
typedef struct ApprovalRules {
        int64_t count;
        Strings from;        /* persons whose approvals count; empty: all persons */
        Strings required;    /* persons who must approve; for a Group one member must. One person
                              * may satisfy several entries */
        usec_t expire_after; /* an older approval does not count; 0: approvals do not expire */
        bool exclude_author; /* the approval of the person who created the release does not count */
        Place count_place, from_place, required_place;
} ApprovalRules;

/* Returns the minimum number of approvals; 0: none is needed. */
int64_t approvals_needed(const ApprovalRules *rules);

#define ROLLBACK_RELEASES_MAX 20 /* maximum of rollbackReleases */

typedef struct EnvironmentSpec {
        Object object;       /* must be first */
        const char *release; /* at most one of release, stream and follows; if all are NULL, only
                                clients choose releases */
        const char *stream;  /* name of a stream: its newest ready release is desired */
        const char *follows; /* name of an environment: the release that it runs is desired */
        PromotesFrom promotes_from;
        usec_t soak; /* time that the release must have been deployed in promotesFrom without
                        interruption; 0: no soak */
        ConfirmMode confirm;
        ApprovalRules approvals;
        Strings promoters; /* persons and Groups that may promote, cancel, hold and resume; empty:
                              the role decides */
        CheckRules checks;
        FailureMode on_failure;
        usec_t rollback_max_age;   /* a rollback restores no older release; 0: no limit */
        int64_t rollback_releases; /* number of earlier releases that are kept ready for a rollback
                                    */
        WindowSpecs windows;       /* none: promotions are allowed at any time */
        Strings lock_formats;
        Place release_place, stream_place, follows_place, promotes_from_place, soak_place,
                approvals_place, promoters_place, checks_place, rollback_max_age_place,
                rollback_releases_place;
} EnvironmentSpec;

/* Returns the name of the stream or environment whose releases relmand promotes to this environment
 * automatically; NULL: none. Only a hold makes such an environment keep another release. */
const char *environment_follows(const EnvironmentSpec *spec);
/* Returns the kind of object that environment_follows() names: "stream" or "environment". */
const char *environment_follows_noun(const EnvironmentSpec *spec);

typedef struct EnvironmentSpecs {
        const EnvironmentSpec **items;
        size_t n;
} EnvironmentSpecs;

typedef enum DeploymentStatus {
        DEPLOYMENT_PROMOTING, /* relmand has written or will write the lockfile; the deployment is
                                 not confirmed */
        DEPLOYMENT_DEPLOYED,
        DEPLOYMENT_FAILED,
        DEPLOYMENT_CANCELED, /* history only: the previous release is restored, or nothing is
                              * deployed */
        DEPLOYMENT_STATUS_MAX_,
} DeploymentStatus;

/* The current state of an environment, or one row of its history. */
typedef struct Deployment {
        const char *tenant_id; /* set by the caller that stores it */
        const char *environment_id;
        const char *release_id;
        const char *release_name;
        DeploymentStatus status;
        usec_t at;
        const char *by; /* principal */
        const char *promotion_id;
        const char *evidence_ref;          /* NULL: none */
        const char *reason;                /* reason for the status; NULL: none */
        const char *deployed_release_id;   /* the release that was confirmed last, which runs while
                                              another release is being promoted; NULL: none yet */
        const char *deployed_release_name; /* name of that release; set only in a state of an
                                              earlier time */
        int64_t sequence;                  /* history only */
} Deployment;

/* True if the release is deployed in the environment or is being promoted to it, so that it has
 * passed the gates. */
bool deployment_has(const Deployment *deployment, const char *release_id);
/* Returns the id of the release that the environment runs: the release that was confirmed last.
 * Returns NULL if there is none, or if that release failed when it was promoted again. */
const char *deployment_runs(const Deployment *deployment);

typedef struct Deployments {
        Deployment *items;
        size_t n;
} Deployments;

/* A time during which an environment had one release without interruption. */
typedef struct DeploymentRun {
        usec_t since;
        usec_t until; /* start of the next state; 0: the environment still has the release */
} DeploymentRun;

typedef struct DeploymentRuns {
        DeploymentRun *items;
        size_t n;
} DeploymentRuns;

/* A manual override of the stream or environment that the spec follows. During a hold, relmand
 * promotes no other release. */
typedef struct Hold {
        const char *environment_id;
        const char *release_id; /* the release to deploy; NULL: the current one stays */
        usec_t since;
        const char *by;
        const char *reason;
        bool is_retry; /* not a hold: only requests another attempt to deploy release_id; ends when
                          the followed stream or environment has another release */
} Hold;

/* An approval or rejection of a release. It counts for the person, who may use several principals:
 * a local user and tokens. */
typedef struct Approval {
        const char *environment_id;
        const char *release_id;
        const char *by;     /* principal */
        const char *person; /* the person behind the principal */
        usec_t at;
        bool is_rejection;   /* the release must not be promoted until somebody approves it */
        const char *message; /* NULL: none */
} Approval;

typedef struct Approvals {
        Approval *items;
        size_t n;
} Approvals;

const char *lock_format_to_string(LockFormat format);
const char *confirm_mode_to_string(ConfirmMode mode);
const char *require_mode_to_string(RequireMode mode);
const char *deployment_status_to_string(DeploymentStatus status);
int deployment_status_from_string(const char *text, DeploymentStatus *ret);

/* The principal of relmand's own actions. */
#define PRINCIPAL_SELF "relmand"
