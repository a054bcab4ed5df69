#pragma once

/* The stored facts about a component's tags: tags with their digests, and the version map. The map
 * has one row for each digest, named by its most specific tag with a version. */

#include <stdint.h>

#include "base/time.h"
#include "model/image-change.h"
#include "model/image-facts.h"
#include "model/object.h"
#include "model/release.h"
#include "model/signature.h"

typedef enum VersionSource {
        VERSION_AUTO,
        VERSION_MANUAL
} VersionSource;

const char *version_source_to_string(VersionSource source);

/* A key whose bytes sort with memcmp() in the order of versions. Versions of equal precedence have
 * equal bytes. */
typedef struct SortKey {
        const uint8_t *data;
        size_t size;
} SortKey;

int sort_key_compare(SortKey a, SortKey b); /* <0, 0, >0; a proper prefix comes first */

typedef struct VersionMap {
        Uuid id; /* UUIDv5 of component id and digest */
        const char *tag;
        const char *digest;
        const char *semver; /* the canonical text of the version, for every strategy */
        const char *channel;
        bool prerelease;
        const char *build_metadata; /* NULL if none */
        SortKey sort_key;
        unsigned specificity; /* if sort keys are equal, the more specific version wins: 1.20.0
                                 over 1.20 */
        usec_t resolved_at;
        VersionSource source;
        bool vanished; /* the registry no longer lists its tag */
} VersionMap;

typedef struct VersionMaps {
        VersionMap *items;
        size_t n;
} VersionMaps;

/* Compares two candidates for the head of a channel: by sort key, then specificity, then tag
 * bytewise. Returns a positive number if a wins. */
int version_map_compare(const VersionMap *a, const VersionMap *b);

/* Returns the id of the version of a digest. The store finds the version of a digest by this id, so
 * this function must never return another id. */
Uuid version_map_id(const char *component_id, const char *digest);

/* A version assigned over the API. The version stays with the digest that the tag had at that time,
 * even if the tag moves. */
typedef struct Assignment {
        const char *tag;
        const char *digest;
        const char *semver;
        const char *channel;
        const char *by; /* principal */
        usec_t at;
} Assignment;

typedef struct Assignments { /* sorted by digest */
        Assignment *items;
        size_t n;
} Assignments;

/* A tag as last seen. */
typedef struct TagRecord {
        const char *tag;
        const char *digest;  /* NULL: not resolved yet, or not available (see problem) */
        const char *problem; /* reason why the digest is not available; NULL if it is available */
        usec_t first_seen_at;
        usec_t changed_at; /* when its digest last changed */
        usec_t checked_at; /* when its digest was last requested */
        usec_t pushed_at;  /* time by the registry's clock; 0: not reported */
        unsigned missing;  /* number of consecutive complete lists without the tag; at TAG_GONE it
                              counts as deleted */
} TagRecord;

/* TagRecord.problem of a tag that has a version by the rules, but whose digest relmand did not
 * request yet, or never requests (field resolve). */
#define TAG_NOT_RESOLVED "notResolved"
#define TAG_GONE         2

typedef struct TagRecords { /* sorted by tag, bytewise */
        TagRecord *items;
        size_t n;
} TagRecords;

/* A channel of a component and its head: the newest version. */
typedef struct Channel {
        const char *name;
        const char *tag;    /* tag of the head */
        const char *digest; /* digest of the head */
        const char *semver;
        SortKey sort_key;
        unsigned specificity;
        usec_t moved_at;
} Channel;

typedef struct Channels { /* sorted by name */
        Channel *items;
        size_t n;
} Channels;

/* A manifest that was fetched by digest and verified. */
typedef struct Manifest {
        const char *digest;
        const char *media_type;
        int64_t size;
        PlatformDigests platforms;
        int64_t created;      /* `created` of the image configuration, in seconds since 1970; 0: not
                                 given; -1: not read */
        const char *artifact; /* type of an artifact that no container can run, such as "a Helm
                                 chart"; "": an image; NULL: not known. See artifact_kind() */
        usec_t checked_at; /* wall clock: when the manifest was read, or when a check last found its
                              platforms served; 0 in a manifest that is not stored */
        Signature signature;
        ImageFactList facts;     /* facts of the manifests that were read for this one; empty in a
                                    manifest from the database. Not stored with the manifest */
        const char *only_mirror; /* URL of the mirror that served the manifest after the registry
                                    reported that it has none; NULL: none. Not stored */
        /* a platform whose image the registry no longer serves, set by registry_check_images();
         * NULL: all exist. Not stored */
        const PlatformDigest *gone_platform;
} Manifest;

/* Copies a manifest with all its texts into the arena. Returns NULL if memory ran out. */
const Manifest *manifest_copy(const Manifest *manifest, Arena *arena);

/* A move of a version tag to a new digest although a release has another digest under that tag. */
typedef struct TagMove {
        const char *tag;
        const char *digest; /* the digest that the tag has now */
        const char *keeps;  /* the digest that the version keeps until a person allows the move */
        usec_t since;
        const char *allowed_by; /* principal; NULL: nobody has allowed the move yet */
        usec_t allowed_at;
        const char *reason; /* reason why the move was allowed; NULL: none was given */
} TagMove;

typedef struct TagMoves { /* sorted by tag */
        TagMove *items;
        size_t n;
} TagMoves;

/* A digest that releases have under a tag. */
typedef struct ReleasedTag {
        const char *tag;
        const char *digest;
        usec_t at; /* when the newest of these releases was made */
} ReleasedTag;

typedef struct ReleasedTags { /* newest first */
        ReleasedTag *items;
        size_t n;
} ReleasedTags;

/* Drift: a live release has a digest that its tag no longer has, or that the registry no longer
 * serves. */
typedef struct Drift {
        const char *tag; /* "" if the component was pinned by digest and no tag is known */
        const char *released_digest; /* in ready, promoting, deployed or deprecated releases */
        const char *digest;          /* current digest of the tag; "": the registry no longer serves
                                        released_digest */
        usec_t since;                /* when relmand first saw the drift */
        ImageChange change;          /* what differs between the images of the digests */
        bool is_live; /* an environment has, or is getting, a release with released_digest */
} Drift;

typedef struct Drifts {
        Drift *items;
        size_t n;
} Drifts;

#define ETAG_SIZE_MAX 128 /* longer ETags are not stored */

/* The result of the last complete sync of a component. */
typedef struct SyncState {
        char list_digest[DIGEST_SIZE_MAX]; /* digest of the bytes of the tag list; "" before the
                                              first sync */
        char list_etag[ETAG_SIZE_MAX];     /* ETag of the answer with the list; "" if it had none */
        char rules_digest[DIGEST_SIZE_MAX]; /* digest of all settings that decide the version of a
                                               tag */
        usec_t synced_at;
        int64_t n_tags;
        int64_t n_missing; /* number of tags that count as deleted if the next list lacks them, too
                            */
        usec_t held_since; /* wall clock: start of the time in which the guard holds back a list
                              that shrank; 0: no list is held back */
} SyncState;
