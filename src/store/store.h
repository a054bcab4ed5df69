#pragma once

/* Everything relman remembers. Only typed functions cross this line: no SQL, no type or file of a
 * database. Errors are told apart by store_fault() (fault.h). A second daemon is kept out. What
 * store_apply() returned 0 for survives a power cut. A database is a driver (driver.h). */

#include "base/arena.h"
#include "base/error.h"
#include "model/changes/changes.h"

typedef struct Store Store;

/* Called when the disk has failed and the connection was closed. failure is NULL if another one is
 * open that found the database intact, with all that was acknowledged. Else (or if the database was
 * moved) the store is lost, nothing can be read or stored any more, and the process is to end. It
 * may be called from deep inside another function, so it only takes note. */
typedef struct StoreWatch {
        void (*renewed)(void *userdata, const Error *failure);
        void *userdata;
} StoreWatch;

typedef struct StoreOptions {
        const char *path; /* ":memory:" for tests */
        bool read_only;   /* no lock, no migration: an older schema is an error */
        bool may_rebuild; /* a damaged database is quarantined for an empty one */
        usec_t now;       /* wall, for names of backups */
        StoreWatch watch; /* may be empty */
} StoreOptions;

/* Opens, takes the lock ("PATH.lock"), checks whose the database is and that it is intact, backs up
 * ("PATH.VERSION-YYYYMMDDTHHMMSSZ.bak") and migrates an older schema in one transaction. A database
 * of a newer schema is refused with both versions and the way out (STORE_FAULT_NEWER), nothing
 * written. A second daemon is refused with the first's pid (STORE_FAULT_LOCKED). A damaged database
 * is refused (STORE_FAULT_DAMAGED); with may_rebuild it is moved to
 * "PATH.damaged-YYYYMMDDTHHMMSSZ", if it is one of ours at all, and an empty one is opened. */
int store_open(const StoreOptions *options, Store **ret, Error *err);
/* For people: it was upgraded, quarantined, or is new where one was before. NULL: none of these. */
const char *store_notice(const Store *store);
Store *store_close(Store *store); /* checkpoints; NULL-safe */
DEFINE_FREEP(Store, store_close)

/* Carries changes out, all or none, in one durable transaction. Inserted events get their sequence.
 * On failure nothing is changed and the list may be applied again. After an I/O error the database
 * is read anew through another connection before the next use; two in a row lose the store, and so
 * does a moved database. */
int store_apply(Store *store, Changes *changes, Error *err);
/* 0; or negative, with the reason, once the store is lost. */
int store_is_lost(const Store *store, Error *err);

/* --- objects ---------------------------------------------------------------------------------- */

typedef struct StoredObject {
        ObjectKind kind;
        const char *id;
        const char *tenant;
        const char *name;
        const char *spec_digest;
        ManagedBy managed_by;
        const char *declared_file; /* NULL if not from a file */
        unsigned declared_line;
        ReleaseStatus status; /* releases only */
        bool in_use;          /* releases only: an environment has or is getting it */
        bool stalled;         /* condition Stalled is True */
} StoredObject;

typedef struct StoredObjects {
        StoredObject *items;
        size_t n;
} StoredObjects;

/* When an object, no release, was stored first and changed last (wall). 1 if it is there. */
int store_object_times(Store *store, ObjectKind kind, const char *id, usec_t *ret_created_at,
                       usec_t *ret_updated_at, Error *err);

/* The stored document as JSON; ERROR_NOT_FOUND. */
int store_document(Store *store, ObjectKind kind, const char *id, Arena *arena,
                   const char **ret_json, Error *err);

/* --- versions -------------------------------------------------------------------------------- */

/* All zero before the first sync. */
int store_sync_state(Store *store, const char *component_id, SyncState *ret, Error *err);
int store_tags(Store *store, const char *component_id, Arena *arena, TagRecords *ret, Error *err);
typedef struct TagFilter {
        const char *after; /* tags behind this one; "": all */
        size_t limit;
} TagFilter;
/* In order, with those that are gone. */
int store_tags_after(Store *store, const char *component_id, const TagFilter *filter, Arena *arena,
                     TagRecords *ret, Error *err);
/* 1 if it was found, 0 if not. */
int store_tag(Store *store, const char *component_id, const char *tag, Arena *arena, TagRecord *ret,
              Error *err);
int store_channels(Store *store, const char *component_id, Arena *arena, Channels *ret, Error *err);

typedef struct VersionFilter {
        const char *channel; /* NULL: any */
        const char *digest;  /* NULL: any */
        const char *tag;     /* NULL: any */
        size_t limit;        /* 0: all */
} VersionFilter;

/* Newest first. */
int store_versions(Store *store, const char *component_id, const VersionFilter *filter,
                   Arena *arena, VersionMaps *ret, Error *err);
/* By its id: 1 if it was found, 0 if not. */
int store_version(Store *store, const char *id, Arena *arena, VersionMap *ret,
                  const char **ret_component_id, Error *err);
/* What was assigned over the API. */
int store_assignments(Store *store, const char *component_id, Arena *arena, Assignments *ret,
                      Error *err);
/* 1 if it was found, 0 if not. */
int store_manifest(Store *store, const char *component_id, const char *digest, Arena *arena,
                   Manifest *ret, Error *err);

typedef struct Manifests {
        Manifest *items;
        size_t n;
} Manifests;

/* All that were fetched of a component. */
int store_manifests(Store *store, const char *component_id, Arena *arena, Manifests *ret,
                    Error *err);

typedef struct TagDigest {
        const char *tag;
        const char *digest;
} TagDigest;
typedef struct TagDigests {
        TagDigest *items;
        size_t n;
} TagDigests;

/* A tag's digests over time, newest first. */
int store_tag_history(Store *store, const char *component_id, const char *tag, Arena *arena,
                      TagRecords *ret, Error *err);

typedef struct DueTags {
        const char **items;
        size_t n;
} DueTags;

typedef struct DueFilter {
        usec_t before; /* wall: last asked for before this */
        size_t limit;
} DueFilter;

/* Resolved tags that are listed and were last asked for before a time, longest ago first; through
 * an index. */
int store_due_tags(Store *store, const char *component_id, const DueFilter *filter, Arena *arena,
                   DueTags *ret, Error *err);

/* The digests of a component that any release ever took, archived ones too; tag stays NULL. */
int store_used_digests(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                       Error *err);

/* What has drifted of a component, as last told. */
int store_drift(Store *store, const char *component_id, Arena *arena, Drifts *ret, Error *err);

/* How much has drifted of each component that has drift. */
typedef struct DriftCount {
        const char *component_id;
        int64_t n;
} DriftCount;
typedef struct DriftCounts {
        DriftCount *items;
        size_t n;
} DriftCounts;
int store_drift_counts(Store *store, Arena *arena, DriftCounts *ret, Error *err);

/* The distinct (tag, digest) pairs of a component that stand in live releases. */
int store_live_tags(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                    Error *err);

/* --- health ---------------------------------------------------------------------------------- */

/* The database, as messages name it. */
const char *store_name(const Store *store);

/* A cheap read through the database, for the watchdog; loses the store if its files were moved. */
int store_probe(Store *store, Error *err);

/* Why the last change could not be stored; message is "" if it could, or if there was none. It
 * cannot be a condition in the database. */
typedef struct StoreTrouble {
        const char *reason; /* StorageFull, StorageFailed */
        usec_t since;       /* wall */
        char message[512];
} StoreTrouble;
const StoreTrouble *store_trouble(const Store *store);

/* Rows written and transactions committed since opening: a warm poll must leave both alone. */
typedef struct StoreStats {
        uint64_t n_transactions;
        uint64_t n_rows;
        uint64_t n_statements; /* that were run */
} StoreStats;
void store_stats(const Store *store, StoreStats *ret);
