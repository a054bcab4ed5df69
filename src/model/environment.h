#pragma once

/* Kinds ReleaseStream and Environment, and what runs where: the state of an environment. */

#include "model/release.h"

/* Makes a new release by itself whenever what it follows changes. */
typedef struct StreamSpec {
        Object object;       /* first */
        const char *channel; /* NULL: each component's default channel */
        Strings components;  /* names; empty: all of the tenant */
        Place components_place;
        const char *name_template; /* {seq}, {date}, {version:NAME} */
        usec_t settle;
        int64_t keep; /* releases; 0: all */
        bool same_version;
} StreamSpec;

typedef struct StreamSpecs {
        const StreamSpec **items;
        size_t n;
} StreamSpecs;

/* What lockfiles are written in; lock_format_names. */
typedef enum LockFormat {
        LOCK_YAML, /* the native one */
        LOCK_JSON,
        LOCK_KUSTOMIZE,
        LOCK_COMPOSE,
        LOCK_HELM,
        LOCK_IMAGES_LOCK,
        LOCK_DOTENV,
        LOCK_QUADLET,
        LOCK_FORMAT_MAX_,
} LockFormat;

typedef enum ConfirmMode {
        CONFIRM_AUTO, /* writing the lockfile counts as deployed */
        CONFIRM_MANUAL,
        CONFIRM_MODE_MAX_,
} ConfirmMode;

typedef struct EnvironmentSpec {
        Object object;             /* first */
        const char *release;       /* at most one of release and stream; neither: by hand only */
        const char *stream;        /* its newest ready release */
        const char *promotes_from; /* environment the release must have been deployed in first */
        ConfirmMode confirm;
        int64_t approvals; /* by so many people before a promotion */
        Strings lock_formats;
        Place release_place, stream_place, promotes_from_place;
} EnvironmentSpec;

typedef struct EnvironmentSpecs {
        const EnvironmentSpec **items;
        size_t n;
} EnvironmentSpecs;

typedef enum DeploymentStatus {
        DEPLOYMENT_PROMOTING, /* wanted, its lockfile is or will be written, not confirmed */
        DEPLOYMENT_DEPLOYED,
        DEPLOYMENT_FAILED,
        DEPLOYMENT_CANCELED, /* history only: what was deployed before is back, or nothing is there
                              */
        DEPLOYMENT_STATUS_MAX_,
} DeploymentStatus;

/* What an environment is at, or was at once (history). */
typedef struct Deployment {
        const char *tenant_id; /* on writing */
        const char *environment_id;
        const char *release_id;
        const char *release_name;
        DeploymentStatus status;
        usec_t at;
        const char *by; /* principal */
        const char *promotion_id;
        const char *evidence_ref; /* NULL if none */
        const char *reason;       /* history only: of a failure, a cancellation, or of what came
                                     back after one; NULL if none */
        const char *deployed_release_id; /* last confirmed: what runs while another is promoting;
                                            NULL: none yet */
        int64_t sequence;                /* history only */
} Deployment;

typedef struct Deployments {
        Deployment *items;
        size_t n;
} Deployments;

/* People's word over what the spec follows: until it is taken back nothing else is promoted. */
typedef struct Hold {
        const char *environment_id;
        const char *release_id; /* to be there; NULL: whatever is there stays */
        usec_t since;
        const char *by;
        const char *reason;
} Hold;

/* An approval counts for a person. One person may use several principals: a local user and tokens.
 */
typedef struct Approval {
        const char *environment_id;
        const char *release_id;
        const char *by;     /* principal */
        const char *person; /* whose principal it is */
        usec_t at;
} Approval;

typedef struct Approvals {
        Approval *items;
        size_t n;
} Approvals;

/* How many persons have approved: each counts once. */
size_t approvals_persons(const Approvals *approvals);
/* The first approval of a person; NULL if there is none. */
const Approval *approvals_of(const Approvals *approvals, const char *person);

const char *lock_format_to_string(LockFormat format);
const char *confirm_mode_to_string(ConfirmMode mode);
const char *deployment_status_to_string(DeploymentStatus status);
int deployment_status_from_string(const char *text, DeploymentStatus *ret);

/* The principal of what relmand does by itself. */
#define PRINCIPAL_SELF "relmand"
