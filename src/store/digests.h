#pragma once

/* Reads which digests releases need, and which releases an environment could be rolled back to. */

#include "store/releases.h"

/* A release that was deployed in an environment. */
typedef struct Rollback {
        const char *environment_id, *release_id, *release_name;
        ReleaseStatus status;
        usec_t at; /* wall: when the release was last confirmed there */
} Rollback;

typedef struct Rollbacks {
        Rollback *items;
        size_t n;
} Rollbacks;

/* Reads the last `limit` different releases that were deployed in each environment, newest first.
 * ids is a JSON array of environments. Deleted releases are skipped, but count towards the
 * limit. */
int store_page_rollbacks(Store *store, const char *ids, size_t limit, Arena *arena, Rollbacks *ret,
                         Error *err);

/* A digest of a release that the registry no longer serves. The missing manifest may also be that
 * of a platform of the digest. */
typedef struct GoneDigest {
        const char *release_id, *component_id, *digest;
        usec_t since; /* wall: when a poll first missed it */
} GoneDigest;

typedef struct GoneDigests {
        GoneDigest *items;
        size_t n;
} GoneDigests;

/* Reads the digests of releases that the last polls of their components missed. ids is a JSON array
 * of live releases. The digests are in the order of the releases. */
int store_page_gone_digests(Store *store, const char *ids, Arena *arena, GoneDigests *ret,
                            Error *err);

/* A release that needs a digest. */
typedef struct DigestRelease {
        const char *id, *name, *repository;
        ReleaseStatus status;
        usec_t created_at;
} DigestRelease;

typedef struct DigestReleases {
        DigestRelease *items;
        size_t n;
} DigestReleases;

typedef struct DigestQuery {
        const char *tenant, *digest;
        size_t limit;
} DigestQuery;

/* Reads the releases of a tenant that contain a digest, or a digest of which it is a platform.
 * Newest first, but archived releases last. */
int store_digest_releases(Store *store, const DigestQuery *query, Arena *arena, DigestReleases *ret,
                          Error *err);

/* Reads those of the releases (ids: a JSON array) that need a digest, in the order of ids. */
int store_page_needs(Store *store, const char *ids, const char *digest, Arena *arena,
                     NamedReleases *ret, Error *err);

/* One row of a walk over all digests: a release that needs a digest. */
typedef struct DigestRow {
        const char *digest, *of_digest, *repository, *release_id, *release;
        bool is_needed; /* the release is of this tenant, and is not archived or is in `kept` */
} DigestRow;

typedef struct DigestRows {
        DigestRow *items;
        size_t n;
} DigestRows;

typedef struct DigestWalk {
        const char *tenant;
        const char *repository; /* only digests in this repository; NULL: all */
        const char *kept;       /* JSON array of archived releases that are needed too */
        /* the last row that was read; "": the walk begins */
        const char *digest, *of_digest, *at_repository, *release_id;
        size_t limit;
} DigestWalk;

/* Reads the next rows, sorted by digest. Rows of other tenants are included, with is_needed
 * false. */
int store_digest_rows(Store *store, const DigestWalk *walk, Arena *arena, DigestRows *ret,
                      Error *err);
