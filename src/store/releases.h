#pragma once

/* Questions about releases, and about what runs where. */

#include "store/store.h"

typedef struct Page {
        int64_t limit, offset;
} Page;

/* --- releases -----------------------------------------------------------------------------------
 */

/* 1 if it was found, 0 if not. */
int store_release(Store *store, const char *id, Arena *arena, Release *ret, Error *err);

typedef struct Releases {
        Release *items;
        size_t n;
        int64_t total; /* of a search: on all pages */
} Releases;

/* All frozen releases whose lockfile must exist (ready, promoting, deployed, deprecated), by
 * tenant, name. */
int store_live_releases(Store *store, Arena *arena, Releases *ret, Error *err);

/* The newest release a stream has made, whatever became of it; the newest that an environment may
 * get. 1 if there is one. */
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

/* Releases of a stream beyond the newest keep that no environment has or is getting, oldest first.
 */
int store_stream_old(Store *store, const char *stream_id, int64_t keep, Arena *arena,
                     NamedReleases *ret, Error *err);

/* In how many environments releases are that say they are in some. */
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

/* Newest first. */
int store_releases_of_component(Store *store, const char *component_id, const Page *page,
                                Arena *arena, Releases *ret, Error *err);

/* What is searched for; NULL, 0: anything. */
typedef struct ReleaseFilter {
        const char *tenant; /* never NULL */
        const char *status;
        const char *component_id;
        const char *digest;
        const char *version;
        const char *text;                /* within name or displayName, without case */
        const char *label, *label_value; /* label_value NULL: any */
        usec_t since, until;             /* wall; made then */
} ReleaseFilter;

/* A page, newest first, and how many there are in all. */
int store_search(Store *store, const ReleaseFilter *filter, const Page *page, Arena *arena,
                 Releases *ret, Error *err);

/* How many there are of each status, of all tenants. */
typedef struct ReleaseCounts {
        int64_t of[RELEASE_STATUS_MAX_];
} ReleaseCounts;
int store_release_counts(Store *store, ReleaseCounts *ret, Error *err);

/* 1 if it was found, 0 if not. */
int store_release_by_name(Store *store, const char *tenant, const char *name, Arena *arena,
                          Release *ret, Error *err);

/* Live releases that hold a digest, through an index. */
int store_releases_with_digest(Store *store, const char *tenant, const char *digest, Arena *arena,
                               Releases *ret, Error *err);

/* --- environments -------------------------------------------------------------------------------
 */

/* 1 if the environment has or is getting a release. */
int store_deployment(Store *store, const char *environment_id, Arena *arena, Deployment *ret,
                     Error *err);
int store_deployments(Store *store, Arena *arena, Deployments *ret, Error *err); /* all */
/* Where a release is, or is getting. */
int store_deployments_of(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                         Error *err);
/* Newest first. */
int store_history(Store *store, const char *environment_id, const Page *page, Arena *arena,
                  Deployments *ret, Error *err);
/* What was deployed at a time (wall): 1 if something was. */
int store_history_at(Store *store, const char *environment_id, usec_t at, Arena *arena,
                     Deployment *ret, Error *err);
/* Where a release was, oldest first. */
int store_history_of_release(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                             Error *err);
/* 1 if it ever was. */
int store_was_deployed(Store *store, const char *environment_id, const char *release_id,
                       Error *err);
/* Why a release failed in an environment when it was there last, or its promotion was canceled;
 * reason is NULL if neither is so. */
typedef struct Failure {
        const char *reason;
        bool canceled;
} Failure;
int store_failure(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                  Failure *ret, Error *err);
/* 1 if there is one. */
int store_hold(Store *store, const char *environment_id, Arena *arena, Hold *ret, Error *err);
/* The lockDigest that an output's program was told last: 1 if it ever was. */
int store_output_run(Store *store, const char *environment_id, const char *key, Arena *arena,
                     const char **ret, Error *err);
/* The newest of an environment, whatever releases they are of. */
int store_environment_approvals(Store *store, const char *environment_id, size_t limit,
                                Arena *arena, Approvals *ret, Error *err);
int store_approvals(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                    Approvals *ret, Error *err);
