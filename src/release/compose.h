#pragma once

/* Composing a release: which digest each component contributes, or why it cannot yet. Pure: the
 * caller brings what is known of each component. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/component.h"
#include "model/release.h"
#include "model/version-map.h"

/* What a release wants of one component. */
typedef enum WantType {
        WANT_HEAD,    /* of a channel: newest version there */
        WANT_VERSION, /* exact or newest of a range, in any channel */
        WANT_TAG,
        WANT_DIGEST,
} WantType;

typedef struct Want {
        WantType type;
        const ComponentSpec *component;
        const char *value; /* channel, version or range, tag, or digest */
        ComponentRole role;
        Place place;
        const ReleaseComponent *base; /* taken over as it is (mode partial); NULL else */
} Want;

typedef struct Wants { /* sorted by component name */
        Want *items;
        size_t n;
} Wants;

/* What is known to answer one want. */
typedef struct WantKnown {
        const Channels *channels; /* WANT_HEAD */
        const VersionMaps
                *versions; /* WANT_VERSION: newest first; WANT_TAG, WANT_DIGEST: at least the one */
        const TagRecord *tag; /* WANT_TAG: NULL if never seen */
} WantKnown;

/* The answer: a digest, and what is known of it. */
typedef struct Picked {
        const char *digest; /* NULL: not to be had yet, reason says why */
        const char *tag, *semver, *channel;
        const char *reason;
} Picked;

/* Of whom a release wants something. */
typedef struct WantsInput {
        const ComponentSpec *const *components; /* sorted by tenant, then name */
        size_t n_components;
        const ReleaseComponents *base; /* mode partial: what pinFrom runs; NULL else */
} WantsInput;

/* What spec wants of whom. A name that is not among the components is ERROR_INVALID. */
int release_wants(const ReleaseSpec *spec, const WantsInput *input, Arena *arena, Wants *ret,
                  Error *err);

/* True if the release has to do with this component. */
bool release_spec_wants(const ReleaseSpec *spec, const ComponentSpec *component);

/* Answers one want. Returns 0 or -ENOMEM. */
int release_pick(const Want *want, const WantKnown *known, Arena *arena, Picked *ret);

/* sameVersion: returns NULL if all picks have one version, else why not, naming who lacks what. */
const char *release_check_same_version(const Wants *wants, const Picked *picks, Arena *arena);
