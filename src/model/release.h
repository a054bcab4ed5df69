#pragma once

/* Kind Release: the request (ReleaseSpec) and the result (Release), a set of digests. */

#include "base/time.h"
#include "model/artifact.h"
#include "model/object.h"

typedef enum ReleaseMode {
        RELEASE_PINNED, /* every component names its version, tag, digest or channel */
        RELEASE_FULL, /* all components or the named ones, each at the newest version of its default
                         channel */
        RELEASE_CHANNEL, /* as RELEASE_FULL, but from one named channel */
        RELEASE_PARTIAL, /* the components of an environment's release, with the named ones replaced
                          */
        RELEASE_MODE_MAX_,
} ReleaseMode;

typedef enum ReleaseStatus {
        RELEASE_DRAFT,
        RELEASE_READY,
        RELEASE_PROMOTING,
        RELEASE_DEPLOYED,
        RELEASE_DEPRECATED,
        RELEASE_ARCHIVED,
        RELEASE_STATUS_MAX_,
} ReleaseStatus;

typedef enum ComponentRole {
        ROLE_PRIMARY,
        ROLE_SIDECAR,
        ROLE_INIT,
        ROLE_MIGRATION,
        COMPONENT_ROLE_MAX_,
} ComponentRole;

/* The request for one component: at most one of version, tag, digest and channel is set. */
typedef struct ReleaseItem {
        Place place;
        const char *name;
        const char *version; /* exact or a range */
        const char *tag;
        const char *digest;
        const char *channel;
        ComponentRole role;
} ReleaseItem;

typedef struct ReleaseItems {
        ReleaseItem *items;
        size_t n;
} ReleaseItems;

typedef struct SourceRef { /* every member may be NULL */
        const char *scm_integration_id;
        const char *commit_sha;
        const char *branch;
        const char *ci_integration_id;
        const char *build_id;
        const char *pipeline_url;
} SourceRef;

/* The environment whose release gives a partial release its other components. */
typedef struct PinFrom {
        /* must be the first member; its line is 0 if the document does not have the field */
        Place place;
        const char *environment; /* NULL: not given */
} PinFrom;

typedef struct ReleaseSpec {
        Object object; /* must be first */
        ReleaseMode mode;
        const char *channel; /* only for mode channel */
        ReleaseItems components;
        SourceRef source_ref;
        bool same_version;
        PinFrom pin_from;
} ReleaseSpec;

typedef struct ReleaseSpecs {
        const ReleaseSpec **items;
        size_t n;
} ReleaseSpecs;

typedef struct PlatformDigest {
        const char *platform; /* "linux/arm64", "linux/arm/v7" */
        const char *digest;   /* digest of the manifest for this platform */
} PlatformDigest;

typedef struct PlatformDigests { /* sorted by platform */
        PlatformDigest *items;
        size_t n;
} PlatformDigests;

/* The source of a component, as its image names it. model/source.h defines the form of the texts.
 */
typedef struct ComponentSource {
        const char *repository; /* URL; NULL: not known */
        const char *revision;   /* NULL: not known */
} ComponentSource;

/* One resolved component. */
typedef struct ReleaseComponent {
        const char *component_id;
        const char *component_name;
        ComponentRole role;
        const char *repository; /* repository as in the spec; the image is repository@digest */
        const char *digest;
        const char *tag;     /* NULL if the component was pinned by digest and no tag is known */
        const char *semver;  /* NULL if no tag is known */
        const char *channel; /* NULL if no tag is known */
        const char *media_type;
        ArtifactKind artifact;
        int64_t size;
        usec_t resolved_at;
        PlatformDigests platforms; /* empty if the manifest names no platforms */
        /* digests of the image configurations for each platform, which Docker and containerd show
         * as image id; empty if not known */
        PlatformDigests configs;
        ComponentSource source;
        Strings replaces; /* copied from the component when the release was made; see
                             model/replaces.h */
} ReleaseComponent;

typedef struct ReleaseComponents { /* sorted by name */
        ReleaseComponent *items;
        size_t n;
} ReleaseComponents;

typedef struct Release {
        Uuid id;
        const char *tenant;
        const char *name;
        const char *display_name; /* never NULL */
        ReleaseComponents components;
        SourceRef source_ref;
        ReleaseStatus status;
        usec_t created_at;
        usec_t updated_at;
        Pairs metadata;
        const char *spec_digest; /* digest of the declaring document */
        const char *declared_at; /* "file:line"; NULL if not from a spec */
        ManagedBy managed_by;
        const char *stream_id;  /* the stream that made the release; NULL: none */
        int64_t sequence;       /* number of the release in that stream, beginning with 1 */
        const char *created_by; /* principal that created the release; NULL if a spec declares it */
        const char *created_person; /* person who created the release; NULL: not known, or none */
} Release;

/* Returns the component with this id; NULL: the release does not have it. */
const ReleaseComponent *release_component_find(const ReleaseComponents *components, const char *id);

const char *release_mode_to_string(ReleaseMode mode);
const char *release_status_to_string(ReleaseStatus status);
int release_status_from_string(const char *text, ReleaseStatus *ret);
const char *component_role_to_string(ComponentRole role);
int component_role_from_string(const char *text, ComponentRole *ret);

/* The reason why a component of a release cannot be resolved. */
typedef struct ReleaseProblem {
        const char *message;
        Place place; /* place of the request in the document */
} ReleaseProblem;
typedef struct ReleaseProblems {
        ReleaseProblem *items;
        size_t n;
} ReleaseProblems;
