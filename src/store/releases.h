#pragma once

/* Queries about releases and deployments. */

#include "store/store.h"

typedef struct Page {
        int64_t limit, offset;
} Page;

/* --- releases --------------------------------------------------------------------------------- */

/* Reads a release by id. Returns 1 if it exists, 0 if not. */
int store_release(Store *store, const char *id, Arena *arena, Release *ret, Error *err);

typedef struct Releases {
        Release *items;
        size_t n;
        int64_t total; /* set by a search: number of releases on all pages */
} Releases;

/* store_stream_newest() reads the newest release of a stream, whatever its status.
 * store_stream_candidate() reads the newest release that may be promoted. Both return 1 if there is
 * such a release, 0 if not. */
int store_stream_newest(Store *store, const char *stream_id, Arena *arena, Release *ret,
                        Error *err);
int store_stream_candidate(Store *store, const char *stream_id, Arena *arena, Release *ret,
                           Error *err);

typedef struct NamedRelease {
        const char *id, *name;
} NamedRelease;
typedef struct NamedReleases {
        NamedRelease *items;
        size_t n;
} NamedReleases;

/* Reads the releases of a tenant with these names (a JSON array) that are not archived. */
int store_named_releases(Store *store, const char *tenant, const char *names, Arena *arena,
                         NamedReleases *ret, Error *err);

/* Reads the releases of a stream that may be removed, oldest first. They are older than the newest
 * `keep` releases, and no environment has or is getting them. */
int store_stream_old(Store *store, const char *stream_id, int64_t keep, Arena *arena,
                     NamedReleases *ret, Error *err);

/* A release that is promoting or deployed, and the numbers of environments that are getting it or
 * have it. */
typedef struct ReleaseUse {
        const char *id, *tenant, *name;
        ReleaseStatus status;
        int64_t n_promoting, n_deployed;
} ReleaseUse;
typedef struct ReleaseUses {
        ReleaseUse *items;
        size_t n;
} ReleaseUses;
int store_release_use(Store *store, Arena *arena, ReleaseUses *ret, Error *err);

/* Reads the releases that contain a component, newest first. */
int store_releases_of_component(Store *store, const char *component_id, const Page *page,
                                Arena *arena, Releases *ret, Error *err);

/* The conditions of a search; NULL or 0: any value. */
typedef struct ReleaseFilter {
        const char *tenant; /* never NULL */
        const char *status;
        const char *component_id;
        const char *digest;
        const char *layer; /* digest of a layer of one of its images */
        const char *base;  /* digest that one of its images names as its base image */
        const char *version;
        const char *text;                /* part of name or displayName, ignoring case */
        const char *label, *label_value; /* label_value NULL: any */
        usec_t since, until;             /* wall time of creation */
} ReleaseFilter;

/* Reads a page of the matching releases, newest first, and their total number. */
int store_search(Store *store, const ReleaseFilter *filter, const Page *page, Arena *arena,
                 Releases *ret, Error *err);

/* The number of releases of each status in all tenants. */
typedef struct ReleaseCounts {
        int64_t of[RELEASE_STATUS_MAX_];
} ReleaseCounts;
int store_release_counts(Store *store, ReleaseCounts *ret, Error *err);

/* Reads a release by name. Returns 1 if it exists, 0 if not. */
int store_release_by_name(Store *store, const char *tenant, const char *name, Arena *arena,
                          Release *ret, Error *err);

/* --- environments ----------------------------------------------------------------------------- */

/* Reads the deployment of an environment. Returns 1 if the environment has or is getting a release,
 * 0 if not. */
int store_deployment(Store *store, const char *environment_id, Arena *arena, Deployment *ret,
                     Error *err);
/* Reads the deployments of all environments that have or are getting the release. */
int store_deployments_of(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                         Error *err);
/* Reads the history of an environment, newest first. */
int store_history(Store *store, const char *environment_id, const Page *page, Arena *arena,
                  Deployments *ret, Error *err);
/* Reads the release that the environment had before release_id: the last one that was deployed
 * there and is another one. Returns 1 if there is one, 0 if not. Ignores the history of a removed
 * environment of the same name. */
int store_release_before(Store *store, const char *environment_id, const char *release_id,
                         Arena *arena, Release *ret, Error *err);
/* Reads the history of a release, oldest first. */
int store_history_of_release(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                             Error *err);
/* The next three functions, store_runs() and store_failure() ignore the history of a removed
 * environment of the same name. */
/* Returns 1 if the release was deployed in the environment and did not fail there later. */
int store_was_deployed(Store *store, const char *environment_id, const char *release_id,
                       Error *err);
/* Returns 1 if the release was ever promoted to the environment, whatever the result. */
int store_was_promoted(Store *store, const char *environment_id, const char *release_id,
                       Error *err);
/* Returns 1 if the environment deployed the release before it deployed release than_id. The first
 * deployment of each counts. If so, replacing than_id with the release is a rollback. */
int store_was_deployed_before(Store *store, const char *environment_id, const char *release_id,
                              const char *than_id, Error *err);
/* Reads the periods during which the environment ran the release, each without interruption. */
int store_runs(Store *store, const char *environment_id, const char *release_id, Arena *arena,
               DeploymentRuns *ret, Error *err);
/* Why the last deployment of a release in an environment failed or was canceled. reason is NULL if
 * the deployment neither failed nor was canceled. */
typedef struct Failure {
        const char *reason;
        bool canceled;
} Failure;
int store_failure(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                  Failure *ret, Error *err);
/* Reads the hold of an environment. Returns 1 if there is one, 0 if not. */
int store_hold(Store *store, const char *environment_id, Arena *arena, Hold *ret, Error *err);
/* Reads the gates of an environment that were last reported as closed. */
int store_closed_gates(Store *store, const char *environment_id, Arena *arena, ClosedGates *ret,
                       Error *err);
/* Reads the last success of an output. Returns 1 if there is one, 0 if not. */
int store_output_run(Store *store, const char *environment_id, const char *key, Arena *arena,
                     OutputRun *ret, Error *err);
/* Reads the newest approvals of an environment, for any release. */
int store_environment_approvals(Store *store, const char *environment_id, size_t limit,
                                Arena *arena, Approvals *ret, Error *err);
/* Reads the approvals of a release (NULL: none) and of the 200 most recently approved releases. The
 * approvals of one release are adjacent. */
int store_release_approvals(Store *store, const char *environment_id, const char *release_id,
                            Arena *arena, Approvals *ret, Error *err);
int store_approvals(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                    Approvals *ret, Error *err);
