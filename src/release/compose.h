#pragma once

/* Composes a release: finds the digest of each component, or the reason why there is none yet.
 * Pure: the caller passes the facts about each component. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/component.h"
#include "model/environment.h"
#include "model/release.h"
#include "model/version-map.h"

/* The kinds of request for a component in a release. */
typedef enum WantType {
        WANT_HEAD,    /* the newest version of a channel */
        WANT_VERSION, /* an exact version, or the newest of a range, in any channel */
        WANT_TAG,
        WANT_DIGEST,
} WantType;

typedef struct Want {
        WantType type;
        const ComponentSpec *component;
        const char *value; /* the requested channel, version or range, tag, or digest */
        ComponentRole role;
        Place place;
        /* the component that is taken unchanged (mode partial); otherwise NULL */
        const ReleaseComponent *base;
} Want;

typedef struct Wants { /* sorted by component name */
        Want *items;
        size_t n;
} Wants;

/* The facts that decide which digest a request gets. */
typedef struct WantKnown {
        const Channels *channels;    /* WANT_HEAD: all heads; WANT_DIGEST: heads that may have the
                                      * digest */
        const VersionMaps *versions; /* WANT_VERSION: newest first; WANT_TAG, WANT_DIGEST: at least
                                      * the version of the tag or digest */
        const TagRecord *tag;        /* WANT_TAG: NULL if relman never saw the tag */
} WantKnown;

/* The answer: a digest, and the facts about it. */
typedef struct Picked {
        const char *digest; /* NULL: not available yet, see reason */
        const char *tag, *semver, *channel;
        const char *reason;
} Picked;

/* The components that a release can request. */
typedef struct WantsInput {
        const ComponentSpec *const *components; /* sorted by tenant, then name */
        size_t n_components;
        const ReleaseComponents *base; /* mode partial: the components of pinFrom; else NULL */
} WantsInput;

/* Lists the components that spec requests. ERROR_INVALID if spec names a component that is not in
 * input. */
int release_wants(const ReleaseSpec *spec, const WantsInput *input, Arena *arena, Wants *ret,
                  Error *err);

/* Makes the spec of the next release of a stream: its components with their channels. -ENOMEM. */
int stream_follow(const StreamSpec *stream, Arena *arena, ReleaseSpec *ret);

/* True if the release uses this component. */
bool release_spec_wants(const ReleaseSpec *spec, const ComponentSpec *component);

/* Picks the digest of one requested component. Returns 0 or -ENOMEM. */
int release_pick(const Want *want, const WantKnown *known, Arena *arena, Picked *ret);

/* Checks sameVersion. Returns NULL if all picks have one version; otherwise a text that names the
 * components that differ. */
const char *release_check_same_version(const Wants *wants, const Picked *picks, Arena *arena);
