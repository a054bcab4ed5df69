#pragma once

/* The stored state of relman. The interface has only typed functions: no SQL, and no types or files
 * of a database. Each kind of database has a driver (driver.h). store_fault() (fault.h)
 * distinguishes errors. A second daemon cannot open the store. Changes survive a power cut after
 * store_apply() has returned 0. */

#include "base/arena.h"
#include "base/error.h"
#include "model/changes/changes.h"

typedef struct Store Store;

/* renewed() is called after the disk failed and the connection was closed. failure is NULL if a new
 * connection found the database intact, with all acknowledged changes. Otherwise the store is lost:
 * nothing can be read or stored, and the process must exit. renewed() must only set a flag, because
 * it may be called inside another function of the store. */
typedef struct StoreWatch {
        void (*renewed)(void *userdata, const Error *failure);
        void *userdata;
} StoreWatch;

typedef struct StoreOptions {
        const char *path; /* ":memory:" for tests */
        bool read_only;   /* takes no lock; an older schema is an error */
        bool may_rebuild; /* quarantine a damaged database and make an empty one */
        usec_t now;       /* wall time, for names of backups */
        StoreWatch watch; /* may be {0} */
} StoreOptions;

/* Opens the database, takes the lock ("PATH.lock") and checks that relman made the file and that it
 * is intact. Backs up ("PATH.VERSION-TIME.bak") and migrates an older schema in one transaction.
 * Fails with STORE_FAULT_NEWER for a newer schema, STORE_FAULT_LOCKED if another daemon runs, and
 * STORE_FAULT_DAMAGED. With may_rebuild a damaged database is renamed to "PATH.damaged-TIME". */
int store_open(const StoreOptions *options, Store **ret, Error *err);
/* Returns a message if the database was upgraded or quarantined or is new; otherwise NULL. */
const char *store_notice(const Store *store);
Store *store_close(Store *store); /* writes the journal into the database; accepts NULL */
DEFINE_FREEP(Store, store_close)

/* Applies all changes or none, in one durable transaction. Sets the sequence of inserted events. On
 * failure nothing is changed, and the list may be applied again. After an I/O error the next use
 * opens a new connection. The store is lost after two I/O errors in a row or a moved database. */
int store_apply(Store *store, Changes *changes, Error *err);
/* Returns 0, or a negative errno with the reason once the store is lost. */
int store_is_lost(const Store *store, Error *err);

/* --- objects ---------------------------------------------------------------------------------- */

typedef struct StoredObject {
        ObjectKind kind;
        const char *id;
        const char *tenant;
        const char *name;
        const char *spec_digest;
        ManagedBy managed_by;
        const char *declared_file; /* NULL if no file declares the object */
        unsigned declared_line;
        ReleaseStatus status; /* releases only */
        bool in_use;          /* releases only: an environment has or is getting the release */
        bool stalled;         /* condition Stalled is True */
        bool prune_held;      /* the object is Stalled with reason PruneHeld */
} StoredObject;

typedef struct StoredObjects {
        StoredObject *items;
        size_t n;
} StoredObjects;

/* Reads when an object (not a release) was first stored and last changed (wall). Returns 1 if it
 * exists. */
int store_object_times(Store *store, ObjectKind kind, const char *id, usec_t *ret_created_at,
                       usec_t *ret_updated_at, Error *err);

/* Reads the document of an object as JSON. Fails with ERROR_NOT_FOUND if it does not exist. */
int store_document(Store *store, ObjectKind kind, const char *id, Arena *arena,
                   const char **ret_json, Error *err);

/* --- versions -------------------------------------------------------------------------------- */

/* Reads the state of a component's syncs; all zero before the first sync. */
int store_sync_state(Store *store, const char *component_id, SyncState *ret, Error *err);
typedef struct TagFilter {
        const char *after; /* read only tags after this one; "": all */
        size_t limit;
} TagFilter;
/* Reads tags in the order of their names, including deleted tags. */
int store_tags_after(Store *store, const char *component_id, const TagFilter *filter, Arena *arena,
                     TagRecords *ret, Error *err);
/* Reads a tag. Returns 1 if it exists, 0 if not. */
int store_tag(Store *store, const char *component_id, const char *tag, Arena *arena, TagRecord *ret,
              Error *err);
int store_channels(Store *store, const char *component_id, Arena *arena, Channels *ret, Error *err);

typedef struct VersionFilter {
        const char *channel; /* NULL: any */
        const char *digest;  /* NULL: any */
        const char *tag;     /* NULL: any */
        size_t limit;        /* 0: all */
} VersionFilter;

/* Reads versions, newest first. */
int store_versions(Store *store, const char *component_id, const VersionFilter *filter,
                   Arena *arena, VersionMaps *ret, Error *err);
/* Reads a version by id. Returns 1 if it exists, 0 if not. */
int store_version(Store *store, const char *id, Arena *arena, VersionMap *ret,
                  const char **ret_component_id, Error *err);
/* Reads the versions assigned over the API. */
int store_assignments(Store *store, const char *component_id, Arena *arena, Assignments *ret,
                      Error *err);
/* Reads a manifest. Returns 1 if it exists, 0 if not. */
int store_manifest(Store *store, const char *component_id, const char *digest, Arena *arena,
                   Manifest *ret, Error *err);

typedef struct Manifests {
        Manifest *items;
        size_t n;
} Manifests;

/* Reads all manifests that were fetched for a component. */
int store_manifests(Store *store, const char *component_id, Arena *arena, Manifests *ret,
                    Error *err);

/* Reads the manifests of these digests that were fetched for a component, in any order. */
int store_manifests_of(Store *store, const char *component_id, const Strings *digests, Arena *arena,
                       Manifests *ret, Error *err);

typedef struct TagDigest {
        const char *tag;
        const char *digest;
        /* environment: one that has or is getting the release; NULL if none */
        const char *release, *environment;
} TagDigest;
typedef struct TagDigests {
        TagDigest *items;
        size_t n;
} TagDigests;

typedef struct DueTags {
        const char **items;
        size_t n;
} DueTags;

typedef struct DueFilter {
        usec_t before; /* wall time: read only tags that were last requested before it */
        size_t limit;
} DueFilter;

/* Reads resolved and listed tags that were last requested before a time, oldest first. Uses an
 * index. */
int store_due_tags(Store *store, const char *component_id, const DueFilter *filter, Arena *arena,
                   DueTags *ret, Error *err);

/* Reads all digests of a component that releases contain, including archived releases. Does not set
 * tag. */
int store_used_digests(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                       Error *err);

/* Reads the drift of a component, as last reported. */
int store_drift(Store *store, const char *component_id, Arena *arena, Drifts *ret, Error *err);

/* The amount of drift of each component that has any. */
typedef struct DriftCount {
        const char *component_id;
        int64_t n;
} DriftCount;
typedef struct DriftCounts {
        DriftCount *items;
        size_t n;
} DriftCounts;
int store_drift_counts(Store *store, Arena *arena, DriftCounts *ret, Error *err);

/* Reads the distinct (tag, digest) pairs of a component in live releases. */
int store_live_tags(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                    Error *err);

/* --- health ---------------------------------------------------------------------------------- */

/* Returns the name of the database for messages. */
const char *store_name(const Store *store);

/* Reads a small value, for the watchdog. The store is lost if its files were moved. */
int store_probe(Store *store, Error *err);

/* Why the last change could not be stored. message is "" if it was stored, or if there was no
 * change. A condition could not report this, because conditions are in the database. */
typedef struct StoreTrouble {
        const char *reason; /* StorageFull, StorageFailed */
        usec_t since;       /* wall */
        char message[512];
} StoreTrouble;
const StoreTrouble *store_trouble(const Store *store);

/* Numbers since the store was opened. A poll without changes adds no transactions and rows. */
typedef struct StoreStats {
        uint64_t n_transactions;
        uint64_t n_rows;
        uint64_t n_statements; /* executed statements */
} StoreStats;
void store_stats(const Store *store, StoreStats *ret);
