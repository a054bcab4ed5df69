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
        const char *name_template; /* {seq}, {date}, {version:NAME} */
        usec_t settle;
        int64_t keep; /* releases; 0: all */
        bool same_version;
} StreamSpec;

typedef struct StreamSpecs {
        const StreamSpec **items;
        size_t n;
} StreamSpecs;

typedef enum ConfirmMode {
        CONFIRM_AUTO, /* the release counts as deployed when the lockfile is written */
        CONFIRM_MANUAL,
        CONFIRM_PULL_REQUEST, /* when the pull request of its output is merged */
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
        /* also selects all environments that have all of these labels; see model/selection.h */
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
        usec_t expire_after; /* an older one does not count; 0: none expires */
        bool exclude_author; /* the approval of the person who created the release does not count */
        Place count_place, from_place, required_place;
} ApprovalRules;

/* Returns how many approvals are needed at least; 0: none. */
int64_t approvals_needed(const ApprovalRules *rules);

#define ROLLBACK_RELEASES_MAX 20 /* greatest number of rollbackReleases */

typedef struct EnvironmentSpec {
        Object object;       /* must be first */
        const char *release; /* at most one of release, stream and follows; none: by hand only */
        const char *stream;  /* name of a stream: its newest ready release is desired */
        const char *follows; /* name of an environment: the release that it runs is desired */
        PromotesFrom promotes_from;
        usec_t soak; /* how long the release must have been deployed in promotesFrom without
                        interruption; 0: no soak */
        ConfirmMode confirm;
        ApprovalRules approvals;
        Strings promoters; /* who may promote, cancel, hold and resume; empty: by role */
        CheckRules checks;
        FailureMode on_failure;
        usec_t rollback_max_age;   /* an older release is not restored; 0: any is */
        int64_t rollback_releases; /* earlier releases that are kept ready */
        WindowSpecs windows;       /* none: promotions are allowed at any time */
        Strings lock_formats, allow_also;
        Place release_place, stream_place, follows_place, promotes_from_place, soak_place,
                approvals_place, promoters_place, checks_place, rollback_max_age_place,
                rollback_releases_place;
} EnvironmentSpec;

/* Returns the name of the stream or environment whose releases the environment gets without a
 * command; NULL: none. Such an environment keeps another release only while it is on hold. */
const char *environment_follows(const EnvironmentSpec *spec);
/* Returns "stream" or "environment": what environment_follows() names. */
const char *environment_follows_noun(const EnvironmentSpec *spec);

typedef struct EnvironmentSpecs {
        const EnvironmentSpec **items;
        size_t n;
} EnvironmentSpecs;

typedef enum DeploymentStatus {
        DEPLOYMENT_PROMOTING, /* the lockfile is or will be written, and nothing is confirmed yet */
        DEPLOYMENT_DEPLOYED,
        DEPLOYMENT_FAILED,
        DEPLOYMENT_CANCELED, /* history only: the previous release is restored, or nothing is
                              * deployed */
        DEPLOYMENT_STATUS_MAX_,
} DeploymentStatus;

/* The current state of an environment, or one row of its history. */
typedef struct Deployment {
        const char *tenant_id; /* set when it is stored */
        const char *environment_id;
        const char *release_id;
        const char *release_name;
        DeploymentStatus status;
        usec_t at;
        const char *by; /* principal */
        const char *promotion_id;
        const char *evidence_ref; /* NULL if none */
        const char *reason; /* why it was promoted, failed, was canceled, or was restored after
                               that; NULL: no reason */
        const char *deployed_release_id;   /* the release that was confirmed last: it runs while
                                              another one is promoting; NULL: none yet */
        const char *deployed_release_name; /* its name; only of an earlier time */
        int64_t sequence;                  /* history only */
} Deployment;

/* True if the environment has the release, or is getting it: the release passed the gates. */
bool deployment_has(const Deployment *deployment, const char *release_id);
/* Returns the id of the release that the environment runs: the one that was confirmed last; NULL:
 * none, or it failed when it was promoted again. */
const char *deployment_runs(const Deployment *deployment);

typedef struct Deployments {
        Deployment *items;
        size_t n;
} Deployments;

/* A time during which an environment had one release without interruption. */
typedef struct DeploymentRun {
        usec_t since;
        usec_t until; /* when another state followed; 0: it still has the release */
} DeploymentRun;

typedef struct DeploymentRuns {
        DeploymentRun *items;
        size_t n;
} DeploymentRuns;

/* A manual override of what the spec follows. While it exists, nothing else is promoted. */
typedef struct Hold {
        const char *environment_id;
        const char *release_id; /* the release to deploy; NULL: the current one stays */
        usec_t since;
        const char *by;
        const char *reason;
        bool is_fallback; /* a failure made it, and no person has changed it since */
        bool is_retry; /* no hold: it only requests another attempt of release_id, and ends when the
                          environment no longer follows what has that release */
} Hold;

/* An approval counts for a person. One person may use several principals: a local user and
 * tokens. */
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

const char *confirm_mode_to_string(ConfirmMode mode);
const char *require_mode_to_string(RequireMode mode);
const char *deployment_status_to_string(DeploymentStatus status);
int deployment_status_from_string(const char *text, DeploymentStatus *ret);

/* The principal of relmand's own actions. */
#define PRINCIPAL_SELF "relmand"
